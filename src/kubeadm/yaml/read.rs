//! Text to [`Node`]s, within limits.

use std::borrow::Cow;
use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, Tag};

use super::{Map, Node, Pos, Value, scalar};

/// The most that is read: a kubeadm configuration with every field set is about 20 KiB.
pub const MAX_BYTES: usize = 256 * 1024;
/// The deepest nesting that is read. The deepest field of any kubeadm or kubelet API is at 8.
pub const MAX_DEPTH: usize = 64;
/// The most values that a document may have once its aliases are written out: what stops a "billion laughs".
pub const MAX_NODES: usize = 50_000;

/// The "next line" character.
const NEL: char = '\u{85}';

/// What is wrong with the text of a document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The parser refused it.
    #[error("{}", .0.info())]
    Syntax(ScanError),
    /// A control character that YAML does not allow unescaped.
    #[error("the control character U+{:04X} may not stand in YAML unescaped", u32::from(*.0))]
    ControlCharacter(char),
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("nested more than {MAX_DEPTH} levels deep")]
    TooDeep,
    /// More values than [`MAX_NODES`].
    #[error("more than {MAX_NODES} values once aliases are written out")]
    TooManyValues,
    /// A mapping key that is a list, a mapping or null.
    #[error("a key must be text, a number or a boolean")]
    BadKey,
    /// `<<` without a mapping or a list of mappings.
    #[error("`<<` takes a mapping or a list of mappings")]
    BadMerge,
    /// A value that does not fit its `!!` tag.
    #[error("`{value}` is not a valid `!!{tag}`")]
    BadTag {
        /// The tag without `!!`.
        tag: String,
        /// The scalar's text.
        value: String,
    },
    /// An alias to an anchor that is still open.
    #[error("an anchor may not contain itself")]
    SelfReference,
}

/// A [`Problem`] and its place in the document.
pub type Failure = (Problem, Pos);

/// Reads one document; `first_line` is the line of the whole text on which it starts.
///
/// # Errors
/// A [`Problem`] with its place in the whole text.
pub fn read_document(text: &str, first_line: usize) -> Result<Node, Failure> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    refuse_control_characters(text, first_line)?;
    let text = replace_nel(text);
    let mut reader = Reader {
        parser: Parser::new_from_str(&text),
        first_line,
        depth: 0,
        nodes: 0,
        anchors: HashMap::new(),
    };
    reader.document()
}

/// YAML 1.1 ends a line at NEL as well; YAML 1.2, which the parser speaks, does not. Between quotes, where the next
/// line may start anywhere in YAML 1.1, a line's end is a blank.
fn replace_nel(text: &str) -> Cow<'_, str> {
    if !text.contains(NEL) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (mut double, mut single) = (false, false);
        for (at, part) in line.split(NEL).enumerate() {
            if at > 0 && (double || single) {
                out.truncate(out.trim_end_matches([' ', '\t']).len());
                out.push(' ');
                out.push_str(part.trim_start_matches([' ', '\t']));
            } else {
                out.push_str(if at > 0 { "\n" } else { "" });
                out.push_str(part);
            }
            double ^= part.matches('"').count() % 2 == 1;
            single ^= part.matches('\'').count() % 2 == 1;
        }
    }
    out.into()
}

fn refuse_control_characters(text: &str, first_line: usize) -> Result<(), Failure> {
    for (line, content) in text.split('\n').enumerate() {
        let bad = |c: char| {
            let allowed = matches!(c, '\t' | '\r' | NEL | '\u{feff}');
            (c.is_control() && !allowed) || matches!(c, '\u{fffe}' | '\u{ffff}')
        };
        if let Some((column, c)) = content.chars().enumerate().find(|(_, c)| bad(*c)) {
            let pos = Pos {
                line: first_line + line,
                column: column + 1,
            };
            return Err((Problem::ControlCharacter(c), pos));
        }
    }
    Ok(())
}

struct Reader<'t> {
    parser: Parser<'t, saphyr_parser::StrInput<'t>>,
    first_line: usize,
    depth: usize,
    nodes: usize,
    /// By anchor id: none while its node is still being read; with the number of values in it.
    anchors: HashMap<usize, Option<(Node, usize)>>,
}

impl<'t> Reader<'t> {
    fn pos(&self, marker: Marker) -> Pos {
        Pos {
            line: self.first_line + marker.line().saturating_sub(1),
            column: marker.col() + 1,
        }
    }

