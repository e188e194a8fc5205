//! How a command fails: one message, the place it is about, a hint, an exit code.

use std::error::Error;
use std::process::ExitCode;

use crate::backends::RenderError;
use crate::bridge::BridgeError;
use crate::control::ControlError;
use crate::fleet::{FleetError, NodeProblem};
use crate::install::{ChoiceError, InstallError, Obstacle, RecordError};
use crate::process::ProcessError;
use crate::rendering::quote::root_option;
use crate::root::{Root, RootError};
use crate::sink::{FolderError, FormatError, StreamError};
use crate::spec::PlaceError;
use crate::yaml::YamlError;

use super::message;
use super::service_arguments;
use super::target::name_option;

/// Why a command could not do what was asked.
#[derive(Debug)]
pub(super) struct Failure {
    message: String,
    excerpt: Option<String>,
    hint: Option<String>,
    code: u8,
}

impl Failure {
    /// Something went wrong: exit code 1.
    pub(super) fn new(error: &dyn Error) -> Self {
        Self {
            message: error.to_string(),
            excerpt: None,
            hint: None,
            code: 1,
        }
    }

    /// The command line asks for something that cannot be: exit code 2.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            excerpt: None,
            hint: None,
            code: 2,
        }
    }

    /// The reader has gone: silence and exit code 0.
    fn quiet() -> Self {
        Self {
            message: String::new(),
            excerpt: None,
            hint: None,
            code: 0,
        }
    }

    /// The same with what the message is about, to be shown under it.
    pub(super) fn excerpt(mut self, excerpt: impl Into<String>) -> Self {
        self.excerpt = Some(excerpt.into());
        self
    }

    /// The same with another exit code.
    pub(super) fn code(mut self, code: u8) -> Self {
        self.code = code;
        self
    }

    /// The same with what else is to be known of how things stand.
    pub(super) fn and(mut self, state: impl std::fmt::Display) -> Self {
        self.message = format!("{}; {state}", self.message);
        self
    }

    /// The same with what it is about before it.
    pub(super) fn of(mut self, what: impl std::fmt::Display) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }

    /// The same with this before what helps already, if anything does.
    pub(super) fn hint_first(mut self, hint: String) -> Self {
        self.hint = Some(match self.hint {
            Some(more) => format!("{hint}; {more}"),
            None => hint,
        });
        self
    }

    /// The same with a line that helps.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same with another name for an option in the hint.
    pub(super) fn option(mut self, usual: &str, here: &str) -> Self {
        self.hint = self.hint.map(|hint| hint.replace(usual, here));
        self
    }

    /// The same with the tree in the hint that a person needs to go on.
    pub(super) fn in_root(mut self, root: &Root) -> Self {
        self.hint = self
            .hint
            .map(|hint| hint.replace("{root}", &root_option(root)));
        self
    }

    /// The same with the init that its hint names.
    pub(super) fn under(mut self, init: &str) -> Self {
        self.hint = self.hint.map(|hint| hint.replace("{init}", init));
        self
    }

    /// Whether it is that there is no such service.
    pub(super) fn is_unknown_service(&self) -> bool {
        self.code == 4
    }

    /// What went wrong, alone.
    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// Prints it and gives the exit code.
    pub(super) fn report(self) -> ExitCode {
        if !self.message.is_empty() {
            message::error(&self.message, self.excerpt.as_deref());
        }
        if let Some(hint) = &self.hint {
            message::hint(hint);
        }
        ExitCode::from(self.code)
    }
}

impl From<YamlError> for Failure {
    fn from(error: YamlError) -> Self {
        let mut failure = Self::new(&error);
        failure.excerpt = error.excerpt();
        failure.hint = did_you_mean(&error.problem.to_string());
        failure
    }
}

/// For a message that names an unknown word and those that are known, all in
/// backticks: the nearest of the known ones.
fn did_you_mean(message: &str) -> Option<String> {
    let at = message.find("unknown ")?;
    let mut quoted = message[at..].split('`').skip(1).step_by(2);
    let wrong = quoted.next()?;
    quoted
        .map(|known| (strsim::jaro_winkler(wrong, known), known))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| format!("did you mean `{known}`?"))
}

