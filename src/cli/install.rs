//! `kubelet-unit install`: a service into a rootfs, or onto this machine.

use std::io::{self, Write};
use std::process::ExitCode;

use serde::{Serialize, Serializer};

use crate::backends::Registry;
use crate::control::Step;
use crate::install::{Action, Plan, Step as PlanStep, Wanted};
use crate::rendering::Note;
use crate::rendering::quote::root_option;
use crate::root::Root;
use crate::sink::Rendering;

use super::enablement;
use super::failure::Failure;
use super::format::Format;
use super::message;
use super::service_arguments::ServiceArguments;
use super::session::Session;
use super::target::Target;

/// Install the service into a rootfs, or onto this machine
///
/// Each file appears whole or not at all, and a record of them is kept in
/// /var/lib/kubelet-unit. An installation that was interrupted is finished by
/// running it again; a second run changes nothing. Configuration that was
/// edited is kept, and its new version laid beside it as the distribution's
/// package manager does. A file that is not ours is not overwritten. Without
/// further options, what is installed is brought up to date as it was chosen.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kubelet-unit install --init openrc --dry-run
  kubelet-unit install --init runit --distro void --root /mnt/rootfs --enable")]
pub(super) struct Arguments {
    #[command(flatten)]
    target: Target,

    #[command(flatten)]
    service: ServiceArguments,

    /// Let the service start with the machine
    #[arg(long)]
    enable: bool,

    /// Show what it comes to, and write nothing
    #[arg(long)]
    dry_run: bool,

    /// Overwrite files that are not ours, or programs of ours that were changed;
    /// configuration is kept all the same
    #[arg(long)]
    force: bool,

    /// How to show what was done
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report<'a> {
    root: String,
    service: &'a str,
    init: &'a str,
    distro: &'a str,
    dry_run: bool,
    changed: bool,
    steps: Vec<Line>,
    notes: &'a [Note],
}

/// One path and what was done there.
#[derive(Serialize)]
pub(super) struct Line {
    /// What was done, in words for people.
    #[serde(serialize_with = "hyphenated")]
    pub(super) action: String,
    /// The path as the user knows it, or what was run.
    pub(super) path: String,
}

/// Words as one word for programs, as those of every other command are.
fn hyphenated<S: Serializer>(words: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&words.replace(' ', "-"))
}

impl Arguments {
    pub(super) fn run(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        let root = self.target.open()?;
        let backend = self.target.backend(registry)?;
        let choices = self
            .service
            .choices_in(&root, backend, self.target.distro()?)?;
        let (service, rendering) = choices.render(backend)?;
        let mut wanted = Wanted {
            service: &service.name,
            init: backend.name(),
            choices,
            rendered: &rendering.rendered,
            links: Vec::new(),
            new_config: rendering.distro.new_config,
            registry,
        };
        let plan = match self.dry_run {
            true => Plan::new(&root, &wanted, self.force),
            false => Plan::install(&root, &wanted, self.force),
        }
        .map_err(|error| Failure::from(error).in_root(&root).under(wanted.init))?;
        let mut changed = !plan.changes_nothing();
        let mut steps = lines(&root, &plan);
        let enabled = match self.enable {
            true => self
                .enable(&root, &mut wanted, registry, &mut steps)
                .map_err(|failure| not_enabled(failure, &root, &wanted, changed && self.dry_run)),
            false => Ok(false),
        };
        // Where it cannot be enabled, it is installed all the same.
        changed |= *enabled.as_ref().unwrap_or(&false);
        self.show(&root, &wanted, &rendering, steps, changed)?;
        self.tell(changed, enabled.is_err());
        enabled?;
        Ok(ExitCode::SUCCESS)
    }

    /// What it came to; where enabling failed, the error says that.
    fn tell(&self, changed: bool, failed: bool) {
        match (changed, self.dry_run) {
            (true, true) => message::note("nothing was written: this is a dry run"),
            _ if failed => {}
            (true, false) => message::note("installed"),
            (false, _) => message::note("nothing to do: all is as it should be"),
        }
    }

