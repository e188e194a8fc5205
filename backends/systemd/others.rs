//! Services of systemd beside one: what links in the folders of targets start, and what somebody
//! has added to a machine.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::find::finder;
use super::started::LINKS;
use crate::backends::rivals::{called, names};
use crate::effective::{Asked, Other, Place};
use crate::host::Host;
use crate::root::RootError;
use crate::unit::{Finder, UnitName};

/// Where units of packages are, most of which nothing starts.
const OF_PACKAGES: [&str; 2] = ["/lib", "/usr/lib"];

const END: &str = ".service";

/// Those whose files mention a program.
pub(super) fn others(asked: &Asked<'_>, program: &str) -> Result<Vec<Other>, RootError> {
    let host = asked.host;
    let finder = finder(host);
    let mut seen = Seen::default();
    for folder in finder.folders() {
        seen.look(host, folder)?;
    }
    let mut found = Vec::new();
    for (name, path) in &seen.services {
        let Ok(other) = name.parse() else {
            continue;
        };
        let is_other = called(name, asked.name).is_none();
        if is_other && seen.mentions(host, &finder, (name.as_str(), path.as_path()), program) {
            found.push(Other {
                name: other,
                place: Place::of_line(path.display().to_string(), 0),
            });
        }
    }
    Ok(found)
}

/// What is in systemd's folders.
#[derive(Default)]
struct Seen {
    /// The services by their names, each with its file, or with a link that starts it.
    services: BTreeMap<String, PathBuf>,
    /// The names of those that have drop-ins of their own.
    changed: BTreeSet<String>,
}

impl Seen {
    fn look(&mut self, host: &Host, folder: &Path) -> Result<(), RootError> {
        let is_of_packages = OF_PACKAGES.iter().any(|it| folder.starts_with(it));
        for entry in names(host.root(), folder)? {
            let path = folder.join(&entry);
            if let Some(name) = entry.strip_suffix(".service.d") {
                self.changed.insert(name.to_owned());
            } else if LINKS.iter().any(|end| entry.ends_with(end)) {
                for link in names(host.root(), &path)? {
                    if let Some(name) = link.strip_suffix(END) {
                        self.add(name, path.join(&link));
                    }
                }
            } else if let Some(name) = entry.strip_suffix(END).filter(|_| !is_of_packages) {
                self.add(name, path);
            }
        }
        Ok(())
    }

    fn add(&mut self, name: &str, path: PathBuf) {
        // A template runs nothing itself.
        if !name.ends_with('@') {
            self.services.entry(name.to_owned()).or_insert(path);
        }
    }

    /// Whether a unit's file or one of its drop-ins mentions a program.
    fn mentions(
        &self,
        host: &Host,
        finder: &Finder<'_>,
        (name, path): (&str, &Path),
        program: &str,
    ) -> bool {
        let text = host.text(path);
        if text.is_some_and(|text| text.contains(program)) {
            return true;
        }
        let template = name.split_once('@').map(|(begin, _)| format!("{begin}@"));
        let has_drop_ins = |name: &str| self.changed.contains(name);
        if !has_drop_ins(name) && !template.is_some_and(|it| has_drop_ins(&it)) {
            return false;
        }
        let unit = format!("{name}{END}").parse::<UnitName>();
        let found = unit.ok().and_then(|unit| finder.unit(&unit).ok());
        let mentions = |bytes: &[u8]| {
            let mut windows = bytes.windows(program.len());
            windows.any(|it| it == program.as_bytes())
        };
        found.is_some_and(|it| it.drop_ins.iter().any(|source| mentions(&source.bytes)))
    }
}
