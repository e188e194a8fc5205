//! Whether a boot comes to a unit of a tree, by whatever way: links in the folders of targets
//! (`systemd.unit(5)`, "NAME.wants"), lines of other units, and units that start it
//! (`systemd.timer(5)` and its like).

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::find::finder;
use crate::backends::Trouble;
use crate::host::Host;
use crate::service::Name;
use crate::unit::{Finder, Given, Unit, UnitName, Value};

/// What every boot comes to (`bootup(7)`).
const BOOT: [&str; 7] = [
    "basic.target",
    "local-fs.target",
    "paths.target",
    "remote-fs.target",
    "sockets.target",
    "sysinit.target",
    "timers.target",
];

/// What is booted to where the machine is told nothing else.
const DEFAULT: &str = "default.target";

/// What boots come to as a rule, where nothing says what `default.target` is.
const USUAL: &str = "multi-user.target";

/// What some of them come to then.
const SOME: &str = "graphical.target";

/// Folders of links.
pub(super) const LINKS: [&str; 3] = [".wants", ".requires", ".upholds"];

/// Lines by which a unit starts others.
const KEYS: [&str; 4] = ["Wants", "Requires", "BindsTo", "Upholds"];

/// So many units start each other.
const DEEPEST: usize = 8;

/// Whether a boot starts a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Started {
    Yes,
    No,
    /// It would if that were what `default.target` is, which the tree does not say.
    IfGraphical,
}

/// Whether a boot starts a service.
pub(super) fn is_started(host: &Host, name: &Name) -> Started {
    let finder = finder(host);
    let Ok(unit) = format!("{name}.service").parse::<UnitName>() else {
        return Started::No;
    };
    let boot = Boot::new(host, &finder);
    if boot.starts(&unit) {
        return Started::Yes;
    }
    let boot = Boot {
        is_graphical: true,
        ..boot
    };
    match boot.goal.is_none() && boot.starts(&unit) {
        true => Started::IfGraphical,
        false => Started::No,
    }
}

/// That a service is enabled for a target to which no boot comes.
pub(super) fn in_vain(host: &Host, name: &Name) -> Option<Trouble> {
    let finder = finder(host);
    let unit = format!("{name}.service").parse::<UnitName>().ok()?;
    let boot = Boot::new(host, &finder);
    let goal = boot.goal.as_ref()?;
    let names = finder.names(&unit).unwrap_or_default();
    let (link, target) = boot.links(&names).into_iter().next()?;
    if boot.starts(&unit) {
        return None;
    }
    Some(Trouble {
        path: link,
        what: format!(
            "enables `{name}` for `{target}`, to which {}",
            match boot.is_told {
                true => format!("this boot did not come: it was told to come to `{goal}`"),
                false => format!("no boot comes: `{DEFAULT}` is `{goal}`"),
            }
        ),
        hint: Some(format!(
            "`systemctl set-default {target}` boots to it; or name `{goal}` in `WantedBy=` of \
             the unit, and enable it again"
        )),
    })
}

/// What a machine was told to boot to, in the place of its default (`kernel-command-line(7)`,
/// "systemd.unit="; `systemd(1)`, "--unit=").
fn told(host: &Host) -> Option<UnitName> {
    if !host.is_machine() {
        return None;
    }
    let unit = |word: &str| {
        let begins = ["--unit=", "systemd.unit="];
        begins
            .iter()
            .find_map(|it| word.strip_prefix(it))?
            .parse()
            .ok()
    };
    // The words of the process itself are parted by NUL.
    let texts = ["/proc/cmdline", "/proc/1/cmdline"].map(|it| host.text(it).unwrap_or_default());
    let words = texts.iter().flat_map(|it| it.split(['\0', ' ', '\n']));
    words.filter_map(unit).next_back()
}

/// How a tree or a machine boots.
struct Boot<'a> {
    host: &'a Host,
    finder: &'a Finder<'a>,
    /// What it comes to: what the machine was told, or what `default.target` is where the tree
    /// says it.
    goal: Option<UnitName>,
    /// Whether the machine was told.
    is_told: bool,
    /// Whether it is taken for that, where the tree does not.
    is_graphical: bool,
    /// Read when first asked for, and once.
    texts: OnceCell<Vec<(UnitName, String)>>,
}

impl<'a> Boot<'a> {
    fn new(host: &'a Host, finder: &'a Finder<'a>) -> Self {
        let told = told(host);
        let is_told = told.is_some();
        let goal = told.or_else(|| DEFAULT.parse().ok());
        let found = goal.as_ref().and_then(|goal| finder.unit(goal).ok());
        Self {
            host,
            finder,
            goal: found.map(|it| it.name),
            is_told,
            is_graphical: false,
            texts: OnceCell::new(),
        }
    }

