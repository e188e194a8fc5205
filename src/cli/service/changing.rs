//! The verbs that change something: start, stop, restart, reload, enable, disable.

use std::process::ExitCode;

use crate::backends::Registry;
use crate::control::{Change, Step};
use crate::manage::Session;
use crate::service::Span;

use super::super::failure::Failure;
use super::super::message;
use super::super::target::Tree;
use super::super::wait::Waiting;
use super::print;
use super::which::{Running, Which};

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

    /// Start or stop it as well
    #[arg(long, conflicts_with = "root")]
    now: bool,

    #[command(flatten)]
    how: How,
    #[command(flatten)]
    tree: Tree,
}

impl How {
    fn carry_out(&self, session: &Session<'_>, steps: &[Step]) -> Result<ExitCode, Failure> {
        match self.dry_run {
            true => print(steps, session.root())?,
            false => session.take(steps)?,
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
        self.how.carry_out(&session, &steps)
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
        if self.how.dry_run {
            steps.extend(commands.into_iter().map(Step::Run));
            return self.how.carry_out(&session, &steps);
        }
        let code = self.how.carry_out(&session, &steps)?;
        for command in commands {
            message::note(&format!("that counts once this has run: {command}"));
        }
        Ok(code)
    }
}
