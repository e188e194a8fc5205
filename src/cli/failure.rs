//! How a command fails: one message, the place it is about, a hint, an exit code.

use std::error::Error;
use std::process::ExitCode;

use nix::errno::Errno;
use serde::Serialize;

use crate::backends::RenderError;
use crate::bridge::BridgeError;
use crate::control::ControlError;
use crate::fleet::{FleetError, NodeProblem};
use crate::hint::Hint;
use crate::install::RecordError;
use crate::manage::{InitError, ManageError, Options};
use crate::order::OrderError;
use crate::root::RootError;
use crate::sink::{FolderError, FormatError, NotByFiles, StreamError};
use crate::spec::{self, PlaceError};
use crate::yaml::{Problem, Unknown, YamlError};

use super::message;

/// Where in a text something is wrong.
#[derive(Debug, Serialize)]
struct Place {
    file: String,
    line: usize,
    column: usize,
}

/// A failure as programs read it.
#[derive(Serialize)]
struct AsJson<'a> {
    message: &'a str,
    place: Option<&'a Place>,
    hint: Option<String>,
    code: u8,
}

/// What enables a service where files alone do not.
const ENABLE_LATER: &str =
    "leave `--enable` out; `kubelet-unit service enable` enables it on the machine";

/// What helps where only root may.
const AS_ROOT: &str = "run it as root";

/// Why a command could not do what was asked: one pointer, since nearly all that a command calls can fail.
#[derive(Debug)]
pub(super) struct Failure(Box<Told>);

#[derive(Debug)]
struct Told {
    message: String,
    place: Option<Place>,
    excerpt: Option<String>,
    hint: Option<Hint>,
    code: u8,
}

impl Failure {
    /// Something went wrong: exit code 1.
    pub(super) fn new(error: &dyn Error) -> Self {
        let denied = is_denied(error) && !nix::unistd::geteuid().is_root();
        let mut failure = Self::with(error.to_string(), 1);
        failure.0.hint = denied.then(|| Hint::text(AS_ROOT));
        failure
    }

    fn with(message: String, code: u8) -> Self {
        Self(Box::new(Told {
            message,
            place: None,
            excerpt: None,
            hint: None,
            code,
        }))
    }

    /// The command line asks for something that cannot be: exit code 2.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self::with(message.into(), 2)
    }

    /// The reader has gone: silence and exit code 0.
    fn quiet() -> Self {
        Self::with(String::new(), 0)
    }

    /// The same with what the message is about, to be shown under it.
    pub(super) fn excerpt(mut self, excerpt: impl Into<String>) -> Self {
        self.0.excerpt = Some(excerpt.into());
        self
    }

    /// The same with another exit code.
    pub(super) fn code(mut self, code: u8) -> Self {
        self.0.code = code;
        self
    }

    /// The same with what else is to be known of how things stand.
    pub(super) fn and(mut self, state: impl std::fmt::Display) -> Self {
        self.0.message = format!("{}; {state}", self.0.message);
        self
    }

    /// The same with what it is about before it.
    pub(super) fn of(mut self, what: impl std::fmt::Display) -> Self {
        self.0.message = format!("{what}: {}", self.0.message);
        self
    }

    /// The same with a line that helps. That root may do it stays the first thing to say.
    pub(super) fn hint(mut self, hint: impl Into<Hint>) -> Self {
        let (hint, as_root) = (hint.into(), Hint::text(AS_ROOT));
        self.0.hint = Some(match self.0.hint {
            Some(said) if said == as_root && hint != as_root => said.then(hint),
            _ => hint,
        });
        self
    }

    /// What clap has against the command line, in its own words, without its label and
    /// without the usage, which is for people.
    pub(super) fn of_command_line(error: &clap::Error) -> Self {
        let text = error.to_string();
        let text = text.strip_prefix("error: ").unwrap_or(&text);
        let sentence = text.split("\n\n").next().unwrap_or(text);
        let lines = sentence.lines().map(str::trim).collect::<Vec<_>>();
        let tip = text
            .lines()
            .find_map(|line| line.trim().strip_prefix("tip: "));
        let failure = Self::usage(lines.join(" "));
        match tip {
            Some(tip) => failure.hint(tip.to_owned()),
            None => failure,
        }
    }

    /// What a use case could not do, for a command whose options are called so.
    pub(super) fn of_manage(error: &ManageError, options: &Options) -> Self {
        let failure = match error {
            ManageError::Init(InitError::Record(error)) => Self::new(error),
            ManageError::Init(error) => Self::usage(error.to_string()),
            ManageError::NoControl { .. } => Self::usage(error.to_string()),
            ManageError::Order(error) => Self::of_order(error),
            ManageError::Control(error) => Self::new(error).code(error.exit_code()),
            error => Self::new(error),
        };
        match error.hint(options) {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }

    fn of_order(error: &OrderError) -> Self {
        match error {
            OrderError::Spec(error) => error.clone().into(),
            OrderError::Render(error) => Self::of_rendering(error),
            OrderError::Layout { .. } | OrderError::Fixed { .. } => Self::usage(error.to_string()),
            error => Self::new(error),
        }
    }

    fn of_rendering(error: &RenderError) -> Self {
        let failure = Self::new(error);
        match error.is_bug() {
            true => failure.hint("this is a bug of kubelet-unit; please report it with the command line and the spec"),
            false => match error {
                RenderError::Init {
                    hint: Some(hint), ..
                } => failure.hint(hint.clone()),
                RenderError::NotInSh { .. } => failure.hint("`--launcher native` does all of it"),
                _ => failure,
            },
        }
    }

    /// Prints it as one line of JSON on standard error, and gives the exit code.
    pub(super) fn report_to_program(self) -> ExitCode {
        if !self.0.message.is_empty() {
            message::error_as_json(&AsJson {
                message: &self.0.message,
                place: self.0.place.as_ref(),
                hint: self.0.hint.map(|hint| hint.to_string()),
                code: self.0.code,
            });
        }
        ExitCode::from(self.0.code)
    }

    /// Prints it and gives the exit code.
    pub(super) fn report(self) -> ExitCode {
        if !self.0.message.is_empty() {
            message::error(&self.0.message, self.0.excerpt.as_deref());
        }
        if let Some(hint) = &self.0.hint {
            message::hint(hint);
        }
        ExitCode::from(self.0.code)
    }
}

