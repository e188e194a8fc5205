//! Why a service could not be driven.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

use crate::process::{Command, ProcessError, duration, shown};
use crate::root::RootError;
use crate::service::{Name, ValueError};

/// Why a service could not be driven.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ControlError {
    /// There is no such service.
    #[error("`{name}` is not a service of {init}{}", looked_at(looked))]
    Unknown {
        /// The init's title.
        init: &'static str,
        /// The service.
        name: Name,
        /// Where it was looked for.
        looked: Vec<PathBuf>,
    },
    /// It is installed, but not where the supervisor looks: it is disabled.
    #[error("`{name}` is installed, but there is no `{}`, where {init} looks for it", place.display())]
    NotSupervised {
        /// The init's title.
        init: &'static str,
        /// The service.
        name: Name,
        /// Where it would be.
        place: PathBuf,
    },
    /// It is installed, and the init that runs has not been told of it.
    #[error("`{name}` is installed, but {init} does not know it yet: there is no `{}`", place.display())]
    NotLoaded {
        /// The init's title.
        init: &'static str,
        /// The service.
        name: Name,
        /// Where it would be.
        place: PathBuf,
        /// What tells the init.
        commands: Vec<Command>,
    },
    /// Files cannot answer, and there is nobody to ask.
    #[error("cannot tell {question}, because {why}")]
    Untold {
        /// The question, as an indirect one: `whether …`.
        question: String,
        /// Why not.
        why: String,
        /// What would have to be run, if that helps.
        commands: Vec<Command>,
    },
    /// The files that would answer may not be looked at.
    #[error("cannot tell whether `{name}` is enabled, because `{}` may not be read", path.display())]
    Denied {
        /// The service.
        name: Name,
        /// The file or folder, as a path of the machine.
        path: PathBuf,
    },
    /// A link to `/dev/null` stands in the unit's place (`systemd.unit(5)`).
    #[error("`{name}` is masked by `{}`: systemd never starts it", path.display())]
    Masked {
        /// The service.
        name: Name,
        /// The link, as a path of the machine.
        path: PathBuf,
    },
    /// Only somebody who knows the machine can do it.
    #[error("{what}")]
    ByHand {
        /// What is missing.
        what: String,
        /// What they would run.
        commands: Vec<Command>,
    },
    /// It is not known which folder the supervisor watches.
    #[error("it is not known which folder {init} looks for services in")]
    NoScanFolder {
        /// The init's title.
        init: &'static str,
    },
    /// The supervisor of the service does not run.
    #[error("nothing supervises `{name}`: `{}` says: {message}", shown(argv))]
    NoSupervisor {
        /// The service.
        name: Name,
        /// What was run.
        argv: Vec<String>,
        /// What it said.
        message: String,
    },
    /// The init does not answer.
    #[error("{init} does not answer: `{}` says: {message}", shown(argv))]
    Unreachable {
        /// The init's title.
        init: &'static str,
        /// What was run.
        argv: Vec<String>,
        /// What it said.
        message: String,
    },
    /// Only another user may.
    #[error("no permission: `{}` says: {message}", shown(argv))]
    NoPermission {
        /// What was run.
        argv: Vec<String>,
        /// What it said.
        message: String,
    },
    /// What a change should bring about did not come.
    #[error("gave up after waiting {} for {what}; `{}` says: {message}", duration(*after), shown(argv))]
    InVain {
        /// What was waited for.
        what: String,
        /// The time that it had.
        after: Duration,
        /// What was asked.
        argv: Vec<String>,
        /// The last answer.
        message: String,
    },
    /// A command failed.
    #[error("`{}` {}{}", shown(argv), ended(*code), said(message))]
    Failed {
        /// What was run.
        argv: Vec<String>,
        /// Its exit code; none where a signal ended it.
        code: Option<i32>,
        /// What it said.
        message: String,
    },
    /// A question got an answer that is not known.
    #[error("cannot tell, because `{}` {}{}", shown(argv), answered(*code), said(message))]
    CannotTell {
        /// What was run.
        argv: Vec<String>,
        /// Its exit code; none where a signal ended it.
        code: Option<i32>,
        /// What it said.
        message: String,
    },
    /// A program could not be run to its end.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// The output of a service is not kept in a place that is known.
    #[error("no log of `{name}` was found{}", looked_at(looked))]
    NoLog {
        /// The service.
        name: Name,
        /// Where it was looked for.
        looked: Vec<PathBuf>,
    },
    /// The output of a service is thrown away or goes elsewhere.
    #[error("`{}` says that the output of `{name}` {to}", path.display())]
    LogElsewhere {
        /// The service.
        name: Name,
        /// The file that says so.
        path: PathBuf,
        /// Where the output goes.
        to: Destination,
    },
    /// A file could not be read or changed.
    #[error(transparent)]
    Root(#[from] RootError),
    /// A place that came out as no path.
    #[error(transparent)]
    Place(#[from] ValueError),
}

impl ControlError {
    /// As `systemctl(1)` has it: 4 for a service that is not there, 1 for a failure.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Unknown { .. } => 4,
            _ => 1,
        }
    }
}

/// Where the output of a service goes that is in no file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// To syslog.
    Syslog,
    /// To vlogger, a script of Void's that passes it on.
    Vlogger,
    /// Where that of the init goes, or that of this program of it.
    OfInit(Option<&'static str>),
    /// Nowhere.
    Nowhere,
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syslog => f.write_str("goes to syslog"),
            Self::Vlogger => f.write_str("goes to `vlogger`"),
            Self::OfInit(program) => write!(
                f,
                "goes to the output of {}, which in a container is the container's own",
                program.unwrap_or("the init")
            ),
            Self::Nowhere => f.write_str("is thrown away"),
        }
    }
}

fn looked_at(paths: &[PathBuf]) -> String {
    if paths.is_empty() {
        return String::new();
    }
    let paths: Vec<String> = paths
        .iter()
        .map(|path| format!("`{}`", path.display()))
        .collect();
    format!(": there is no {}", paths.join(", no "))
}

fn ended(code: Option<i32>) -> String {
    match code {
        Some(code) => format!("failed with exit code {code}"),
        None => "was ended by a signal".into(),
    }
}

fn answered(code: Option<i32>) -> String {
    match code {
        Some(0) => "gives an answer that is not known".into(),
        code => ended(code),
    }
}

fn said(message: &str) -> String {
    match message.is_empty() {
        true => String::new(),
        false => format!(": {message}"),
    }
}
