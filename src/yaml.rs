//! YAML that people wrote, read with bounds and with errors that show the place.
//!
//! The YAML library is quadratic on nesting (64 KiB of `[` take it nine seconds),
//! so size and depth are checked before it sees the text; it takes the mark that some
//! editors begin a file with for a document of its own; and it names the beginning of a
//! mapping for a key that is there twice, which is looked for here.

mod mistyped;
mod place;
mod unknown;

use std::fmt;

use serde::de::DeserializeOwned;
use thiserror::Error;

use crate::erased;
pub use mistyped::{Found, Mistyped};
pub use place::Step;
pub use unknown::{Role, Unknown};

/// How large and how deeply nested a document may be.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// The greatest size in bytes.
    pub size: usize,
    /// The greatest number of brackets or list dashes that may be open at once.
    pub depth: usize,
}

/// A line and a column, both counted from 1; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// What is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Problem {
    /// Larger than its bound.
    #[error("the file is larger than {limit} bytes, which is the most that is read")]
    TooLarge {
        /// The bound in bytes.
        limit: usize,
    },
    /// Nested more deeply than its bound.
    #[error("the nesting is deeper than {limit}")]
    TooDeep {
        /// The bound.
        limit: usize,
    },
    /// Bytes that are not text.
    #[error("the text is not UTF-8")]
    NotUtf8,
    /// Nothing in it at all.
    #[error("there is no document in it")]
    Empty,
    /// A key, or a word for a value, that is not one of those that are possible.
    #[error("{0}")]
    Unknown(Box<Unknown>),
    /// A value of another kind than is wanted.
    #[error("{0}")]
    Mistyped(Box<Mistyped>),
    /// Not YAML, or not of the shape that is wanted, in the words of the reader.
    #[error("{0}")]
    Shape(String),
}

/// A document that was refused: where, why, and what stands there.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct YamlError {
    /// What the document is called: its path, or `<stdin>`.
    pub source_name: String,
    /// What is wrong.
    #[source]
    pub problem: Problem,
    /// Where.
    pub position: Option<Position>,
    /// The line of the document that the position is in.
    pub line_text: Option<String>,
    /// What may help.
    pub hint: Option<String>,
}

impl fmt::Display for YamlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.source_name)?;
        if let Some(Position { line, column }) = self.position {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.problem)
    }
}

/// How many characters of a line, or of a value, a message shows at most: enough to find
/// the place, and not a whole secret.
const WIDTH: usize = 40;

/// A value, or as much of it as a message shows.
fn cut(value: &str) -> String {
    match value.char_indices().nth(WIDTH) {
        Some((at, _)) => format!("{}…", &value[..at]),
        None => value.to_owned(),
    }
}

/// A message in the words of a reader, with each text that it quotes cut to [`WIDTH`]
/// characters.
fn shortened(message: &str) -> String {
    let mut short = String::with_capacity(message.len());
    let mut rest = message;
    while let Some(at) = rest.find(['`', '"']) {
        let quote = rest.as_bytes()[at] as char;
        let (before, quoted) = rest.split_at(at + 1);
        short.push_str(before);
        let end = quoted.find(quote).unwrap_or(quoted.len());
        short.push_str(&cut(&quoted[..end]));
        let after = (end + 1).min(quoted.len());
        short.push_str(&quoted[end..after]);
        rest = &quoted[after..];
    }
    short.push_str(rest);
    short
}

