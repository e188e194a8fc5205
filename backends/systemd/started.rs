//! Whether a boot comes to a unit of a tree, by whatever way: links in the folders of targets
//! (`systemd.unit(5)`, "NAME.wants"), lines of other units, and units that start it
//! (`systemd.timer(5)` and its like).

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::find::finder;
use crate::host::Host;
use crate::service::Name;
use crate::unit::{Finder, Given, Unit, UnitName, Value};

/// What every boot comes to (`bootup(7)`).
const BOOT: [&str; 8] = [
    "basic.target",
    "default.target",
    "local-fs.target",
    "paths.target",
    "remote-fs.target",
    "sockets.target",
    "sysinit.target",
    "timers.target",
];

/// What boots come to as a rule, where nothing says what `default.target` is.
const USUAL: [&str; 2] = ["graphical.target", "multi-user.target"];

/// Folders of links.
const LINKS: [&str; 3] = [".wants", ".requires", ".upholds"];

/// Lines by which a unit starts others.
const KEYS: [&str; 4] = ["Wants", "Requires", "BindsTo", "Upholds"];

/// So many units start each other.
const DEEPEST: usize = 8;

/// Whether a boot starts a service that no link of its own `[Install]` enables.
pub(super) fn is_started(host: &Host, name: &Name) -> bool {
    let finder = finder(host);
    let Ok(unit) = format!("{name}.service").parse::<UnitName>() else {
        return false;
    };
    let default = "default.target".parse::<UnitName>();
    let boot = Boot {
        host,
        finder: &finder,
        knows_default: default.is_ok_and(|default| finder.unit(&default).is_ok()),
        texts: OnceCell::new(),
    };
    let mut seen = BTreeSet::new();
    if boot.comes_to(&unit, &mut seen, DEEPEST) {
        return true;
    }
    let given = Given {
        unit: unit.as_str(),
        drop_ins: &[],
    };
    let found = super::find::finder(host).with_triggers().find(given);
    let triggers = found.map(|it| it.triggers).unwrap_or_default().into_iter();
    let mut triggers = triggers.filter_map(|it| {
        let name = Path::new(&it.inside).file_name()?.to_str()?;
        name.parse::<UnitName>().ok()
    });
    triggers.any(|unit| boot.comes_to(&unit, &mut seen, DEEPEST))
}

struct Boot<'a> {
    host: &'a Host,
    finder: &'a Finder<'a>,
    /// Whether the tree says what `default.target` is.
    knows_default: bool,
    /// Read when first asked for, and once.
    texts: OnceCell<Vec<(UnitName, String)>>,
}

impl Boot<'_> {
    /// Whether a boot comes to a unit, by units that are not seen yet.
    fn comes_to(&self, unit: &UnitName, seen: &mut BTreeSet<UnitName>, deep: usize) -> bool {
        let names = self.finder.names(unit).unwrap_or_default();
        let is_booted = |name: &UnitName| {
            let name = name.as_str();
            BOOT.contains(&name) || !self.knows_default && USUAL.contains(&name)
        };
        if names.iter().any(is_booted) {
            return true;
        }
        if deep == 0 || !seen.insert(unit.clone()) {
            return false;
        }
        let mut by = self.linked(&names);
        by.extend(self.said(&names));
        by.iter().any(|unit| self.comes_to(unit, seen, deep - 1))
    }

    /// The units in whose folders of links one of the names is.
    fn linked(&self, names: &BTreeSet<UnitName>) -> BTreeSet<UnitName> {
        let mut found = BTreeSet::new();
        for folder in self.finder.folders() {
            for entry in self.host.list(folder) {
                let mut ends = LINKS.iter();
                let Some(by) = ends.find_map(|end| entry.strip_suffix(end)) else {
                    continue;
                };
                let Ok(by) = by.parse::<UnitName>() else {
                    continue;
                };
                let links = self.host.list(folder.join(&entry));
                let is_it = |link: &String| names.iter().any(|name| name.as_str() == link);
                if links.iter().any(is_it) {
                    found.insert(by);
                }
            }
        }
        found
    }

    /// The units that say so themselves, or in a drop-in.
    fn said(&self, names: &BTreeSet<UnitName>) -> BTreeSet<UnitName> {
        let mut found = BTreeSet::new();
        for (unit, text) in self.texts.get_or_init(|| self.read()) {
            let is_mentioned = names.iter().any(|name| text.contains(name.as_str()));
            // What is in the text may not count in the end.
            if !found.contains(unit) && is_mentioned && self.pulls(unit, names) {
                found.insert(unit.clone());
            }
        }
        found
    }

    /// The texts of all units and drop-ins, each with its unit.
    fn read(&self) -> Vec<(UnitName, String)> {
        let mut all = Vec::new();
        for folder in self.finder.folders() {
            for entry in self.host.list(folder) {
                let path = folder.join(&entry);
                let (unit, paths) = match entry.strip_suffix(".d") {
                    Some(unit) => (unit, self.drop_ins(&path)),
                    None => (entry.as_str(), vec![path]),
                };
                let Ok(unit) = unit.parse::<UnitName>() else {
                    continue;
                };
                let texts = paths.iter().filter_map(|path| self.host.text(path));
                all.extend(texts.map(|text| (unit.clone(), text)));
            }
        }
        all
    }

    fn drop_ins(&self, folder: &Path) -> Vec<PathBuf> {
        let names = self.host.list(folder).into_iter();
        names.map(|name| folder.join(name)).collect()
    }

    /// Whether a unit starts one of these names, with all that counts for it.
    fn pulls(&self, unit: &UnitName, names: &BTreeSet<UnitName>) -> bool {
        let Ok(found) = self.finder.unit(unit) else {
            return false;
        };
        let unit = Unit::of(&found, &|_| None);
        let mut settings = unit.settings.iter().filter(|it| KEYS.contains(&it.key));
        settings.any(|it| match &it.value {
            Value::Text(name) => names.iter().any(|it| it.as_str() == name),
            _ => false,
        })
    }
}
