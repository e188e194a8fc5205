//! Whether a tree starts another service than the one that is meant: that of the init which it
//! boots, where a record speaks of another init.

use std::path::PathBuf;

use crate::backends::{Backend, Trouble};
use crate::effective::{OriginKind, Standing};
use crate::install::Record;
use crate::order::Order;
use crate::rendering::quote;
use crate::service::Name;

use super::error::ManageError;
use super::site::Site;
use super::spoken::standing;

/// The service of the same name that the init has which the tree boots, if that is another init
/// and nothing was installed for it: that one starts with the machine, or may be started.
///
/// # Errors
/// The tree or a record cannot be read.
pub fn starts_instead(
    site: &Site<'_>,
    meant: &'static dyn Backend,
    name: &Name,
) -> Result<Option<Trouble>, ManageError> {
    if site.is_machine() || !meant.boots() {
        return Ok(None);
    }
    let boots = site.signs().boots_instead_of(meant.name());
    let Some(backend) = boots.and_then(|sign| site.registry().find(sign.init)) else {
        return Ok(None);
    };
    if Record::read(site.root(), name, backend.name())?.is_some() {
        return Ok(None);
    }
    let mut order = Order::kubelet();
    order.distro = site.distro();
    order.spec.name = name.clone();
    let placed = order.place(backend)?;
    let Some(Standing::Runs(definition)) = standing(site, &placed, None)? else {
        return Ok(None);
    };
    let file = match &definition.origin.kind {
        OriginKind::Unit { path, .. } => path,
        OriginKind::Foreign { files } | OriginKind::Rendered { files } => match files.first() {
            Some(file) => file,
            None => return Ok(None),
        },
        _ => return Ok(None),
    };
    let (booted, meant) = (backend.name(), meant.name());
    let option = quote::root_option(site.root());
    Ok(Some(Trouble {
        path: PathBuf::from(file),
        what: format!(
            "defines `{name}` for {booted}, which this tree boots: it may start that one, and \
             never the one for {meant}"
        ),
        hint: Some(format!(
            "`kubelet-unit explain --init {booted}{option}` shows it; `kubelet-unit uninstall \
             --init {meant}{option}` removes the other"
        )),
    }))
}
