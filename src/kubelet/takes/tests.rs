use super::*;
use std::collections::BTreeSet;
use std::process::Command;

fn presence(kind: Kind, name: &str, version: &str) -> Presence {
    kind.presence(name, version.parse().unwrap())
}

fn release(minor: u32) -> Version {
    Version::release(minor)
}

#[test]
fn the_tables_are_sorted_and_of_known_releases() {
    for (kind, at_least) in [(Kind::Flag, 186), (Kind::Field, 126), (Kind::Gate, 446)] {
        let lines = kind.table().lines().count();
        let entries: Vec<_> = kind.entries().collect();
        assert_eq!(entries.len(), lines, "{kind:?}");
        assert!(entries.len() >= at_least, "{kind:?}");
        assert!(entries.is_sorted_by(|a, b| a.name < b.name), "{kind:?}");
        for entry in entries {
            for minor in [entry.first, entry.last] {
                assert!(
                    TABLED.contains(&minor) || NOTED.contains(&minor),
                    "{entry:?}"
                );
            }
            assert!(entry.first <= entry.last, "{entry:?}");
            assert_eq!(kind.find(entry.name), Some(entry));
        }
    }
    let known = TABLED.iter().chain(NOTED);
    assert!(known.is_sorted_by(|a, b| a < b));
}

#[test]
fn a_name_is_there_in_its_releases_alone() {
    let gone = |minor, at_most| Presence::Gone {
        since: release(minor),
        at_most,
    };
    let not_yet = |minor, at_most| Presence::NotYet {
        since: release(minor),
        at_most,
    };
    for (kind, name, version, expected) in [
        (Kind::Flag, "node-ip", "1.36.3", Presence::There),
        (Kind::Flag, "node-ip", "1.22", Presence::There),
        (Kind::Flag, "config-dir", "1.27.9", not_yet(28, false)),
        (Kind::Flag, "config-dir", "1.28", Presence::There),
        (Kind::Flag, "containerd", "1.36", Presence::There),
        (Kind::Flag, "containerd", "1.37.1", gone(37, false)),
        (Kind::Flag, "iptables-drop-bit", "1.31", gone(31, false)),
        // These the table has not, but the list of the removals.
        (Kind::Flag, "logtostderr", "1.25", Presence::There),
        (Kind::Flag, "logtostderr", "1.26", gone(26, false)),
        (Kind::Flag, "network-plugin", "1.24", gone(24, false)),
        (Kind::Flag, "nod-ip", "1.36", Presence::Never),
        (
            Kind::Flag,
            "nod-ip",
            "1.37",
            Presence::Unknown(Why::Notes(release(37))),
        ),
        (Kind::Flag, "node-ip", "1.99", Presence::Unknown(Why::Newer)),
        (Kind::Flag, "node-ip", "2.0", Presence::Unknown(Why::Newer)),
        (Kind::Flag, "docker-root", "1.38", gone(25, true)),
        (Kind::Flag, "node-ip", "1.19", Presence::Unknown(Why::Older)),
        (
            Kind::Flag,
            "docker-root",
            "1.24",
            Presence::Unknown(Why::Between(release(23), release(25))),
        ),
        (
            Kind::Flag,
            "seccomp-default",
            "1.22",
            Presence::Unknown(Why::Between(release(21), release(23))),
        ),
        (Kind::Flag, "seccomp-default", "1.21", not_yet(23, true)),
        (Kind::Field, "kind", "1.36", Presence::There),
        (Kind::Field, "defaultPodSysctls", "1.36", not_yet(37, false)),
        (Kind::Field, "defaultPodSysctls", "1.37", Presence::There),
        (Kind::Gate, "SidecarContainers", "1.36", Presence::There),
        (Kind::Gate, "SidecarContainers", "1.37", gone(37, false)),
        (Kind::Gate, "SidecarContainers", "1.27", not_yet(28, false)),
    ] {
        assert_eq!(presence(kind, name, version), expected, "{name} {version}");
    }
}

