//! `kubelet-unit service`: one vocabulary for services under any init.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Subcommand;
use clap::builder::PossibleValuesParser;
use serde::Serialize;

use crate::backends::Registry;
use crate::control::{Change, Enabled, LogRequest, State, Step, run};
use crate::distro::{DISTROS, Overrides};
use crate::host::Host;
use crate::root::Root;
use crate::service::{AbsPath, Name, Span};

use super::failure::Failure;
use super::format::Format;
use super::session::Session;
use super::target::Tree;
use super::{init, message};

/// Drive a service with the same words under every init
///
/// Exit codes are those of systemctl: 0 done, active or enabled; 1 failed or
/// disabled; 3 not active; 4 no such service. NAME is `kubelet` unless it is given.
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
    /// Start it; nothing where it runs
    #[command(after_help = "Example:\n  kubelet-unit service start kubelet")]
    Start(Changing),
    /// Stop it, and return when nothing of it is left
    #[command(after_help = "Example:\n  kubelet-unit service stop --timeout 3min")]
    Stop(Changing),
    /// Stop it and start it, with its files and env files read anew
    #[command(after_help = "Example:\n  kubelet-unit service restart kubelet")]
    Restart(Changing),
    /// Have the init read the service's files again
    ///
    /// The process is left alone: the kubelet ends on HUP. supervisord alone cannot
    /// take up a changed section without restarting its program.
    #[command(after_help = "Example:\n  kubelet-unit service reload kubelet")]
    Reload(Changing),
    /// Let it start with the machine
    #[command(after_help = "Examples:
  kubelet-unit service enable --now
  kubelet-unit service enable --root /mnt/rootfs --init runit")]
    Enable(Enabling),
    /// Let it no longer start with the machine
    #[command(after_help = "Example:\n  kubelet-unit service disable --now")]
    Disable(Enabling),
    /// Show what it does
    #[command(after_help = "Example:\n  kubelet-unit service status --format json")]
    Status(Showing),
    /// Print whether it runs, or is about to
    #[command(
        name = "is-active",
        after_help = "Example:\n  kubelet-unit service is-active && echo yes"
    )]
    IsActive(Running),
    /// Print whether it starts with the machine
    #[command(
        name = "is-enabled",
        after_help = "Example:\n  kubelet-unit service is-enabled --root /mnt/rootfs"
    )]
    IsEnabled(Asking),
    /// Say by the exit code whether there is such a service
    #[command(after_help = "Example:\n  kubelet-unit service exists containerd")]
    Exists(Asking),
    /// Show what it printed, wherever its init keeps that
    #[command(after_help = "Example:\n  kubelet-unit service logs -f -n 20")]
    Logs(Logging),
}

/// Which service, where.
#[derive(Debug, clap::Args)]
struct Which {
    /// The service
    #[arg(default_value = "kubelet")]
    name: Name,

    /// The init; `auto` takes the one that the service is installed for, or finds out
    #[arg(long, default_value = init::AUTO, value_parser = [init::AUTO])]
    init: String,

    #[command(flatten)]
    places: Places,
}

/// Where services are, where that is not usual.
#[derive(Debug, clap::Args)]
pub(super) struct Places {
    /// The distribution whose places are used; by default the one that the service was
    /// installed for, else what os-release(5) says
    #[arg(long, value_parser = PossibleValuesParser::new(DISTROS.iter().map(|distro| distro.name)))]
    distro: Option<String>,

    /// The folder in which services are installed; by default that of the distribution,
    /// or the one that was asked for when the service was installed
    #[arg(long, value_name = "PATH")]
    service_folder: Option<AbsPath>,

    /// The folder that runit or s6 watches; by default what the running one watches
    #[arg(long, value_name = "PATH")]
    scan_folder: Option<AbsPath>,
}

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

/// Which service of this machine, for what is about a process. A tree is taken so as
/// to say what there is for one.
#[derive(Debug, clap::Args)]
#[command(mut_arg("root", |argument| argument.hide(true)))]
struct Running {
    #[command(flatten)]
    service: Which,
    #[command(flatten)]
    tree: Tree,
}

#[derive(Debug, clap::Args)]
struct Changing {
    #[command(flatten)]
    service: Running,
    #[command(flatten)]
    how: How,
}

#[derive(Debug, clap::Args)]
struct Enabling {
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

#[derive(Debug, clap::Args)]
struct Asking {
    #[command(flatten)]
    service: Which,
    #[command(flatten)]
    tree: Tree,
}

#[derive(Debug, clap::Args)]
struct Showing {
    #[command(flatten)]
    service: Running,

    /// How to show it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, clap::Args)]
struct Logging {
    #[command(flatten)]
    service: Running,

    /// Go on with what comes
    #[arg(short, long)]
    follow: bool,

    /// How many of the last lines
    #[arg(short = 'n', long, default_value_t = 100)]
    lines: u32,

