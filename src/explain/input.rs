//! What an explanation is made from.

use crate::effective::Definition;
use crate::envfile::{ExecWord, Unread};
use crate::kubelet::Version;
use crate::service::is_kubelet;

/// A service and the content of its environment files.
#[derive(Debug, Clone)]
pub struct Input<'a> {
    /// The name of the service.
    pub service: &'a str,
    /// What the words and the inline variables come from, for people: the
    /// path of a spec, or that it is the built-in one.
    pub definition: &'a str,
    /// The command line, the program first.
    pub words: &'a [ExecWord<'a>],
    /// The service's own variables, in their order.
    pub inline: &'a [(&'a str, &'a str)],
    /// Its environment files, in their order.
    pub files: &'a [EnvFile<'a>],
    /// What the words were read from, where each has a place of its own.
    pub read: Option<&'a Definition>,
    /// The kubelet's version, if it is known.
    pub version: Option<Version>,
}

impl Input<'_> {
    /// Whether the program is a kubelet, so that its flags mean what the
    /// kubelet's flags mean.
    pub(super) fn is_kubelet(&self) -> bool {
        // The first word may be another name that the program gets.
        if let Some(read) = self.read.filter(|read| !read.program.is_empty()) {
            return read.is_kubelet();
        }
        let program = self
            .words
            .first()
            .map(ToString::to_string)
            .unwrap_or_default();
        is_kubelet(&program)
    }

    /// Whether variables that no word names may be on the command line all the same.
    pub(super) fn may_name_others(&self) -> bool {
        self.read.is_some_and(Definition::may_name_others)
    }
}

/// An environment file.
#[derive(Debug, Clone)]
pub struct EnvFile<'a> {
    /// Its path as the service names it.
    pub path: &'a str,
    /// Whether the service starts without it (`-` before the path).
    pub optional: bool,
    /// Its bytes, or why there are none.
    pub content: Result<&'a [u8], Unread>,
}