#[test]
fn a_locked_gate_has_one_value() {
    let locked = |name, version: &str| {
        let gate = Kind::Gate.find(name).unwrap();
        gate.locked_to(version.parse().unwrap())
    };
    assert_eq!(locked("SidecarContainers", "1.36.3"), Some(true));
    assert_eq!(locked("GitRepoVolumeDriver", "1.36"), Some(false));
    assert_eq!(locked("HostnameOverride", "1.36"), None);
    assert_eq!(locked("HostnameOverride", "1.37"), Some(true));
    // It may have been locked before; that is not known.
    assert_eq!(locked("SidecarContainers", "1.35"), None);
    assert_eq!(locked("SidecarContainers", "1.37"), None);
}

#[test]
fn a_name_that_is_nearly_right_is_meant() {
    let meant = |kind: Kind, name| kind.meant(name, Some(release(36)));
    assert_eq!(meant(Kind::Flag, "nod-ip"), Some("node-ip"));
    assert_eq!(meant(Kind::Flag, "network-pluginn"), Some("network-plugin"));
    assert_eq!(meant(Kind::Field, "maxpods"), Some("maxPods"));
    assert_eq!(
        meant(Kind::Gate, "sidecarcontainers"),
        Some("SidecarContainers")
    );
    assert_eq!(meant(Kind::Flag, "frobnicate"), None);
    assert_eq!(meant(Kind::Flag, "node-ip"), None);
}

#[test]
fn how_a_release_is_known_is_said() {
    let lines = ["1.19", "1.22.3", "1.24", "1.36.3", "1.37.1", "1.38"]
        .map(|version| how_known(version.parse().unwrap()).unwrap_or_default());
    insta::assert_snapshot!(lines.join("\n"));
}

/// The names of the flags in what `kubelet --help` prints, without those that stand in the
/// text of another one.
fn flags_in(help: &str) -> BTreeSet<String> {
    let flag = |line: &str| {
        let line = line.trim_start();
        let long = line.split_once("--").filter(|(before, _)| {
            before.is_empty() || (before.len() == 4 && before.starts_with('-'))
        })?;
        let name = long.1.split([' ', '=', '[']).next()?;
        (!name.is_empty()).then(|| name.to_owned())
    };
    help.lines().filter_map(flag).collect()
}

#[test]
fn the_flags_are_those_of_the_kubelet_in_path() {
    let run = |argument| {
        let output = Command::new("kubelet").arg(argument).output().ok()?;
        String::from_utf8(output.stdout).ok()
    };
    let Some(version) = run("--version").and_then(|text| text.parse::<Version>().ok()) else {
        eprintln!("skipped: there is no kubelet in PATH to compare the table of flags with");
        return;
    };
    if !TABLED.contains(&version.minor) {
        eprintln!("skipped: the kubelet in PATH is {version}, which was not read from source");
        return;
    }
    // Deprecated flags may be hidden from the help, so all that it shows has to be in the table,
    // and what it does not show has to be one that a kubelet hides.
    let shown = flags_in(&run("--help").unwrap());
    for name in &shown {
        assert_eq!(
            Kind::Flag.presence(name, version),
            Presence::There,
            "--{name} of {version}"
        );
    }
    let there = Kind::Flag
        .entries()
        .filter(|entry| entry.presence(version) == Presence::There);
    let hidden: Vec<_> = there
        .map(|entry| entry.name)
        .filter(|name| !shown.contains(*name))
        .collect();
    assert!(
        hidden.len() <= 10,
        "not in the help of {version}: {hidden:?}"
    );
}

#[test]
fn flags_are_found_in_a_help_text() {
    let help = "Flags:\n      --address ip      The IP (use --config)\n  -h, --help    help\n      --feature-gates mapStringBool  Options are:\nAPIServerIdentity=true|false (BETA)\n  -v, --v Level\n      --version version[=true]   Print\n";
    let names: Vec<_> = flags_in(help).into_iter().collect();
    assert_eq!(names, ["address", "feature-gates", "help", "v", "version"]);
}
