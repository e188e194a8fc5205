//! What a node that joins learns of its cluster: over the network, or from files.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::join::{self, AskProblem, Client, JoinError, Kubeconfig, Watch, cluster, pin};
use crate::kubeadm::discovery::{Discovery, discovery, has_discovery};
use crate::kubeadm::{Action, File, Version};
use crate::manage::Watcher;
use crate::root::Root;

use super::super::failure::Failure;
use super::super::format::Format;
use super::super::message;
use super::super::wait::Waiting;
use super::Inputs;
use super::output::unchanged;
use super::texts::{Texts, bytes};
use super::watch::KUBECONFIG;

/// What is at most read of a CA that is there, in bytes.
const LIMIT: usize = 1024 * 1024;

/// Where the cluster is learnt from.
pub(super) struct Cluster {
    found: Kubeconfig,
    discovery: Discovery,
    telling: Telling,
}

impl Cluster {
    /// Finds the cluster of a configuration; `None` for one that does not say how. With a CA, no network is needed.
    pub(super) fn find(
        texts: &Texts,
        version: Version,
        ca: Option<&Path>,
        format: Format,
    ) -> Result<Option<Cluster>, Failure> {
        let Some(config) = &texts.config else {
            return Ok(None);
        };
        let read = discovery(config, version).map_err(|error| texts.failure(error))?;
        let Some(discovery) = read else {
            return Ok(None);
        };
        let telling = Telling {
            waiting: Waiting::new(),
            text: format == Format::Text,
        };
        if discovery.control_plane {
            message::note(
                "a control plane needs more than this: its kubelet alone joins, and `kubeadm join` does the rest",
            );
        }
        let found = match ca {
            Some(ca) => {
                let endpoint = texts.cluster.as_ref().and_then(cluster::endpoint);
                join::offline(&discovery, &bytes(ca)?, endpoint.as_deref())
            }
            None => join::discover(&discovery, &telling),
        };
        telling.waiting.over();
        Ok(Some(Cluster {
            found: found.map_err(|error| failure(&error))?,
            discovery,
            telling,
        }))
    }

    /// What it holds of its configuration, if it has no node of that name that is ready.
    pub(super) fn configuration(&self, node: &str) -> Result<String, Failure> {
        let asked = self.ask(node);
        self.telling.waiting.over();
        asked.map_err(|error| failure(&error))
    }

    fn ask(&self, node: &str) -> Result<String, JoinError> {
        let within = self.discovery.api_timeout;
        let client = Client::of(&self.found)?;
        let text = cluster::configuration(&client, within, &self.telling)?;
        cluster::name_is_free(&client, node, within, &self.telling)?;
        Ok(text)
    }

    /// The files that kubeadm makes of it. A CA that stands in its place stays, if it has the same key.
    pub(super) fn files(&self, root: &Root) -> Result<Vec<File>, Failure> {
        let ca_file = &self.discovery.ca_file;
        let [bootstrap, ca] = join::files(&self.found, ca_file).map_err(|error| failure(&error))?;
        let keys = |pem: &[u8]| pin::hashes(pem);
        match root.read_if_there(ca_file, LIMIT)? {
            None => Ok(vec![bootstrap, ca]),
            Some(there) if there == ca.text.as_bytes() => Ok(vec![bootstrap, ca]),
            Some(there)
                if keys(&there)
                    .iter()
                    .any(|key| keys(&self.found.ca).contains(key)) =>
            {
                Ok(vec![bootstrap])
            }
            Some(_) => {
                let error = OtherCa(root.shown(ca_file));
                Err(Failure::new(&error).and("nothing was changed").hint(
                    "is this node already in another cluster? `kubeadm reset` or removing the file lets it join this one",
                ))
            }
        }
    }
}

/// What a node that joins learns of its cluster before anything is done, and the files that come of it.
///
/// A configuration that does not say how to find the cluster learns nothing, nor does who gives what the cluster holds
/// and not its CA: somebody else has done the discovery.
pub(super) fn learn<'c>(
    inputs: Inputs<'c>,
    root: &Root,
    ca: Option<&Path>,
    dry_run: bool,
) -> Result<(Inputs<'c>, Vec<File>), Failure> {
    let plan = inputs.plan()?;
    let known = ca.is_none() && inputs.texts.cluster.is_some();
    let config = inputs.texts.config.as_ref();
    if plan.action() == Action::Init || known || !config.is_some_and(has_discovery) {
        return Ok((inputs, Vec::new()));
    }
    if root.target(KUBECONFIG)?.is_some() {
        let told = format!("this node has joined already: `{KUBECONFIG}` is there");
        return Err(Failure::usage(told).code(1).hint(
            "`--cluster-config` without `--ca` writes the kubelet's files anew; `kubeadm reset` leaves the cluster",
        ));
    }
    if !dry_run {
        root.may_write(join::BOOTSTRAP_FILE).map_err(unchanged)?;
    }
    let node = plan.node_name().to_owned();
    let format = inputs.common.format;
    let Some(cluster) = Cluster::find(&inputs.texts, inputs.version, ca, format)? else {
        return Ok((inputs, Vec::new()));
    };
    let mut inputs = inputs;
    if ca.is_none() {
        inputs.texts.cluster = Some(cluster.configuration(&node)?.into());
        inputs = inputs.common.with(inputs.texts, inputs.known);
    }
    let files = cluster.files(root)?;
    Ok((inputs, files))
}

/// Another cluster's CA.
#[derive(Debug, thiserror::Error)]
#[error("`{}` is the CA of another cluster", .0.display())]
struct OtherCa(PathBuf);

fn failure(error: &JoinError) -> Failure {
    let failure = Failure::new(error).and("nothing was changed");
    match error.hint() {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// Tells on standard error what goes on.
struct Telling {
    waiting: Waiting,
    text: bool,
}

impl Watch for Telling {
    fn asks(&self, what: &str, server: &str) {
        if self.text {
            message::step("asking", format_args!("{server} for {what}"));
        }
    }

    fn again(&self, what: &str, server: &str, problem: &AskProblem) {
        self.waiting.over();
        message::note(&format!(
            "cannot get {what} from `{server}` yet: {problem}; it is asked again"
        ));
    }

    fn waits(&self, what: &str, passed: Duration, within: Duration) {
        self.waiting.waits(what, passed, within);
    }

    fn note(&self, text: &str) {
        self.waiting.over();
        message::note(text);
    }
}