impl YamlError {
    fn new(source_name: &str, text: &str, position: Option<Position>, problem: Problem) -> Self {
        let line_text = position.and_then(|at| text.lines().nth(at.line - 1).map(String::from));
        let (problem, hint) = match problem {
            Problem::Shape(message) => {
                // A value's own refusal has its hint on a line of its own.
                let (message, hint) = match message.split_once('\n') {
                    Some((message, hint)) => (message, Some(shortened(hint))),
                    None => (message.as_str(), None),
                };
                match (Unknown::of(message), Mistyped::of(message)) {
                    (Some(unknown), _) => (Problem::Unknown(Box::new(unknown)), hint),
                    (None, Some(mistyped)) => {
                        let hint = hint.or_else(|| mistyped.hint());
                        (Problem::Mistyped(Box::new(mistyped)), hint)
                    }
                    (None, None) => (Problem::Shape(shortened(message)), hint),
                }
            }
            problem => (problem, None),
        };
        Self {
            hint,
            source_name: source_name.into(),
            problem,
            position,
            line_text,
        }
    }

    /// What is wrong with what is not a document, and has no places.
    pub(crate) fn without_place(source_name: &str, message: &str) -> Self {
        Self::new(source_name, "", None, Problem::Shape(message.into()))
    }

    /// What is wrong with a document in JSON, in the words of its reader, which counts
    /// columns in bytes and from 0 where a line has not begun.
    pub(crate) fn of_json(source_name: &str, text: &str, error: &serde_json::Error) -> Self {
        let line = error.line().max(1);
        let before = text.lines().nth(line - 1).unwrap_or_default();
        let bytes = before.len().min(error.column());
        let column = String::from_utf8_lossy(&before.as_bytes()[..bytes])
            .chars()
            .count();
        let position = Position {
            line,
            column: column.max(1),
        };
        let problem = Problem::Shape(message_of_json(error));
        Self::new(source_name, text, Some(position), problem)
    }

    /// The same for a document that is a part of another one and has so many lines
    /// of it before it.
    #[must_use]
    pub fn below(mut self, lines: usize) -> Self {
        if let Some(position) = &mut self.position {
            position.line += lines;
        }
        self
    }

    /// The line with a caret under the place, for a person.
    pub fn excerpt(&self) -> Option<String> {
        let (at, line) = (self.position?, self.line_text.as_ref()?);
        // A window around the column, so that a line of 16 KiB fills no screen.
        let length = line.chars().count();
        let from = (at.column - 1)
            .saturating_sub(WIDTH / 2)
            .min(length.saturating_sub(WIDTH));
        let visible = |c: char| if c.is_control() { ' ' } else { c };
        let mut shown: String = line.chars().skip(from).take(WIDTH).map(visible).collect();
        let mut before = at.column - 1 - from;
        if from > 0 {
            shown.insert(0, '…');
            before += 1;
        }
        if from + WIDTH < length {
            shown.push('…');
        }
        let number = at.line.to_string();
        let margin = " ".repeat(number.len());
        let caret = " ".repeat(before);
        Some(format!(
            "{margin} |\n{number} | {shown}\n{margin} | {caret}^"
        ))
    }
}

/// Reads one document.
///
/// # Errors
/// It is not UTF-8, exceeds a bound, is not YAML, or has not the shape of `T`.
pub fn read<T: DeserializeOwned>(
    source_name: &str,
    bytes: &[u8],
    bounds: Bounds,
) -> Result<T, YamlError> {
    let text = guard(source_name, bytes, bounds)?;
    if is_blank(text) {
        // The library takes nothing for an empty mapping.
        return Err(YamlError::new(source_name, text, None, Problem::Empty));
    }
    erased::read(serde_yaml::Deserializer::from_str(text)).map_err(|error| {
        let message = message(&error);
        let position = error
            .location()
            .map_or(Position { line: 1, column: 1 }, |location| Position {
                line: location.line().max(1),
                column: location.column().max(1),
            });
        let position = closer(&message, text, position).unwrap_or(position);
        YamlError::new(source_name, text, Some(position), Problem::Shape(message))
    })
}

