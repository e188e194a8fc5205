//! Whether what has to be so for a service to start is so (`condition.c` of systemd 257).

use std::cmp::Ordering;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::envfile::glob;
use crate::service::{ARCHITECTURES, Check, Condition, Conditions, comparisons};

/// The first condition that is not fulfilled; of those of which any is enough, the last where
/// none is.
pub(super) fn unfulfilled(conditions: &Conditions) -> Option<&Condition> {
    let fails = |it: &&Condition| holds(it) == it.is_negated;
    let all = conditions.iter().filter(|it| !it.is_trigger).find(fails);
    let any = || conditions.iter().filter(|it| it.is_trigger);
    all.or_else(|| any().last().filter(|_| any().all(|it| fails(&it))))
}

/// Whether it is so, `|` and `!` left out of account.
fn holds(condition: &Condition) -> bool {
    let value = condition.value.as_str();
    let path = Path::new(value);
    let file = || fs::metadata(path).ok().filter(fs::Metadata::is_file);
    match condition.check {
        Check::PathExists => path.exists(),
        Check::PathIsDirectory => path.is_dir(),
        Check::DirectoryNotEmpty => {
            fs::read_dir(path).is_ok_and(|mut folder| folder.next().is_some())
        }
        Check::FileNotEmpty => file().is_some_and(|file| file.len() > 0),
        Check::FileIsExecutable => {
            file().is_some_and(|file| file.permissions().mode() & 0o111 != 0)
        }
        Check::KernelVersion => {
            let release = read("/proc/sys/kernel/osrelease");
            comparisons(value).all(|(operator, word)| is_version(operator, word, release.trim()))
        }
        Check::Virtualization => match value {
            "container" => is_container(),
            "vm" => !is_container() && is_virtual_machine(),
            wanted => (is_container() || is_virtual_machine()) == (wanted == "yes"),
        },
        Check::Architecture => is_architecture(value, &machine()),
    }
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// The kernel's word for the machine, as far as it tells (Linux 6.1), else that of this
/// program.
fn machine() -> String {
    let told = read("/proc/sys/kernel/arch");
    match told.trim() {
        "" => std::env::consts::ARCH.into(),
        told => told.into(),
    }
}

fn is_architecture(word: &str, machine: &str) -> bool {
    match word {
        // `i386` to `i686`, and what a program knows of itself
        "x86" => machine.starts_with('i') && machine.ends_with("86") || machine == "x86",
        "arm" => machine.starts_with("arm"),
        _ => ARCHITECTURES.contains(&(word, machine)),
    }
}

/// One comparison of `ConditionKernelVersion=`: by version, as text, or with a pattern of `*`
/// and `?`.
fn is_version(operator: &str, version: &str, release: &str) -> bool {
    let ordering = compare(release, version);
    match operator {
        "$=" => glob::is_match(version, release),
        "!$=" => !glob::is_match(version, release),
        "=" => version == release,
        "!=" => version != release,
        "<" => ordering == Ordering::Less,
        "<=" => ordering != Ordering::Greater,
        ">" => ordering == Ordering::Greater,
        ">=" => ordering != Ordering::Less,
        "<>" => ordering != Ordering::Equal,
        _ => ordering == Ordering::Equal,
    }
}

/// `strverscmp_improved` (`string-util.c`), of which kernels use dots, dashes, digits and
/// letters: digits count as numbers, and what ends earlier is older, except before `-`.
fn compare(one: &str, other: &str) -> Ordering {
    let (mut one, mut other) = (one, other);
    loop {
        let skipped = |text: &'_ str| -> usize {
            let is_part = |c: char| c.is_ascii_alphanumeric() || "~-^.".contains(c);
            text.find(is_part).unwrap_or(text.len())
        };
        (one, other) = (&one[skipped(one)..], &other[skipped(other)..]);
        // What comes before what: `~`, the end, `-`, `^`, `.`, letters and digits.
        let rank = |text: &str| match text.chars().next() {
            Some('~') => 0,
            None => 1,
            Some('-') => 2,
            Some('^') => 3,
            Some('.') => 4,
            Some(_) => 5,
        };
        match (rank(one), rank(other)) {
            (1, 1) => return Ordering::Equal,
            (a, b) if a != b => return a.cmp(&b),
            (5, 5) => {}
            _ => {
                (one, other) = (&one[1..], &other[1..]);
                continue;
            }
        }
        let is_number = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
        let by_number = is_number(one) || is_number(other);
        let (a, rest) = segment(one, by_number);
        let (b, other_rest) = segment(other, by_number);
        let ordering = match by_number {
            true => {
                let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
                a.len().cmp(&b.len()).then(a.cmp(b))
            }
            false => a.cmp(b),
        };
        if ordering != Ordering::Equal {
            return ordering;
        }
        (one, other) = (rest, other_rest);
    }
}

/// The digits, or the letters, that a text begins with.
fn segment(text: &str, digits: bool) -> (&str, &str) {
    let is_in = |c: char| match digits {
        true => c.is_ascii_digit(),
        false => c.is_ascii_alphabetic(),
    };
    text.split_at(text.find(|c| !is_in(c)).unwrap_or(text.len()))
}

/// By the signs that container managers leave (`detect_container`, `virt.c`).
fn is_container() -> bool {
    let environ = fs::read("/proc/1/environ").unwrap_or_default();
    let mut variables = environ.split(|byte| *byte == 0);
    let is_told = variables.any(|it| it.starts_with(b"container=") && it.len() > 10);
    let signs = [
        "/run/systemd/container",
        "/run/host/container-manager",
        "/run/.containerenv",
        "/.dockerenv",
    ];
    is_told || signs.iter().any(|path| Path::new(path).exists())
}

