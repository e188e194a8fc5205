//! `kubelet-unit kubeadm kubelet-start`: the step of `kubeadm init` and `kubeadm join` that brings the kubelet up.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anstream::eprintln;
use nix::errno::Errno;
use nix::unistd::{AccessFlags, access};
use serde_json::{Value, json};

use crate::backends::Registry;
use crate::control::{Change, State, Step};
use crate::kubeadm::kubelet::CONFIG_FILE;
use crate::kubeadm::put::Placing;
use crate::kubeadm::{Action, Output, wanted_timeout};
use crate::manage::{ManageError, Options, Session, Site};
use crate::root::{Root, RootError};
use crate::service::{Name, Span};

use super::super::failure::Failure;
use super::super::format::Format;
use super::super::json;
use super::super::message;
use super::super::service::Places;
use super::super::wait::Waiting;
use super::Common;
#[cfg(feature = "join")]
use super::cluster;
use super::destination::{data, diffs, tell};
use super::join::{self, BOOTSTRAP, KUBECONFIG};
use super::output::{warn, warnings};

/// Stop the kubelet, write its files and start it
///
/// As in `kubeadm init` and `kubeadm join`, under the init of this machine. All
/// of it is worked out first: what cannot be done leaves the kubelet running. A
/// node that joins finds its cluster as the configuration's `discovery` says, asks
/// it for its configuration, and is waited for until its kubelet has written
/// /etc/kubernetes/kubelet.conf. With `--cluster-config` nothing is asked, and
/// /etc/kubernetes/bootstrap-kubelet.conf has to be there, or comes of `--ca`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kubelet-unit kubeadm kubelet-start --config kubeadm.yaml
  kubelet-unit kubeadm kubelet-start --config kubeadm.yaml --dry-run
  kubelet-unit kubeadm kubelet-start --join --config join.yaml
  kubelet-unit kubeadm kubelet-start --join --cluster-config cluster.yaml --timeout 2min")]
pub(super) struct Arguments {
    /// How long to wait for a node that joins; 0 does not wait. Otherwise as the configuration's
    /// `timeouts.tlsBootstrap`, or kubeadm's own 5 minutes
    #[arg(long, value_name = "TIME")]
    timeout: Option<Span>,

    /// How long the kubelet may take to stop
    #[arg(long, value_name = "TIME", default_value = "2min")]
    stop_timeout: Span,

    /// The cluster's CA: with `--cluster-config`, join without asking anything over the network
    #[cfg(feature = "join")]
    #[arg(long, value_name = "FILE", requires = "cluster_config")]
    ca: Option<PathBuf>,

    /// Show the commands and how the files would change, and do nothing
    #[arg(long)]
    dry_run: bool,

    /// The folder of kubeadm's patches; only those of `kubeletconfiguration` are applied
    #[arg(long, value_name = "DIR")]
    patches: Option<PathBuf>,

    #[command(flatten)]
    common: Common,

    #[command(flatten)]
    places: Places,
}

/// Everything that has to be known before the first change.
struct Prepared<'a> {
    session: Session<'a>,
    root: &'a Root,
    placing: Placing<'a>,
    stop: Vec<Step>,
    start: Vec<Step>,
    /// How long to wait, where there is something to wait for.
    wait: Option<Duration>,
}

impl Arguments {
    pub(super) fn run(&self, registry: &Registry) -> Result<(), Failure> {
        let here = Site::open("/", registry)?;
        let waiting = Waiting::new();
        let inputs = self.common.read(&here)?;
        let name = "kubelet".parse::<Name>();
        let name = name.map_err(|error| Failure::new(&error))?;
        // What is wrong with the configuration is told first, and before a cluster is asked, that there is a service.
        inputs.plan()?;
        let session = self.session(&here, &name, &waiting)?;
        #[cfg(feature = "join")]
        let (inputs, of_cluster) =
            cluster::learn(inputs, here.root(), self.ca.as_deref(), self.dry_run)?;
        let inputs = inputs.patched(self.patches.as_deref(), here.root().path())?;
        #[cfg_attr(not(feature = "join"), expect(unused_mut))]
        let (action, mut output) = inputs.everything()?;
        #[cfg(feature = "join")]
        output.files.splice(..0, of_cluster);
        let configured = inputs.texts.config.as_deref().and_then(wanted_timeout);
        let timeout = self.timeout.map(Span::duration).or(configured);
        let mut prepared = self.prepare(&here, session, &output)?;
        let asks = output.files.iter().any(|file| file.path == BOOTSTRAP);
        prepared.wait = join::wait(here.root(), action, asks, timeout)?;
        if self.common.format == Format::Text {
            warn(&output);
        }
        let joined = match self.dry_run {
            true => None,
            false => prepared.carry_out(self.common.format)?,
        };
        match (self.common.format, self.dry_run) {
            (Format::Json, _) => json::print(&self.report(&prepared, action, &output, joined)),
            (Format::Text, true) => prepared.show(),
            (Format::Text, false) => Ok(()),
        }
    }

