//! The commands in a function of a script, as far as it is to be seen which they are.

use super::lex::{Word, lex, literal};
use super::parse::{Node, parse};
use super::value::{Spot, of_file};

/// A command of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Its words; none where a shell puts something else in the place of one.
    pub words: Vec<Option<String>>,
    /// Its line, from 1.
    pub line: usize,
    /// Whether nothing decides whether it is run.
    pub is_certain: bool,
}

/// The commands of a function of a script, none where it has no such function. `None` where the
/// script is more of a shell script than is followed.
pub fn said_in(script: &str, function: &str) -> Option<Vec<Said>> {
    let source = of_file(0, script.as_bytes());
    let (tokens, _) = lex(&source).ok()?;
    let nodes = parse(tokens).ok()?;
    let body = nodes.iter().rev().find_map(|node| match node {
        Node::Function { name, body } if name == function => Some(body.as_slice()),
        _ => None,
    });
    let mut found = Vec::new();
    each(
        body.unwrap_or_default(),
        true,
        &mut |words, spot, is_certain| {
            found.push(Said {
                words: words.iter().map(|word| literal(word)).collect(),
                line: spot.at.line,
                is_certain,
            });
        },
    );
    Some(found)
}

/// Each command in others, and whether nothing decides whether it is run, where nothing does
/// about those.
pub(super) fn each(nodes: &[Node], is_certain: bool, take: &mut dyn FnMut(&[Word], Spot, bool)) {
    for node in nodes {
        match node {
            Node::Simple { words, spot, .. } => take(words, *spot, is_certain),
            Node::If {
                branches,
                otherwise,
                ..
            } => {
                for (condition, body) in branches {
                    each(condition, false, take);
                    each(body, false, take);
                }
                each(otherwise, false, take);
            }
            Node::Chain { left, right, .. } => {
                each(std::slice::from_ref(left), is_certain, take);
                each(std::slice::from_ref(right), false, take);
            }
            Node::Not(inner) => each(std::slice::from_ref(inner), is_certain, take),
            Node::Case { arms, .. } => arms.iter().for_each(|(_, body)| each(body, false, take)),
            Node::Group(inner) => each(inner, is_certain, take),
            Node::Opaque { inner, .. } => each(inner, false, take),
            Node::Function { .. } => {}
        }
    }
}