/// Whether the system did not permit something.
fn is_denied(error: &dyn Error) -> bool {
    let mut errors = std::iter::successors(error.source(), |&error| error.source());
    errors.any(|error| {
        let system = error.downcast_ref::<std::io::Error>();
        system.is_some_and(|it| it.kind() == std::io::ErrorKind::PermissionDenied)
            || error.downcast_ref::<Errno>() == Some(&Errno::EACCES)
    })
}

impl From<YamlError> for Failure {
    fn from(error: YamlError) -> Self {
        let mut failure = Self::new(&error);
        failure.0.excerpt = error.excerpt();
        failure.0.place = error.position.map(|position| Place {
            file: error.source_name.clone(),
            line: position.line,
            column: position.column,
        });
        let hint = error.hint.clone().map(Hint::from);
        failure.0.hint = hint.or_else(|| match &error.problem {
            Problem::Unknown(unknown) => {
                spec::hint_of_systemd(unknown).or_else(|| nearest(unknown))
            }
            _ => None,
        });
        failure
    }
}

fn nearest(unknown: &Unknown) -> Option<Hint> {
    Hint::nearest(&unknown.word, unknown.known.iter().map(String::as_str))
}

impl From<PlaceError> for Failure {
    fn from(error: PlaceError) -> Self {
        Self::new(&error)
    }
}

impl From<RenderError> for Failure {
    fn from(error: RenderError) -> Self {
        Self::of_rendering(&error)
    }
}

impl From<ManageError> for Failure {
    fn from(error: ManageError) -> Self {
        Self::of_manage(&error, &Options::default())
    }
}

impl From<InitError> for Failure {
    fn from(error: InitError) -> Self {
        ManageError::from(error).into()
    }
}

