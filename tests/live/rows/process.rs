//! What the process of a service is, beside its program: next to live systemd.

use std::collections::BTreeMap;

use kubelet_unit::backends::Launcher;
use kubelet_unit::service::Service;
use kubelet_unit::spec::Spec;

use super::verdict::Failures;
use super::{Row, row};
use crate::bed::{self, Bed, Boot, Init, PATIENCE, ground};
use crate::error::{Context, Result, fail};
use crate::lanes::Task;
use crate::recorder::{EVENTS, Record};
use crate::report::Cell;
use crate::service::Rendering;

pub(super) const ROWS: &[Row] = &[
    row(
        "process: sh",
        "user, groups, folders, working folder, umask, nice, I/O class and limits: starts that differ from systemd's",
        |task| run(task, Launcher::Sh, &[&USER, &ROOT]),
    )
    .shown()
    .weight(8),
    row(
        "process: native",
        "the same, and SIGPIPE, capabilities, no new privileges and all other limits",
        |task| run(task, Launcher::Native, &[&USER, &ROOT, &CAPABLE]),
    )
    .others()
    .shown()
    .weight(8),
];

/// A service that says much.
struct Case {
    name: &'static str,
    spec: &'static str,
    /// Folders that are there before, with their owners and modes.
    before: &'static [[&'static str; 3]],
    /// Folders whose owners and modes count, while it runs and after it.
    folders: &'static [&'static str],
}

static USER: Case = Case {
    name: "a user",
    spec: "extends: kubelet\n\
        user: daemon\nsupplementaryGroups: [audio, '7']\nworkingDirectory: '~'\numask: '0027'\n\
        nice: -3\nioClass: {class: best-effort, priority: 7}\n\
        runtimeDirectory: {names: [some, other/deep], mode: '0700'}\n\
        stateDirectory: {names: [some, taken]}\ncacheDirectory: {names: [some], mode: '2750'}\n\
        logsDirectory: {names: [some]}\nconfigurationDirectory: {names: [some, kept], mode: '0711'}\n\
        environment: {LOGS_DIRECTORY: mine}\n\
        limits: {nofile: '2048:4096', nproc: 500, core: '0:infinity', cpu: 1h, data: 8G, stack: '4M:64M',\n  \
        as: infinity, memlock: 128K, oomScoreAdjust: -7}\n",
    before: &[
        ["/var/lib/taken", "games:games", "700"],
        ["/var/lib/taken/in", "games:games", "640"],
        ["/etc/kept", "games:games", "700"],
    ],
    folders: &[
        "/run/some",
        "/run/other",
        "/run/other/deep",
        "/var/lib/some",
        "/var/lib/taken",
        "/var/lib/taken/in",
        "/var/cache/some",
        "/var/log/some",
        "/etc/some",
        "/etc/kept",
    ],
};

static ROOT: Case = Case {
    name: "root",
    spec: "extends: kubelet\nuser: root\ngroup: daemon\nworkingDirectory: -/nowhere\numask: '0'\nnice: 4\n\
        ioClass: {class: idle}\nruntimeDirectory: {names: [some], preserve: yes}\nstateDirectory: {names: [some]}\n\
        limits: {nofile: infinity, nproc: infinity, core: 0}\n",
    before: &[],
    folders: &["/run/some", "/var/lib/some"],
};

static CAPABLE: Case = Case {
    name: "capabilities",
    spec: "extends: kubelet\nuser: daemon\ngroup: '7'\nnoNewPrivileges: true\nignoreSigpipe: false\n\
        capabilities: {bounding: [CAP_NET_BIND_SERVICE, CAP_CHOWN, CAP_SYS_ADMIN], ambient: [CAP_NET_BIND_SERVICE]}\n\
        limits: {core: 5000, fsize: 100000, rss: 1000001, locks: 20, sigpending: 30, msgqueue: 4097, nice: -4,\n  \
        rtprio: 7, rttime: 2500}\n",
    before: &[],
    folders: &[],
};

/// A start, and what `ionice` and `stat` say of it.
#[derive(Clone)]
pub(super) struct State {
    record: Record,
    more: BTreeMap<&'static str, String>,
}

fn run(task: &Task, launcher: Launcher, cases: &[&Case]) -> Result<Cell> {
    if launcher == Launcher::Sh && ground().busybox {
        return no_other_user(task.init, cases[0]);
    }
    let mut failures = Failures::default();
    for (number, case) in cases.iter().enumerate() {
        task.step(number, cases.len());
        let Some(systemd) = bed::by_name("systemd") else {
            fail!("no systemd among the inits")
        };
        let reference = state(systemd, case, Launcher::Sh)?;
        if task.init.name() == "systemd" {
            continue;
        }
        let found = state(task.init, case, launcher)?;
        failures.add(case.name, &found.record.differences(&reference.record, &[]));
        for (what, expected) in &reference.more {
            let got = &found.more[what];
            if got != expected {
                let text = format!("{what}: systemd gives {expected:?}, this init {got:?}");
                failures.add_text(case.name, text);
            }
        }
    }
    failures.result(cases.len())
}

