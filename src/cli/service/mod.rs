//! `kubelet-unit service`: one vocabulary for services under any init.

mod asking;
mod changing;
mod shown;
mod which;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Subcommand;

use crate::backends::{Registry, Trouble};
use crate::control::{Change, Step};
use crate::root::Root;

use super::failure::Failure;
use super::message;

use asking::{Asking, Logging, Showing};
use changing::{Changing, Enabling};
use which::Running;

pub(super) use which::Places;

/// Says what keeps an init from starting a service.
fn warn_of(unmet: &[Trouble], root: &Root) {
    for unmet in unmet {
        let path = root.shown(&unmet.path);
        message::warning(&format!("`{}` {}", path.display(), unmet.what));
    }
}

/// Drive a service with the same verbs under every init
///
/// Exit codes are those of systemctl: 0 done, active or enabled; 1 failed or disabled; 3
/// not active; 4 no such service. NAME is `kubelet` by default.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kubelet-unit service status
  kubelet-unit service restart containerd
  kubelet-unit service stop --dry-run --init runit
  kubelet-unit service enable --root /mnt/rootfs
  kubelet-unit service logs -f")]
pub(super) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Start the service, unless it is already running
    #[command(after_help = "Example:\n  kubelet-unit service start kubelet")]
    Start(Changing),
    /// Stop the service, and return when none of its processes is left
    #[command(after_help = "Example:\n  kubelet-unit service stop --timeout 3min")]
    Stop(Changing),
    /// Stop and start the service, so that its files and env files are read again
    #[command(after_help = "Example:\n  kubelet-unit service restart kubelet")]
    Restart(Changing),
    /// Have the service read its configuration again, in its own way
    ///
    /// The service gets the signal, or the commands are run, that its spec or its unit names
    /// for that. It fails for one that names neither, as the kubelet does, which exits on HUP.
    #[command(after_help = "Example:\n  kubelet-unit service reload haproxy")]
    Reload(Changing),
    /// Have the init read the service's files again
    ///
    /// The service's process is left alone. Only supervisord cannot take up a changed section
    /// without restarting its program.
    #[command(
        name = "daemon-reload",
        after_help = "Example:\n  kubelet-unit service daemon-reload kubelet"
    )]
    Reread(Changing),
    /// Start the service at every boot
    #[command(after_help = "Examples:
  kubelet-unit service enable --now
  kubelet-unit service enable --root /mnt/rootfs --init runit")]
    Enable(Enabling),
    /// No longer start the service at boot
    #[command(after_help = "Example:\n  kubelet-unit service disable --now")]
    Disable(Enabling),
    /// Show the state of the service
    #[command(after_help = "Example:\n  kubelet-unit service status --format json")]
    Status(Showing),
    /// Print whether the service runs; the exit code is 0 only if it does
    #[command(
        name = "is-active",
        after_help = "Example:\n  kubelet-unit service is-active && echo yes"
    )]
    IsActive(Running),
    /// Print whether the service starts at boot
    #[command(
        name = "is-enabled",
        after_help = "Example:\n  kubelet-unit service is-enabled --root /mnt/rootfs"
    )]
    IsEnabled(Asking),
    /// Tell by the exit code whether the service exists
    #[command(after_help = "Example:\n  kubelet-unit service exists containerd")]
    Exists(Asking),
    /// Show the service's log, wherever its init keeps it
    #[command(after_help = "Example:\n  kubelet-unit service logs -f -n 20")]
    Logs(Logging),
}

impl Arguments {
    pub(super) fn run(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        match &self.verb {
            Verb::Start(it) => it.run("start", Change::Start, registry),
            Verb::Stop(it) => it.run("stop", Change::Stop, registry),
            Verb::Restart(it) => it.run("restart", Change::Restart, registry),
            Verb::Reload(it) => it.run("reload", Change::Reload, registry),
            Verb::Reread(it) => it.run("daemon-reload", Change::Reread, registry),
            Verb::Enable(it) => it.run(true, registry),
            Verb::Disable(it) => it.run(false, registry),
            Verb::Status(it) => it.run(registry),
            Verb::IsActive(it) => it.is_active(registry),
            Verb::IsEnabled(it) => it.is_enabled(registry),
            Verb::Exists(it) => it.exists(registry),
            Verb::Logs(it) => it.run(registry),
        }
    }
}

/// What would be run, as somebody would type it.
fn print(steps: &[Step], root: &Root) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    for step in steps {
        writeln!(out, "{}", step.outside(root))?;
    }
    Ok(())
}
