//! Whether a boot comes to a unit of a tree, by whatever way: links in the folders of targets
//! (`systemd.unit(5)`, "NAME.wants"), lines of other units, and units that start it
//! (`systemd.timer(5)` and its like).

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::find::finder;
use crate::backends::Trouble;
use crate::backends::rivals::NULL;
use crate::host::Host;
use crate::rendering;
use crate::service::Name;
use crate::sorting;
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

/// To what a boot comes only if it is what the machine is told (`systemd.special(7)`). What pulls
/// any other target in need not be in a file, since generators write units at each boot.
const NEVER: [&str; 10] = [
    "emergency.target",
    "exit.target",
    "graphical.target",
    "halt.target",
    "kexec.target",
    "multi-user.target",
    "poweroff.target",
    "reboot.target",
    "rescue.target",
    "shutdown.target",
];

/// Kinds of units that generators make, such as those of `/etc/fstab`.
const GENERATED: [&str; 4] = [".automount", ".mount", ".swap", ".target"];

/// Folders of links.
pub(super) const LINKS: [&str; 3] = [".wants", ".requires", ".upholds"];

/// Lines by which a unit starts others.
const KEYS: [&str; 4] = ["Wants", "Requires", "BindsTo", "Upholds"];

/// So many units start each other.
const DEEPEST: usize = 8;

/// Whether a boot starts a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Started {
    Yes,
    No,
    /// This unit starts it, and whether a boot comes to that cannot be told from files.
    With(UnitName),
}

impl Started {
    /// Why it cannot be told.
    pub(super) fn untold(by: &UnitName) -> String {
        match by.as_str() {
            SOME => format!(
                "it starts with `{SOME}`, and there is no `{DEFAULT}` that says whether a boot \
                 comes to that"
            ),
            _ => format!(
                "it starts with `{by}`, and what starts that is in no file: a generator of systemd \
                 may"
            ),
        }
    }
}

