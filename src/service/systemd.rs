//! What a service says to systemd alone: directives for which no other init has anything.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::ValueError;
use super::names::text_for_systemd;
use super::text::text_value;

/// Lines of a unit, by their sections. They stand at the end of theirs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "a mapping such as `{service: [Slice=system-node.slice]}`"
)]
pub struct ForSystemd {
    /// Those of `[Unit]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unit: Vec<Assignment>,
    /// Those of `[Service]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub service: Vec<Assignment>,
    /// Those of `[Install]`. With a `WantedBy=` among them there is no other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub install: Vec<Assignment>,
}

impl ForSystemd {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.sections().iter().all(|(_, lines)| lines.is_empty())
    }

    /// The lines of each section, with the name of that.
    pub fn sections(&self) -> [(&'static str, &[Assignment]); 3] {
        [
            ("Unit", &self.unit),
            ("Service", &self.service),
            ("Install", &self.install),
        ]
    }
}

/// A line `Directive=value` as systemd reads it (`systemd.syntax(7)`): nothing in it is quoted
/// or escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment(String);

text_value!(from_string: Assignment);

impl Assignment {
    /// What stands before the first `=`.
    pub fn key(&self) -> &str {
        self.0.split_once('=').map_or("", |(key, _)| key)
    }

    /// What stands after it.
    pub fn value(&self) -> &str {
        self.0.split_once('=').map_or("", |(_, value)| value)
    }
}

impl FromStr for Assignment {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        const WHAT: &str = "a line for systemd";
        const LIMIT: usize = 65_536;
        text_for_systemd(WHAT, text)?;
        if let Some(found) = text.chars().find(|&c| c.is_control() && c != '\t') {
            return Err(ValueError::Character { what: WHAT, found });
        }
        if text.len() > LIMIT {
            return Err(ValueError::TooLong {
                what: WHAT,
                length: text.len(),
                limit: LIMIT,
            });
        }
        let is_key = |key: &str| {
            key.starts_with(|c: char| c.is_ascii_alphabetic())
                && key.chars().all(|c| c.is_ascii_alphanumeric())
        };
        // A backslash at its end would take in the next line.
        let is_line = text
            .split_once('=')
            .is_some_and(|(key, value)| is_key(key) && !value.ends_with('\\'));
        match is_line && text.trim() == text {
            true => Ok(Self(text.into())),
            false => Err(ValueError::Number {
                what: "a line for systemd, such as `Slice=system-node.slice`",
                text: text.into(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_directives_with_a_value() {
        for (text, key, value) in [
            ("Slice=a.slice", "Slice", "a.slice"),
            ("BindPaths=/a=/b %i", "BindPaths", "/a=/b %i"),
            ("Sockets=", "Sockets", ""),
        ] {
            let line: Assignment = text.parse().unwrap();
            assert_eq!((line.key(), line.value()), (key, value), "{text}");
        }
        // systemd ignores a line with a noncharacter.
        for text in [
            "",
            "=a",
            "Slice",
            "a b=c",
            " A=b",
            "A=b\\",
            "A=b\nC=d",
            "#A=b",
            "[Unit]",
            "A=\u{fdd0}",
        ] {
            assert!(text.parse::<Assignment>().is_err(), "{text:?}");
        }
    }
}
