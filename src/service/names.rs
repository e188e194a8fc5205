//! The values of a [`Service`](super::Service) that are text: paths, names, lines.

use std::str::FromStr;

use super::text::text_value;
use super::{ValueError, unit_name};
use crate::envfile::is_noncharacter;

/// An absolute path in its shortest form, of visible characters and spaces.
///
/// Longer than 4,095 bytes no path can be opened (`PATH_MAX`, `limits.h`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AbsPath(String);

text_value!(from_string: AbsPath);

impl AbsPath {
    /// The path that `parts` give below this one.
    ///
    /// # Errors
    /// As for any path: `parts` may hold what a path cannot.
    pub fn join(&self, parts: &str) -> Result<Self, ValueError> {
        format!("{}/{parts}", self.0.trim_end_matches('/')).parse()
    }

    /// The path beside this one whose name is longer by `suffix`.
    ///
    /// # Errors
    /// As for any path.
    pub fn with_suffix(&self, suffix: &str) -> Result<Self, ValueError> {
        format!("{}{suffix}", self.0).parse()
    }

    /// The folder that holds this path; the root holds itself.
    pub fn parent(&self) -> &str {
        match self.0.rfind('/') {
            Some(0) | None => "/",
            Some(at) => &self.0[..at],
        }
    }

    /// The last component; empty for the root.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The path without its leading slash, to be taken from some other root.
    pub fn relative(&self) -> &str {
        &self.0[1..]
    }
}

impl FromStr for AbsPath {
    type Err = ValueError;

    fn from_str(path: &str) -> Result<Self, ValueError> {
        const WHAT: &str = "a path";
        const LIMIT: usize = 4095;
        visible(WHAT, path)?;
        if !path.starts_with('/') {
            return Err(ValueError::Relative { path: path.into() });
        }
        if path.len() > LIMIT {
            return Err(ValueError::TooLong {
                what: WHAT,
                length: path.len(),
                limit: LIMIT,
            });
        }
        let normal = normal_form(path);
        if normal != path {
            return Err(ValueError::NotNormal {
                path: path.into(),
                normal,
            });
        }
        Ok(Self(normal))
    }
}

fn normal_form(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// The name of a service: what every init takes as a file name and as a word of its tools.
///
/// Letters, digits, `_`, `-`, `.` and `@`, beginning with a letter or a digit, at most 64.
/// The narrowest of the five is OpenRC, which makes shell functions and cgroup
/// names of it. `NAME.service`, as systemd's tools have it, is taken for the name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

text_value!(from_string: Name);

impl FromStr for Name {
    type Err = ValueError;

    fn from_str(name: &str) -> Result<Self, ValueError> {
        const WHAT: &str = "a service name";
        const LIMIT: usize = 64;
        let name = unit_name::without_suffix(name);
        if name.is_empty() {
            return Err(ValueError::Empty { what: WHAT });
        }
        let wrong = |(at, c): &(usize, char)| {
            !(c.is_ascii_alphanumeric() || *at > 0 && matches!(c, '_' | '-' | '.' | '@'))
        };
        if let Some((_, found)) = name.char_indices().find(wrong) {
            return Err(ValueError::Character { what: WHAT, found });
        }
        if name.len() > LIMIT {
            return Err(ValueError::TooLong {
                what: WHAT,
                length: name.len(),
                limit: LIMIT,
            });
        }
        Ok(Self(name.into()))
    }
}

/// The name of an environment variable: `[A-Za-z_][A-Za-z0-9_]*`, which is what
/// systemd keeps of an env file (`env_name_is_valid`, systemd 257).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VarName(String);

text_value!(from_string: VarName);

impl FromStr for VarName {
    type Err = ValueError;

    fn from_str(name: &str) -> Result<Self, ValueError> {
        let mut chars = name.chars();
        let head = chars
            .next()
            .is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
        if head && chars.all(|c| c.is_ascii_alphanumeric() || c == '_') {
            Ok(Self(name.into()))
        } else {
            Err(ValueError::VariableName { name: name.into() })
        }
    }
}

/// One line of text for people: a description, an address of documentation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line(String);

text_value!(from_string: Line);

impl FromStr for Line {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        visible("a line of text", text)?;
        Ok(Self(text.into()))
    }
}

/// The value of a variable: any text that systemd takes, newlines included.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VarValue(String);

text_value!(from_string: VarValue);

impl FromStr for VarValue {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        text_for_systemd("a variable's value", text)?;
        Ok(Self(text.into()))
    }
}

/// No NUL, which ends a C string, and no noncharacter, for which systemd ignores the
/// line of a unit that holds it, `ExecStart=` too (`utf8_is_valid` in `parse_line`,
/// `conf-parser.c`).
pub(super) fn text_for_systemd(what: &'static str, text: &str) -> Result<(), ValueError> {
    match text.chars().find(|&c| c == '\0' || is_noncharacter(c)) {
        Some(found) => Err(ValueError::Character { what, found }),
        None => Ok(()),
    }
}

fn visible(what: &'static str, text: &str) -> Result<(), ValueError> {
    if text.is_empty() {
        return Err(ValueError::Empty { what });
    }
    match text.chars().find(|&c| c.is_control() || is_noncharacter(c)) {
        Some(found) => Err(ValueError::Character { what, found }),
        None => Ok(()),
    }
}
