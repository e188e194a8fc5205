//! `kubelet-unit kubeadm`: the files that kubeadm writes for the kubelet.

#[cfg(feature = "join")]
mod cluster;
mod destination;
#[cfg(feature = "join")]
mod discovery;
mod facts;
mod health;
mod output;
mod rewrite;
mod start;
mod texts;
mod watch;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;

use crate::backends::Registry;
use crate::kubeadm::behaviour::Behaviour;
use crate::kubeadm::choice::{Given, joins};
use crate::kubeadm::kubelet::{CONFIG_FILE, INSTANCE_FILE};
use crate::kubeadm::{
    Action, Asked, Output, Overrides, PatchFile, Plan, Request, UnknownVersion, Version, Warning,
};
use crate::kubelet::takes::meant_release;

use crate::manage::{Known, Site};

use super::failure::Failure;
use super::format::Format;
use super::target::Tree;
use destination::Destination;
use facts::Facts;
use texts::Texts;

/// Write the kubelet's files as kubeadm does, without kubeadm
///
/// Releases 1.11 to 1.37 are followed; 1.11, 1.12, 1.20, 1.31, 1.34 and 1.36
/// were compared with the real program, 1.37 is known from its release notes.
/// What kubeadm gets wrong on a host without systemd is put right, with a note,
/// unless `--as-kubeadm` is given.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kubelet-unit kubeadm flags --config kubeadm.yaml > kubeadm-flags.env
  kubelet-unit kubeadm config --config kubeadm.yaml --init openrc > config.yaml
  kubelet-unit kubeadm configmap --config kubeadm.yaml | kubectl apply -f -
  kubelet-unit kubeadm kubelet-start --config kubeadm.yaml --dry-run
  kubelet-unit kubeadm flags --for 1.36 --dry-run")]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Flags(FlagsArguments),
    Config(ConfigArguments),
    Configmap(ConfigmapArguments),
    #[cfg(feature = "join")]
    Discovery(discovery::Arguments),
    KubeletStart(start::Arguments),
}

/// Write kubeadm-flags.env, or check an old one for an upgrade
///
/// The file is printed, or with `--root` or `--write` put into place. With `--for`, the
/// node's own file, or that of `--from`, is rewritten for that release: flags that have
/// become configuration or that the kubelet no longer has are removed, and every change is
/// explained on standard error. The replaced file is kept beside the new one.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kubelet-unit kubeadm flags --config kubeadm.yaml
  kubelet-unit kubeadm flags --config kubeadm.yaml --root /mnt/rootfs --hostname node-7
  kubelet-unit kubeadm flags --for 1.36 --dry-run
  kubelet-unit kubeadm flags --for 1.36 --write
  ssh node cat /var/lib/kubelet/kubeadm-flags.env | kubelet-unit kubeadm flags --for 1.36 --from -")]
struct FlagsArguments {
    /// The old kubeadm-flags.env to rewrite, in place of the node's own; `-` for standard input
    #[arg(long, value_name = "FILE", requires = "for_version", conflicts_with_all = ["root", "write", "dry_run"])]
    from: Option<PathBuf>,

    /// The kubelet's release to rewrite the file for
    #[arg(long = "for", id = "for_version", value_name = "VERSION", value_parser = version)]
    target: Option<Asked>,

    #[command(flatten)]
    common: Common,

    #[command(flatten)]
    destination: Destination,
}

/// Write config.yaml, and instance-config.yaml from 1.34 on
///
/// config.yaml is printed; `--instance` prints instance-config.yaml instead, and `--format
/// json` has both. With `--root` or `--write` both are put into place.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kubelet-unit kubeadm config --config kubeadm.yaml
  kubelet-unit kubeadm config --config kubeadm.yaml --write --dry-run
  kubelet-unit kubeadm config --config kubeadm.yaml --root /mnt/rootfs --init openrc")]
struct ConfigArguments {
    /// Print instance-config.yaml alone
    #[arg(long)]
    instance: bool,

    /// The folder of kubeadm's patches; only those of `kubeletconfiguration` are applied
    #[arg(long, value_name = "DIR")]
    patches: Option<PathBuf>,

    #[command(flatten)]
    common: Common,

    #[command(flatten)]
    destination: Destination,
}

/// Print the ConfigMap, Role and RoleBinding that bring config.yaml to joining nodes
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  kubelet-unit kubeadm configmap --config kubeadm.yaml | kubectl apply -f -")]
struct ConfigmapArguments {
    #[command(flatten)]
    tree: Tree,

    #[command(flatten)]
    common: Common,
}

/// What the files are made from.
#[derive(Debug, clap::Args)]
struct Common {
    /// A kubeadm configuration, all its documents; `-` for standard input
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// The kubeadm to follow, 1.11 to 1.37; by default that of the configuration, of the cluster, of the installed kubelet, or the newest
    #[arg(long, value_name = "VERSION", value_parser = version)]
    kubeadm_version: Option<Asked>,

    /// Join a cluster, even if the configuration does not say so
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

    /// Write exactly what kubeadm writes, even where that is wrong for this host
    #[arg(long)]
    as_kubeadm: bool,

    /// What to write to standard output: the file itself, or JSON with every file and warning
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    #[command(flatten)]
    facts: Facts,
}

/// The release that a text nearly is, if kubeadm of that release is known.
fn meant(text: &str) -> Option<crate::kubelet::Version> {
    let meant = match text.parse::<crate::kubelet::Version>() {
        Ok(version) => meant_release(version),
        Err(error) => error.meant,
    };
    meant.filter(|meant| Version::parse(&meant.to_string()).is_some())
}

