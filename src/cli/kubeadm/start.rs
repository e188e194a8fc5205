//! `kubelet-unit kubeadm kubelet-start`: the step of `kubeadm init` and `kubeadm join` that brings the kubelet up.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use crate::backends::Registry;
use crate::check::{self, Files, Finding, Settings};
use crate::control::{Change, State, Step};
use crate::kubeadm::kubelet::CONFIG_FILE;
use crate::kubeadm::put::Placing;
use crate::kubeadm::{Action, File, Output, Timeout, wanted_timeout};
use crate::manage::{ManageError, Options, Session, Site};
use crate::root::Root;
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
use super::health::endpoint;
use super::output::{unchanged, warn, warnings};
use super::watch::{Awaited, BOOTSTRAP, Came, KUBECONFIG, Limits};

/// Stop the kubelet, write its files and start it
///
/// This does what `kubeadm init` and `kubeadm join` do, under the init of this machine.
/// Everything is prepared first: if something cannot be done, the kubelet is left running.
/// A node that joins finds its cluster as the configuration's `discovery` says, and reads
/// the cluster's configuration. The command then waits until the kubelet has written
/// /etc/kubernetes/kubelet.conf, and removes /etc/kubernetes/bootstrap-kubelet.conf, which
/// holds the token. With or without a join it waits until the kubelet says that it is
/// healthy. With `--cluster-config` nothing is read over the network;
/// bootstrap-kubelet.conf then has to be there, and stays, or is made with `--ca`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kubelet-unit kubeadm kubelet-start --config kubeadm.yaml
  kubelet-unit kubeadm kubelet-start --config kubeadm.yaml --dry-run
  kubelet-unit kubeadm kubelet-start --join --config join.yaml
  kubelet-unit kubeadm kubelet-start --join --cluster-config cluster.yaml --timeout 2min")]
pub(super) struct Arguments {
    /// How long to wait until the kubelet is healthy and has joined; with 0 the command
    /// does not wait. By default the configuration's `timeouts.kubeletHealthCheck` and
    /// `timeouts.tlsBootstrap` apply, or kubeadm's own 4 and 5 minutes
    #[arg(long, value_name = "TIME")]
    timeout: Option<Span>,

    /// How long the kubelet may take to stop
    #[arg(long, value_name = "TIME", default_value = "2min")]
    stop_timeout: Span,

    /// The cluster's CA: with `--cluster-config`, join without reading anything over the
    /// network
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
    written: &'a [File],
    stop: Vec<Step>,
    start: Vec<Step>,
    awaited: Awaited,
    /// What the kubelet will miss, and what else there is to say of the node.
    needs: Vec<Finding>,
    /// Why it cannot be asked whether it runs, if it cannot.
    not_asked: Option<String>,
    /// What the kubelet asks its cluster with, where this run writes it.
    bootstrap: Option<&'a File>,
    /// Whether it is there and somebody else's.
    others: bool,
}

/// What came of it.
#[derive(Default)]
struct Done {
    came: Came,
    removed: bool,
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
        let mut prepared = self.prepare(&here, session, &output)?;
        let config = inputs.texts.config.as_ref();
        let join = action == Action::Join;
        let configured = |timeout: Timeout| wanted_timeout(config?, join, timeout);
        prepared.settle(action, self.timeout.map(Span::duration), &configured)?;
        if self.common.format == Format::Text {
            warn(&output);
            prepared.warn();
        }
        let done = match self.dry_run {
            true => Done::default(),
            false => prepared.carry_out(self.common.format)?,
        };
        match (self.common.format, self.dry_run) {
            (Format::Json, _) => json::print(&self.report(&prepared, action, &output, &done)),
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
            root.may_write(CONFIG_FILE).map_err(unchanged)?;
        }
        Ok(Prepared {
            stop: session.steps(Change::Stop)?,
            // As kubeadm: the init reads its own files again, and what is stopped is started.
            start: session.steps(Change::Restart)?,
            awaited: Awaited::default(),
            needs: Vec::new(),
            not_asked: None,
            others: false,
            bootstrap: output.files.iter().find(|file| file.path == BOOTSTRAP),
            session,
            root,
            placing,
            written: &output.files,
        })
    }

    fn report(
        &self,
        prepared: &Prepared<'_>,
        action: Action,
        output: &Output,
        done: &Done,
    ) -> Value {
        let seconds = |time: Option<Duration>| time.map(|time| time.as_secs_f64());
        let health = prepared.awaited.health;
        let mut warnings = warnings(output);
        warnings.extend(prepared.told());
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
            "healthz": health.map(|(endpoint, _)| endpoint.url()),
            "healthWaitSeconds": seconds(health.map(|(_, limit)| limit)),
            "healthyAfterSeconds": seconds(done.came.healthy),
            "waitSeconds": seconds(prepared.awaited.kubeconfig),
            "joinedAfterSeconds": seconds(done.came.joined),
            "removes": prepared.removes().then_some(BOOTSTRAP).into_iter().collect::<Vec<_>>(),
            "removed": done.removed,
            "warnings": warnings,
        })
    }
}

