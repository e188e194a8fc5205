//! `kubelet-unit kubeadm`: the files that kubeadm writes for the kubelet.

mod facts;
mod output;
mod texts;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use crate::backends::Registry;
use crate::kubeadm::upgrade::upgrade;
use crate::kubeadm::{Action, Overrides, Plan, Request, UnknownVersion, Version, wanted_version};

use super::failure::Failure;
use super::message;
use facts::Facts;
use output::Format;
use texts::Texts;

/// Write the kubelet's files as kubeadm does, without kubeadm
///
/// Releases 1.11 to 1.36 are followed; 1.11, 1.12, 1.20, 1.31, 1.34 and 1.36
/// were compared with the real program. What kubeadm gets wrong on a host
/// without systemd is put right, with a note, unless `--as-kubeadm` is given.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kubelet-unit kubeadm flags --config kubeadm.yaml > kubeadm-flags.env
  kubelet-unit kubeadm config --config kubeadm.yaml --init openrc > config.yaml
  kubelet-unit kubeadm configmap --config kubeadm.yaml | kubectl apply -f -
  kubelet-unit kubeadm flags --for 1.36 --from /var/lib/kubelet/kubeadm-flags.env")]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Flags(FlagsArguments),
    Config(ConfigArguments),
    Configmap(Common),
}

/// Print kubeadm-flags.env, or check an old one for an upgrade
///
/// With `--from`, an old file is rewritten for the release `--for`: what has
/// become configuration or is gone from the kubelet leaves it, and every
/// change is explained on standard error.
#[derive(Debug, clap::Args)]
struct FlagsArguments {
    /// The old kubeadm-flags.env to rewrite; `-` for standard input
    #[arg(long, value_name = "FILE", requires = "for_version")]
    from: Option<PathBuf>,

    /// The kubelet's release to rewrite it for
    #[arg(long = "for", id = "for_version", value_name = "VERSION", requires = "from", value_parser = version)]
    target: Option<Version>,

    #[command(flatten)]
    common: Common,
}

/// Print config.yaml
///
/// From 1.34 on, `--instance` prints the instance-config.yaml beside it;
/// `--format json` has both.
#[derive(Debug, clap::Args)]
struct ConfigArguments {
    /// Print instance-config.yaml
    #[arg(long)]
    instance: bool,

    #[command(flatten)]
    common: Common,
}

/// Print the ConfigMap, Role and RoleBinding that carry it to joining nodes
#[derive(Debug, clap::Args)]
struct Common {
    /// A kubeadm configuration, all its documents; `-` for standard input
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Whose behaviour, 1.11 to 1.36; otherwise the configuration's, the installed kubelet's, or the newest
    #[arg(long, value_name = "VERSION", value_parser = version)]
    kubeadm_version: Option<Version>,

    /// Join a cluster, where the configuration does not say so
    #[arg(long)]
    join: bool,

    /// What the joined cluster holds: its kubelet-config and kubeadm-config ConfigMaps, or a kubeadm configuration
    #[arg(long, value_name = "FILE")]
    cluster_config: Option<PathBuf>,

    /// The node's name
    #[arg(long, value_name = "NAME")]
    node_name: Option<String>,

    /// The container runtime's socket
    #[arg(long, value_name = "SOCKET")]
    cri_socket: Option<String>,

    /// kubeadm's own bytes, even where they are wrong for this host
    #[arg(long)]
    as_kubeadm: bool,

    /// What to write to standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    #[command(flatten)]
    facts: Facts,
}

fn version(text: &str) -> Result<Version, String> {
    Version::parse(text).ok_or_else(|| {
        let error = UnknownVersion(text.to_owned());
        format!("{error}; {}", error.hint())
    })
}

impl Arguments {
    pub(super) fn run(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        match &self.command {
            Command::Flags(arguments) => match (&arguments.from, arguments.target) {
                (Some(from), Some(target)) => rewrite(from, target, arguments.common.format)?,
                _ => arguments.common.with_plan(registry, |plan| {
                    let output = plan.flags()?;
                    let path = output.files.first().map(|file| file.path);
                    Ok((output, path))
                })?,
            },
            Command::Config(arguments) => arguments.common.with_plan(registry, |plan| {
                let output = plan.config()?;
                let wanted = if arguments.instance {
                    crate::kubeadm::kubelet::INSTANCE_FILE
                } else {
                    crate::kubeadm::kubelet::CONFIG_FILE
                };
                Ok((output, Some(wanted)))
            })?,
            Command::Configmap(common) => {
                common.with_plan(registry, |plan| Ok((plan.config_map()?, Some(""))))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

type Wanted = (crate::kubeadm::Output, Option<&'static str>);

impl Common {
    /// Reads everything, makes the files and prints the wanted one.
    fn with_plan(
        &self,
        registry: &Registry,
        make: impl FnOnce(&Plan<'_>) -> Result<Wanted, crate::kubeadm::Error>,
    ) -> Result<(), Failure> {
        let known = self.facts.known(registry, self.as_kubeadm)?;
        let texts = Texts::read(self.config.as_deref(), self.cluster_config.as_deref())?;
        let version = self.kubeadm_version;
        let version = version.or_else(|| texts.config.as_deref().and_then(wanted_version));
        let version = version.or(known.kubelet).unwrap_or(Version::NEWEST);
        let overrides = Overrides {
            node_name: self.node_name.clone(),
            cri_socket: self.cri_socket.clone(),
            ..Overrides::default()
        };
        let request = Request {
            config: texts.config.as_deref(),
            cluster_config: texts.cluster.as_deref(),
            action: self.join.then_some(Action::Join),
            overrides: &overrides,
            as_kubeadm: self.as_kubeadm,
            ..Request::new(version, &known.host)
        };
        let result = Plan::new(request).and_then(|plan| make(&plan));
        let (output, wanted) = result.map_err(|error| texts.failure(error))?;
        output::print(&output, wanted, self.format)
    }
}

fn rewrite(from: &std::path::Path, target: Version, format: Format) -> Result<(), Failure> {
    let old = texts::bytes(from)?;
    let upgrade = upgrade(&old, target).map_err(|error| texts::in_file(from, &error))?;
    output::print_upgrade(&upgrade, format)?;
    if format == Format::Text {
        for change in &upgrade.changes {
            message::note(&change.to_string());
        }
    }
    Ok(())
}