    fn next(&mut self) -> Result<(Event<'t>, Span), Failure> {
        match self.parser.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => {
                let pos = self.pos(*error.marker());
                // The parser reads ahead, and has a limit of its own for brackets.
                let too_deep = error.info().contains("recursion limit");
                let problem = if too_deep {
                    Problem::TooDeep
                } else {
                    Problem::Syntax(error)
                };
                Err((problem, pos))
            }
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn document(&mut self) -> Result<Node, Failure> {
        let mut root = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => break,
                Event::Nothing
                | Event::StreamStart
                | Event::DocumentStart(_)
                | Event::DocumentEnd => {}
                // go-yaml reads the first document of a text and leaves what follows `...` alone.
                _ if root.is_some() => break,
                event => root = Some(self.node(event, span)?),
            }
        }
        Ok(root.unwrap_or_else(|| Value::Null.into()))
    }

    fn count(&mut self, nodes: usize, pos: Pos) -> Result<(), Failure> {
        self.nodes += nodes;
        if self.nodes > MAX_NODES {
            return Err((Problem::TooManyValues, pos));
        }
        Ok(())
    }

    fn enter(&mut self, pos: Pos) -> Result<(), Failure> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err((Problem::TooDeep, pos));
        }
        Ok(())
    }

    fn node(&mut self, event: Event<'t>, span: Span) -> Result<Node, Failure> {
        let pos = self.pos(span.start);
        self.count(1, pos)?;
        let before = self.nodes;
        let (anchor, value) = match event {
            Event::Alias(id) => return self.alias(id, pos),
            Event::Scalar(text, style, anchor, tag) => {
                let value = tagged(&text, style, tag.as_deref()).map_err(|p| (p, pos))?;
                (anchor, value)
            }
            Event::SequenceStart(anchor, _) => {
                self.open(anchor);
                self.enter(pos)?;
                let items = self.sequence()?;
                self.depth -= 1;
                (anchor, Value::Seq(items))
            }
            Event::MappingStart(anchor, _) => {
                self.open(anchor);
                self.enter(pos)?;
                let map = self.mapping()?;
                self.depth -= 1;
                (anchor, Value::Map(map))
            }
            _ => (0, Value::Null),
        };
        let node = Node { value, pos };
        if anchor > 0 {
            let size = self.nodes - before + 1;
            self.anchors.insert(anchor, Some((node.clone(), size)));
        }
        Ok(node)
    }

    fn open(&mut self, anchor: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, None);
        }
    }

    fn alias(&mut self, id: usize, pos: Pos) -> Result<Node, Failure> {
        let Some(Some((node, size))) = self.anchors.get(&id) else {
            return Err((Problem::SelfReference, pos));
        };
        let (node, size) = (node.clone(), *size);
        self.count(size, pos)?;
        Ok(node)
    }

    fn sequence(&mut self) -> Result<Vec<Node>, Failure> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(items),
                (event, span) => items.push(self.node(event, span)?),
            }
        }
    }

    fn mapping(&mut self) -> Result<Map, Failure> {
        let mut map = Map::default();
        loop {
            let (event, span) = self.next()?;
            if event == Event::MappingEnd {
                return Ok(map);
            }
            let merges =
                matches!(&event, Event::Scalar(text, ScalarStyle::Plain, _, None) if text == "<<");
            let key = self.node(event, span)?;
            let (event, span) = self.next()?;
            let node = self.node(event, span)?;
            if merges {
                merge(&mut map, node)?;
            } else {
                let text = key_text(&key.value).ok_or((Problem::BadKey, key.pos))?;
                map.set_at(text, key.pos, node);
            }
        }
    }
}

/// go-yaml v2 merges where `<<` stands: what follows overrides, what stood before is overridden.
fn merge(map: &mut Map, node: Node) -> Result<(), Failure> {
    match node.value {
        Value::Map(other) => {
            for (key, entry) in other.0 {
                map.set_at(key, entry.pos, entry.node);
            }
            Ok(())
        }
        // The first of a list has the last word.
        Value::Seq(items) => items.into_iter().rev().try_for_each(|item| {
            if matches!(item.value, Value::Map(_)) {
                merge(map, item)
            } else {
                Err((Problem::BadMerge, item.pos))
            }
        }),
        _ => Err((Problem::BadMerge, node.pos)),
    }
}

/// A key as JSON text.
fn key_text(value: &Value) -> Option<String> {
    match value {
        Value::Str(text) => Some(text.clone()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Int(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        Value::Null | Value::Seq(_) | Value::Map(_) => None,
    }
}

fn tagged(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, Problem> {
    let plain = style == ScalarStyle::Plain;
    let Some(tag) = tag.filter(|t| t.is_yaml_core_schema()) else {
        return Ok(match tag {
            None if plain => scalar::resolve(text),
            _ => Value::Str(text.to_owned()),
        });
    };
    let resolved = scalar::resolve(text);
    match (tag.suffix.as_str(), resolved) {
        ("null", Value::Null) => Ok(Value::Null),
        ("bool", value @ Value::Bool(_))
        | ("int", value @ Value::Int(_))
        | ("float", value @ Value::Float(_)) => Ok(value),
        #[expect(clippy::cast_precision_loss, reason = "as Go converts it")]
        ("float", Value::Int(number)) => Ok(Value::Float(number as f64)),
        ("null" | "bool" | "int" | "float" | "binary", _) => Err(Problem::BadTag {
            tag: tag.suffix.clone(),
            value: text.to_owned(),
        }),
        _ => Ok(Value::Str(text.to_owned())),
    }
}