/// The launcher does not start as root what is to be another user's.
fn no_other_user(init: &'static dyn Init, case: &Case) -> Result<Cell> {
    let bed = boot(init, case, Launcher::Sh)?;
    bed.start()?;
    let told = "nothing here can run it as another user: setpriv of util-linux, s6-applyuidgid or chpst of runit";
    let is_told = || Ok(bed.log()?.contains(told));
    bed.wait("the reason in its log", PATIENCE, is_told)
        .context(format_args!("its log is\n{}", bed.log()?))?;
    bed.stop()?;
    if bed.read_file(EVENTS).is_ok_and(|events| !events.is_empty()) {
        fail!("it has been started all the same");
    }
    Ok(Cell::Limit {
        figure: "no start, and the reason in the log".to_owned(),
        because: "busybox 1.38 has no program that runs another as a user of one's choice; Alpine's package `setpriv` has",
    })
}

/// One start, a crash with the start after it, and the end.
fn state(init: &'static dyn Init, case: &Case, launcher: Launcher) -> Result<State> {
    let mut bed = boot(init, case, launcher)?;
    bed.start()?;
    let first = bed.next_start(PATIENCE)?;
    let mut more = BTreeMap::new();
    more.insert("folders", folders(&bed, case)?);
    // What is in a folder below /run is gone at the next start.
    if let Some(folder) = case.folders.iter().find(|it| it.starts_with("/run/")) {
        bed.put_file(&format!("{folder}/left"), b"")?;
    }
    bed.run(&["kill", "-KILL", &first.pid.to_string()])?;
    let record = bed.next_start(PATIENCE)?;
    let left = bed.run(&["sh", "-c", "ls /run/some 2>/dev/null || echo gone"])?;
    more.insert("left after a crash", left.text());
    let io = bed.run(&["ionice", "-p", &record.pid.to_string()])?.text();
    // The place in that class means nothing.
    let io = if io.starts_with("idle") { "idle" } else { &io };
    more.insert("ionice", io.to_owned());
    let stat = bed.read_file(&format!("/proc/{}/stat", record.pid))?;
    let stat = String::from_utf8_lossy(&stat).into_owned();
    let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields);
    let nice = fields.split(' ').nth(16).unwrap_or_default();
    more.insert("nice", nice.to_owned());
    bed.stop()?;
    more.insert("folders after the end", folders(&bed, case)?);
    Ok(State { record, more })
}

/// A machine with that service, and with the folders that were there before.
fn boot(init: &'static dyn Init, case: &Case, launcher: Launcher) -> Result<Bed> {
    let change = |service: &mut Service| {
        let spec = Spec::read(case.name, case.spec.as_bytes()).expect("a spec");
        let mut wanted = spec
            .service(
                &kubelet_unit::distro::DEBIAN,
                &kubelet_unit::distro::Overrides::default(),
            )
            .expect("a service");
        wanted.restart.delay = kubelet_unit::service::Span::seconds(1);
        *service = wanted;
    };
    let rendering = Rendering {
        launcher,
        change: &change,
        ..Rendering::default()
    };
    let bed = Bed::boot(init, &rendering.files(init)?, &Boot::default())?;
    let open = ["chmod", "1777", EVENTS].map(str::to_owned);
    bed.expect(&open)?;
    for [path, owner, mode] in case.before {
        let (make, last) = match path.rsplit_once("/in") {
            Some(_) => ("touch", *path),
            None => ("mkdir", *path),
        };
        for words in [
            [make, last, ""],
            ["chown", owner, path],
            ["chmod", mode, path],
        ] {
            let words = words.iter().filter(|word| !word.is_empty());
            let words: Vec<_> = words.map(|word| (*word).to_owned()).collect();
            bed.expect(&words)?;
        }
    }
    Ok(bed)
}

fn folders(bed: &Bed, case: &Case) -> Result<String> {
    if case.folders.is_empty() {
        return Ok(String::new());
    }
    let words = [&["stat", "-c", "%n %U:%G %a"], case.folders].concat();
    let text = bed.run(&words)?.text();
    let mut lines: Vec<_> = text.lines().filter(|line| line.starts_with('/')).collect();
    lines.sort_unstable();
    Ok(lines.join("\n"))
}
