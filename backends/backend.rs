//! What an init system has to bring.

use super::{Expression, RenderError, Request, Trouble};
use crate::control::Control;
use crate::detect::Evidence;
use crate::distro::{Distro, Place};
use crate::effective::Effective;
use crate::host::{CgroupDriver, Host, HostInit};
use crate::rendering::{File, Rendered};
use crate::service::{AbsPath, Property};
use crate::shipped::Shipped;

/// An init system that a service can be rendered for.
///
/// # A backend of your own
/// The crate's example `finit` is one that uses what is public, and nothing else. Its parts:
///
/// - `place` says where the init keeps a service, as a pattern with `{name}` in it. That is
///   all that `--service-folder` needs: an asked folder takes the stead of the pattern's, and
///   [`Places::service`](crate::distro::Places::service) has the result.
/// - `express` goes through every [`Property`] without a default, so that a property which
///   is new does not compile before the backend says what becomes of it. The notes on what
///   the init does not express come of that.
/// - `render` puts values into a template through quoting filters of its own
///   ([`Templates::with`](crate::rendering::template::Templates::with)), adds the
///   [launcher](super::launcher::add), and refuses what the format cannot hold with an error
///   of its own ([`RenderError::init`]).
/// - `evidence` and `control` say how the init shows and how its services are driven.
///
/// ```
/// use kubelet_unit::backends::{Backend, Expression, Registry, RenderError, Request};
/// use kubelet_unit::distro::{self, Distro, Place};
/// use kubelet_unit::rendering::{File, Rendered};
/// use kubelet_unit::service::Property;
///
/// struct Mine;
///
/// impl Backend for Mine {
///     fn name(&self) -> &'static str {
///         "mine"
///     }
///
///     fn title(&self) -> &'static str {
///         "Mine"
///     }
///
///     fn default_distro(&self) -> &'static Distro {
///         &distro::GENERIC
///     }
///
///     fn place(&self, _: &Distro, _: Option<&str>) -> Place {
///         Place::Own("/etc/mine/{name}.conf")
///     }
///
///     fn express(&self, property: Property) -> Expression {
///         match property {
///             Property::Program => Expression::native("`run=`"),
///             // One of your own names them all, so that a new one does not compile.
///             _ => Expression::note("it is not expressed here"),
///         }
///     }
///
///     fn render(&self, request: &Request<'_>) -> Result<Rendered, RenderError> {
///         let mut rendered = Rendered::default();
///         let text = format!("run={}\n", request.service.program);
///         rendered.add(request.places.service.clone(), File::data(text))?;
///         Ok(rendered)
///     }
/// }
///
/// // The `main` of a program with every command is `cli::run` with this.
/// let registry = Registry::builtin().with(&Mine);
/// assert!(registry.find("mine").is_some());
/// ```
pub trait Backend: Sync {
    /// What it is called on the command line: lower case, no blanks.
    fn name(&self) -> &'static str;

    /// What it calls itself.
    fn title(&self) -> &'static str;

    /// The distribution whose places are taken where none is asked for: the
    /// best known of those that boot with this init.
    fn default_distro(&self) -> &'static Distro;

