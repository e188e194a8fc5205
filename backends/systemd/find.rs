//! Where systemd has a service's unit.

use std::borrow::Cow;

use crate::host::{Host, UnitFolders};
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
    let root = host.root();
    let folders = host.unit_folders(|| {
        let all = Finder::folders_of(root, host.has_own_run());
        let there = root
            .looks_once()
            .then(|| Finder::that_are_there(root, &all));
        UnitFolders { all, there }
    });
    let finder = Finder::in_folders(root, Cow::Borrowed(&folders.all));
    match &folders.there {
        Some(there) => finder.searching(there),
        None => finder,
    }
}
