//! Other services of the init that start with the machine and run a kubelet as ours does: two of
//! them on one node fight for its port and its files.

use crate::control::Enabled;
use crate::distro::Overrides;
use crate::effective::{Asked, Goes, Other, Rival, Standing};
use crate::order::{self, Placed};
use crate::rendering::quote;
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
/// The tree cannot be read.
pub(super) fn kubelets(site: &Site<'_>, placed: &Placed) -> Result<Vec<Rival>, ManageError> {
    let Some(reader) = placed.backend.effective() else {
        return Ok(Vec::new());
    };
    if !placed.service.is_kubelet() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for other in reader.others(&asked(site, placed), KUBELET)? {
        let overrides = Overrides::default();
        let distro = placed.places.distro;
        let Ok(own) = order::places(placed.backend, distro, &other.name, &overrides) else {
            continue;
        };
        let standing = reader.read(&Asked {
            host: site.host(),
            name: &other.name,
            places: &own,
            program: KUBELET,
        })?;
        if let Standing::Runs(definition) = standing
            && is_kubelet(&definition.program)
        {
            found.extend(rival(site, placed, other, &definition.program));
        }
    }
    Ok(found)
}

/// One that starts with the machine, or of which that cannot be told.
fn rival(site: &Site<'_>, placed: &Placed, other: Other, program: &str) -> Option<Rival> {
    let init = placed.backend.name();
    let Other { name, place } = other;
    let own = &placed.service.name;
    let overrides = Overrides::default();
    let wish = Wish {
        init,
        distro: Some(placed.places.distro.name),
        overrides: &overrides,
    };
    let begin = format!("belongs to the service `{name}`, which runs a kubelet too (`{program}`)");
    let fight = format!("it and `{own}` would fight for the kubelet's port and files");
    let session = Session::open(site, &name, &wish, &Silent);
    let enabled = session.as_ref().map(Session::enabled);
    let what = match enabled {
        Ok(Ok(Enabled::Yes)) => format!("{begin} and starts with the machine: {fight}"),
        Ok(Ok(Enabled::No | Enabled::Unknown)) => return None,
        _ => format!(
            "{begin}; whether it starts with the machine cannot be told, and where it does, {fight}"
        ),
    };
    // What stands in a file with other services has to be taken out of that.
    let is_disabled = session.is_ok_and(|session| session.enabling_steps(false).is_ok());
    let how = if is_disabled {
        let root = quote::root_option(site.root());
        let command = format!("kubelet-unit service disable {name} --init {init}{root}");
        format!("disable `{name}` with `{command}`, or do without `{own}`")
    } else {
        let shown = site.root().shown(&place.path);
        format!(
            "take `{name}` out of `{}`, or do without `{own}`",
            shown.display()
        )
    };
    Some(Rival {
        place,
        what,
        goes: Goes::Disable(how),
    })
}
