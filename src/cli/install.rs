//! `kubelet-unit install`: a service into a rootfs, or onto this machine.

use std::io::{self, Write};
use std::process::ExitCode;

use serde::{Serialize, Serializer};

use crate::backends::Registry;
use crate::hint::{Call, Hint};
use crate::manage::{Done, Enabling, Installed, Installing, ManageError, Options, Site};
use crate::rendering::Note;

use super::failure::Failure;
use super::format::Format;
use super::json;
use super::message::{self, Details};
use super::service_arguments::ServiceArguments;
use super::target::Target;
use super::wait::Waiting;

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

    /// Show what would be done, and write nothing
    #[arg(long)]
    dry_run: bool,

    /// Overwrite files that are not ours, or programs of ours that were changed;
    /// configuration is kept all the same
    #[arg(long)]
    force: bool,

    #[command(flatten)]
    details: Details,

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
    /// What has to be run before it starts with the machine.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    to_run: Vec<String>,
    notes: &'a [Note],
}

/// One path and what was done there.
#[derive(Serialize)]
pub(super) struct Line {
    /// What was done, in words for people.
    #[serde(serialize_with = "hyphenated")]
    pub(super) action: &'static str,
    /// The path as the user knows it, or what was run.
    pub(super) path: String,
}

/// Words as one word for programs, as those of every other command are.
fn hyphenated<S: Serializer>(words: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&words.replace(' ', "-"))
}

impl Arguments {
    pub(super) fn run(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        let site = self.target.place(registry)?;
        let backend = self.target.backend(&site)?;
        let installing = Installing {
            site: &site,
            backend,
            order: self.service.order_in(&site, backend)?,
            enable: self.enable,
            force: self.force,
            dry_run: self.dry_run,
            watcher: &Waiting::new(),
        };
        let installed = installing.run()?;
        if let Ok(enabling) = &installed.enabling {
            would_enable(enabling);
        }
        self.show(&site, &installed)?;
        self.tell(installed.changed, installed.enabling.is_err());
        match &installed.enabling {
            Ok(_) => Ok(ExitCode::SUCCESS),
            Err(error) => Err(not_enabled(error, &site, &installed, self.dry_run)),
        }
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

    fn show(&self, site: &Site<'_>, installed: &Installed) -> Result<(), Failure> {
        let rendering = &installed.rendering;
        let steps = lines(&installed.steps);
        match self.format {
            Format::Json => json::print(&Report {
                root: site.root().path().display().to_string(),
                service: installed.service.as_str(),
                init: rendering.backend.name(),
                distro: rendering.distro.name,
                dry_run: self.dry_run,
                changed: installed.changed,
                steps,
                to_run: to_run(installed),
                notes: rendering.rendered.notes(),
            })?,
            Format::Text => print(&mut io::stdout().lock(), &steps)?,
        }
        message::notes(rendering, self.details.verbose);
        Ok(())
    }
}

fn to_run(installed: &Installed) -> Vec<String> {
    match &installed.enabling {
        Ok(Enabling::Prepared(commands)) => commands.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    }
}

/// How things stand where enabling fails, and the command that does that alone.
fn not_enabled(
    error: &ManageError,
    site: &Site<'_>,
    installed: &Installed,
    dry_run: bool,
) -> Failure {
    let (service, init) = (&installed.service, installed.rendering.backend.name());
    let stands = match installed.changed && dry_run {
        true => "would be installed",
        false => "is installed",
    };
    let call = match service.as_str() {
        "kubelet" => Call::new("service enable"),
        name => Call::new("service enable").word(name),
    };
    let call = call.root(site.root().path()).init(init);
    let hint = Hint::call(call).and(" enables it once that is mended");
    let options = Options {
        to_install: Some(init),
        ..Options::default()
    };
    let failure = Failure::of_manage(error, &options)
        .of(format!("`{service}` {stands}, but could not be enabled"))
        .code(1);
    failure.hint(match error.hint(&options) {
        Some(more) => hint.then(more),
        None => hint,
    })
}

/// Says what enabling comes to.
fn would_enable(enabling: &Enabling) {
    match enabling {
        Enabling::Would(steps) => {
            for step in steps {
                message::note(&format!("to enable it: {step}"));
            }
        }
        Enabling::KnownLater => {
            message::note("how it is enabled is known once its files are there");
        }
        Enabling::Prepared(commands) => {
            message::note(
                "it does not start with the machine yet: its database has to be compiled",
            );
            for command in commands {
                message::note(&format!("run this to enable it: {command}"));
            }
        }
        Enabling::NotAsked | Enabling::Already | Enabling::Done => {}
    }
}

/// What was done, for showing it.
pub(super) fn lines(done: &[Done]) -> Vec<Line> {
    let line = |done: &Done| Line {
        action: done.action,
        path: done.what.clone(),
    };
    done.iter().map(line).collect()
}

/// Prints lines in two columns.
pub(super) fn print(out: &mut impl Write, lines: &[Line]) -> io::Result<()> {
    for Line { action, path } in lines {
        writeln!(out, "{action:<12} {path}")?;
    }
    out.flush()
}
