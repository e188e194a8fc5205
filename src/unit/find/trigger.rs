//! Other units that start a service (`systemd.timer(5)`, `systemd.socket(5)`,
//! `systemd.path(5)`, "Unit=" and "Service=").

use std::collections::BTreeSet;

use super::Finder;
use crate::sorting;
use crate::unit::file::{self, FILE_MAX};
use crate::unit::text::boolean;
use crate::unit::{FindError, Specifiers, UnitName};

/// The kinds with the section and the key by which they name another service than that of
/// their own name.
const KINDS: [(&str, &str, &str); 3] = [
    ("path", "Path", "Unit"),
    ("socket", "Socket", "Service"),
    ("timer", "Timer", "Unit"),
];

/// A unit that starts the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trigger {
    /// Its file, as the user knows it.
    pub path: String,
    /// Its file inside of the tree.
    pub inside: String,
    /// `path`, `socket` or `timer`.
    pub kind: &'static str,
}

impl Finder<'_> {
    /// The units that start a service, in the order of their names. Only files are looked at,
    /// not whether they are enabled.
    pub(super) fn triggers(
        &self,
        name: &UnitName,
        aliases: &BTreeSet<UnitName>,
    ) -> Result<Vec<Trigger>, FindError> {
        let mut seen = BTreeSet::new();
        let mut found = Vec::new();
        for folder in self.searched.iter() {
            for file in self.root.list_if_there(folder)? {
                let unit = file.to_str().and_then(|it| it.parse::<UnitName>().ok());
                let Some(unit) = unit else { continue };
                let Some(kind) = KINDS.iter().find(|(kind, ..)| *kind == unit.suffix()) else {
                    continue;
                };
                // What a folder before this one has under the name counts.
                if !seen.insert(unit.clone()) {
                    continue;
                }
                let path = folder.join(&file);
                let text = match self.root.read_if_there(&path, FILE_MAX) {
                    Err(error) if error.is_denied() => return Err(error.into()),
                    // A link to `/dev/null` masks it, and what cannot be read starts nothing.
                    text => match text.ok().flatten() {
                        Some(text) => text,
                        None => continue,
                    },
                };
                let starts = |name: &UnitName| starts(&unit, kind, &text, name);
                if starts(name) || aliases.iter().any(starts) {
                    found.push(Trigger {
                        path: self.root.shown(&path).display().to_string(),
                        inside: path.display().to_string(),
                        kind: kind.0,
                    });
                }
            }
        }
        sorting::by(&mut found, |one, other| one.path.cmp(&other.path));
        Ok(found)
    }
}

/// Whether a unit starts a service; a file without text masks it.
fn starts(unit: &UnitName, kind: &(&str, &str, &str), text: &[u8], name: &UnitName) -> bool {
    let (_, section, key) = *kind;
    let value = |key| file::value_of(text, section, key);
    if text.is_empty() {
        return false;
    }
    // A service of its own for each connection.
    if value("Accept").is_some_and(|it| boolean(&it) == Some(true)) {
        let template = format!("{}@.service", unit.stem());
        return name.template().is_some_and(|it| it.as_str() == template);
    }
    let of_instance = || {
        let instance = name.instance().filter(|_| unit.is_template())?;
        format!("{}@{instance}.{}", unit.prefix(), unit.suffix())
            .parse()
            .ok()
    };
    let unit = of_instance().unwrap_or_else(|| unit.clone());
    match value(key) {
        None => unit.stem() == name.stem(),
        Some(named) => {
            let specifiers = Specifiers {
                name: &unit,
                fragment: "",
                host: &|_| None,
            };
            specifiers
                .expand(&named)
                .is_ok_and(|it| it == name.as_str())
        }
    }
}