impl Prepared<'_> {
    /// Looks at what the kubelet's settings come to with the new files: what it needs, and where it is asked.
    fn settle(
        &mut self,
        action: Action,
        total: Option<Duration>,
        configured: &dyn Fn(Timeout) -> Option<Duration>,
    ) -> Result<(), Failure> {
        let files = Files {
            root: self.root,
            written: self.written,
        };
        let settings = Settings::read(&self.session.service()?, &files);
        self.needs = check::needs(&settings, &files)?;
        let endpoint = match endpoint(&settings) {
            Ok(endpoint) => Some(endpoint),
            Err(why) => {
                self.not_asked = Some(why);
                None
            }
        };
        let limits = Limits { total, configured };
        let asks = self.bootstrap.is_some();
        let there = self.root.target(BOOTSTRAP)?.is_some();
        self.others = action == Action::Join && there && !asks;
        self.awaited = Awaited::of(self.root, action, asks, endpoint, &limits)?;
        Ok(())
    }

    /// Whether what the kubelet asks its cluster with is removed in the end: it is ours, and the kubelet has had
    /// the time to use it.
    fn removes(&self) -> bool {
        self.bootstrap.is_some() && !self.awaited.is_nothing()
    }

    /// What there is to say of the node, as texts.
    fn told(&self) -> Vec<String> {
        let mut told: Vec<String> = self.needs.iter().map(Finding::sentence).collect();
        told.extend(self.not_asked.clone());
        if self.bootstrap.is_some() && !self.removes() {
            told.push(format!(
                "`{BOOTSTRAP}` stays, with the token in it, because this command does not wait until the kubelet has used it"
            ));
        }
        if self.others {
            told.push(format!("`{BOOTSTRAP}` stays: it was there before"));
        }
        told
    }

    /// Tells it on standard error.
    fn warn(&self) {
        for (index, told) in self.told().iter().enumerate() {
            match index < self.needs.len() {
                true => message::warning(told),
                false => message::note(told),
            }
        }
    }

    /// Does it; says when what was waited for had come. As kubeadm, it leaves no token behind, however it ends.
    fn carry_out(&self, format: Format) -> Result<Done, Failure> {
        let text = format == Format::Text;
        let stopped = self.session.take(&self.stop);
        stopped.map_err(|error| self.in_state(&error, "no file was written"))?;
        if text {
            message::step("stopped", format_args!("kubelet ({})", self.session.init()));
        }
        let came = self.write_and_start(text);
        let removed = self.removes() && self.remove_bootstrap();
        if text && removed {
            message::step("removed", BOOTSTRAP);
        }
        Ok(Done {
            came: came?,
            removed,
        })
    }

    fn write_and_start(&self, text: bool) -> Result<Came, Failure> {
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
            message::step("started", format_args!("kubelet ({})", self.session.init()));
        }
        if self.awaited.is_nothing() {
            return Ok(Came::default());
        }
        let came = self.awaited.wait(&self.session, self.root)?;
        if let (Some((endpoint, _)), true) = (self.awaited.health, text) {
            message::step("healthy", endpoint.url());
        }
        if text && came.joined.is_some() {
            message::step("joined", KUBECONFIG);
        }
        Ok(came)
    }

    /// Removes what the kubelet asked its cluster with, if it is still what this run wrote. A failure leaves a token
    /// on the disk, and is told; the node has joined all the same.
    fn remove_bootstrap(&self) -> bool {
        let Some(file) = self.bootstrap else {
            return false;
        };
        let there = self.root.read_if_there(BOOTSTRAP, file.text.len() + 1);
        if !there.is_ok_and(|there| there.as_deref() == Some(file.text.as_bytes())) {
            return false;
        }
        self.root.remove(BOOTSTRAP).unwrap_or_else(|error| {
            message::warning(&format!("{error}: it holds the token"));
            false
        })
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
                "{done}, and the state of the kubelet is not known"
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
        if let Some((endpoint, limit)) = self.awaited.health {
            let (seconds, url) = (limit.as_secs_f64(), endpoint.url());
            writeln!(
                out,
                "# wait {seconds} s at most until it is healthy at {url}"
            )?;
        }
        if let Some(limit) = self.awaited.kubeconfig {
            let seconds = limit.as_secs_f64();
            writeln!(out, "# wait {seconds} s at most for {KUBECONFIG}")?;
        }
        if self.removes() {
            writeln!(out, "# remove {BOOTSTRAP}")?;
        }
        message::note("nothing was changed: this is a dry run");
        Ok(())
    }
}
