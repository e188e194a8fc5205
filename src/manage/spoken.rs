//! Which service of a site is spoken of: the one that its init starts, with all that counts
//! for it, whoever wrote that.

use crate::backends::Backend;
use crate::effective::{Asked, OriginKind, Standing};
use crate::install::Record;
use crate::root::RootError;
use crate::service::Name;

use super::site::Site;

/// What the init has of a service, where its services are read. What a record says that
/// kubelet-unit installed is marked so.
///
/// # Errors
/// The tree cannot be read.
pub fn standing(
    site: &Site<'_>,
    backend: &'static dyn Backend,
    name: &Name,
    record: Option<&Record>,
) -> Result<Option<Standing>, RootError> {
    let Some(reader) = backend.effective() else {
        return Ok(None);
    };
    let recorded = record.and_then(|record| {
        let distros = site.registry().distros();
        distros.find(&record.choices.distro)
    });
    let asked = Asked {
        host: site.host(),
        name,
        distro: recorded
            .or_else(|| site.distro())
            .unwrap_or_else(|| backend.default_distro()),
    };
    let mut standing = reader.read(&asked)?;
    if let Some(record) = record {
        mark(&mut standing, record);
    }
    Ok(Some(standing))
}

fn mark(standing: &mut Standing, record: &Record) {
    let is_ours = |path: &str| {
        let mut files = record.files.iter();
        files.any(|file| file.path.as_str() == path && !file.found)
    };
    let origin = match standing {
        Standing::Runs(definition) => &mut definition.origin,
        Standing::Stopped { origin, .. } | Standing::Absent(origin) => origin,
    };
    if let OriginKind::Unit {
        path,
        installed,
        drop_ins,
    } = &mut origin.kind
    {
        *installed = is_ours(path);
        for drop_in in drop_ins {
            drop_in.installed = is_ours(&drop_in.path);
        }
    }
}
