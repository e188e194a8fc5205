//! `kubelet-unit install`: a service into a rootfs, or onto this machine.

use std::io::{self, Write};
use std::process::ExitCode;

use serde::{Serialize, Serializer};

use crate::backends::Registry;
use crate::hint::{Call, Hint};
use crate::manage::{Done, Enabling, Installed, Installing, ManageError, Options, Site};
use crate::rendering::Note;
use crate::root::Root;
use crate::shipped::Setting;
use crate::takeover::{Lost, Migration, Moved};

use super::failure::Failure;
use super::format::Format;
use super::json;
use super::message::{self, Details};
use super::service_arguments::ServiceArguments;
use super::target::Target;
use super::text::step;
use super::wait::Waiting;

/// Install the service into a rootfs, or onto this machine
///
/// Each file appears whole or not at all, and a record of them is kept in
/// /var/lib/kubelet-unit. An installation that was interrupted is finished by running
/// it again; a second run changes nothing. Configuration that was edited is kept, and
/// its new version is put beside it as the distribution's package manager does. Files
/// that kubelet-unit did not install are not overwritten. If the service is defined
/// elsewhere too, such as by a unit in another folder or a line of inittab, nothing is
/// installed, because one of the two would be in vain or both would run. Settings of another's
/// service that would have no effect on this one are refused: `--migrate` moves its
/// arguments. Without further options, an existing installation is updated with the
/// options that it was made with.
#[derive(Debug, clap::Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
#[command(after_help = "Examples:
  kubelet-unit install --init openrc --dry-run
  kubelet-unit install --init runit --distro void --root /mnt/rootfs --enable
  kubelet-unit install --init openrc --migrate --dry-run")]
pub(super) struct Arguments {
    #[command(flatten)]
    target: Target,

    #[command(flatten)]
    service: ServiceArguments,

    /// Start the service at boot
    #[arg(long)]
    enable: bool,

    /// Show what would be done, and write nothing
    #[arg(long)]
    dry_run: bool,

    /// Overwrite files that kubelet-unit did not install, and installed programs that were
    /// changed; configuration is kept even so. A definition of the service elsewhere, such as
    /// another unit, stays there and is only warned of
    #[arg(long)]
    force: bool,

    /// Take over from a service of somebody else's that is there, such as a
    /// distribution's: its arguments go into the administrator's env file, so that the
    /// program runs with the same ones, and its files are kept beside
    #[arg(long, conflicts_with = "force")]
    migrate: bool,

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
    /// What was taken over from another's service.
    #[serde(skip_serializing_if = "Option::is_none")]
    migration: Option<Taken<'a>>,
    /// Settings that have no effect.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lost: Vec<String>,
    /// Other definitions of the service, which are left.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rivals: Vec<String>,
    steps: Vec<Line>,
    /// What has to be run before it starts with the machine.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    to_run: Vec<String>,
    notes: &'a [Note],
}

/// What was taken over from another's service.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Taken<'a> {
    moved: Vec<MovedArgument<'a>>,
    /// What the other service did not pass, and this one does.
    added: &'a [String],
    /// Settings that would count here as well and are not taken over.
    left: Vec<String>,
}

#[derive(Serialize)]
struct MovedArgument<'a> {
    words: &'a [String],
    path: String,
    line: usize,
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
            migrate: self.migrate,
            dry_run: self.dry_run,
            watcher: &Waiting::new(),
        };
        let installed = installing.run()?;
        if let Ok(enabling) = &installed.enabling {
            would_enable(enabling);
        }
        self.show(&site, &installed)?;
        for unmet in &installed.unmet {
            let path = site.root().shown(&unmet.path);
            message::warning(&format!("`{}` {}", path.display(), unmet.what));
        }
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
            (false, _) => message::note("nothing to do: everything is as it should be"),
        }
    }

    fn show(&self, site: &Site<'_>, installed: &Installed) -> Result<(), Failure> {
        let rendering = &installed.rendering;
        let root = site.root();
        let steps = lines(&installed.steps);
        let lost: Vec<_> = installed.lost.iter().map(|it| of_lost(root, it)).collect();
        let rivals = installed.rivals.iter();
        let rivals: Vec<_> = rivals.map(|it| it.sentence(root.path())).collect();
        match self.format {
            Format::Json => json::print(&Report {
                root: site.root().path().display().to_string(),
                service: installed.service.as_str(),
                init: rendering.backend.name(),
                distro: rendering.distro.name,
                dry_run: self.dry_run,
                changed: installed.changed,
                migration: installed.migration.as_ref().map(|it| taken(root, it)),
                lost,
                rivals,
                steps,
                to_run: to_run(installed),
                notes: rendering.rendered.notes(),
            })?,
            Format::Text => {
                let mut out = io::stdout().lock();
                if let Some(migration) = &installed.migration {
                    print(&mut out, &moved(root, migration))?;
                }
                print(&mut out, &steps)?;
                if let Some(migration) = &installed.migration {
                    told(root, migration);
                }
                for told in rivals.iter().chain(&lost) {
                    message::warning(told);
                }
            }
        }
        message::notes(rendering, self.details.verbose);
        Ok(())
    }
}

/// A setting that has no effect, as a sentence with what helps.
fn of_lost(root: &Root, lost: &Lost) -> String {
    let path = root.shown(&lost.path);
    format!(
        "`{}` line {}: {}; {}",
        path.display(),
        lost.line,
        lost.what,
        lost.hint
    )
}

/// What is moved, a line for each flag.
fn moved(root: &Root, migration: &Migration) -> Vec<Line> {
    let line = |moved: &Moved| Line {
        action: "move",
        path: format!(
            "{} from {}:{} to {} in {}",
            moved.words.join(" "),
            root.shown(&moved.path).display(),
            moved.line,
            migration.variable,
            root.shown(migration.env_file.as_str()).display()
        ),
    };
    migration.moved.iter().map(line).collect()
}

/// What else changes with another service in the place of the old one.
fn told(root: &Root, migration: &Migration) {
    for added in &migration.added {
        message::note(&format!(
            "`{added}` is passed from now on; the service that was there did not pass it"
        ));
    }
    for left in left(root, migration) {
        message::warning(&left);
    }
}

fn left(root: &Root, migration: &Migration) -> Vec<String> {
    let sentence = |setting: &Setting| {
        let path = root.shown(&setting.path);
        let (path, line, name) = (path.display(), setting.line, &setting.name);
        format!(
            "`{path}` line {line}: `{name}` counts for this service too and is not taken over: write it there again"
        )
    };
    migration.left.iter().map(sentence).collect()
}

fn taken<'a>(root: &Root, migration: &'a Migration) -> Taken<'a> {
    let argument = |moved: &'a Moved| MovedArgument {
        words: &moved.words,
        path: root.shown(&moved.path).display().to_string(),
        line: moved.line,
    };
    Taken {
        moved: migration.moved.iter().map(argument).collect(),
        added: &migration.added,
        left: left(root, migration),
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
            message::note("how to enable it is known once its files are there");
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
        step(out, action, path)?;
    }
    out.flush()
}