    /// Distributions that only this init has, such as an image that brings it along. With
    /// the backend in a [registry](super::Registry), every command knows them.
    fn distros(&self) -> &'static [&'static Distro] {
        &[]
    }

    /// The one of [`Backend::distros`] that a host shows, where its `os-release(5)` does
    /// not tell. It counts more than what that says.
    fn distro_of(&self, _host: &Host) -> Option<&'static Distro> {
        None
    }

    /// The ways in which this init can keep a service, where there are several; the
    /// option `--layout` names one.
    fn layouts(&self) -> &'static [Layout] {
        &[]
    }

    /// Where it keeps a service on a distribution. Without a `layout`, it is the backend
    /// that chooses one; otherwise it is the name of one of [`Backend::layouts`].
    ///
    /// What an asked `--service-folder` means follows from this, see [`Place`].
    fn place(&self, distro: &Distro, layout: Option<&str>) -> Place;

    /// Who makes the control groups of pods under this init, which is the kubelet's
    /// `cgroupDriver`. The kubelet ends at once with `systemd` where that does not
    /// run (measured with 1.31 and 1.36).
    fn cgroup_driver(&self) -> CgroupDriver {
        CgroupDriver::Cgroupfs
    }

    /// Whether machines boot with it. What others start, such as a supervisor in a container or
    /// on a machine with another init, does not.
    fn boots(&self) -> bool {
        true
    }

    /// What kubeadm takes a host with this init for (`GetInitSystem`,
    /// `initsystem_unix.go`). `host` is given where its programs are what counts, and not
    /// the init that was named.
    fn seen_by_kubeadm(&self, _host: Option<&Host>) -> HostInit {
        HostInit::Other
    }

    /// Whether the init reads systemd's own units and env files, so that the files of
    /// kubeadm's packages serve it as they are.
    fn reads_units(&self) -> bool {
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

    /// How its services are read, whoever wrote them, where that is known. For those of this
    /// crate it is with the feature `host` alone.
    fn effective(&self) -> Option<&dyn Effective> {
        None
    }

    /// What is known of the services that distributions ship for this init, which `check`
    /// compares with systemd's.
    fn shipped(&self) -> Option<&dyn Shipped> {
        None
    }

    /// How a property of a service is expressed: a `match` without `_`, so that a property
    /// that is new does not compile before every init says what becomes of it. From this
    /// come `kubelet-unit list --properties` and the table in the init's README, and the
    /// notes on what an init does not express at all.
    fn express(&self, property: Property) -> Expression;

    /// The files that make the service run under this init, and notes on what
    /// it cannot express. The same request gives the same bytes.
    ///
    /// # Errors
    /// A [`RenderError`]; each kind says whose mistake it is.
    fn render(&self, request: &Request<'_>) -> Result<Rendered, RenderError>;

    /// What stands against a service in a tree, beyond files that are in the way of its
    /// own: under an init that would refuse all its services for one, for instance. Nothing
    /// is installed then. Paths are those of the tree.
    fn troubles(&self, _host: &Host, _request: &Request<'_>) -> Vec<Trouble> {
        Vec::new()
    }

    /// What keeps the init from starting a service in a tree as that is now: what it needs and
    /// is not there, or a configuration that does not name it. It may come later, and is no
    /// reason not to install it; enabling is in vain until then. Paths are those of the tree.
    fn unmet(&self, _host: &Host, _request: &Request<'_>) -> Vec<Trouble> {
        Vec::new()
    }

    /// Files that let the service start with the machine, where files alone can. They are
    /// not the service's own: who installs or renders it asks for them (`--enable`).
    fn enabling_files(&self, _request: &Request<'_>) -> Vec<(AbsPath, File)> {
        Vec::new()
    }

    /// Links that let the service start with the machine, with what each holds, for files that
    /// are rendered for a tree which is not there to be looked at. On a machine and in a tree
    /// that is, it is [`Control::set_enabled`] that finds them.
    fn enabling_links(&self, _request: &Request<'_>) -> Vec<(AbsPath, String)> {
        Vec::new()
    }

    /// Why no file and no link lets the service start with the machine, where that is so.
    fn enabled_beyond_files(&self, _request: &Request<'_>) -> Option<&'static str> {
        None
    }

    /// What is run on a machine that got the files, so that the service starts now
    /// and with every boot: for tools that provision machines. Nothing where it is
    /// not known.
    fn activation(&self, _request: &Request<'_>) -> Activation {
        Activation::default()
    }
}

/// One of several ways in which an init can keep a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// What it is called on the command line: lower case, no blanks.
    pub name: &'static str,
    /// One line about it.
    pub about: &'static str,
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

/// A link to a service, where its path is one.
pub(crate) fn link(path: &str, service: &AbsPath) -> Vec<(AbsPath, String)> {
    let path = path.parse().ok();
    path.map(|path| (path, service.to_string()))
        .into_iter()
        .collect()
}

/// A command from its words.
pub(crate) fn command<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(String::from).into()
}
