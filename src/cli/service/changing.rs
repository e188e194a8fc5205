//! The verbs that change something: start, stop, restart, reload, daemon-reload, enable, disable.

use std::process::ExitCode;

use serde::Serialize;

use crate::backends::Registry;
use crate::control::{Change, Command, Step};
use crate::manage::Session;
use crate::service::{Name, Span};

use super::super::failure::Failure;
use super::super::format::Format;
use super::super::json;
use super::super::message;
use super::super::target::Tree;
use super::super::wait::Waiting;
use super::which::{Running, Which};
use super::{print, warn_of};

/// How a change is made.
#[derive(Debug, clap::Args)]
struct How {
    /// How long a stop may take
    #[arg(long, value_name = "TIME", default_value = "2min")]
    timeout: Span,

    /// Print what would be run, and run nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Changing {
    #[command(flatten)]
    service: Running,
    #[command(flatten)]
    how: How,
}

#[derive(Debug, clap::Args)]
pub(super) struct Enabling {
    #[command(flatten)]
    service: Which,

    /// Also start or stop the service now
    #[arg(long, conflicts_with = "root")]
    now: bool,

    #[command(flatten)]
    how: How,
    #[command(flatten)]
    tree: Tree,
}

/// What a change came to, for programs.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Changed<'a> {
    name: &'a Name,
    init: &'a str,
    change: &'a str,
    dry_run: bool,
    /// What was done, or would be, as somebody would type it.
    steps: Vec<String>,
    /// What has to be run before it counts.
    to_run: Vec<String>,
}

impl How {
    /// Takes the steps or shows them; `to_run` is what somebody else has to run afterwards.
    fn carry_out(
        &self,
        which: &Which,
        session: &Session<'_>,
        change: &str,
        steps: &[Step],
        to_run: &[Command],
    ) -> Result<ExitCode, Failure> {
        if !self.dry_run {
            session.take(steps)?;
        }
        let shown = |step: &Step| step.outside(session.root()).to_string();
        match which.format {
            Format::Json => json::print(&Changed {
                name: &which.name,
                init: session.init(),
                change,
                dry_run: self.dry_run,
                steps: steps.iter().map(shown).collect(),
                to_run: to_run.iter().map(ToString::to_string).collect(),
            })?,
            Format::Text if self.dry_run => {
                let commands = to_run.iter().cloned().map(Step::Run);
                let all: Vec<_> = steps.iter().cloned().chain(commands).collect();
                print(&all, session.root())?;
            }
            Format::Text => {
                for command in to_run {
                    message::note(&format!(
                        "this takes effect once this command has run: {command}"
                    ));
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Changing {
    pub(super) fn run(
        &self,
        verb: &str,
        change: Change,
        registry: &Registry,
    ) -> Result<ExitCode, Failure> {
        let (site, waiting) = (self.service.site(verb, registry)?, Waiting::new());
        let session = self.service.session(&site, &waiting)?;
        let session = session.patient(self.how.timeout);
        let steps = session.steps(change)?;
        self.how
            .carry_out(&self.service.service, &session, verb, &steps, &[])
    }
}

impl Enabling {
    pub(super) fn run(&self, enabled: bool, registry: &Registry) -> Result<ExitCode, Failure> {
        let (site, waiting) = (self.tree.site(registry)?, Waiting::new());
        let session = self.service.session(&site, &waiting)?;
        let session = session.patient(self.how.timeout);
        let mut steps = session.enabling_steps(enabled)?;
        match session.note() {
            // The init starts and stops it by itself.
            Some(note) if session.is_here() && !self.now => message::note(note),
            // Nothing was enabled, and something may run all the same.
            Some(_) if self.now && !enabled && steps.is_empty() => {
                steps = session.steps(Change::Stop)?;
            }
            None if self.now && enabled => steps.extend(session.steps(Change::Start)?),
            None if self.now => {
                let stop = session.steps(Change::Stop)?;
                steps.splice(0..0, stop).for_each(drop);
            }
            _ => {}
        }
        let commands = session.in_tree(enabled);
        let change = if enabled { "enable" } else { "disable" };
        let done = self
            .how
            .carry_out(&self.service, &session, change, &steps, &commands);
        // What is in the way now may have been mended by this.
        if enabled {
            warn_of(&session.unmet()?, session.root());
        }
        done
    }
}