/// Where it is, if that can be told better than by the beginning of the mapping or the
/// file: a second key of a mapping in block style, or a second document.
fn closer(message: &str, text: &str, start: Position) -> Option<Position> {
    let indent = start.column - 1;
    let mut lines = text.lines().zip(1..).skip(start.line - 1);
    let line = match message.rsplit_once("duplicate field `") {
        Some((_, key)) => {
            let key = key.strip_suffix('`')?;
            let (first, _) = lines.next()?;
            let twice = usize::from(!is_key(first.chars().skip(indent), key));
            let rest = lines.take_while(|(line, _)| {
                let bare = line.trim_start();
                bare.is_empty() || bare.starts_with('#') || line.len() - bare.len() >= indent
            });
            let here = rest.filter(|(line, _)| {
                line.chars().take(indent).all(|c| c == ' ')
                    && is_key(line.chars().skip(indent), key)
            });
            here.map(|(_, line)| line).nth(twice)?
        }
        None if message.contains("more than one document") => {
            let mut rest = lines.skip_while(|(line, _)| is_blank(line));
            rest.find(|(line, _)| line.starts_with("---"))?.1
        }
        None => return None,
    };
    let column = start.column;
    Some(Position { line, column })
}

/// Whether what is left of a line begins with a key, in quotes or not.
fn is_key(line: impl Iterator<Item = char>, key: &str) -> bool {
    let line: String = line.collect();
    let quotes = ['"', '\''];
    let rest = line.trim_start_matches(quotes).strip_prefix(key);
    let rest = rest.map(|rest| rest.trim_start_matches(quotes).trim_start());
    rest.is_some_and(|rest| rest.starts_with(':'))
}

/// Checks what can be checked before the YAML library sees the text, which is returned
/// without a byte order mark (YAML 1.2.2, 5.2).
///
/// # Errors
/// It is not UTF-8, or exceeds a bound.
pub fn guard<'t>(source_name: &str, bytes: &'t [u8], bounds: Bounds) -> Result<&'t str, YamlError> {
    let refuse =
        |text: &str, position, problem| Err(YamlError::new(source_name, text, position, problem));
    if bytes.len() > bounds.size {
        let limit = bounds.size;
        return refuse("", None, Problem::TooLarge { limit });
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let good = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            let position = position_of(&good, good.len());
            return refuse("", Some(position), Problem::NotUtf8);
        }
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match first_too_deep(text, bounds.depth) {
        Some(at) => {
            let limit = bounds.depth;
            refuse(
                text,
                Some(position_of(text, at)),
                Problem::TooDeep { limit },
            )
        }
        None => Ok(text),
    }
}

fn position_of(text: &str, offset: usize) -> Position {
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    Position {
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
    }
}

/// Where the nesting passes `limit`: open brackets anywhere, or list dashes in a
/// row on one line. It counts brackets inside strings as well, which only a text
/// made to be refused has in such numbers.
fn first_too_deep(text: &str, limit: usize) -> Option<usize> {
    let mut open = 0usize;
    let mut dashes = 0usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'[' | b'{' => open += 1,
            b']' | b'}' => open = open.saturating_sub(1),
            b'-' | b'?' => dashes += 1,
            b' ' => {}
            _ => dashes = 0,
        }
        if open > limit || dashes > limit && text.as_bytes().get(at + 1) == Some(&b' ') {
            return Some(at);
        }
    }
    None
}

fn is_blank(text: &str) -> bool {
    text.lines().all(|line| {
        let line = line.trim();
        line.is_empty() || line.starts_with('#') || line == "---"
    })
}

/// The library's message without the place, which the error has in numbers.
fn message(error: &serde_yaml::Error) -> String {
    let text = error.to_string();
    match (error.location(), text.rfind(" at line ")) {
        (Some(_), Some(at)) => text[..at].into(),
        _ => text,
    }
}

