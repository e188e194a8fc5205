//! Where systemd has a service's unit.

use std::borrow::Cow;

use crate::host::Host;
use crate::service::Name;
use crate::unit::{FindError, Finder, Found, Given};

/// The unit of a service, with its drop-ins.
pub(super) fn find(host: &Host, name: &Name) -> Result<Found, FindError> {
    finder(host).find(Given {
        unit: &format!("{name}.service"),
        drop_ins: &[],
    })
}

/// What finds units of a host.
pub(super) fn finder(host: &Host) -> Finder<'_> {
    let folders = host.unit_folders(|| Finder::folders_of(host.root(), host.has_own_run()));
    Finder::in_folders(host.root(), Cow::Borrowed(folders))
}
