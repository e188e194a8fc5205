//! The verbs that ask: status, is-active, is-enabled, exists, logs.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::SystemTime;

use serde::Serialize;

use crate::backends::Registry;
use crate::control::{ControlError, Enabled, LogRequest, State, Step};
use crate::effective::Standing;
use crate::manage::{ManageError, Session, Status};
use crate::process::become_it;
use crate::service::Name;

use super::super::failure::Failure;
use super::super::format::Format;
use super::super::json;
use super::super::target::Tree;
use super::super::text::Columns;
use super::super::wait::Waiting;
use super::shown::{Shown, clock};
use super::which::{Running, Which};
use super::{print, warn_of};

#[derive(Debug, clap::Args)]
pub(super) struct Asking {
    #[command(flatten)]
    service: Which,
    #[command(flatten)]
    tree: Tree,
}

#[derive(Debug, clap::Args)]
pub(super) struct Showing {
    #[command(flatten)]
    service: Running,
}

/// An answer for programs.
#[derive(Serialize)]
struct Told<'a, T> {
    name: &'a Name,
    init: &'a str,
    #[serde(flatten)]
    answer: T,
}

#[derive(Serialize)]
struct IsState {
    state: String,
}

#[derive(Serialize)]
struct IsEnabled {
    enabled: Enabled,
}

#[derive(Serialize)]
struct Exists {
    exists: bool,
}

#[derive(Serialize)]
struct Printed<'a> {
    /// What was run, or would be.
    command: &'a [String],
    /// None where nothing was run.
    lines: Option<Vec<String>>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Logging {
    #[command(flatten)]
    service: Running,

    /// Keep printing new lines
    #[arg(short, long)]
    follow: bool,

    /// How many of the last lines to print
    #[arg(short = 'n', long, alias = "tail", default_value_t = 100, value_parser = lines)]
    lines: u32,

    /// Print what would be run, and run nothing
    #[arg(long)]
    dry_run: bool,
}

fn lines(text: &str) -> Result<u32, String> {
    let what = "a number of lines is expected, such as `20`";
    text.parse().map_err(|_| what.to_owned())
}

impl Running {
    pub(super) fn is_active(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        let (site, waiting) = (self.site("is-active", registry)?, Waiting::new());
        let session = self.session(&site, &waiting)?;
        let state = session.state()?;
        let answer = IsState {
            state: state.to_string(),
        };
        self.service
            .answer(&session, answer, || writeln!(io::stdout(), "{state}"))?;
        Ok(state.exit_code().into())
    }
}

impl Asking {
    /// A tree that does not run has no state, but its files tell what is there.
    pub(super) fn exists(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        let (site, waiting) = (self.tree.site(registry)?, Waiting::new());
        let session = self.service.session(&site, &waiting)?;
        let known = match session.is_here() {
            true => session.state()? != State::Unknown,
            false => session.is_installed()?,
        };
        self.service
            .answer(&session, Exists { exists: known }, || Ok(()))?;
        Ok(match known {
            true => ExitCode::SUCCESS,
            false => State::Unknown.exit_code().into(),
        })
    }

    pub(super) fn is_enabled(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        let (site, waiting) = (self.tree.site(registry)?, Waiting::new());
        let session = self.service.session(&site, &waiting)?;
        let enabled = session.enabled()?;
        self.service.answer(&session, IsEnabled { enabled }, || {
            writeln!(io::stdout(), "{enabled}")
        })?;
        Ok(enabled.exit_code().into())
    }
}

/// How many of the last lines of the log `status` shows.
const LINES: u32 = 3;

impl Showing {
    pub(super) fn run(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        let (site, waiting) = (self.service.site("status", registry)?, Waiting::new());
        let session = self.service.session(&site, &waiting)?;
        let status = session.status();
        if is_down(&status) {
            warn_of(&session.unmet()?, session.root());
        }
        let status = status?;
        if status.state == State::Unknown {
            return Err(session.unknown().into());
        }
        let standing = session.standing()?;
        let code = status.state.exit_code();
        let shown = Shown {
            name: &self.service.service.name,
            init: session.init(),
            enabled: match session.enabled() {
                Err(ManageError::Control(
                    ControlError::Untold { .. } | ControlError::Denied { .. },
                )) => None,
                enabled => Some(enabled?),
            },
            origin: standing.as_ref().map(Standing::origin),
            log: session.last_lines(LINES),
            status,
        };
        match self.service.service.format {
            Format::Json => json::print(&shown.as_json(SystemTime::now()))?,
            Format::Text => {
                let columns = Columns::of_stdout();
                io::stdout().write_all(shown.text(columns, clock).as_bytes())?;
            }
        }
        Ok(code.into())
    }
}

/// Whether something may keep the init from starting it, or the init itself from starting.
fn is_down(status: &Result<Status, ManageError>) -> bool {
    match status {
        Ok(status) => !matches!(status.state, State::Active { .. } | State::Unknown),
        Err(error) => matches!(
            error,
            ManageError::Control(ControlError::Unreachable { .. })
        ),
    }
}

impl Logging {
    pub(super) fn run(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        let (site, waiting) = (self.service.site("logs", registry)?, Waiting::new());
        let session = self.service.session(&site, &waiting)?;
        let command = session.log(LogRequest {
            lines: self.lines,
            follow: self.follow,
        })?;
        if self.service.service.format == Format::Json {
            return self.as_json(&session, &command.argv);
        }
        if self.dry_run {
            print(&[Step::Run(command)], session.root())?;
            return Ok(ExitCode::SUCCESS);
        }
        Err(ControlError::from(become_it(&command.argv)).into())
    }

    /// A log that goes on is no document.
    fn as_json(&self, session: &Session<'_>, command: &[String]) -> Result<ExitCode, Failure> {
        if self.follow {
            return Err(Failure::usage(
                "`--follow` goes on without an end, and a JSON document has one",
            ));
        }
        let lines = (!self.dry_run).then(|| session.last_lines(self.lines));
        let printed = Printed { command, lines };
        self.service.service.answer(session, printed, || Ok(()))?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Which {
    /// Shows an answer: as an object, or as `text` does.
    fn answer<T: Serialize>(
        &self,
        session: &Session<'_>,
        answer: T,
        text: impl FnOnce() -> io::Result<()>,
    ) -> Result<(), Failure> {
        match self.format {
            Format::Json => json::print(&Told {
                name: &self.name,
                init: session.init(),
                answer,
            }),
            Format::Text => Ok(text()?),
        }
    }
}
