//! `kubelet-unit uninstall`: a service out of a rootfs or off this machine.

use std::io;
use std::process::ExitCode;

use serde::Serialize;

use crate::backends::Registry;
use crate::hint::{Call, Hint};
use crate::install::Uninstalled;
use crate::manage::{Site, Uninstalling, installed_for};
use crate::service::Name;

use super::failure::Failure;
use super::format::Format;
use super::install::{Line, lines, print};
use super::json;
use super::message;
use super::target::Target;
use super::wait::Waiting;

/// Remove what `install` wrote, and nothing else
///
/// Edited configuration is kept, unless `--purge` is given, now or in a later run. Files
/// that were there before, or that another init uses as well, are always kept. The service
/// is disabled; it is stopped only if its init stops what it disables.
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

    /// Show what would be done, and remove nothing
    #[arg(long)]
    dry_run: bool,

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
    dry_run: bool,
    steps: Vec<Line>,
}

impl Arguments {
    pub(super) fn run(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        let site = self.target.place(registry)?;
        let backend = match self.target.named(registry) {
            Some(backend) => backend,
            None => installed_for(&site, &self.name)?,
        };
        let uninstalling = Uninstalling {
            site: &site,
            name: &self.name,
            backend,
            purge: self.purge,
            dry_run: self.dry_run,
            watcher: &Waiting::new(),
        };
        let removed = uninstalling.run()?;
        for step in &removed.would_disable {
            message::note(&format!("to disable it: {step}"));
        }
        let steps = lines(&removed.steps);
        match self.format {
            Format::Json => json::print(&Report {
                root: site.root().path().display().to_string(),
                service: self.name.as_str(),
                init: backend.name(),
                dry_run: self.dry_run,
                steps,
            })?,
            Format::Text => print(&mut io::stdout().lock(), &steps)?,
        }
        self.tell(&site, backend.name(), &removed.outcome);
        Ok(ExitCode::SUCCESS)
    }

    /// Says what it comes to, and how to be rid of what stays.
    fn tell(&self, site: &Site<'_>, init: &str, done: &Uninstalled) {
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
            let call = Call::new("uninstall").root(site.root().path()).init(init);
            let hint = Hint::call(call.name(&self.name).word("--purge"));
            message::hint(&hint.and(" removes edited configuration as well"));
        }
    }
}