impl From<StreamError> for Failure {
    fn from(error: StreamError) -> Self {
        match error.is_broken_pipe() {
            true => Self::quiet(),
            false => Self::new(&error),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        StreamError::from(error).into()
    }
}

impl From<RootError> for Failure {
    fn from(error: RootError) -> Self {
        let failure = Self::new(&error);
        match error {
            RootError::NotATree {
                meant: Some(meant), ..
            } => failure.hint(Hint::did_you_mean(&format!("--root {}", meant.display()))),
            RootError::NotATree { meant: None, .. } => failure.hint(
                "`--root` names the folder that is `/` of the other machine; `install` \
                 takes an empty one as well",
            ),
            _ => failure,
        }
    }
}

impl From<ControlError> for Failure {
    fn from(error: ControlError) -> Self {
        ManageError::from(error).into()
    }
}

impl From<BridgeError> for Failure {
    fn from(error: BridgeError) -> Self {
        let failure = Self::new(&error);
        match error {
            BridgeError::NoFolder | BridgeError::NotInPath { .. } => {
                failure.hint("`--folder` names one; add it to `PATH` first")
            }
            BridgeError::Systemctl { .. } => {
                failure.hint("remove the package that it belongs to, if nothing needs it")
            }
            BridgeError::Missing { path } if path.ends_with("kubelet-unit") => {
                failure.hint("the bridge is that program by other names; install it there first")
            }
            _ => failure,
        }
    }
}

impl From<FolderError> for Failure {
    fn from(error: FolderError) -> Self {
        let failure = Self::new(&error);
        match error {
            FolderError::Different { .. } => {
                failure.hint("nothing was written; `--force` replaces them")
            }
            _ => failure,
        }
    }
}

impl From<RecordError> for Failure {
    fn from(error: RecordError) -> Self {
        Self::new(&error)
    }
}

impl From<NotByFiles> for Failure {
    fn from(error: NotByFiles) -> Self {
        Self::usage(error.to_string()).hint(ENABLE_LATER)
    }
}

impl From<OrderError> for Failure {
    fn from(error: OrderError) -> Self {
        Self::of_order(&error)
    }
}

impl From<FormatError> for Failure {
    fn from(error: FormatError) -> Self {
        match error {
            FormatError::Stream(error) => error.into(),
            FormatError::Several { .. } => {
                Self::usage(error.to_string()).hint("name one init with `--init`")
            }
            FormatError::NoUnit { .. } => Self::usage(error.to_string()),
            error => Self::new(&error),
        }
    }
}

impl From<FleetError> for Failure {
    fn from(error: FleetError) -> Self {
        match error {
            FleetError::Stream(error) => StreamError::from(error).into(),
            FleetError::Yaml { name, source } => {
                let message = FleetError::Yaml {
                    name,
                    source: source.clone(),
                }
                .to_string();
                // The keys of a node are our own: systemd's words say nothing about them.
                let hint = match &source.problem {
                    _ if source.hint.is_some() => source.hint.clone().map(Hint::from),
                    Problem::Unknown(unknown) => nearest(unknown),
                    _ => None,
                };
                let mut failure = Self::from(*source);
                failure.0.message = message;
                failure.0.hint = hint;
                failure
            }
            FleetError::Different { .. } => Self::new(&error).hint(
                "`--force` replaces the folder of a node that differs, with all that is in it",
            ),
            FleetError::Node {
                ref problem,
                ref file,
                line,
                ..
            } => {
                let hint = match &**problem {
                    NodeProblem::NoInit => {
                        Some("`--init` sets it for every node that names none".into())
                    }
                    NodeProblem::Enable(_) => Some(ENABLE_LATER.into()),
                    NodeProblem::ForeignInit { .. } => {
                        Some("`kubelet-unit list` has the inits that it renders for".into())
                    }
                    NodeProblem::Relative { distro, .. } => {
                        Some(format!("`distro: {distro}` serves it").into())
                    }
                    NodeProblem::Named { named, .. } => {
                        Some(named.advice(|distro| format!("`distro: {distro}`")).into())
                    }
                    NodeProblem::UnknownInit { init, known } => {
                        Hint::nearest(init, known.iter().copied())
                    }
                    NodeProblem::Order(OrderError::Distro { name, known }) => {
                        Hint::nearest(name, known.iter().copied())
                    }
                    NodeProblem::Several { .. } => {
                        Some("each flag is an item of its own, with `=` before its value".into())
                    }
                    NodeProblem::Flag(refusal) => refusal.hint().map(Hint::from),
                    _ => None,
                };
                let mut failure = Self::new(&error);
                failure.0.hint = hint;
                failure.0.place = Some(Place {
                    file: file.clone(),
                    line,
                    column: 1,
                });
                failure
            }
            error => Self::new(&error),
        }
    }
}
