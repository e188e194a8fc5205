//! Services of systemd beside one: what links in the folders of targets start, and what somebody
//! has added to a machine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::find::finder;
use super::started::LINKS;
use crate::backends::rivals::{called, names};
use crate::effective::{Asked, Other, Place};
use crate::host::Host;
use crate::root::RootError;
use crate::sorting::Few;
use crate::unit::{FindError, Found, UnitName};

/// Where units of packages are, most of which nothing starts.
const OF_PACKAGES: [&str; 2] = ["/lib", "/usr/lib"];

const END: &str = ".service";

/// Those whose files mention a program, each under the one name that is not an alias.
pub(super) fn others(asked: &Asked<'_>, program: &str) -> Result<Vec<Other>, RootError> {
    let finder = finder(asked.host);
    let find = |name: &str| -> Result<Option<Found>, RootError> {
        let Ok(unit) = format!("{name}{END}").parse::<UnitName>() else {
            return Ok(None);
        };
        match finder.unit(&unit) {
            Ok(found) => Ok(Some(found)),
            Err(FindError::Denied(error)) => Err(error),
            Err(_) => Ok(None),
        }
    };
    let asked_for = asked.name.as_str();
    let services = services(asked.host, finder.folders())?;
    if services.len() == 1 && services.contains_key(asked_for) {
        return Ok(Vec::new());
    }
    let own = find(asked_for)?.map(|it| it.name);
    let mut all = Few::new();
    for (name, path) in services {
        if name == asked_for {
            continue;
        }
        let Some(found) = find(&name)?.filter(|it| own.as_ref() != Some(&it.name)) else {
            continue;
        };
        let name = found.name.as_str().strip_suffix(END).unwrap_or(&name);
        let is_other = called(name, asked.name).is_none() && found.mentions(program);
        if let Some(name) = name.parse().ok().filter(|_| is_other) {
            let place = Place::of_line(path.display().to_string(), 0);
            all.or_insert(found.name, Other::new(name, place));
        }
    }
    Ok(all.into_iter().map(|(_, other)| other).collect())
}

/// The names of the services that are in systemd's folders, but for those that packages have put
/// there and no link starts; each with the link that starts it, or its file.
fn services(
    host: &Host,
    folders: &[impl AsRef<Path>],
) -> Result<BTreeMap<String, PathBuf>, RootError> {
    let mut found = BTreeMap::new();
    for folder in folders.iter().map(AsRef::as_ref) {
        let is_of_packages = OF_PACKAGES.iter().any(|it| folder.starts_with(it));
        for entry in names(host.root(), folder)? {
            let path = folder.join(&entry);
            let mut add = |entry: &str, path: PathBuf| {
                if let Some(name) = service(entry) {
                    found.entry(name).or_insert(path);
                }
            };
            if LINKS.iter().any(|end| entry.ends_with(end)) {
                for link in names(host.root(), &path)? {
                    add(&link, path.join(&link));
                }
            } else if !is_of_packages {
                add(&entry, path);
            }
        }
    }
    Ok(found)
}

/// The name of a service that a file is one of; a template runs nothing itself.
fn service(file: &str) -> Option<String> {
    let name = file.strip_suffix(END).filter(|it| !it.ends_with('@'))?;
    Some(name.to_owned())
}