impl From<PlaceError> for Failure {
    fn from(error: PlaceError) -> Self {
        Self::new(&error)
    }
}

impl From<RenderError> for Failure {
    fn from(error: RenderError) -> Self {
        let failure = Self::new(&error);
        match error.is_bug() {
            true => failure.hint("this is a bug of kubelet-unit; please report it with the command line and the spec"),
            false => failure,
        }
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
        Self::new(&error)
    }
}

impl From<ControlError> for Failure {
    fn from(error: ControlError) -> Self {
        let failure = Self::new(&error).code(error.exit_code());
        match error {
            ControlError::NotSupervised { name, .. } => failure.hint(format!(
                "`kubelet-unit service enable {name}` links it there"
            )),
            ControlError::NoScanFolder { .. } => failure.hint("name it with `--scan-folder`"),
            ControlError::NoSupervisor { .. } => failure
                .hint("a service directory can outlive its supervisor; `kubelet-unit detect` shows what runs"),
            ControlError::Unreachable { .. } => {
                failure.hint("`kubelet-unit detect` shows what runs; `--init` chooses another init")
            }
            ControlError::NoPermission { .. } => failure.hint("run it as root"),
            ControlError::Process(ProcessError::Missing { .. }) => {
                failure.hint("is this the right init? `kubelet-unit detect` shows what there is")
            }
            ControlError::Process(ProcessError::Timeout { .. }) => failure.hint("`--timeout` gives it longer"),
            _ => failure,
        }
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

impl From<ChoiceError> for Failure {
    fn from(error: ChoiceError) -> Self {
        match error {
            ChoiceError::Spec(error) => error.into(),
            ChoiceError::Place(error) => error.into(),
            ChoiceError::Render(error) => error.into(),
            error => Self::new(&error),
        }
    }
}

impl From<InstallError> for Failure {
    fn from(error: InstallError) -> Self {
        let failure = Self::new(&error);
        match &error {
            InstallError::Conflicts { conflicts } if conflicts.iter().all(|it| it.why.yields()) => {
                failure.hint("nothing was written; `kubelet-unit diff{root} --init {init}` shows the differences, `--force` overwrites")
            }
            InstallError::Conflicts { conflicts }
                if conflicts.iter().any(|it| matches!(it.why, Obstacle::Entrance { .. })) =>
            {
                failure.hint("nothing was written; `--service-folder` names the folder in which the service's files are kept, such as `/etc/sv`; `--enable` makes the link by which the init finds them")
            }
            InstallError::Conflicts { conflicts } => {
                let needed = conflicts.iter().find_map(|conflict| needed(&conflict.why));
                failure.hint(match needed {
                    Some(way) => format!("nothing was written; {way}"),
                    None => "nothing was written; take it away first, `--force` does not".into(),
                })
            }
            _ => failure,
        }
    }
}

/// The ways out where another service needs a file as it is.
fn needed(why: &Obstacle) -> Option<String> {
    let Obstacle::Shared {
        service,
        init,
        choices,
    } = why
    else {
        return None;
    };
    let options = service_arguments::options(choices).join(" ");
    let name = name_option(service);
    Some(format!(
        "that was installed with `{options}`: give the same, or remove it first with \
         `kubelet-unit uninstall{{root}}{name} --init {init}`"
    ))
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
                let mut failure = Self::from(*source);
                failure.message = message;
                failure
            }
            FleetError::Different { .. } => {
                Self::new(&error).hint("`--force` replaces what differs")
            }
            FleetError::Node { ref problem, .. } if matches!(**problem, NodeProblem::NoInit) => {
                Self::new(&error).hint("`--init` is that of every node that names none")
            }
            error => {
                let failure = Self::new(&error);
                match did_you_mean(&failure.message) {
                    Some(hint) => failure.hint(hint),
                    None => failure,
                }
            }
        }
    }
}
