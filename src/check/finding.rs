//! What can be found.

use std::fmt;
use std::path::PathBuf;

use serde::{Serialize, Serializer};

pub use super::rule::Rule;
use crate::rendering::quote;
use crate::root::{Root, RootError};

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which rule found it.
    pub rule: Rule,
    /// How grave it is.
    pub level: Level,
    /// What it is about, as the user knows it.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "shown")]
    pub path: Option<PathBuf>,
    /// The line in it, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// What is wrong, without a period: of a file of the service, what it is or has
    /// (`is missing`), else a sentence. [`Finding::sentence`] is whole either way.
    pub message: String,
    /// What would be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// What would have to change, as a unified diff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
}

/// A path as the text has it: a tree may lie in a folder whose name is no UTF-8,
/// which JSON cannot hold.
#[allow(clippy::ref_option, reason = "serde gives the field")]
fn shown<S: Serializer>(path: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
    let path = path.as_ref().map(|path| path.to_string_lossy());
    path.serialize(serializer)
}

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// The service does not work, or not as it is rendered.
    Error,
    /// It works, but something is not as it should be.
    Warning,
    /// Good to know; does not count as a finding for the exit code.
    Note,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        })
    }
}

impl Finding {
    pub(crate) fn new(
        rule: Rule,
        level: Level,
        path: impl Into<PathBuf>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            rule,
            level,
            path: Some(path.into()),
            line: None,
            message: message.into(),
            hint: None,
            diff: None,
        }
    }

    /// In the place of an error: that a file may not be read.
    pub(super) fn of_denied(error: RootError) -> Result<Self, RootError> {
        match error {
            RootError::Io { path, .. } if error.is_denied() => Ok(Self::unreadable(path)),
            error => Err(error),
        }
    }

    /// That a file may not be read.
    pub(super) fn unreadable(path: impl Into<PathBuf>) -> Self {
        let message = "may not be read, so what is in it cannot be told";
        Self::new(Rule::Unreadable, Level::Warning, path, message).hint("run it as root")
    }

    /// What is wrong and where, to be read on its own.
    pub fn sentence(&self) -> String {
        let message = &self.message;
        let Some(path) = self.path.as_ref().map(|path| path.display()) else {
            return message.clone();
        };
        match self.line {
            Some(line) => format!("`{path}` line {line}: {message}"),
            None if self.rule.is_of_the_file() => format!("`{path}` {message}"),
            None => format!("`{path}`: {message}"),
        }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same with a command of ours for that very tree as its hint.
    pub(super) fn command(self, root: &Root, command: &str) -> Self {
        let option = quote::root_option(root);
        self.hint(format!("run `kubelet-unit {command}{option}`"))
    }

    pub(super) fn line(mut self, line: usize) -> Self {
        self.line = Some(line);
        self
    }
}