fn version(text: &str) -> Result<Asked, String> {
    Asked::parse(text).ok_or_else(|| {
        let error = UnknownVersion(text.to_owned());
        let meant = meant(text).map(|meant| format!(" did you mean `{meant}`?"));
        format!("{error};{} {}", meant.unwrap_or_default(), error.hint())
    })
}

impl Arguments {
    pub(super) fn run(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        match &self.command {
            Command::Flags(arguments) => arguments.run(registry),
            Command::Config(arguments) => arguments.run(registry),
            Command::Configmap(arguments) => arguments.run(registry),
            #[cfg(feature = "join")]
            Command::Discovery(arguments) => arguments.run(),
            Command::KubeletStart(arguments) => arguments.run(registry),
        }?;
        Ok(ExitCode::SUCCESS)
    }
}

impl FlagsArguments {
    fn run(&self, registry: &Registry) -> Result<(), Failure> {
        let common = &self.common;
        if let Some(target) = self.target {
            let from = self.from.as_deref();
            return rewrite::run(from, target, &self.destination, common.format);
        }
        let site = Site::open(self.destination.tree(), registry)?;
        let inputs = common.read(&site)?;
        let output = inputs.said(inputs.checked(inputs.plan()?.flags())?);
        match self.destination.is_a_place() {
            true => self.destination.put(&output, common.format),
            false => output::print(&output, None, common.format),
        }
    }
}

impl ConfigArguments {
    fn run(&self, registry: &Registry) -> Result<(), Failure> {
        let common = &self.common;
        let tree = self.destination.tree();
        let site = Site::open(tree, registry)?;
        let inputs = common.read(&site)?;
        let inputs = inputs.patched(self.patches.as_deref(), tree)?;
        let mut output = inputs.said(inputs.checked(inputs.plan()?.config())?);
        if !self.destination.is_a_place() {
            let wanted = if self.instance {
                INSTANCE_FILE
            } else {
                CONFIG_FILE
            };
            return output::print(&output, Some(wanted), common.format);
        }
        if self.instance {
            output.files.retain(|file| file.path == INSTANCE_FILE);
        }
        match output.files.is_empty() {
            true => Err(output::no_instance()),
            false => self.destination.put(&output, common.format),
        }
    }
}

impl ConfigmapArguments {
    fn run(&self, registry: &Registry) -> Result<(), Failure> {
        let site = self.tree.place(registry)?;
        let inputs = self.common.read(&site)?;
        let output = inputs.said(inputs.checked(inputs.plan()?.config_map())?);
        output::print(&output, None, self.common.format)
    }
}

/// Everything that was given and seen, read.
struct Inputs<'c> {
    common: &'c Common,
    known: Known,
    texts: Texts,
    patches: Vec<PatchFile>,
    version: Version,
    /// What the choice of the release gives to say.
    chosen: Vec<Warning>,
    overrides: Overrides,
}

impl Common {
    /// Reads everything; the facts are those of a site.
    fn read(&self, site: &Site<'_>) -> Result<Inputs<'_>, Failure> {
        // A file that is not there is told before an init that does not show.
        let texts = Texts::read(self.config.as_deref(), self.cluster_config.as_deref())?;
        let known = self.facts.known(site, self.as_kubeadm)?;
        Ok(self.with(texts, known))
    }

    /// The same of texts and facts that are there already.
    fn with(&self, texts: Texts, known: Known) -> Inputs<'_> {
        let config = texts.config.as_ref();
        let choice = Given {
            named: self.kubeadm_version,
            config,
            cluster: texts.cluster.as_ref(),
            kubelet: known.kubelet,
            join: self.join || config.is_some_and(joins),
        };
        let choice = choice.choose();
        Inputs {
            common: self,
            patches: Vec::new(),
            known,
            texts,
            version: choice.version,
            chosen: choice.warnings,
            overrides: Overrides {
                node_name: self.node_name.clone(),
                cri_socket: self.cri_socket.clone(),
                ..Overrides::default()
            },
        }
    }
}

impl Inputs<'_> {
    /// The same with the patches of the folder that was named, or of the one that the configuration names.
    fn patched(self, named: Option<&Path>, tree: &Path) -> Result<Self, Failure> {
        let config = self.texts.config.as_ref();
        // An older kubeadm does not look at it.
        let config = config.filter(|_| self.version.has(Behaviour::KubeletPatches));
        let patches = texts::patches(named, config, self.common.join, tree)?;
        Ok(Self { patches, ..self })
    }

    /// What was asked for, checked.
    fn plan(&self) -> Result<Plan<'_>, Failure> {
        let request = Request {
            config: self.texts.config.as_ref(),
            cluster_config: self.texts.cluster.as_ref(),
            action: self.common.join.then_some(Action::Join),
            overrides: &self.overrides,
            patches: &self.patches,
            as_kubeadm: self.common.as_kubeadm,
            ..Request::new(self.version, &self.known.host)
        };
        self.checked(Plan::new(request))
    }

    /// What came of the plan, after what there is to say of the release.
    fn said(&self, mut output: Output) -> Output {
        output.warnings.splice(..0, self.chosen.iter().cloned());
        output
    }

    /// An error gets the file that it is about.
    fn checked<T>(&self, result: Result<T, crate::kubeadm::Error>) -> Result<T, Failure> {
        result.map_err(|error| self.texts.failure(error))
    }

    /// All that kubeadm writes in its step `kubelet-start`, and which of the two commands' step it is.
    fn everything(&self) -> Result<(Action, Output), Failure> {
        let plan = self.plan()?;
        let (mut all, config) = (self.checked(plan.flags())?, self.checked(plan.config())?);
        all.files.extend(config.files);
        let new = config.warnings.into_iter();
        let new: Vec<_> = new.filter(|it| !all.warnings.contains(it)).collect();
        all.warnings.extend(new);
        Ok((plan.action(), self.said(all)))
    }
}
