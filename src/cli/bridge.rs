//! `kubelet-unit bridge`, and this program under the names of OpenRC's commands.

use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;

use crate::backends::Registry;
use crate::bridge::{BridgeError, Call, Misuse, NAMES, Record, Site};
use crate::control::{Change, Enabled, State, Step};
use crate::distro::Overrides;
use crate::host::HostInit;
use crate::manage::{self, AUTO, Session, Wish};
use crate::root::Root;
use crate::service::{Name, Span};
use crate::spec::Spec;

use super::failure::Failure;
use super::message;
use super::wait::Waiting;

/// Let kubeadm stop and start the kubelet under an init that it does not know
///
/// kubeadm drives systemd and OpenRC alone. The bridge gives it OpenRC's commands
/// `openrc`, `rc-service` and `rc-update`, as links to this program in a folder of
/// PATH, and answers kubeadm's calls by driving the real init.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kubelet-unit bridge install
  kubelet-unit bridge status
  kubelet-unit bridge remove")]
pub(super) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Put the links into a folder of PATH
    ///
    /// Refused where the real commands are, or kubeadm drives the init itself.
    #[command(after_help = "Example:\n  kubelet-unit bridge install --folder /usr/local/bin")]
    Install(Install),
    /// Remove the links, and every trace of them
    #[command(after_help = "Example:\n  kubelet-unit bridge remove")]
    Remove {},
    /// Show whether the bridge is there and works
    #[command(after_help = "Example:\n  kubelet-unit bridge status || kubelet-unit bridge install")]
    Status {},
}

#[derive(Debug, clap::Args)]
struct Install {
    /// The init that the bridge drives; `auto` takes the one that the kubelet is
    /// installed for, or finds out, and what it finds is kept
    #[arg(long, default_value = AUTO, value_parser = [AUTO])]
    init: String,

    /// The distribution whose places are used; by default what os-release(5) says
    #[arg(long)]
    distro: Option<String>,

    /// The folder for the links; by default the first of the usual folders that is in PATH
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,

