//! A value of another kind than is wanted, taken from what the readers of YAML and JSON say:
//! serde names both kinds, but in words of its own.

use std::fmt;

/// A value of another kind than is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistyped {
    /// Where it is, such as `extraArgs[0]`; empty at the top and in JSON, whose reader does not
    /// tell.
    pub path: String,
    /// What is there.
    pub found: Found,
    /// What is wanted, in words.
    pub wanted: String,
}

/// What is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A text.
    Text(String),
    /// A number.
    Number(String),
    /// `true` or `false`.
    Truth(String),
    /// A list.
    List,
    /// A mapping.
    Mapping,
    /// Nothing.
    Nothing,
}

/// What a list is called here.
const LIST: &str = "a list";
/// What a text is called here.
const TEXT: &str = "a text";

impl Mistyped {
    /// What a reader's message tells; `None` if it is about something else.
    pub(super) fn of(message: &str) -> Option<Self> {
        let (path, rest) = match message.strip_prefix(TYPE) {
            Some(rest) => ("", rest),
            None => message
                .split_once(": ")
                .and_then(|(path, rest)| Some((path, rest.strip_prefix(TYPE)?)))?,
        };
        // The value is anything; what is wanted has no such words.
        let (found, wanted) = rest.rsplit_once(", expected ")?;
        Some(Self {
            path: path.into(),
            found: Found::of(found)?,
            wanted: in_words(wanted).into(),
        })
    }

    /// What would be right, where that can be told.
    pub(super) fn hint(&self) -> Option<String> {
        match &self.found {
            Found::Text(_) if self.wanted == LIST => Some(
                "a list has its items in brackets, `[A, B]`, or each on a line of its own after `- `"
                    .into(),
            ),
            Found::Number(text) | Found::Truth(text) if self.wanted == TEXT => {
                Some(format!("in quotes it is a text: `\"{text}\"`"))
            }
            _ => None,
        }
    }
}

/// As serde begins it (`invalid_type` of `serde::de::Error`).
const TYPE: &str = "invalid type: ";

/// What is wanted, as people call it.
fn in_words(wanted: &str) -> &str {
    match wanted {
        "a sequence" => LIST,
        "a string" => TEXT,
        "a map" => "a mapping",
        "a boolean" => "`true` or `false`",
        "u8" | "u16" | "u32" | "u64" | "i8" | "i16" | "i32" | "i64" => "a whole number",
        wanted => wanted,
    }
}

impl Found {
    /// As serde says it (`serde::de::Unexpected`), and null as the reader of JSON does.
    fn of(words: &str) -> Option<Self> {
        let quoted = |kind: &str, quote: char| {
            let value = words.strip_prefix(kind)?.strip_prefix(quote)?;
            value.strip_suffix(quote).map(str::to_owned)
        };
        let number = || quoted("integer ", '`').or_else(|| quoted("floating point ", '`'));
        let text = || quoted("string ", '"').map(|text| text.replace("\\\"", "\""));
        match words {
            "sequence" => Some(Self::List),
            "map" => Some(Self::Mapping),
            "unit value" | "null" => Some(Self::Nothing),
            _ => text()
                .map(Self::Text)
                .or_else(|| number().map(Self::Number))
                .or_else(|| quoted("boolean ", '`').map(Self::Truth)),
        }
    }
}

impl fmt::Display for Mistyped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "{} is expected, and ", self.wanted)?;
        match &self.found {
            Found::Text(text) => write!(f, "not the text `{}`", super::cut(text)),
            Found::Number(number) => write!(f, "not the number `{}`", super::cut(number)),
            Found::Truth(word) => write!(f, "not `{word}`"),
            Found::List => write!(f, "not {LIST}"),
            Found::Mapping => f.write_str("not a mapping"),
            Found::Nothing => f.write_str("there is nothing"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_serde_says_is_said_in_words() {
        let said = |message: &str| {
            let it = Mistyped::of(message)?;
            Some(match it.hint() {
                Some(hint) => format!("{it}; {hint}"),
                None => it.to_string(),
            })
        };
        for (message, words) in [
            (
                "extraArgs: invalid type: string \"--v=2\", expected a sequence",
                "extraArgs: a list is expected, and not the text `--v=2`; a list has its items in brackets, `[A, B]`, or each on a line of its own after `- `",
            ),
            (
                "a.b[0]: invalid type: map, expected a string",
                "a.b[0]: a text is expected, and not a mapping",
            ),
            (
                "invalid type: integer `1`, expected a string",
                "a text is expected, and not the number `1`; in quotes it is a text: `\"1\"`",
            ),
            (
                "a: invalid type: floating point `1.5`, expected u8",
                "a: a whole number is expected, and not the number `1.5`",
            ),
            (
                "a: invalid type: boolean `true`, expected a mapping with `a`",
                "a: a mapping with `a` is expected, and not `true`",
            ),
            (
                "a: invalid type: sequence, expected a boolean",
                "a: `true` or `false` is expected, and not a list",
            ),
            (
                "a: invalid type: unit value, expected a string",
                "a: a text is expected, and there is nothing",
            ),
            (
                "invalid type: null, expected a map",
                "a mapping is expected, and there is nothing",
            ),
            (
                "a: invalid type: string \"x, expected \\\"y\\\"\", expected a map",
                "a: a mapping is expected, and not the text `x, expected \"y\"`",
            ),
        ] {
            assert_eq!(said(message).as_deref(), Some(words));
        }
        for other in [
            "missing field `name`",
            "a: invalid value: string \"invalid type: map, expected b\", expected c",
            "invalid type: newtype struct, expected a map",
        ] {
            assert_eq!(said(other), None);
        }
    }
}
