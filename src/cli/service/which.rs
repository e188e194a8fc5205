//! Which service a verb is about, and where it is.

use crate::backends::Registry;
use crate::distro::Overrides;
use crate::hint::{Call, Hint};
use crate::manage::{AUTO, Session, Site, Watcher, Wish};
use crate::service::{AbsPath, Name};

use super::super::failure::Failure;
use super::super::format::Format;
use super::super::target::Tree;

/// Which service, where.
#[derive(Debug, clap::Args)]
pub(super) struct Which {
    /// The service
    #[arg(default_value = "kubelet")]
    pub(super) name: Name,

    /// The init; `auto` takes the one that the service is installed for, or detects it
    #[arg(long, default_value = AUTO, value_parser = [AUTO])]
    init: String,

    #[command(flatten)]
    places: Places,

    /// How to show the result
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}

/// Where services are, where that is not usual.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Places {
    /// The distribution whose paths are used; by default the one that the service was
    /// installed for, otherwise what os-release(5) says
    #[arg(long)]
    distro: Option<String>,

    /// The folder in which services are installed; by default that of the distribution, or
    /// the one that was given when the service was installed
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
        site: &'a Site<'a>,
        name: &'a Name,
        init: &str,
        watcher: &'a dyn Watcher,
    ) -> Result<Session<'a>, Failure> {
        let overrides = Overrides {
            service_folder: self.service_folder.clone(),
            ..Overrides::default()
        };
        let wish = Wish {
            init,
            distro: self.distro.as_deref(),
            overrides: &overrides,
        };
        let session = Session::open(site, name, &wish, watcher)?;
        Ok(session.scanning(self.scan_folder.as_ref()))
    }
}

impl Which {
    pub(super) fn session<'a>(
        &'a self,
        site: &'a Site<'a>,
        watcher: &'a dyn Watcher,
    ) -> Result<Session<'a>, Failure> {
        self.places.session(site, &self.name, &self.init, watcher)
    }
}

impl Running {
    /// The machine, where something may run; `verb` is what is asked for.
    pub(super) fn site<'r>(&self, verb: &str, registry: &'r Registry) -> Result<Site<'r>, Failure> {
        let site = self.tree.site(registry)?;
        if site.is_machine() {
            return Ok(site);
        }
        let root = self.tree.path();
        let check = Call::new("check").root(root);
        let hint =
            Hint::text("in a rootfs there are `enable`, `disable`, `is-enabled` and `exists`; ");
        let failure = Failure::usage(format!(
            "`service {verb}` is about what runs, and nothing runs in `{}`",
            root.display()
        ));
        Err(failure.hint(
            hint.and_call(check)
                .and(" looks at what is installed there"),
        ))
    }

    pub(super) fn session<'a>(
        &'a self,
        site: &'a Site<'a>,
        watcher: &'a dyn Watcher,
    ) -> Result<Session<'a>, Failure> {
        self.service.session(site, watcher)
    }
}
