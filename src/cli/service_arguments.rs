//! The arguments that say which service is meant and where its files go: the
//! same for every command that renders.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::backends::{Backend, Launcher, Registry};
use crate::distro::{Distro, Overrides};
use crate::host::Host;
use crate::install::Record;
use crate::manage::Site;
use crate::order::Order;
use crate::service::{AbsPath, Name};
use crate::spec::{BOUNDS, Spec};

use super::failure::Failure;
use super::import;
use super::message;

/// Which service, on which distribution.
#[derive(Debug, clap::Args)]
pub(super) struct ServiceArguments {
    /// The distribution whose paths are used; by default that of this machine if the init
    /// is detected, otherwise the best known one that boots with the init
    #[arg(long)]
    distro: Option<String>,

    /// The spec of the service, `-` for standard input; by default the kubelet's,
    /// which `kubelet-unit spec` prints
    #[arg(long, value_name = "FILE")]
    spec: Option<PathBuf>,

    /// Make the spec of this systemd service, as `kubelet-unit import` does: a unit's name,
    /// or the path of its file
    #[arg(long, value_name = "UNIT", conflicts_with = "spec")]
    from_unit: Option<String>,

    /// A value in the place of the spec's, such as `restart.delay=5s`; can be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,

    /// A further drop-in for `--from-unit`; can be repeated
    #[arg(long, value_name = "FILE", requires = "from_unit")]
    dropin: Vec<PathBuf>,

    /// What starts the service under inits other than systemd: a sh program, or
    /// `kubelet-unit exec`
    #[arg(long, value_enum, default_value_t = Launcher::Sh)]
    launcher: Launcher,

    /// The program to run, instead of the spec's
    #[arg(long, value_name = "PATH")]
    kubelet: Option<AbsPath>,

    /// The administrator's env file
    #[arg(long, value_name = "PATH")]
    extra_args_file: Option<AbsPath>,

    /// The folder in which the service's files are kept, such as /etc/sv; not the one
    /// in which runit or s6 looks for links to them, such as /var/service
    #[arg(long, value_name = "PATH")]
    service_folder: Option<AbsPath>,

    /// The folder for the launcher
    #[arg(long, value_name = "PATH")]
    libexec_folder: Option<AbsPath>,

    /// The folder for log files
    #[arg(long, value_name = "PATH")]
    log_folder: Option<AbsPath>,

    /// How the init keeps the service, for an init that has several ways
    #[arg(long, value_name = "NAME")]
    layout: Option<Name>,
}

/// A spec that could not be read.
#[derive(Debug, Error)]
#[error("cannot read the spec `{}`: {source}", path.display())]
struct Unreadable {
    path: PathBuf,
    source: io::Error,
}

impl ServiceArguments {
    /// What is asked for. `here` is the distribution of the machine or tree, where it is
    /// for that one.
    ///
    /// # Errors
    /// The spec cannot be read, or is not a valid one.
    pub(super) fn order(
        &self,
        registry: &Registry,
        here: Option<&'static Distro>,
    ) -> Result<Order, Failure> {
        self.order_of(registry, here, None)
    }

    /// The same, where `--from-unit` is a unit of a host's and not of this machine's.
    ///
    /// # Errors
    /// As for [`ServiceArguments::order`].
    pub(super) fn order_of(
        &self,
        registry: &Registry,
        here: Option<&'static Distro>,
        host: Option<&Host>,
    ) -> Result<Order, Failure> {
        let (spec, text) = match self.text(host)? {
            None => (Spec::kubelet(), None),
            Some((name, bytes)) => {
                let spec = Spec::read(&name, &bytes)?;
                self.look_at(&spec, &name, &bytes)?;
                // A spec is UTF-8, or it would not have been read.
                (spec, Some(String::from_utf8_lossy(&bytes).into_owned()))
            }
        };
        Ok(Order {
            spec: spec.with(&self.set)?,
            text,
            settings: self.set.clone(),
            distro: self.chosen_distro(registry).or(here),
            launcher: self.launcher,
            overrides: self.overrides(),
        })
    }

    /// The same, but where nothing is chosen at all, what the kubelet was installed
    /// with before.
    ///
    /// # Errors
    /// As for [`ServiceArguments::order`]; or the record cannot be used.
    pub(super) fn order_in(
        &self,
        site: &Site<'_>,
        backend: &'static dyn Backend,
    ) -> Result<Order, Failure> {
        let kubelet = Spec::kubelet().name;
        let recorded = match self.chooses() {
            true => None,
            false => Record::read(site.root(), &kubelet, backend.name())?,
        };
        match recorded {
            Some(record) => Ok(record.choices.order(site.registry())?),
            None => self.order_of(site.registry(), site.distro(), Some(site.host())),
        }
    }