    /// The service, which has to be there.
    fn session<'a>(
        &'a self,
        here: &'a Site<'a>,
        name: &'a Name,
        waiting: &'a Waiting,
    ) -> Result<Session<'a>, Failure> {
        let Some(init) = self.common.facts.init_name() else {
            return Err(Failure::usage("without an init nothing starts the kubelet").hint(
                "`kubelet-unit kubeadm flags --write` and `config --write` write the files alone",
            ));
        };
        let session = self.places.session(here, name, init, waiting)?;
        let session = session.patient(self.stop_timeout);
        if session.state()? == State::Unknown {
            let install = format!("`kubelet-unit install --init {}`", session.init());
            return Err(Failure::from(session.unknown()).hint(format!("{install} installs it")));
        }
        Ok(session)
    }

    fn prepare<'a>(
        &self,
        here: &'a Site<'a>,
        session: Session<'a>,
        output: &'a Output,
    ) -> Result<Prepared<'a>, Failure> {
        let root = here.root();
        let placing = Placing::look(root, &output.files)?;
        if !self.dry_run {
            may_write(root, Path::new(CONFIG_FILE))?;
        }
        Ok(Prepared {
            stop: session.steps(Change::Stop)?,
            // As kubeadm: the init reads its own files again, and what is stopped is started.
            start: session.steps(Change::Restart)?,
            wait: None,
            session,
            root,
            placing,
        })
    }

    fn report(
        &self,
        prepared: &Prepared<'_>,
        action: Action,
        output: &Output,
        joined: Option<Duration>,
    ) -> Value {
        let commands = |steps: &[Step]| steps.iter().map(Step::to_string).collect::<Vec<_>>();
        json!({
            "init": prepared.session.init(),
            "action": match action {
                Action::Init => "init",
                Action::Join => "join",
            },
            "dryRun": self.dry_run,
            "stop": commands(&prepared.stop),
            "files": prepared.placing.steps.iter().map(data).collect::<Vec<_>>(),
            "start": commands(&prepared.start),
            "waitSeconds": prepared.wait.map(|wait| wait.as_secs_f64()),
            "joinedAfterSeconds": joined.map(|joined| joined.as_secs_f64()),
            "warnings": warnings(output),
        })
    }
}

/// Makes sure that a file can be written on this machine, while nothing has been done.
pub(super) fn may_write(root: &Root, path: &Path) -> Result<(), Failure> {
    let there = |path: &&Path| matches!(root.target(path), Ok(Some(_)));
    let nearest = path.ancestors().skip(1).find(there);
    let path = root.shown(nearest.unwrap_or(Path::new("/")));
    let Err(errno) = access(&path, AccessFlags::W_OK) else {
        return Ok(());
    };
    let error = RootError::Io {
        action: "write into",
        path,
        source: errno.into(),
    };
    let failure = Failure::from(error).and("nothing was changed");
    Err(match errno {
        Errno::EACCES | Errno::EPERM => failure.hint("run it as root"),
        _ => failure,
    })
}

impl Prepared<'_> {
    /// Does it; gives the time after which the node had joined, where that was waited for.
    fn carry_out(&self, format: Format) -> Result<Option<Duration>, Failure> {
        let text = format == Format::Text;
        let stopped = self.session.take(&self.stop);
        stopped.map_err(|error| self.in_state(&error, "no file was written"))?;
        if text {
            eprintln!("{:<12} kubelet ({})", "stopped", self.session.init());
        }
        self.placing.carry_out(self.root).map_err(|error| {
            Failure::new(&error)
                .and("the kubelet is stopped")
                .hint("run it again once that is put right; `kubelet-unit service start` starts it with the files that are there")
        })?;
        if text {
            tell(self.root, &self.placing);
        }
        let started = self.session.take(&self.start);
        started.map_err(|error| self.in_state(&error, "the files are in their places"))?;
        if text {
            eprintln!("{:<12} kubelet ({})", "started", self.session.init());
        }
        let wait = |limit| join::joined(&self.session, self.root, limit);
        let joined = self.wait.map(wait).transpose()?;
        if text && joined.is_some() {
            eprintln!("{:<12} {KUBECONFIG}", "joined");
        }
        Ok(joined)
    }

    /// A failure with what is done and what the kubelet does now.
    fn in_state(&self, error: &ManageError, done: &str) -> Failure {
        let options = Options {
            timeout: "--stop-timeout",
            ..Options::default()
        };
        let failure = Failure::of_manage(error, &options);
        match self.session.state() {
            Ok(state) => failure.and(format_args!("{done}, and the kubelet is {state}")),
            Err(_) => failure.and(format_args!(
                "{done}, and nobody says what the kubelet does"
            )),
        }
    }

    /// Prints what would be done.
    fn show(&self) -> Result<(), Failure> {
        let mut out = io::stdout();
        writeln!(out, "# stop the kubelet")?;
        for step in &self.stop {
            writeln!(out, "{step}")?;
        }
        writeln!(out, "# write its files")?;
        tell(self.root, &self.placing);
        diffs(self.root, &self.placing)?;
        writeln!(out, "# start it")?;
        for step in &self.start {
            writeln!(out, "{step}")?;
        }
        if let Some(wait) = self.wait {
            let seconds = wait.as_secs_f64();
            writeln!(out, "# wait {seconds} s at most for {KUBECONFIG}")?;
        }
        message::note("nothing was changed: this is a dry run");
        Ok(())
    }
}
