//! `kubelet-unit bridge`, and this program under the names of OpenRC's commands.

use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use serde::Serialize;

use crate::backends::Registry;
use crate::bridge::{BridgeError, Call, Misuse, NAMES, Record, Site};
use crate::control::{Change, Enabled, State, Step};
use crate::distro::Overrides;
use crate::hint::{self, Hint};
use crate::host::HostInit;
use crate::manage::{self, AUTO, Session, Wish};
use crate::process::PATH;
use crate::root::Root;
use crate::service::{AbsPath, Name, Span};
use crate::spec::Spec;

use super::failure::Failure;
use super::format::Format;
use super::json;
use super::message;
use super::target::Tree;
use super::wait::Waiting;

/// Let kubeadm stop and start the kubelet under an init that it does not know
///
/// kubeadm can drive only systemd and OpenRC. The bridge gives it OpenRC's commands
/// `openrc`, `rc-service` and `rc-update`, as links to this program in a folder in PATH,
/// and answers kubeadm's calls by driving the real init.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kubelet-unit bridge install
  kubelet-unit bridge install --root /mnt/rootfs
  kubelet-unit bridge status
  kubelet-unit bridge remove")]
pub(super) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Put the links into a folder in PATH
    ///
    /// This is refused if the real commands are there, or if kubeadm drives the init
    /// itself.
    #[command(after_help = "Example:\n  kubelet-unit bridge install --folder /usr/local/bin")]
    Install(Install),
    /// Remove the links, and every trace of them
    #[command(
        visible_alias = "uninstall",
        after_help = "Example:\n  kubelet-unit bridge remove"
    )]
    Remove(There),
    /// Show whether the bridge is there and works
    #[command(after_help = "Example:\n  kubelet-unit bridge status || kubelet-unit bridge install")]
    Status(There),
}

/// Which tree, and how to show what comes of it.
#[derive(Debug, clap::Args)]
struct There {
    #[command(flatten)]
    tree: Tree,

    /// How to show it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, clap::Args)]
struct Install {
    /// The init that the bridge drives; `auto` takes the one that the kubelet is installed
    /// for, or detects one, and records it
    #[arg(long, default_value = AUTO, value_parser = [AUTO])]
    init: String,

    /// The distribution whose paths are used; by default what os-release(5) says
    #[arg(long)]
    distro: Option<String>,

    /// The folder for the links; by default the first of the usual folders that is in PATH
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,

    /// The path of this program; by default the one that was called, and in another tree
    /// /usr/bin/kubelet-unit
    #[arg(long, value_name = "PATH")]
    program: Option<AbsPath>,

    /// Print what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    there: There,
}

/// A bridge for programs.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a> {
    installed: bool,
    #[serde(flatten)]
    record: Option<&'a Record>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dry_run: Option<bool>,
    /// What is wrong with it.
    problems: Vec<String>,
    /// Links that have become somebody else's, and were left alone.
    left: Vec<String>,
}

impl<'a> Shown<'a> {
    fn new(installed: bool, record: Option<&'a Record>) -> Self {
        Self {
            installed,
            record,
            dry_run: None,
            problems: Vec::new(),
            left: Vec::new(),
        }
    }
}

/// Where the program is in a tree for which nothing else is said.
const PROGRAM: &str = "/usr/bin/kubelet-unit";

impl Arguments {
    pub(super) fn run(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        match &self.verb {
            Verb::Install(install) => install.run(registry),
            Verb::Remove(there) => there.remove(registry),
            Verb::Status(there) => there.status(registry),
        }
    }
}

impl Install {
    fn run(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        let here = self.there.tree.site(registry)?;
        let kubelet = Spec::kubelet().name;
        let backend = manage::chosen(&self.init, Some(&kubelet), &here)?;
        if backend.seen_by_kubeadm(None) != HostInit::Other {
            return Err(BridgeError::NotNeeded {
                init: backend.title(),
            }
            .into());
        }
        let path = match here.is_machine() {
            true => env::var("PATH").unwrap_or_default(),
            false => PATH.to_owned(),
        };
        let program = self.program(here.is_machine())?;
        let site = Site::choose(here.host(), self.folder.as_deref(), &path, &program)?;
        let record = Record::new(&site, backend.name(), self.distro.as_deref());
        if !self.dry_run {
            record.install(here.host())?;
        }
        match self.there.format {
            Format::Json => json::print(&Shown {
                dry_run: Some(self.dry_run),
                ..Shown::new(!self.dry_run, Some(&record))
            })?,
            Format::Text if self.dry_run => dry_run(&record, here.root())?,
            Format::Text => message::note(&format!(
                "kubeadm now drives {} through `{}` in `{}`",
                backend.title(),
                NAMES.join("`, `"),
                here.root().shown(&site.folder).display()
            )),
        }
        Ok(ExitCode::SUCCESS)
    }

    /// What the links lead to. Links that lead to links would break with the first of them.
    fn program(&self, is_machine: bool) -> Result<PathBuf, Failure> {
        Ok(match &self.program {
            Some(path) => path.as_str().into(),
            None if is_machine => env::current_exe()?.canonicalize()?,
            None => PROGRAM.into(),
        })
    }
}

fn dry_run(record: &Record, root: &Root) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    for path in &record.links {
        let step = Step::Link {
            path: path.clone(),
            target: record.program.clone(),
        };
        writeln!(out, "{}", step.outside(root))?;
    }
    Ok(())
}

impl There {
    fn remove(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        let here = self.tree.site(registry)?;
        let record = Record::read(here.root())?;
        let left = match &record {
            Some(record) => record.remove(here.host())?,
            None => Vec::new(),
        };
        let left = left.iter().map(|path| here.root().shown(path));
        let left: Vec<_> = left.map(|path| path.display().to_string()).collect();
        match self.format {
            Format::Json => json::print(&Shown {
                left,
                ..Shown::new(false, record.as_ref())
            })?,
            Format::Text if record.is_none() => message::note("there is no bridge"),
            Format::Text => {
                for path in left {
                    message::note(&format!("`{path}` is no longer ours, and was left alone"));
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    fn status(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        let here = self.tree.site(registry)?;
        let record = Record::read(here.root())?;
        let problems = record.as_ref().map(|record| record.problems(here.host()));
        let is_good = problems.as_ref().is_some_and(Vec::is_empty);
        let problems = problems.unwrap_or_default();
        match (self.format, &record) {
            (Format::Json, record) => json::print(&Shown {
                problems,
                ..Shown::new(record.is_some(), record.as_ref())
            })?,
            (Format::Text, None) => writeln!(io::stdout(), "not installed")?,
            (Format::Text, Some(record)) => describe(record, &problems, here.root())?,
        }
        Ok(match is_good {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        })
    }
}

fn describe(record: &Record, problems: &[String], root: &Root) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    writeln!(out, "installed: kubeadm drives {}", record.init)?;
    for path in &record.links {
        let path = root.shown(path);
        writeln!(out, "  {} -> {}", path.display(), record.program.display())?;
    }
    for problem in problems {
        message::error(problem, None);
    }
    if !problems.is_empty() {
        let install = hint::Call::new("bridge install").root(root.path());
        message::hint(&Hint::call(install).and(" puts it right"));
    }
    Ok(())
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
            Change::Reread => "read again",
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