    /// Tells what is probably not meant so in a spec that somebody wrote.
    ///
    /// # Errors
    /// An option asks for what the spec has no place for.
    fn look_at(&self, spec: &Spec, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        if self.extra_args_file.is_some()
            && let Some(error) = spec.lacks_extra_args_file(name, bytes)
        {
            return Err(error.into());
        }
        if self.spec.is_some() {
            for doubt in spec.doubts_in(name, bytes) {
                message::doubt(&doubt);
            }
        }
        Ok(())
    }

    /// The text of the spec and what messages call it; none for the built-in one.
    fn text(&self, host: Option<&Host>) -> Result<Option<(String, Vec<u8>)>, Failure> {
        if let Some(path) = &self.spec {
            return read_named(path).map(Some);
        }
        let Some(unit) = &self.from_unit else {
            return Ok(None);
        };
        let yaml = match host {
            Some(host) => import::yaml(host, unit, &self.dropin)?,
            None => import::yaml(&Host::machine()?, unit, &self.dropin)?,
        };
        Ok(Some((unit.clone(), yaml.into_bytes())))
    }

    /// Where the spec comes from, for people.
    pub(super) fn definition(&self) -> String {
        match self.spec.as_deref() {
            None if self.from_unit.is_some() => self.from_unit.clone().unwrap_or_default(),
            None => "the built-in spec".into(),
            Some(path) if path.as_os_str() == "-" => "<stdin>".into(),
            Some(path) => path.display().to_string(),
        }
    }

    /// Whether what is chosen describes a service of its own, in the stead of what is there.
    pub(super) fn describes(&self) -> bool {
        self.spec.is_some()
            || self.from_unit.is_some()
            || !self.set.is_empty()
            || self.overrides() != Overrides::default()
    }

    /// Whether anything is chosen at all.
    pub(super) fn chooses(&self) -> bool {
        self.distro.is_some()
            || self.spec.is_some()
            || self.from_unit.is_some()
            || !self.set.is_empty()
            || self.launcher != Launcher::default()
            || self.overrides() != Overrides::default()
    }

    /// The init that the distribution that was asked for boots with, where it is known for one.
    pub(super) fn distro_boots_with(&self, registry: &Registry) -> Option<&'static dyn Backend> {
        let distro = self.chosen_distro(registry)?;
        let mut inits = registry.iter();
        inits.find(|init| init.default_distro().name == distro.name)
    }

    /// The init that alone has the distribution that was asked for: no other can be meant.
    pub(super) fn distro_belongs_to(&self, registry: &Registry) -> Option<&'static dyn Backend> {
        let distro = self.chosen_distro(registry)?;
        let has = |init: &&dyn Backend| init.distros().iter().any(|own| own.name == distro.name);
        registry.iter().find(has)
    }

    fn chosen_distro(&self, registry: &Registry) -> Option<&'static Distro> {
        let name = self.distro.as_deref()?;
        registry.distros().find(name)
    }

    /// Single places that were asked for.
    fn overrides(&self) -> Overrides {
        Overrides {
            program: self.kubelet.clone(),
            extra_args_file: self.extra_args_file.clone(),
            service_folder: self.service_folder.clone(),
            libexec_folder: self.libexec_folder.clone(),
            log_folder: self.log_folder.clone(),
            layout: self.layout.clone(),
        }
    }
}

/// A spec's bytes, and what messages call it.
fn read_named(path: &Path) -> Result<(String, Vec<u8>), Failure> {
    let bytes = read_bounded(path).map_err(|source| {
        Failure::new(&Unreadable {
            path: path.into(),
            source,
        })
    })?;
    let name = match path.to_str() {
        Some("-") => "<stdin>".into(),
        _ => path.display().to_string(),
    };
    Ok((name, bytes))
}

/// At most one byte more than a spec may have, so that a device without an end
/// is refused for its size.
fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = BOUNDS.size as u64 + 1;
    if path.as_os_str() == "-" {
        io::stdin().lock().take(most).read_to_end(&mut bytes)?;
    } else {
        File::open(path)?.take(most).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}
