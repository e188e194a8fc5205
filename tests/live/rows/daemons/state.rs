//! What a daemon's process inherits of its init, as the kernel tells it of any process.

use std::collections::BTreeMap;

use crate::bed::Bed;
use crate::error::{Result, fail};
use crate::recorder::{SYSTEMD_ONLY, text};

/// Fields by their names.
pub(crate) type State = BTreeMap<String, String>;

/// The lines of `/proc/PID/status` that count.
const STATUS: [&str; 11] = [
    "Uid",
    "Gid",
    "Groups",
    "Umask",
    "SigIgn",
    "CapInh",
    "CapPrm",
    "CapEff",
    "CapBnd",
    "CapAmb",
    "NoNewPrivs",
];

pub(super) fn of(bed: &Bed, pid: i32) -> Result<State> {
    let read = |name: &str| bed.read_file(&format!("/proc/{pid}/{name}"));
    let line = |name: &str| read(name).map(|bytes| text(bytes.trim_ascii()));
    let mut state = State::new();
    state.insert("argv".into(), text(&read("cmdline")?).replace('\0', " "));
    for variable in read("environ")?.split(|&byte| byte == 0) {
        let variable = text(variable);
        // Who sets the title that ps(1) shows writes it over the variables as well.
        let Some((name, value)) = variable.split_once('=') else {
            continue;
        };
        // haproxy tells the programs that it starts of itself, and of its own processes.
        let excused =
            SYSTEMD_ONLY.iter().any(|(only, _)| *only == name) || name.starts_with("HAPROXY_");
        // The place of the socket is the init's own; systemd 257 and newer tell a service of root that it is that.
        if !excused && name != "NOTIFY_SOCKET" && !(name == "USER" && value == "root") {
            let value = value.trim_end_matches(":/sbin:/bin").to_owned();
            state.insert(format!("${name}"), value);
        }
    }
    for of_status in line("status")?.lines() {
        if let Some((name, value)) = of_status.split_once(':')
            && STATUS.contains(&name)
        {
            state.insert(name.into(), of_libc(name, value.trim()));
        }
    }
    for limit in line("limits")?.lines().skip(1) {
        let (name, values) = limit.split_at(limit.len().min(26));
        let values: Vec<_> = values.split_whitespace().take(2).collect();
        state.insert(name.trim_end().into(), values.join(":"));
    }
    let stat = line("stat")?;
    let Some((_, fields)) = stat.rsplit_once(") ") else {
        fail!("`{stat}` is not a stat line")
    };
    state.insert(
        "nice".into(),
        fields.split(' ').nth(16).unwrap_or_default().into(),
    );
    state.insert("oom_score_adj".into(), line("oom_score_adj")?);
    let place = format!("/proc/{pid}/cwd");
    let folder = bed.run(&["readlink", &place])?.text();
    state.insert("cwd".into(), folder);
    Ok(state)
}

/// Without the two signals of the C library, which what starts the suite may ignore.
fn of_libc(name: &str, value: &str) -> String {
    match (name, u64::from_str_radix(value, 16)) {
        ("SigIgn", Ok(mask)) => format!("{:016x}", mask & !(0b11 << 31)),
        _ => value.to_owned(),
    }
}

/// The fields that differ, each with what it is here and there.
pub(super) fn differences(expected: &State, found: &State) -> BTreeMap<String, String> {
    let names = expected.keys().chain(found.keys());
    let mut differences = BTreeMap::new();
    for name in names {
        let show = |state: &State| state.get(name).cloned().unwrap_or("nothing".into());
        let (expected, found) = (show(expected), show(found));
        if expected != found {
            differences.insert(
                name.clone(),
                format!("    {name}: {expected:?}, and here {found:?}"),
            );
        }
    }
    differences
}