/// The message of JSON's reader without the place.
pub(crate) fn message_of_json(error: &serde_json::Error) -> String {
    let mut message = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    if message.ends_with(&place) {
        message.truncate(message.len() - place.len());
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds {
        size: 100,
        depth: 8,
    };

    fn read_map(text: &str) -> Result<std::collections::BTreeMap<String, u8>, YamlError> {
        read("a.yaml", text.as_bytes(), BOUNDS)
    }

    #[test]
    fn a_place_is_named_and_shown() {
        let error = read_map("a: 1\nbc: x\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "a.yaml:2:5: bc: a whole number is expected, and not the text `x`"
        );
        assert_eq!(error.excerpt().unwrap(), "  |\n2 | bc: x\n  |     ^");
    }

    #[test]
    fn no_more_than_forty_characters_of_a_value_or_a_line_are_shown() {
        let secret = "s".repeat(50);
        let forty = "s".repeat(40);
        let error = read_map(&format!("a: {secret}")).unwrap_err();
        let [problem, excerpt] = [error.to_string(), error.excerpt().unwrap()];
        assert_eq!(
            problem,
            format!("a.yaml:1:4: a: a whole number is expected, and not the text `{forty}…`")
        );
        let line = "s".repeat(37);
        assert_eq!(excerpt, format!("  |\n1 | a: {line}…\n  |    ^"));
        let late = "x".repeat(40);
        let error = read_map(&format!("{late}: {secret}")).unwrap_err();
        assert!(!error.to_string().contains(&"s".repeat(41)));
        let window = format!("…{}: {}…", "x".repeat(18), "s".repeat(20));
        assert_eq!(
            error.excerpt().unwrap(),
            format!("  |\n1 | {window}\n  | {}^", " ".repeat(21))
        );
    }

    #[test]
    fn bounds_hold_before_the_library_is_asked() {
        let problem = |text: &str| read_map(text).unwrap_err().problem;
        assert_eq!(problem(&"[".repeat(100)), Problem::TooDeep { limit: 8 });
        assert_eq!(problem(&"- ".repeat(50)), Problem::TooDeep { limit: 8 });
        assert_eq!(problem(&" ".repeat(101)), Problem::TooLarge { limit: 100 });
        assert_eq!(problem("# nothing\n"), Problem::Empty);
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_document() {
        assert_eq!(read_map("\u{feff}a: 1\nb: 2\n"), read_map("a: 1\nb: 2\n"));
    }

    #[test]
    fn a_second_key_and_a_second_document_have_places() {
        #[derive(Debug, serde::Deserialize)]
        struct Outermost {
            #[serde(rename = "a")]
            _a: u8,
            #[serde(rename = "i")]
            _inner: Option<Vec<Self>>,
        }
        let told = |text: &str| {
            let error = read::<Outermost>("a.yaml", text.as_bytes(), BOUNDS).unwrap_err();
            error.to_string()
        };
        assert_eq!(
            told("ab: 0\n\"a\": 1\n\na : 2\n"),
            "a.yaml:4:1: duplicate field `a`"
        );
        assert_eq!(
            told("# A\ni:\n  - i: []\n\n    a: 1\n    b: [\n     ]\n    a: 2\n"),
            "a.yaml:8:5: i[0]: duplicate field `a`"
        );
        assert_eq!(
            told("i:\n- a: 1\n  b: {}\n- a: 1\n  a: 2\n"),
            "a.yaml:5:3: i[1]: duplicate field `a`"
        );
        assert_eq!(told("{a: 1, a: 2}"), "a.yaml:1:1: duplicate field `a`");
        assert_eq!(
            told("---\n# A\na: 1\n---\na: 1\n"),
            "a.yaml:4:1: deserializing from YAML containing more than one document is not supported"
        );
        assert_eq!(told("b: 1\n"), "a.yaml:1:1: missing field `a`");
    }

    #[test]
    fn what_is_not_text_is_named_by_its_place() {
        let error = read::<u8>("a.yaml", b"a: 1\nb: \xff", BOUNDS).unwrap_err();
        assert_eq!(error.to_string(), "a.yaml:2:4: the text is not UTF-8");
    }
}