/// By what the processor and the firmware say (`detect_vm`, `virt.c`).
fn is_virtual_machine() -> bool {
    const VENDORS: [&str; 13] = [
        "QEMU",
        "KVM",
        "VMware",
        "VMW",
        "innotek GmbH",
        "VirtualBox",
        "Xen",
        "Bochs",
        "Parallels",
        "BHYVE",
        "Hyper-V",
        "Amazon EC2",
        "Google Compute Engine",
    ];
    let flags = read("/proc/cpuinfo");
    let mut flags = flags.lines().filter(|line| line.starts_with("flags"));
    let by_processor = flags.any(|line| line.split_whitespace().any(|it| it == "hypervisor"));
    let by_firmware = || {
        ["product_name", "sys_vendor", "board_vendor", "bios_vendor"]
            .iter()
            .map(|name| read(&format!("/sys/class/dmi/id/{name}")))
            .any(|text| VENDORS.iter().any(|vendor| text.starts_with(vendor)))
    };
    by_processor || by_firmware() || Path::new("/proc/device-tree/hypervisor").exists()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Scratch;

    #[test]
    fn versions_are_compared_as_systemd_does() {
        for (release, word, is_so) in [
            ("6.1.0-13-amd64", ">=5.4", true),
            ("6.1.0-13-amd64", "<6.1.0", false),
            ("6.1.0-13-amd64", ">6.1.0", true),
            ("6.1.0-rc1", ">6.1.0", true),
            ("5.10.0", ">=5.9", true),
            ("5.9", "<5.10", true),
            ("6.1", "=6.1", true),
            ("6.01", "==6.1", true),
            ("6.01", "=6.1", false),
            ("6.01", "!=6.1", true),
            ("6.01", "<>6.1", false),
            ("6.1", "!=6.1", false),
            ("6.1", ">= 5.4  < 7", true),
            ("6.1", "$=6.*", true),
            ("6.1", "!$=6.*", false),
            ("6.1.0-13-amd64", "6.*", true),
            ("6.1.0-13-amd64", "6.?.*-amd64", true),
            ("6.1.0-13-amd64", "6.1", false),
            ("6.1", "<=6.1~x", false),
        ] {
            let mut all = comparisons(word);
            let found = all.all(|(operator, version)| is_version(operator, version, release));
            assert_eq!(found, is_so, "{release} {word}");
        }
    }

    #[test]
    fn paths_are_looked_at() {
        let scratch = Scratch::new();
        let at = |name: &str| scratch.path().join(name).display().to_string();
        fs::create_dir_all(at("full/empty")).unwrap();
        fs::write(at("file"), "x").unwrap();
        fs::write(at("nothing"), "").unwrap();
        fs::write(at("program"), "x").unwrap();
        fs::set_permissions(at("program"), fs::Permissions::from_mode(0o755)).unwrap();
        for (check, name, is_so) in [
            (Check::PathExists, "full", true),
            (Check::PathExists, "none", false),
            (Check::PathIsDirectory, "full", true),
            (Check::PathIsDirectory, "file", false),
            (Check::DirectoryNotEmpty, "full", true),
            (Check::DirectoryNotEmpty, "full/empty", false),
            (Check::DirectoryNotEmpty, "file", false),
            (Check::FileNotEmpty, "file", true),
            (Check::FileNotEmpty, "nothing", false),
            (Check::FileNotEmpty, "full", false),
            (Check::FileIsExecutable, "program", true),
            (Check::FileIsExecutable, "file", false),
            (Check::FileIsExecutable, "full", false),
        ] {
            for not in ["", "!"] {
                let condition = check.condition(&format!("{not}{}", at(name))).unwrap();
                let mut conditions = Conditions::NONE;
                conditions.insert(condition);
                let fails = unfulfilled(&conditions).is_some();
                assert_eq!(fails, is_so == (not == "!"), "{check:?} {not}{name}");
            }
        }
    }

    #[test]
    fn of_some_any_is_enough() {
        for (paths, first) in [
            (&["|/none", "|/proc"][..], None),
            (&["|/none", "|!/none"], None),
            (&["|/none", "|!/proc", "/proc"], Some("|!/proc")),
            (&["|/proc", "/none"], Some("/none")),
        ] {
            let conditions = serde_json::json!({ "pathExists": paths });
            let conditions: Conditions = serde_json::from_value(conditions).unwrap();
            let found = unfulfilled(&conditions).map(ToString::to_string);
            assert_eq!(found.as_deref(), first, "{paths:?}");
        }
    }

    #[test]
    fn the_machine_is_one_of_those() {
        let is_so = |check: Check, value: &str| holds(&check.condition(value).unwrap());
        let known = |(word, _): &(&str, &str)| is_so(Check::Architecture, word);
        assert_eq!(ARCHITECTURES.iter().filter(|it| known(it)).count(), 1);
        for (word, machine) in [("x86", "i586"), ("arm", "armv6l"), ("arm64", "aarch64")] {
            assert!(is_architecture(word, machine), "{word}");
        }
        assert!(!is_architecture("x86", "x86_64"));
        let virt = |value: &str| is_so(Check::Virtualization, value);
        assert_ne!(virt("yes"), virt("no"));
        assert_eq!(virt("yes"), virt("vm") || virt("container"));
    }
}
