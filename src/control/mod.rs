//! Driving services: one vocabulary over all inits.
//!
//! A backend says [what to do](Control) as data: commands with how their results
//! are read, and changes to files. Nothing here knows an init. [`perform`] carries
//! it out with the [programs](crate::process) that it needs; a dry run prints the same
//! data.

mod command;
mod end;
mod error;
mod log;
pub mod perform;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use crate::distro::Places;
use crate::host::Host;
use crate::service::{AbsPath, Name, Span};

pub use crate::process::{Answer, Command, Refusal};
pub use command::{Query, Question, Step};
pub(crate) use end::End;
pub use end::{Ended, How, last_end, main_process};
pub use error::{ControlError, Destination};
pub use log::{LogRequest, follow_files, logger_folders};

/// How an init is driven. Every answer is data; nothing is done.
pub trait Control: Sync {
    /// How to learn what a service does.
    ///
    /// # Errors
    /// The init cannot be asked, and why.
    fn state(&self, target: &Target<'_>) -> Result<Question<State>, ControlError>;

    /// How to learn how a service ended last, where nobody had asked for that. Its launcher
    /// notes it, unless the init itself knows.
    ///
    /// # Errors
    /// As for [`Control::state`].
    fn ended(&self, target: &Target<'_>) -> Result<Question<Option<Ended>>, ControlError> {
        Ok(Question::Known(last_end(target.host, target.name)))
    }

    /// What an answer about the state says to people, in one line: the tool's own words, unless
    /// those are fields without names.
    fn says(&self, answer: &Answer) -> String {
        answer.message()
    }

    /// How to start, stop, restart or reload a service, or to have the init read its files
    /// again. Each returns when it is done; after a stop, nothing is left.
    ///
    /// # Errors
    /// It cannot be done, and why.
    fn change(&self, target: &Target<'_>, change: Change) -> Result<Vec<Step>, ControlError>;

    /// How to learn whether a service starts with the machine.
    ///
    /// # Errors
    /// As for [`Control::state`].
    fn enabled(&self, target: &Target<'_>) -> Result<Question<Enabled>, ControlError>;

    /// How to let a service start with the machine, or no longer. In a tree that
    /// does not run these are changes to files alone.
    ///
    /// # Errors
    /// As for [`Control::change`].
    fn set_enabled(&self, target: &Target<'_>, enabled: bool) -> Result<Vec<Step>, ControlError>;

    /// What has to be run in a tree that does not run, once it has the changes of
    /// [`Control::set_enabled`], before they count: under an init that boots from something
    /// compiled. Until then nobody can say that the service is enabled.
    fn in_tree(&self, _target: &Target<'_>, _enabled: bool) -> Vec<Command> {
        Vec::new()
    }

    /// The command that shows what a service printed.
    ///
    /// # Errors
    /// Nobody keeps it, or it is not known where.
    fn log(&self, target: &Target<'_>, request: LogRequest) -> Result<Command, ControlError>;

    /// The folders in which the init looks for links to services, those that it may look in
    /// where that is not to be seen. A service whose files move has to be found by them still,
    /// whoever made the link.
    fn entrances(&self, _target: &Target<'_>) -> Vec<PathBuf> {
        Vec::new()
    }

    /// What is peculiar to this init about enabling, in a sentence.
    fn note(&self) -> Option<&'static str> {
        None
    }
}

/// A service, and where it is looked for.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// The service.
    pub name: &'a Name,
    /// Where its files are.
    pub places: &'a Places,
    /// The host that it is on.
    pub host: &'a Host,
    /// The scan directory, where it was asked for by name.
    pub scan_folder: Option<&'a AbsPath>,
    /// How long a stop may take.
    pub patience: Span,
}

/// What a service does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "state")]
pub enum State {
    /// It runs.
    Active {
        /// Its main process, where the init tells.
        pid: Option<u32>,
    },
    /// It is about to start: again after its restart delay, or for the first time.
    Activating,
    /// It is about to end.
    Deactivating,
    /// It does not run.
    Inactive,
    /// It does not run, because the init has given it up.
    Failed,
    /// There is no such service.
    Unknown,
}

impl State {
    /// Whether kubeadm and `systemctl is-active` take it for one that is there: a
    /// kubelet without its configuration comes and goes.
    pub fn is_active(self) -> bool {
        matches!(self, Self::Active { .. } | Self::Activating)
    }

    /// The exit code of `systemctl is-active` and `status` (`systemctl(1)`, "Exit
    /// status").
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Active { .. } => 0,
            // Measured with 252: 3 for a unit in its restart delay, by either verb.
            Self::Activating | Self::Deactivating | Self::Inactive | Self::Failed => 3,
            Self::Unknown => 4,
        }
    }
}

/// systemd's words for it.
impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Active { .. } => "active",
            Self::Activating => "activating",
            Self::Deactivating => "deactivating",
            Self::Inactive => "inactive",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        })
    }
}

/// Whether a service starts with the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Enabled {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// There is no such service.
    Unknown,
}

impl Enabled {
    /// Whether it starts with the machine; `None` for what is not there.
    pub fn of_service(self) -> Option<bool> {
        match self {
            Self::Yes => Some(true),
            Self::No => Some(false),
            Self::Unknown => None,
        }
    }

    /// The exit code of `systemctl is-enabled`: 4 for a unit that is not there, since
    /// systemd 252.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Yes => 0,
            Self::No => 1,
            Self::Unknown => 4,
        }
    }
}

impl fmt::Display for Enabled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Yes => "enabled",
            Self::No => "disabled",
            Self::Unknown => "unknown",
        })
    }
}

/// What can be done to a service that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Start it, unless it runs already.
    Start,
    /// Stop it; nothing where it does not run.
    Stop,
    /// Stop it and start it.
    Restart,
    /// Have it read its configuration again, in the way in which it says that it does
    /// (`ExecReload=`).
    Reload,
    /// Have the init read its files again.
    Reread,
}

impl Target<'_> {
    /// How long a command may take that waits for a stop: the tool gives up first.
    pub fn stop_limit(&self) -> Duration {
        self.patience.duration() + Duration::from_secs(10)
    }

    /// The error for a service that is at none of these places.
    pub fn unknown(&self, init: &'static str, looked: &[PathBuf]) -> ControlError {
        ControlError::Unknown {
            init,
            name: self.name.clone(),
            looked: looked
                .iter()
                .map(|path| self.host.root().shown(path))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests;
