//! Which service a verb is about, and where it is.

use clap::builder::PossibleValuesParser;

use crate::backends::Registry;
use crate::distro::{DISTROS, Overrides};
use crate::host::Host;
use crate::service::{AbsPath, Name};

use super::super::failure::Failure;
use super::super::init;
use super::super::session::Session;
use super::super::target::Tree;

/// Which service, where.
#[derive(Debug, clap::Args)]
pub(super) struct Which {
    /// The service
    #[arg(default_value = "kubelet")]
    pub(super) name: Name,

    /// The init; `auto` takes the one that the service is installed for, or finds out
    #[arg(long, default_value = init::AUTO, value_parser = [init::AUTO])]
    init: String,

    #[command(flatten)]
    places: Places,
}

/// Where services are, where that is not usual.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Places {
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

/// Which service of this machine, for what is about a process. A tree is taken so as
/// to say what there is for one.
#[derive(Debug, clap::Args)]
#[command(mut_arg("root", |argument| argument.hide(true)))]
pub(super) struct Running {
    #[command(flatten)]
    pub(super) service: Which,
    #[command(flatten)]
    tree: Tree,
}

impl Places {
    /// A service under an init.
    pub(in crate::cli) fn session<'a>(
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
    pub(super) fn session(&self, host: Host, registry: &Registry) -> Result<Session<'_>, Failure> {
        self.places.session(&self.name, &self.init, host, registry)
    }
}

impl Running {
    /// The service, where something may run; `verb` is what is asked for.
    pub(super) fn here(&self, verb: &str, registry: &Registry) -> Result<Session<'_>, Failure> {
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
}
