//! What a field of a configuration takes.

use std::fmt;

/// What a field takes, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words are in `Display`")]
pub enum Expected {
    Text,
    Bool,
    Int(i64, i64),
    Number,
    Duration,
    Quantity,
    List,
    Mapping,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expected::Text => f.write_str("text"),
            Expected::Bool => f.write_str("`true` or `false`"),
            Expected::Int(min, max) => write!(f, "a whole number from {min} to {max}"),
            Expected::Number => f.write_str("a number"),
            Expected::Duration => f.write_str("a duration in text, like `30s`,"),
            Expected::Quantity => f.write_str("a quantity, like `64Ki`,"),
            Expected::List => f.write_str("a list"),
            Expected::Mapping => f.write_str("a mapping"),
        }
    }
}
