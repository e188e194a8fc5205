//! The init systems. Each has a folder of its own here, with everything about it.
//!
//! A [`Backend`] turns a [`Service`] into the files of one init. It is pure: it
//! neither looks at the machine nor writes. [`BUILTIN`] is the list that the
//! command line, the tests and the documentation go through; a [`Registry`] can
//! be given further ones from outside this crate.

/// A part that finds or drives an init. A program without the commands of the feature
/// `host` is without these parts, since nothing names them then.
macro_rules! on_a_host {
    ($part:expr) => {
        match cfg!(feature = "host") {
            true => Some(&$part),
            false => None,
        }
    };
}

mod directory;
pub mod launcher;
mod openrc;
mod runit;
mod s6;
mod scan;
mod supervisord;
mod systemd;

use std::fmt;

use thiserror::Error;

use crate::control::Control;
use crate::detect::Evidence;
use crate::distro::{Distro, Places};
use crate::host::CgroupDriver;
use crate::rendering::template::TemplateError;
use crate::rendering::{Collision, Rendered};
use crate::service::{AbsPath, Service, ValueError};

pub use launcher::Launcher;
pub use openrc::OpenRc;
pub use runit::Runit;
pub use s6::S6;
pub use supervisord::Supervisord;
pub use systemd::Systemd;

/// The init systems of this crate, the reference first, then by the number of
/// distributions that boot with them.
pub const BUILTIN: &[&dyn Backend] = &[&Systemd, &OpenRc, &Runit, &S6, &Supervisord];

/// An init system that a service can be rendered for.
pub trait Backend: Sync {
    /// What it is called on the command line: lower case, no blanks.
    fn name(&self) -> &'static str;

    /// What it calls itself.
    fn title(&self) -> &'static str;

    /// The distribution whose places are taken where none is asked for: the
    /// best known of those that boot with this init.
    fn default_distro(&self) -> &'static Distro;

    /// Who makes the control groups of pods under this init, which is the kubelet's
    /// `cgroupDriver`. The kubelet ends at once with `systemd` where that does not
    /// run (measured with 1.31 and 1.36).
    fn cgroup_driver(&self) -> CgroupDriver {
        CgroupDriver::Cgroupfs
    }

    /// Whether kubeadm drives it itself (`GetInitSystem`, `initsystem_unix.go`).
    fn is_driven_by_kubeadm(&self) -> bool {
        false
    }

    /// How the init is recognized on a host, where that is known. For those of this
    /// crate it is with the feature `host` alone.
    fn evidence(&self) -> Option<&dyn Evidence> {
        None
    }

    /// How its services are driven, where that is known. For those of this crate it is
    /// with the feature `host` alone.
    fn control(&self) -> Option<&dyn Control> {
        None
    }

    /// The files that make the service run under this init, and notes on what
    /// it cannot express. The same request gives the same bytes.
    ///
    /// # Errors
    /// A [`RenderError`]; each kind says whose mistake it is.
    fn render(&self, request: &Request<'_>) -> Result<Rendered, RenderError>;

    /// What is run on a machine that got the files, so that the service starts now
    /// and with every boot: for tools that provision machines. Nothing where it is
    /// not known.
    fn activation(&self, _request: &Request<'_>) -> Activation {
        Activation::default()
    }
}

/// How a service is started now and with every boot, as commands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Activation {
    /// What makes the init see new files; harmless when nothing is new.
    pub reload: Vec<Vec<String>>,
    /// What enables and starts the service.
    pub start: Vec<Vec<String>>,
    /// Whether the service modules of configuration management know this init by
    /// themselves (`ansible.builtin.service`).
    pub is_widely_known: bool,
}

/// A command from its words.
pub(crate) fn command<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(String::from).into()
}

/// What a backend is asked to render.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The service.
    pub service: &'a Service,
    /// Where its files go.
    pub places: &'a Places,
    /// What starts it where systemd does not.
    pub launcher: Launcher,
}

/// Why a service could not be rendered.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RenderError {
    /// Our bug: a template that does not render.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// Our bug: a service that JSON cannot hold.
    #[error("cannot write the service as a spec: {0}")]
    Spec(#[from] serde_json::Error),
    /// Places that collide.
    #[error(transparent)]
    Collision(#[from] Collision),
    /// A path that the format of this init, or the launcher, has no way to write.
    #[error("{init} cannot have the path `{path}`: {why}")]
    Unwritable {
        /// The init's name, or `the sh launcher`.
        init: &'static str,
        /// The path.
        path: AbsPath,
        /// Why not.
        why: &'static str,
    },
    /// A place that came out as no path.
    #[error(transparent)]
    Place(#[from] ValueError),
}

impl RenderError {
    /// Whether the mistake is in this program and not in what it was given.
    pub fn is_bug(&self) -> bool {
        matches!(self, Self::Template(_) | Self::Spec(_))
    }
}

/// The backends to choose from; by default none.
#[derive(Clone, Default)]
pub struct Registry {
    backends: Vec<&'static dyn Backend>,
}

impl fmt::Debug for Registry {
    /// The names of the inits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.iter().map(Backend::name))
            .finish()
    }
}

impl Registry {
    /// Those of this crate.
    pub fn builtin() -> Self {
        Self {
            backends: BUILTIN.to_vec(),
        }
    }

    /// The same with one more, which goes before one of the same name.
    #[must_use]
    pub fn with(mut self, backend: &'static dyn Backend) -> Self {
        self.backends.retain(|there| there.name() != backend.name());
        self.backends.push(backend);
        self
    }

    /// All of them in order.
    pub fn iter(&self) -> impl Iterator<Item = &'static dyn Backend> {
        self.backends.iter().copied()
    }

    /// The one of that name.
    pub fn find(&self, name: &str) -> Option<&'static dyn Backend> {
        self.iter().find(|backend| backend.name() == name)
    }
}