    /// Enables what has been installed; says whether anything was changed.
    ///
    /// In a tree the links are part of the record, and go with the service.
    fn enable(
        &self,
        root: &Root,
        wanted: &mut Wanted<'_>,
        registry: &Registry,
        lines: &mut Vec<Line>,
    ) -> Result<bool, Failure> {
        let session =
            enablement::session(root, wanted.service, wanted.init, &wanted.choices, registry)?;
        if self.dry_run {
            would_enable(&session)?;
            return Ok(false);
        }
        if enablement::is_enabled(&session) == Some(true) {
            return Ok(false);
        }
        let steps = session.enabling_steps(true)?;
        if session.is_here() {
            lines.extend(steps.iter().map(enabling_line));
            session.take(&steps)?;
            return Ok(true);
        }
        let (to_link, others) = enablement::links(steps)?;
        wanted.links = to_link;
        // Nothing is overwritten by a link, with `--force` neither.
        let plan = Plan::install(root, wanted, self.force).map_err(|error| Failure::new(&error))?;
        let linked = plan
            .steps()
            .iter()
            .filter(|step| step.action == Action::Link);
        lines.extend(linked.map(|step| line(root, step)));
        lines.extend(others.iter().map(enabling_line));
        session.take(&others)?;
        Ok(true)
    }

    fn show(
        &self,
        root: &Root,
        wanted: &Wanted<'_>,
        rendering: &Rendering,
        steps: Vec<Line>,
        changed: bool,
    ) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        match self.format {
            Format::Json => {
                let report = Report {
                    root: root.path().display().to_string(),
                    service: wanted.service.as_str(),
                    init: wanted.init,
                    distro: rendering.distro.name,
                    dry_run: self.dry_run,
                    changed,
                    steps,
                    notes: rendering.rendered.notes(),
                };
                serde_json::to_writer_pretty(&mut out, &report)
                    .map_err(crate::sink::StreamError::from)?;
                writeln!(out)?;
            }
            Format::Text => print(&mut out, &steps)?,
        }
        message::notes(rendering);
        Ok(())
    }
}

/// How things stand where enabling fails, and the command that does that alone.
fn not_enabled(failure: Failure, root: &Root, wanted: &Wanted<'_>, dry: bool) -> Failure {
    let Wanted { service, init, .. } = wanted;
    let installed = match dry {
        true => "would be installed",
        false => "is installed",
    };
    let name = match service.as_str() {
        "kubelet" => String::new(),
        name => format!(" {name}"),
    };
    let root = root_option(root);
    failure
        .of(format!("`{service}` {installed}, but could not be enabled"))
        .code(1)
        .option(
            "name it with `--scan-folder`",
            &format!("install {init} first, or add `--scan-folder DIR`"),
        )
        .hint_first(format!(
            "`kubelet-unit service enable{name}{root} --init {init}` enables it once that is mended"
        ))
}

/// What enabling comes to, where the files are there that it is about.
///
/// # Errors
/// It will fail with the files there, too.
fn would_enable(session: &Session<'_>) -> Result<(), Failure> {
    match session.enabling_steps(true) {
        Ok(steps) if enablement::is_enabled(session) != Some(true) => {
            for step in steps {
                let step = step.outside(session.root());
                message::note(&format!("to enable it: {step}"));
            }
        }
        Ok(_) => {}
        Err(failure) if failure.is_unknown_service() => {
            message::note("how it is enabled is known once its files are there");
        }
        Err(failure) => return Err(failure),
    }
    Ok(())
}

fn lines(root: &Root, plan: &Plan) -> Vec<Line> {
    plan.steps().iter().map(|step| line(root, step)).collect()
}

fn line(root: &Root, step: &PlanStep) -> Line {
    Line {
        action: word(step.action).into(),
        path: root.shown(step.path.as_str()).display().to_string(),
    }
}

fn enabling_line(step: &Step) -> Line {
    Line {
        action: "enable".into(),
        path: step.to_string(),
    }
}

fn word(action: Action) -> &'static str {
    match action {
        Action::Create => "create",
        Action::Replace => "replace",
        Action::SetMode => "set mode",
        Action::Keep => "keep edited",
        Action::Offer => "new version",
        Action::Link => "link",
        Action::Remove => "remove",
        Action::Leave => "leave edited",
        Action::Same => "unchanged",
    }
}

/// Prints lines in two columns.
pub(super) fn print(out: &mut impl Write, lines: &[Line]) -> io::Result<()> {
    for Line { action, path } in lines {
        writeln!(out, "{action:<12} {path}")?;
    }
    out.flush()
}
