//! Names of systemd's units, which are written where a service's name is meant.

use super::ValueError;

/// The suffixes of units that are not services, with what one is called
/// (`systemd.unit(5)`, "Description").
const KINDS: &[(&str, &str)] = &[
    ("target", "a target"),
    ("socket", "a socket"),
    ("timer", "a timer"),
    ("mount", "a mount"),
    ("automount", "an automount"),
    ("swap", "a swap unit"),
    ("device", "a device unit"),
    ("path", "a path unit"),
    ("slice", "a slice"),
    ("scope", "a scope"),
];

/// The name without the suffix of a service's unit.
pub(super) fn without_suffix(name: &str) -> &str {
    let bare = name.strip_suffix(".service");
    bare.filter(|bare| !bare.is_empty()).unwrap_or(name)
}

/// Refuses the name of a unit that is not a service.
///
/// # Errors
/// [`ValueError::Unit`], with what becomes of such a unit elsewhere.
pub(crate) fn check(name: &str) -> Result<(), ValueError> {
    let Some((stem, suffix)) = name.rsplit_once('.') else {
        return Ok(());
    };
    let kind = KINDS.iter().find(|(known, _)| *known == suffix);
    match kind {
        Some((_, kind)) => Err(ValueError::Unit {
            unit: name.into(),
            kind,
            hint: instead(name, stem, suffix),
        }),
        None => Ok(()),
    }
}

/// What becomes of a unit under other inits, and what to write.
fn instead(name: &str, stem: &str, suffix: &str) -> String {
    const GONE: &str = "leave it out: every init is that far before it starts services";
    match suffix {
        "target" if name == "network.target" => {
            format!("{GONE}; `network-online` waits until the network is up")
        }
        "target" if is_of_boot(name) => GONE.into(),
        "target"
            if matches!(
                stem,
                "multi-user" | "graphical" | "default" | "rescue" | "emergency"
            ) =>
        {
            "leave it out: a service that is enabled starts with the machine".into()
        }
        "target" => "other inits have no targets: name the services that it stands for".into(),
        "socket" => format!(
            "no other init hands over a socket: name the service, `{stem}`, and give the socket's path in an argument"
        ),
        "timer" | "path" => format!(
            "no other init starts a service by it: name the service, `{stem}`, or leave it out"
        ),
        "mount" | "automount" | "swap" => {
            "leave it out: what /etc/fstab names is mounted before services start".into()
        }
        "device" => "leave it out: other inits do not wait for a device".into(),
        _ => "leave it out: it is a group of processes, which is nothing to wait for".into(),
    }
}

/// Targets that are reached before services start, whatever the init
/// (`systemd.special(7)`). `network.target` does not promise an address.
pub(crate) fn is_of_boot(unit: &str) -> bool {
    matches!(
        unit,
        "basic.target"
            | "local-fs.target"
            | "local-fs-pre.target"
            | "network.target"
            | "network-pre.target"
            | "nss-lookup.target"
            | "nss-user-lookup.target"
            | "paths.target"
            | "remote-fs.target"
            | "remote-fs-pre.target"
            | "slices.target"
            | "sockets.target"
            | "swap.target"
            | "sysinit.target"
            | "syslog.target"
            | "time-set.target"
            | "time-sync.target"
            | "timers.target"
    )
}