    /// Print what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

impl Arguments {
    pub(super) fn run(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        match &self.verb {
            Verb::Install(install) => install.run(registry),
            Verb::Remove {} => remove(),
            Verb::Status {} => status(),
        }
    }
}

impl Install {
    fn run(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        let here = manage::Site::open("/", registry)?;
        let kubelet = Spec::kubelet().name;
        let backend = manage::chosen(&self.init, Some(&kubelet), &here)?;
        if backend.seen_by_kubeadm(None) != HostInit::Other {
            return Err(BridgeError::NotNeeded {
                init: backend.title(),
            }
            .into());
        }
        let path = env::var("PATH").unwrap_or_default();
        // Links that lead to links would break with the first of them.
        let program = env::current_exe()?.canonicalize()?;
        let site = Site::choose(here.host(), self.folder.as_deref(), &path, &program)?;
        let record = Record::new(&site, backend.name(), self.distro.as_deref());
        if self.dry_run {
            return dry_run(&record);
        }
        record.install(here.root())?;
        message::note(&format!(
            "kubeadm now drives {} through `{}` in `{}`",
            backend.title(),
            NAMES.join("`, `"),
            site.folder.display()
        ));
        Ok(ExitCode::SUCCESS)
    }
}

fn dry_run(record: &Record) -> Result<ExitCode, Failure> {
    let mut out = io::stdout().lock();
    for path in &record.links {
        let step = Step::Link {
            path: path.clone(),
            target: record.program.clone(),
        };
        writeln!(out, "{step}")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn remove() -> Result<ExitCode, Failure> {
    let root = Root::open("/")?;
    let Some(record) = Record::read(&root)? else {
        message::note("there is no bridge");
        return Ok(ExitCode::SUCCESS);
    };
    for path in record.remove(&root)? {
        message::note(&format!(
            "`{}` is no longer ours, and was left alone",
            path.display()
        ));
    }
    Ok(ExitCode::SUCCESS)
}

fn status() -> Result<ExitCode, Failure> {
    let root = Root::open("/")?;
    let Some(record) = Record::read(&root)? else {
        writeln!(io::stdout(), "not installed")?;
        return Ok(ExitCode::FAILURE);
    };
    let mut out = io::stdout().lock();
    writeln!(out, "installed: kubeadm drives {}", record.init)?;
    for path in &record.links {
        writeln!(out, "  {} -> {}", path.display(), record.program.display())?;
    }
    let problems = record.problems();
    for problem in &problems {
        message::error(problem, None);
    }
    if problems.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    message::hint(&"`kubelet-unit bridge install` puts it right".into());
    Ok(ExitCode::FAILURE)
}

/// The name that this program was called by, where it is one of OpenRC's.
pub(super) fn called_as(words: &[OsString]) -> Option<&str> {
    let name = Path::new(words.first()?).file_name()?.to_str()?;
    Call::is_name(name).then_some(name)
}

/// Answers a call of kubeadm's.
pub(super) fn answer(command: &str, arguments: &[OsString], registry: &Registry) -> ExitCode {
    let arguments: Vec<String> = arguments
        .iter()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let answered = match Call::parse(command, &arguments) {
        Ok(call) => carry_out(&call, registry),
        Err(misuse) => Err(explain(&misuse)),
    };
    answered.unwrap_or_else(Failure::report)
}

fn explain(misuse: &Misuse) -> Failure {
    Failure::usage(format!(
        "{misuse}; this is not OpenRC but kubelet-unit's bridge for kubeadm"
    ))
    .hint(
        "it answers `rc-service SERVICE start|stop|restart|status`, `rc-update show default` \
         and `rc-update add SERVICE default`; for people there is `kubelet-unit service`",
    )
}

/// kubeadm waits as long as it takes.
const PATIENCE: Span = Span::seconds(120);

fn carry_out(call: &Call, registry: &Registry) -> Result<ExitCode, Failure> {
    let here = manage::Site::open("/", registry)?;
    let driven = Driven {
        record: Record::read(here.root())?,
        here,
        waiting: Waiting::new(),
    };
    if io::stderr().is_terminal() {
        message::note("this is not OpenRC but kubelet-unit's bridge for kubeadm");
    }
    match call {
        Call::Status(name) => Ok(driven.status(name)?.into()),
        Call::Change(name, change) => driven.change(name, *change),
        Call::Show => driven.show(),
        Call::Add(name) => driven.add(name),
    }
}

/// What the bridge drives: the init that it was installed for, or else the one that shows.
struct Driven<'r> {
    here: manage::Site<'r>,
    record: Option<Record>,
    waiting: Waiting,
}

impl Driven<'_> {
    fn session<'a>(&'a self, name: &'a Name) -> Result<Session<'a>, Failure> {
        let record = self.record.as_ref();
        let wish = Wish {
            init: record.map_or(AUTO, |it| it.init.as_str()),
            distro: record.and_then(|it| it.distro.as_deref()),
            overrides: &Overrides::default(),
        };
        let session = Session::open(&self.here, name, &wish, &self.waiting)?;
        Ok(session.patient(PATIENCE))
    }

    /// What kubeadm reads is `does not exist` and `stopped`; anything else is a service
    /// that runs. One that nobody answers for does not.
    fn status(&self, name: &Name) -> Result<u8, Failure> {
        let session = self.session(name)?;
        let (text, code) = match session.state() {
            Ok(State::Unknown) => return no_service(name),
            Ok(State::Active { .. } | State::Activating) => ("started", 0),
            Ok(State::Deactivating) => ("stopping", 4),
            Ok(State::Inactive | State::Failed) => ("stopped", 3),
            Err(error) => {
                writeln!(io::stdout(), " * status: stopped")?;
                return Err(error.into());
            }
        };
        writeln!(io::stdout(), " * status: {text}")?;
        Ok(code)
    }

    fn change(&self, name: &Name, change: Change) -> Result<ExitCode, Failure> {
        let session = self.session(name)?;
        if session.state()? == State::Unknown {
            return Ok(no_service(name)?.into());
        }
        session.change(change)?;
        let done = match change {
            Change::Start => "started",
            Change::Stop => "stopped",
            Change::Restart => "restarted",
            Change::Reload => "reloaded",
        };
        writeln!(io::stdout(), " * {name}: {done}")?;
        Ok(ExitCode::SUCCESS)
    }

    /// kubeadm looks for a service's name anywhere in the output, so none stands there
    /// that is part of another's. It asks for the kubelet and for container runtimes.
    fn show(&self) -> Result<ExitCode, Failure> {
        let kubelet: Name = "kubelet".parse().map_err(|error| Failure::new(&error))?;
        let mut names = vec![kubelet.clone()];
        let runtimes = self.session(&kubelet)?.runtimes();
        names.extend(runtimes.iter().filter_map(|name| name.parse().ok()));
        for name in names {
            if self.session(&name)?.enabled()? == Enabled::Yes {
                writeln!(io::stdout(), "{name:>21} | default")?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    fn add(&self, name: &Name) -> Result<ExitCode, Failure> {
        let session = self.session(name)?;
        if session.enabled()? == Enabled::Unknown {
            writeln!(
                io::stdout(),
                " * rc-update: service `{name}' does not exist"
            )?;
            return Ok(ExitCode::FAILURE);
        }
        session.set_enabled(true)?;
        writeln!(io::stdout(), " * service {name} added to runlevel default")?;
        Ok(ExitCode::SUCCESS)
    }
}

fn no_service(name: &Name) -> Result<u8, Failure> {
    writeln!(
        io::stdout(),
        " * rc-service: service `{name}' does not exist"
    )?;
    Ok(1)
}