    /// Whether it starts a unit, or what triggers that.
    fn starts(&self, unit: &UnitName) -> bool {
        let mut seen = BTreeSet::new();
        if self.comes_to(unit, &mut seen, DEEPEST) {
            return true;
        }
        let given = Given {
            unit: unit.as_str(),
            drop_ins: &[],
        };
        let found = finder(self.host).with_triggers().find(given);
        let triggers = found.map(|it| it.triggers).unwrap_or_default().into_iter();
        let mut triggers = triggers.filter_map(|it| {
            let name = Path::new(&it.inside).file_name()?.to_str()?;
            name.parse::<UnitName>().ok()
        });
        triggers.any(|unit| self.comes_to(&unit, &mut seen, DEEPEST))
    }

    /// Whether a boot comes to a unit, by units that are not seen yet.
    fn comes_to(&self, unit: &UnitName, seen: &mut BTreeSet<UnitName>, deep: usize) -> bool {
        let names = self.finder.names(unit).unwrap_or_default();
        let is_booted = |name: &UnitName| {
            let name = name.as_str();
            // When a device comes up is the machine's to say.
            let is_device = name.ends_with(".device");
            BOOT.contains(&name) || is_device || self.is_goal(name)
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

    fn is_goal(&self, name: &str) -> bool {
        match &self.goal {
            Some(goal) => name == goal.as_str() || name == DEFAULT && !self.is_told,
            None => name == DEFAULT || name == USUAL || name == SOME && self.is_graphical,
        }
    }

    /// The units in whose folders of links one of the names is.
    fn linked(&self, names: &BTreeSet<UnitName>) -> BTreeSet<UnitName> {
        self.links(names).into_iter().map(|(_, by)| by).collect()
    }

    /// The links in such folders, each with the unit whose folder it is in.
    fn links(&self, names: &BTreeSet<UnitName>) -> Vec<(PathBuf, UnitName)> {
        let mut found = Vec::new();
        for folder in self.finder.folders() {
            for entry in self.host.list(folder) {
                let mut ends = LINKS.iter();
                let Some(by) = ends.find_map(|end| entry.strip_suffix(end)) else {
                    continue;
                };
                let Ok(by) = by.parse::<UnitName>() else {
                    continue;
                };
                let folder = folder.join(&entry);
                let links = self.host.list(&folder);
                let is_it = |link: &&String| names.iter().any(|name| name.as_str() == *link);
                let link = links.iter().find(is_it);
                found.extend(link.map(|link| (folder.join(link), by)));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::fixture::Fake;

    const UNITS: &str = "/usr/lib/systemd/system";

    /// A service that is enabled for one target, and booted to another by default.
    fn enabled_for(target: &str) -> Fake {
        let fake = Fake::empty();
        for unit in ["multi-user.target", "graphical.target", "node.target"] {
            fake.file(&format!("{UNITS}/{unit}"), "[Unit]\n");
        }
        fake.file(&format!("{UNITS}/k.service"), "[Service]\nExecStart=k\n")
            .link(&format!("{UNITS}/default.target"), "graphical.target")
            .link(
                &format!("/etc/systemd/system/{target}.wants/k.service"),
                &format!("{UNITS}/k.service"),
            );
        fake
    }

    #[test]
    fn what_a_machine_was_told_to_boot_to_counts() {
        let name: Name = "k".parse().unwrap();
        for (cmdline, init, target, expected) in [
            ("ro quiet", "/sbin/init\0", "graphical.target", Started::Yes),
            ("ro", "/sbin/init\0", "node.target", Started::No),
            (
                "ro systemd.unit=node.target\n",
                "/sbin/init\0",
                "node.target",
                Started::Yes,
            ),
            (
                "ro systemd.unit=node.target\n",
                "/sbin/init\0",
                "graphical.target",
                Started::No,
            ),
            (
                "ro systemd.unit=node.target\n",
                "systemd\0--unit=graphical.target\0",
                "graphical.target",
                Started::Yes,
            ),
        ] {
            let fake = enabled_for(target);
            fake.file("/proc/cmdline", cmdline)
                .file("/proc/1/cmdline", init);
            let machine = fake.host().taken_for_the_machine();
            let case = format!("{cmdline} {init} {target}");
            assert_eq!(is_started(&machine, &name), expected, "{case}");
            assert_eq!(
                in_vain(&machine, &name).is_none(),
                expected == Started::Yes,
                "{case}"
            );
        }
        // A tree is not this machine.
        let fake = enabled_for("node.target");
        fake.file("/proc/cmdline", "systemd.unit=node.target");
        assert_eq!(is_started(&fake.host(), &name), Started::No);
    }
}