    /// Print what would be run, and run nothing
    #[arg(long)]
    dry_run: bool,
}

impl Arguments {
    pub(super) fn run(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        match &self.verb {
            Verb::Start(it) => it.run("start", Change::Start, registry),
            Verb::Stop(it) => it.run("stop", Change::Stop, registry),
            Verb::Restart(it) => it.run("restart", Change::Restart, registry),
            Verb::Reload(it) => it.run("reload", Change::Reload, registry),
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

impl Places {
    /// A service under an init.
    pub(super) fn session<'a>(
        &'a self,
        name: &'a Name,
        init: &str,
        host: Host,
        registry: &Registry,
    ) -> Result<Session<'a>, Failure> {
        let overrides = Overrides {
            service_folder: self.service_folder.clone(),
            ..Overrides::default()
        };
        let distro = self.distro.as_deref();
        let session = Session::open(name, host, init, distro, &overrides, registry)?;
        Ok(session.scanning(self.scan_folder.as_ref()))
    }
}

impl Which {
    fn session(&self, host: Host, registry: &Registry) -> Result<Session<'_>, Failure> {
        self.places.session(&self.name, &self.init, host, registry)
    }
}

impl Running {
    /// The service, where something may run; `verb` is what is asked for.
    fn here(&self, verb: &str, registry: &Registry) -> Result<Session<'_>, Failure> {
        let host = self.tree.host()?;
        if !host.is_machine() {
            let root = self.tree.path().display();
            return Err(Failure::usage(format!(
                "`service {verb}` is about what runs, and nothing runs in `{root}`"
            ))
            .hint(
                "in a rootfs there are `enable`, `disable`, `is-enabled` and `exists`; \
                 `kubelet-unit check{root}` looks at what is installed there",
            )
            .in_root(host.root()));
        }
        self.service.session(host, registry)
    }

    fn is_active(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        let state = self.here("is-active", registry)?.state()?;
        writeln!(io::stdout(), "{state}")?;
        Ok(state.exit_code().into())
    }
}

fn print(steps: &[Step], root: &Root) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    for step in steps {
        writeln!(out, "{}", step.outside(root))?;
    }
    Ok(())
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
    fn run(&self, verb: &str, change: Change, registry: &Registry) -> Result<ExitCode, Failure> {
        let session = self.service.here(verb, registry)?;
        let session = session.patient(self.how.timeout);
        let steps = session.steps(change)?;
        self.how.carry_out(&session, &steps)
    }
}

impl Enabling {
    fn run(&self, enabled: bool, registry: &Registry) -> Result<ExitCode, Failure> {
        let session = self.service.session(self.tree.host()?, registry)?;
        let session = session.patient(self.how.timeout);
        let mut steps = session.enabling_steps(enabled)?;
        match session.note() {
            // The init starts and stops it by itself.
            Some(note) if session.is_here() && !self.now => message::note(note),
            None if self.now && enabled => steps.extend(session.steps(Change::Start)?),
            None if self.now => {
                let stop = session.steps(Change::Stop)?;
                steps.splice(0..0, stop).for_each(drop);
            }
            _ => {}
        }
        self.how.carry_out(&session, &steps)
    }
}

impl Asking {
    /// A tree that does not run has no state, but its files tell what is there.
    fn exists(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        let session = self.service.session(self.tree.host()?, registry)?;
        let known = match session.is_here() {
            true => session.state()? != State::Unknown,
            false => session.is_installed()?,
        };
        Ok(match known {
            true => ExitCode::SUCCESS,
            false => State::Unknown.exit_code().into(),
        })
    }

    fn is_enabled(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        let session = self.service.session(self.tree.host()?, registry)?;
        let enabled = session.enabled()?;
        writeln!(io::stdout(), "{enabled}")?;
        Ok(enabled.exit_code().into())
    }
}

#[derive(Serialize)]
struct Status<'a> {
    name: &'a Name,
    init: &'a str,
    #[serde(flatten)]
    state: State,
    enabled: Enabled,
}

impl Showing {
    fn run(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        let session = self.service.here("status", registry)?;
        let state = session.state()?;
        if state == State::Unknown {
            return Err(session.unknown().into());
        }
        let status = Status {
            name: &self.service.service.name,
            init: session.init(),
            state,
            enabled: session.enabled()?,
        };
        self.show(&status)?;
        Ok(state.exit_code().into())
    }

    fn show(&self, status: &Status<'_>) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        match self.format {
            Format::Json => writeln!(
                out,
                "{}",
                serde_json::to_string_pretty(status).map_err(|error| Failure::new(&error))?
            )?,
            Format::Text => {
                let pid = match status.state {
                    State::Active { pid: Some(pid) } => format!(", process {pid}"),
                    _ => String::new(),
                };
                writeln!(
                    out,
                    "{}: {}{pid}, {} ({})",
                    status.name, status.state, status.enabled, status.init
                )?;
            }
        }
        Ok(())
    }
}

impl Logging {
    fn run(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        let session = self.service.here("logs", registry)?;
        let command = session.log(LogRequest {
            lines: self.lines,
            follow: self.follow,
        })?;
        if self.dry_run {
            print(&[Step::Run(command)], session.root())?;
            return Ok(ExitCode::SUCCESS);
        }
        Err(run::become_it(&command.argv).into())
    }
}
