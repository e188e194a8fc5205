//! What a script asks of other services, and whether it goes on without the right answer:
//! `sv check X || exit 1` (sv(8)), `until s6-svwait -u ../X` (s6-svwait(8)).

use super::lex::{base, literal, plain};
use super::parse::Node;
use super::said::each;
use super::value::Spot;

/// Programs that ask something of another service, and fail where there is none.
pub(in super::super) const ASK: [&str; 5] = ["sv", "svok", "s6-svok", "s6-svstat", "s6-svwait"];

/// A question about another service, without whose right answer the program is not started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// The words of the command, as far as they are known.
    pub words: Vec<Option<String>>,
    /// The file.
    pub path: String,
    /// The line there, from 1.
    pub line: usize,
    /// Whether it is certain that the program is not started without.
    pub is_certain: bool,
}

/// Where commands lead that come after a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// To the next ones.
    On,
    /// Nowhere.
    Ends,
    /// To the program.
    Starts,
}

#[derive(Debug)]
struct Asked {
    words: Vec<Option<String>>,
    spot: Spot,
    /// Whether the program is not started without; none where it is all the same.
    is_certain: Option<bool>,
}

/// Questions on whose answers a status depends: with this status, all of them were answered
/// rightly.
#[derive(Debug, Default)]
pub(super) struct Status {
    asked: Vec<usize>,
    with: bool,
}

/// The questions of a script.
#[derive(Debug, Default)]
pub(super) struct Waits {
    all: Vec<Asked>,
    /// What the last command says of questions.
    last: Status,
    /// How many conditions it is inside of.
    pub(super) conditions: usize,
    /// Whether the script ends with the first command that fails (`set -e`).
    pub(super) ends_at_failure: bool,
}

impl Waits {
    /// It is a question.
    pub(super) fn ask(&mut self, words: Vec<Option<String>>, spot: Spot) {
        self.last = Status {
            asked: vec![self.all.len()],
            with: true,
        };
        self.all.push(Asked {
            words,
            spot,
            is_certain: None,
        });
    }

    /// Questions of which nobody can tell what comes of them.
    pub(super) fn untold(&mut self, found: Vec<(Vec<Option<String>>, Spot)>) {
        let asked = found.into_iter().map(|(words, spot)| Asked {
            words,
            spot,
            is_certain: Some(false),
        });
        self.all.extend(asked);
    }

    /// What the last command says, which nothing says any more.
    pub(super) fn take(&mut self) -> Status {
        std::mem::take(&mut self.last)
    }

    /// `!`.
    pub(super) fn turn(&mut self) {
        self.last.with = !self.last.with;
    }

    /// `a && b` succeeds if both do, and `a || b` fails if both do.
    pub(super) fn and(&mut self, mut left: Status, and: bool) {
        if left.with != and {
            left.asked.clear();
        }
        if self.last.with == and {
            left.asked.append(&mut self.last.asked);
        }
        left.with = and;
        self.last = left;
    }

    /// With this status the script goes this way.
    pub(super) fn decided(&mut self, status: &Status, way: Way, with: bool) {
        let is_certain = match way {
            Way::Ends if status.with != with => true,
            Way::Starts if status.with == with => false,
            _ => return,
        };
        for at in &status.asked {
            let asked = &mut self.all[*at];
            asked.is_certain = Some(asked.is_certain == Some(true) || is_certain);
        }
    }

    /// A command is over, in a list.
    pub(super) fn passed(&mut self, node: &Node) {
        if self.ends_at_failure && self.conditions == 0 && matches!(node, Node::Simple { .. }) {
            let status = self.take();
            self.decided(&status, Way::Ends, false);
        }
    }

    /// How many there are.
    pub(super) fn number(&self) -> usize {
        self.all.len()
    }

    /// A function is over, whose `return` is not the end of the script.
    pub(super) fn returned(&mut self, from: usize) {
        for asked in self.all.iter_mut().skip(from) {
            asked.is_certain = asked.is_certain.map(|_| false);
        }
    }

    /// Those on whose answers it depends that the program is started.
    pub(super) fn all(&self, paths: &[String]) -> Vec<Wait> {
        let all = self.all.iter();
        let all = all.filter_map(|asked| {
            Some(Wait {
                words: asked.words.clone(),
                path: paths.get(asked.spot.file)?.clone(),
                line: asked.spot.at.line,
                is_certain: asked.is_certain?,
            })
        });
        all.collect()
    }
}

/// A command that is a question, and whether its answer is turned round.
pub(super) fn question(node: &Node) -> Option<(&Node, bool)> {
    match node {
        Node::Not(inner) => question(inner).map(|(node, turned)| (node, !turned)),
        Node::Simple { words, .. } => {
            let first = plain(words.first()?)?;
            ASK.contains(&base(&first)).then_some((node, false))
        }
        _ => None,
    }
}

/// Whether one of these is called.
pub(super) fn calls(nodes: &[Node], names: &[&str]) -> bool {
    let mut found = false;
    each(nodes, true, &mut |words, _, _| {
        let first = words.first().and_then(|word| plain(word));
        found |= first.is_some_and(|first| names.contains(&first.as_str()));
    });
    found
}

/// The questions in commands.
pub(super) fn questions(nodes: &[Node]) -> Vec<(Vec<Option<String>>, Spot)> {
    let mut found = Vec::new();
    each(nodes, true, &mut |words, spot, _| {
        let first = words.first().and_then(|word| plain(word));
        if first.is_some_and(|first| ASK.contains(&base(&first))) {
            found.push((words.iter().map(|word| literal(word)).collect(), spot));
        }
    });
    found
}
