//! The arguments that say which service is meant and where its files go: the
//! same for every command that renders.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::builder::PossibleValuesParser;
use thiserror::Error;

use crate::backends::{Backend, Launcher, Request};
use crate::distro::{DISTROS, Distro, Overrides};
use crate::install::{Choices, Record};
use crate::manage::Site;
use crate::service::{AbsPath, Service};
use crate::sink::Rendering;
use crate::spec::{BOUNDS, Spec};

use super::failure::Failure;

/// Which service, on which distribution.
#[derive(Debug, clap::Args)]
pub(super) struct ServiceArguments {
    /// The distribution whose places are used; by default this machine's where the
    /// init is detected, and the best known one that boots with the init elsewhere
    #[arg(long, value_parser = PossibleValuesParser::new(DISTROS.iter().map(|distro| distro.name)))]
    distro: Option<String>,

    /// The spec of the service, `-` for standard input; by default the kubelet's,
    /// which `kubelet-unit spec` prints
    #[arg(long, value_name = "FILE")]
    spec: Option<PathBuf>,

    /// What starts the service where systemd does not: a sh program, or
    /// `kubelet-unit exec`
    #[arg(long, value_enum, default_value_t = Launcher::Sh)]
    launcher: Launcher,

    /// The program, in the stead of the spec's
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
}

/// A spec that could not be read.
#[derive(Debug, Error)]
#[error("cannot read the spec `{}`: {source}", path.display())]
struct Unreadable {
    path: PathBuf,
    source: io::Error,
}

impl ServiceArguments {
    /// The spec that is meant.
    ///
    /// # Errors
    /// It cannot be read, or is no spec.
    pub(super) fn read_spec(&self) -> Result<Spec, Failure> {
        let Some(path) = &self.spec else {
            return Ok(Spec::kubelet());
        };
        let (name, bytes) = read_named(path)?;
        Ok(Spec::read(&name, &bytes)?)
    }

    /// Where the spec comes from, for people.
    pub(super) fn definition(&self) -> String {
        match self.spec.as_deref() {
            None => "the built-in spec".into(),
            Some(path) if path.as_os_str() == "-" => "<stdin>".into(),
            Some(path) => path.display().to_string(),
        }
    }

    /// Whether anything is chosen at all.
    pub(super) fn chooses(&self) -> bool {
        self.distro.is_some()
            || self.spec.is_some()
            || self.launcher != Launcher::default()
            || self.overrides() != Overrides::default()
    }

    /// The distribution that was asked for.
    pub(super) fn chosen_distro(&self) -> Option<&'static Distro> {
        self.distro.as_deref().and_then(Distro::find)
    }

    /// What starts the service where systemd does not.
    pub(super) fn launcher(&self) -> Launcher {
        self.launcher
    }

    /// The service on a distribution.
    ///
    /// # Errors
    /// A place is no path.
    pub(super) fn service(&self, distro: &'static Distro, spec: Spec) -> Result<Service, Failure> {
        let (service, _) = spec.service(distro, &self.overrides())?;
        Ok(service)
    }

    /// The service rendered for one init. `here` is the distribution of the machine,
    /// where it is for this one.
    ///
    /// # Errors
    /// A place is no path, or the backend refuses.
    pub(super) fn render(
        &self,
        backend: &'static dyn Backend,
        here: Option<&'static Distro>,
        spec: Spec,
    ) -> Result<Rendering, Failure> {
        let distro = self.distro(backend, here);
        let (service, places) = spec.service(distro, &self.overrides())?;
        let request = Request {
            service: &service,
            places: &places,
            launcher: self.launcher,
        };
        Ok(Rendering::new(backend, &request)?)
    }

    /// What was chosen, in a form that a record can keep. `here` is the distribution
    /// of the tree that it is for.
    ///
    /// # Errors
    /// The spec cannot be read, or is none.
    fn choices(
        &self,
        backend: &'static dyn Backend,
        here: Option<&'static Distro>,
    ) -> Result<Choices, Failure> {
        let spec = match &self.spec {
            None => None,
            Some(path) => {
                let (name, bytes) = read_named(path)?;
                Spec::read(&name, &bytes)?;
                // A spec is UTF-8, or it would not have been read.
                Some(String::from_utf8_lossy(&bytes).into_owned())
            }
        };
        Ok(Choices {
            distro: self.distro(backend, here).name.into(),
            launcher: self.launcher,
            spec,
            overrides: self.overrides(),
        })
    }

    /// The same, but where nothing is chosen at all, what the kubelet was installed
    /// with before.
    ///
    /// # Errors
    /// As for [`ServiceArguments::choices`]; or the record cannot be used.
    pub(super) fn choices_in(
        &self,
        site: &Site<'_>,
        backend: &'static dyn Backend,
    ) -> Result<Choices, Failure> {
        let kubelet = Spec::kubelet().name;
        let recorded = match self.chooses() {
            true => None,
            false => Record::read(site.root(), &kubelet, backend.name())?,
        };
        match recorded {
            Some(record) => Ok(record.choices),
            None => self.choices(backend, site.distro()),
        }
    }

    fn distro(
        &self,
        backend: &'static dyn Backend,
        here: Option<&'static Distro>,
    ) -> &'static Distro {
        self.chosen_distro()
            .or(here)
            .unwrap_or_else(|| backend.default_distro())
    }

    /// Single places that were asked for.
    pub(super) fn overrides(&self) -> Overrides {
        Overrides {
            program: self.kubelet.clone(),
            extra_args_file: self.extra_args_file.clone(),
            service_folder: self.service_folder.clone(),
            libexec_folder: self.libexec_folder.clone(),
            log_folder: self.log_folder.clone(),
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
