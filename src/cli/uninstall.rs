//! `kubelet-unit uninstall`: a service out of a rootfs or off this machine.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Serialize;
use thiserror::Error;

use crate::backends::{Backend, Registry};
use crate::control::Step;
use crate::install::{Record, Removal, Uninstalled, uninstall};
use crate::rendering::quote::root_option;
use crate::root::Root;
use crate::service::Name;

use super::enablement;
use super::failure::Failure;
use super::format::Format;
use super::init::{self, Recorded};
use super::install::{Line, print};
use super::message;
use super::target::{Target, name_option};

/// Remove what `install` wrote, and nothing else
///
/// Configuration that was edited stays until it is purged, then or later. What was
/// there before, or serves another init as well, stays in any case. The service is
/// disabled, and not stopped where its init does not do so with that.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kubelet-unit uninstall
  kubelet-unit uninstall --root /mnt/rootfs --init openrc --purge")]
pub(super) struct Arguments {
    #[command(flatten)]
    target: Target,

    /// The service
    #[arg(long, value_name = "NAME", default_value = "kubelet")]
    name: Name,

    /// Remove edited configuration as well
    #[arg(long)]
    purge: bool,

    /// Show what it comes to, and remove nothing
    #[arg(long)]
    dry_run: bool,

    /// How to show what was done
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// There is nothing to remove, for no init: asking for one would lead nowhere.
#[derive(Debug, Error)]
#[error("`{service}` is not installed in `{}`", root.display())]
struct NotInstalled {
    service: Name,
    root: PathBuf,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report<'a> {
    root: String,
    service: &'a str,
    init: &'a str,
    dry_run: bool,
    steps: Vec<Line>,
}

impl Arguments {
    pub(super) fn run(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        let root = self.target.open()?;
        let backend = self.backend(registry, &root)?;
        let remove = |dry_run| {
            uninstall(&root, &self.name, backend.name(), self.purge, dry_run)
                .map_err(|error| Failure::from(error).in_root(&root))
        };
        // What is wrong is told before the service is disabled.
        let planned = remove(true)?;
        let links = self.disable(&root, backend, registry)?;
        let done = match self.dry_run {
            true => planned,
            false => remove(false)?,
        };
        let removals = done.removals.iter().map(|removal| line(&root, removal));
        let steps: Vec<_> = links.into_iter().chain(removals).collect();
        let mut out = io::stdout().lock();
        match self.format {
            Format::Json => {
                let report = Report {
                    root: root.path().display().to_string(),
                    service: self.name.as_str(),
                    init: backend.name(),
                    dry_run: self.dry_run,
                    steps,
                };
                serde_json::to_writer_pretty(&mut out, &report)
                    .map_err(crate::sink::StreamError::from)?;
                writeln!(out)?;
            }
            Format::Text => print(&mut out, &steps)?,
        }
        self.tell(&root, backend.name(), &done);
        Ok(ExitCode::SUCCESS)
    }
}

impl Arguments {
    /// Says what it comes to, and how to be rid of what stays.
    fn tell(&self, root: &Root, init: &str, done: &Uninstalled) {
        let edited = format!(
            "edited configuration of `{}` for `{init}` is left",
            self.name
        );
        message::note(&match (done.changes, self.dry_run, done.keeps_edited()) {
            (false, ..) => format!("nothing to remove: only {edited}"),
            (true, true, _) => "nothing was removed: this is a dry run".into(),
            (true, false, true) => format!("removed; {edited}"),
            (true, false, false) => "removed".into(),
        });
        if done.keeps_edited() {
            message::hint(&format!(
                "`kubelet-unit uninstall{} --init {init}{} --purge` removes edited configuration as well",
                root_option(root),
                name_option(&self.name)
            ));
        }
    }

    /// The init: as asked for, or the only one that the service is installed for, or
    /// else that of which something is left.
    fn backend(&self, registry: &Registry, root: &Root) -> Result<&'static dyn Backend, Failure> {
        if let Some(backend) = self.target.named(registry) {
            return Ok(backend);
        }
        let installed = Recorded::Installed(Some(&self.name));
        if let Some(backend) = init::recorded(installed, root, registry)? {
            return Ok(backend);
        }
        let left = Recorded::Left(&self.name);
        init::recorded(left, root, registry)?.ok_or_else(|| {
            Failure::new(&NotInstalled {
                service: self.name.clone(),
                root: root.path().to_owned(),
            })
        })
    }

    /// What starts with the machine has no service to start once this is done.
    /// Gives the links of a tree that go and are not in the record: those that
    /// somebody made later.
    fn disable(
        &self,
        root: &Root,
        backend: &'static dyn Backend,
        registry: &Registry,
    ) -> Result<Vec<Line>, Failure> {
        let Some(record) = Record::read(root, &self.name, backend.name())? else {
            return Ok(Vec::new());
        };
        let session =
            enablement::session(root, &self.name, backend.name(), &record.choices, registry)?;
        if enablement::is_enabled(&session) != Some(true) {
            return Ok(Vec::new());
        }
        let mut steps = session.enabling_steps(false)?;
        let mut lines = Vec::new();
        if !session.is_here() {
            // A file that would be moved aside goes as a whole, with the others.
            steps.retain(|step| is_other_link(step, &record));
            lines.extend(steps.iter().filter_map(|step| removed_link(root, step)));
        } else if self.dry_run {
            for step in &steps {
                message::note(&format!("to disable it: {step}"));
            }
        }
        if !self.dry_run {
            session.take(&steps)?;
        }
        Ok(lines)
    }
}

/// Whether a step removes a link that a record does not name.
fn is_other_link(step: &Step, record: &Record) -> bool {
    match step {
        Step::Remove(path) => record
            .links
            .iter()
            .all(|link| Path::new(link.path.as_str()) != path),
        _ => false,
    }
}

fn removed_link(root: &Root, step: &Step) -> Option<Line> {
    match step {
        Step::Remove(path) => Some(Line {
            action: "remove".into(),
            path: root.shown(path).display().to_string(),
        }),
        _ => None,
    }
}

fn line(root: &Root, removal: &Removal) -> Line {
    let (action, path) = match removal {
        Removal::Remove(path) => ("remove", path),
        Removal::KeepEdited(path) => ("keep edited", path),
        Removal::KeepForeign(path) => ("keep foreign", path),
        Removal::KeepShared(path) => ("keep shared", path),
        Removal::KeepFolder(path) => ("not empty", path),
    };
    Line {
        action: action.into(),
        path: root.shown(path.as_str()).display().to_string(),
    }
}