/// Whether a boot starts a service.
pub(super) fn is_started(host: &Host, name: &Name) -> Started {
    let finder = finder(host);
    match format!("{name}.service").parse::<UnitName>() {
        Ok(unit) => Boot::new(host, &finder).starts(&unit),
        Err(_) => Started::No,
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
    if boot.starts(&unit) != Started::No {
        return None;
    }
    let again = format!("name `{goal}` in `WantedBy=` of the unit, and enable it again");
    let root = rendering::quote::root_option(host.root());
    // To boot to others, such as `reboot.target`, is not what anybody wants.
    let hint = match [USUAL, SOME].contains(&target.as_str()) {
        true => format!("`systemctl{root} set-default {target}` boots to it; or {again}"),
        false => again,
    };
    Some(Trouble {
        path: link,
        what: format!(
            "enables `{name}` for `{target}`, to which {}",
            match boot.is_told {
                true => format!("this boot did not come: it was told to come to `{goal}`"),
                false => format!("no boot comes: `{DEFAULT}` is `{goal}`"),
            }
        ),
        hint: Some(hint),
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
    // In a container that of the kernel is the host's (`proc_cmdline`, `proc-cmdline.c`).
    let is_contained = host.exists("/run/systemd/container");
    let files = ["/proc/cmdline", "/proc/1/cmdline"].into_iter();
    let texts = files.skip(usize::from(is_contained));
    let texts: Vec<_> = texts.map(|it| host.text(it).unwrap_or_default()).collect();
    // The words of the process itself are parted by NUL.
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
            texts: OnceCell::new(),
        }
    }

    /// Whether it starts a unit, or what triggers that.
    fn starts(&self, unit: &UnitName) -> Started {
        let mut seen = BTreeSet::new();
        if self.comes_to(unit, &mut seen, DEEPEST) {
            return Started::Yes;
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
        if triggers.any(|unit| self.comes_to(&unit, &mut seen, DEEPEST)) {
            return Started::Yes;
        }
        let mut open = seen.into_iter().filter(|by| by != unit);
        open.find(|by| self.is_open(by.as_str()))
            .map_or(Started::No, Started::With)
    }

    /// Whether it may come to a unit that nothing in a file starts.
    fn is_open(&self, name: &str) -> bool {
        let is_generated = GENERATED.iter().any(|end| name.ends_with(end));
        match name {
            SOME => self.goal.is_none(),
            _ => is_generated && !NEVER.contains(&name),
        }
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
        let mut comes_to_one = |by: BTreeSet<UnitName>| {
            let mut by = by.iter();
            by.any(|unit| self.comes_to(unit, seen, deep - 1))
        };
        // For what units say all of them are read.
        comes_to_one(self.linked(&names)) || comes_to_one(self.said(&names))
    }

    fn is_goal(&self, name: &str) -> bool {
        match &self.goal {
            Some(goal) => name == goal.as_str() || name == DEFAULT && !self.is_told,
            None => name == DEFAULT || name == USUAL,
        }
    }

    /// The units in whose folders of links one of the names is.
    fn linked(&self, names: &BTreeSet<UnitName>) -> BTreeSet<UnitName> {
        sorting::set(self.links(names).into_iter().map(|(_, by)| by))
    }

    /// The links in such folders, each with the unit whose folder it is in. Of several folders of
    /// one name the first that has a link counts, and what is no link, or one to `/dev/null`, is
    /// left out (`unit_load_dropin`, `load-dropin.c`).
    fn links(&self, names: &BTreeSet<UnitName>) -> Vec<(PathBuf, UnitName)> {
        let mut found = Vec::new();
        let mut seen = Vec::new();
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
                for link in self.host.list(&folder) {
                    let is_it = names.iter().any(|name| name.as_str() == link);
                    if is_it && sorting::is_new(&mut seen, (entry.clone(), link.clone())) {
                        let path = folder.join(link);
                        let link = self.host.root().read_link(&path).ok().flatten();
                        let counts = link.is_some_and(|it| it != Path::new(NULL));
                        found.extend(counts.then(|| (path, by.clone())));
                    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::fixture::Fake;

    const UNITS: &str = "/usr/lib/systemd/system";

    /// A service that is enabled for one target, and booted to another by default.
    fn enabled_for(target: &str) -> Fake {
        let fake = Fake::empty();
        for unit in ["multi-user.target", "graphical.target", "rescue.target"] {
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
            ("ro", "/sbin/init\0", "rescue.target", Started::No),
            (
                "ro systemd.unit=rescue.target\n",
                "/sbin/init\0",
                "rescue.target",
                Started::Yes,
            ),
            (
                "ro systemd.unit=rescue.target\n",
                "/sbin/init\0",
                "graphical.target",
                Started::No,
            ),
            (
                "ro systemd.unit=rescue.target\n",
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
        // A tree is not this machine, and a container is not told what its host is.
        let fake = enabled_for("rescue.target");
        fake.file("/proc/cmdline", "systemd.unit=rescue.target");
        assert_eq!(is_started(&fake.host(), &name), Started::No);
        fake.file("/run/systemd/container", "lxc");
        let contained = fake.host().taken_for_the_machine();
        assert_eq!(is_started(&contained, &name), Started::No);
    }

    #[test]
    fn what_a_generator_may_start_cannot_be_told() {
        let name: Name = "k".parse().unwrap();
        for by in ["data.mount", "dev-sda2.swap", "cloud-init.target"] {
            let fake = enabled_for(by);
            let host = fake.host();
            assert_eq!(
                is_started(&host, &name),
                Started::With(by.parse().unwrap()),
                "{by}"
            );
            assert_eq!(in_vain(&host, &name), None, "{by}");
        }
    }

    #[test]
    fn what_is_no_link_to_a_unit_starts_nothing() {
        let name: Name = "k".parse().unwrap();
        let wants = "/etc/systemd/system/graphical.target.wants/k.service";
        let fake = enabled_for("rescue.target");
        fake.file(wants, "[Service]\nExecStart=k\n");
        assert_eq!(is_started(&fake.host(), &name), Started::No);
        let fake = enabled_for("rescue.target");
        fake.link(wants, "/dev/null").link(
            &format!("{UNITS}/graphical.target.wants/k.service"),
            "../k.service",
        );
        assert_eq!(is_started(&fake.host(), &name), Started::No);
    }
}
