//! How an init expresses the properties of a service.

use std::fmt;

use serde::Serialize;

/// By what means a property is expressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// By what the init itself has for it.
    Native,
    /// By the launcher, which is the same under every init that has one.
    Launcher,
    /// In part: what is not expressed gets a note.
    Partial,
    /// Not at all, and a note says so.
    Note,
    /// A service that says it is refused.
    Refused,
    /// Not at all, which changes nothing of how the service runs.
    Omitted,
}

impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Native => "native",
            Self::Launcher => "launcher",
            Self::Partial => "partial",
            Self::Note => "note",
            Self::Refused => "refused",
            Self::Omitted => "omitted",
        })
    }
}

/// How an init expresses a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Expression {
    /// By what means.
    pub how: How,
    /// By what exactly: a directive, a file, a verb of the launcher. For what is not
    /// expressed, what happens instead, as the text of the note.
    pub by: &'static str,
}

impl Expression {
    /// By what the init itself has for it.
    pub const fn native(by: &'static str) -> Self {
        Self::new(How::Native, by)
    }

    /// By the launcher.
    pub const fn launcher(by: &'static str) -> Self {
        Self::new(How::Launcher, by)
    }

    /// In part; the backend adds a note on the rest.
    pub const fn partial(by: &'static str) -> Self {
        Self::new(How::Partial, by)
    }

    /// Not at all. Where a service says it, the text becomes a note, unless the backend
    /// has added one of its own.
    pub const fn note(by: &'static str) -> Self {
        Self::new(How::Note, by)
    }

    /// Not at all, so that a service that says it is refused with this text.
    pub const fn refused(by: &'static str) -> Self {
        Self::new(How::Refused, by)
    }

    /// Not at all, which changes nothing of how the service runs.
    pub const fn omitted(by: &'static str) -> Self {
        Self::new(How::Omitted, by)
    }

    const fn new(how: How, by: &'static str) -> Self {
        Self { how, by }
    }
}
