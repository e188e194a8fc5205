//! What was done to a path, or would be.

use std::path::Path;

use crate::control::Step;
use crate::install::{Action, Removal};
use crate::root::Root;

/// What was done to a path, or what was run.
#[derive(Debug, Clone)]
pub struct Done {
    /// What, in words: `create`, `keep edited`.
    pub action: &'static str,
    /// The path as the user knows it, or the step that enables the service.
    pub what: String,
}

impl Done {
    /// A step of an installation.
    pub(super) fn placed(root: &Root, step: &crate::install::Step) -> Self {
        let action = match step.action {
            Action::Create if step.is_line() => "add line",
            Action::Replace if step.is_line() => "replace line",
            Action::Remove if step.is_line() => "remove line",
            Action::Create => "create",
            Action::Replace => "replace",
            Action::SetMode => "set mode",
            Action::Keep => "keep edited",
            Action::KeepForeign => "keep foreign",
            Action::KeepBeside => "keep old",
            Action::Offer => "new version",
            Action::Link => "link",
            Action::Remove => "remove",
            Action::Leave => "leave edited",
            Action::Same => "unchanged",
        };
        Self::at(action, &root.shown(step.path.as_str()))
    }

    /// A step that enables the service.
    pub(super) fn enabled(root: &Root, step: &Step) -> Self {
        Self {
            action: "enable",
            what: step.outside(root).to_string(),
        }
    }

    /// A step of a removal.
    pub(super) fn removed(root: &Root, removal: &Removal) -> Self {
        let (action, path) = match removal {
            Removal::Remove(path) => ("remove", path),
            Removal::RemoveLine(path) => ("remove line", path),
            Removal::KeepEdited(path) => ("keep edited", path),
            Removal::KeepForeign(path) => ("keep foreign", path),
            Removal::KeepShared(path) => ("keep shared", path),
            Removal::KeepFolder(path) => ("not empty", path),
        };
        Self::at(action, &root.shown(path.as_str()))
    }

    /// A link that is removed.
    pub(super) fn unlinked(root: &Root, step: &Step) -> Option<Self> {
        match step {
            Step::Remove(path) => Some(Self::at("remove", &root.shown(path))),
            _ => None,
        }
    }

    fn at(action: &'static str, path: &Path) -> Self {
        Self {
            action,
            what: path.display().to_string(),
        }
    }
}
