//! Other services of the init that start with the machine and run a kubelet as ours does: two of
//! them on one node fight for its port and its files.

use std::io;

use crate::control::Enabled;
use crate::distro::{Distro, Overrides};
use crate::effective::{Asked, Goes, Other, Place, Rival, Standing};
use crate::install::Record;
use crate::order::{self, Placed};
use crate::rendering::quote;
use crate::root::RootError;
use crate::service::is_kubelet;

use super::error::ManageError;
use super::session::{Session, Wish};
use super::site::Site;
use super::spoken::asked;
use super::watcher::Silent;

/// The name of the program that two services of a node cannot run at once.
const KUBELET: &str = "kubelet";

/// Those that run a kubelet beside a service that does.
///
/// # Errors
/// The tree or a record cannot be read, or a file that may define one may not be.
pub(super) fn kubelets(site: &Site<'_>, placed: &Placed) -> Result<Vec<Rival>, ManageError> {
    let Some(reader) = placed.backend.effective() else {
        return Ok(Vec::new());
    };
    if !placed.service.is_kubelet() {
        return Ok(Vec::new());
    }
    let mut found = installed(site, placed)?;
    let host = site.host();
    host.take_denied();
    for other in reader.others(&asked(site, placed), KUBELET)? {
        let is_known = |it: &Candidate| it.other.name == other.name;
        let overrides = Overrides::default();
        let distro = placed.places.distro;
        let at = order::places(placed.backend, distro, &other.name, &overrides);
        let Some(at) = at.ok().filter(|_| !found.iter().any(is_known)) else {
            continue;
        };
        let standing = reader.read(&Asked {
            host,
            name: &other.name,
            places: &at,
            program: KUBELET,
        })?;
        if let Standing::Runs(definition) = standing
            && is_kubelet(&definition.program)
        {
            let program = definition.program;
            found.push(Candidate {
                other,
                program,
                overrides,
                distro,
            });
        }
    }
    if let Some(path) = host.take_denied() {
        let source = io::ErrorKind::PermissionDenied.into();
        let action = "read";
        return Err(RootError::Io {
            action,
            path,
            source,
        }
        .into());
    }
    let rivals = found.into_iter();
    Ok(rivals.filter_map(|it| it.rival(site, placed)).collect())
}

/// Those that we have installed ourselves, whose program the init does not see.
fn installed(site: &Site<'_>, placed: &Placed) -> Result<Vec<Candidate>, ManageError> {
    let mut found = Vec::new();
    for record in Record::read_all(site.root())? {
        let is_other =
            record.init == placed.backend.name() && record.service != placed.service.name;
        if record.removed || !is_other {
            continue;
        }
        let order = record.choices.order(site.registry())?;
        let other = order.place(placed.backend)?;
        if other.service.is_kubelet() {
            let place = Place::of_line(other.places.service.as_str(), 0);
            found.push(Candidate {
                other: Other::new(record.service, place),
                program: other.service.program.to_string(),
                overrides: order.overrides.clone(),
                distro: other.places.distro,
            });
        }
    }
    Ok(found)
}

/// Another service that runs a kubelet.
struct Candidate {
    other: Other,
    program: String,
    /// Where it is.
    overrides: Overrides,
    distro: &'static Distro,
}

impl Candidate {
    /// One that starts with the machine, or of which that cannot be told.
    fn rival(self, site: &Site<'_>, placed: &Placed) -> Option<Rival> {
        let init = placed.backend.name();
        let Other {
            name,
            place,
            is_shared,
        } = self.other;
        let own = &placed.service.name;
        let wish = Wish {
            init,
            distro: Some(self.distro.name),
            overrides: &self.overrides,
        };
        let session = Session::open(site, &name, &wish, &Silent);
        let starts = match session.as_ref().map(Session::enabled) {
            Ok(Ok(Enabled::Yes)) => " and starts with the machine".to_owned(),
            Ok(Ok(Enabled::No | Enabled::Unknown)) => return None,
            Ok(Err(why)) => format!("; {why}"),
            Err(why) => format!("; {why}"),
        };
        let what = format!(
            "belongs to the service `{name}`, which runs a kubelet too (`{}`){starts}: it and \
             `{own}` would fight for the kubelet's port and files",
            self.program
        );
        let is_disabled = session.is_ok_and(|session| {
            let steps = session.enabling_steps(false);
            !is_shared && steps.is_ok_and(|steps| !steps.is_empty())
        });
        let how = if is_disabled {
            let root = quote::root_option(site.root());
            let command = format!("kubelet-unit service disable {name} --init {init}{root}");
            format!("disable `{name}` with `{command}`, or do without `{own}`")
        } else if is_shared {
            let shown = site.root().shown(&place.path);
            format!(
                "take `{name}` out of `{}`, or do without `{own}`",
                shown.display()
            )
        } else {
            format!("take away what starts `{name}`, or do without `{own}`")
        };
        let goes = Goes::Disable(how);
        Some(Rival { place, what, goes })
    }
}
