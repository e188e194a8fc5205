//! `kubelet-unit kubeadm discovery`: the first step of a join alone.

use std::path::PathBuf;

use crate::kubeadm::Output;
use crate::kubeadm::choice::Given;
use crate::root::Root;

use super::super::failure::Failure;
use super::super::format::Format;
use super::cluster::Cluster;
use super::destination::Destination;
use super::output;
use super::texts::Texts;

/// Find the cluster of a node that joins, and make bootstrap-kubelet.conf and ca.crt
///
/// As `kubeadm join` does it: the cluster says who it is, signed with the token, and proves
/// it with the public key of its CA. bootstrap-kubelet.conf, which holds the token, is
/// printed; with `--root` or `--write` both files are put into place, and the output
/// contains no secret. With `--ca` nothing is read over the network.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kubelet-unit kubeadm discovery --config join.yaml --write
  kubelet-unit kubeadm discovery --config join.yaml --ca ca.crt --root /mnt/rootfs
  kubelet-unit kubeadm discovery --config join.yaml --dry-run")]
pub(super) struct Arguments {
    /// A kubeadm configuration with a JoinConfiguration; `-` for standard input
    #[arg(long, value_name = "FILE")]
    config: PathBuf,

    /// The cluster's CA: use it, and read nothing over the network
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,

    /// What the cluster holds; with `--ca`, its `controlPlaneEndpoint` is the API server's address
    #[arg(long, value_name = "FILE", requires = "ca")]
    cluster_config: Option<PathBuf>,

    /// What to write to standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    #[command(flatten)]
    destination: Destination,
}

impl Arguments {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let texts = Texts::read(Some(&self.config), self.cluster_config.as_deref())?;
        let ca = self.ca.as_deref();
        // Any release that reads the configuration: which of them it is changes nothing here.
        let given = Given {
            config: texts.config.as_ref(),
            cluster: texts.cluster.as_ref(),
            join: true,
            ..Given::default()
        };
        let cluster = Cluster::find(&texts, given.choose().version, ca, self.format)?;
        let Some(cluster) = cluster else {
            return Err(texts.in_config("no JoinConfiguration says with `discovery` how to find the cluster").hint(
                "`discovery` of v1beta1 and newer is read; `kubeadm config print join-defaults` shows one",
            ));
        };
        let root = Root::open(self.destination.tree())?;
        let mut output = Output {
            files: cluster.files(&root)?,
            warnings: Vec::new(),
        };
        if self.destination.is_a_place() {
            return self.destination.put(&output, self.format);
        }
        if self.format == Format::Text {
            output.files.truncate(1);
        }
        output::print(&output, None, self.format)
    }
}
