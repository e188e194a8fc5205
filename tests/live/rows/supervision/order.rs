//! Boot order.

use std::time::Duration;

use super::{PATIENCE, seconds};
use crate::bed::{Bed, Boot, File};
use crate::error::{Context, Result, fail, late};
use crate::recorder::now;
use crate::report::Cell;
use crate::service::Rendering;
use crate::suite::Task;

/// How long the others take to be there.
const TAKES: Duration = Duration::from_millis(1500);
/// A service is there when its file is: the recorder sees which come first.
const NETWORK: &str = "/run/network-is-there";
const RUNTIME: &str = "/run/runtime-is-there";

fn script(path: &str, text: &str) -> File {
    File::new(path, 0o755, text)
}

/// A network and a container runtime that take their time, as this init has them. Without those that
/// this init cannot wait for.
fn others(init: &str) -> Vec<File> {
    let there = |path| format!("sleep {}; date >{path}", TAKES.as_secs_f64());
    let (network, runtime) = (there(NETWORK), there(RUNTIME));
    match init {
        "systemd" => vec![
            File::new(
                "/usr/lib/systemd/system/slow-network.service",
                0o644,
                format!(
                    "[Unit]\nDefaultDependencies=no\nBefore=network-online.target\n\
                     [Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sh -c '{}'\n",
                    network.replace('%', "%%")
                ),
            ),
            File::link(
                "/usr/lib/systemd/system/network-online.target.wants/slow-network.service",
                "../slow-network.service",
            ),
        ],
        "openrc" => {
            let service = |provides: &str, start: &str| {
                format!("#!/sbin/openrc-run\ndepend() {{ {provides}; }}\nstart() {{ {start}; }}\n")
            };
            vec![
                script(
                    "/etc/init.d/slow-network",
                    &service("provide net", &network),
                ),
                script("/etc/init.d/containerd", &service(":", &runtime)),
                File::link(
                    "/etc/runlevels/default/slow-network",
                    "/etc/init.d/slow-network",
                ),
                File::link(
                    "/etc/runlevels/default/containerd",
                    "/etc/init.d/containerd",
                ),
            ]
        }
        "runit" => vec![
            script(
                "/etc/sv/containerd/run",
                &format!("#!/bin/sh\n{runtime}\nexec sleep 600\n"),
            ),
            script(
                "/etc/sv/containerd/check",
                &format!("#!/bin/sh\n[ -e {RUNTIME} ]\n"),
            ),
            File::link("/etc/service/containerd", "/etc/sv/containerd"),
        ],
        "s6" => vec![
            script(
                "/etc/s6/sv/containerd/run",
                &format!("#!/bin/sh\n{runtime}\necho >&3\nexec 3>&-\nexec sleep 600\n"),
            ),
            File::new("/etc/s6/sv/containerd/notification-fd", 0o644, "3\n"),
            File::link("/run/service/containerd", "/etc/s6/sv/containerd"),
        ],
        "s6-rc" => vec![
            script(
                "/etc/s6-rc/source/containerd-srv/run",
                &format!("#!/bin/sh\n{runtime}\necho >&3\nexec 3>&-\nexec sleep 600\n"),
            ),
            File::new("/etc/s6-rc/source/containerd-srv/type", 0o644, "longrun\n"),
            File::new(
                "/etc/s6-rc/source/containerd-srv/notification-fd",
                0o644,
                "3\n",
            ),
            File::new(
                "/etc/s6/adminsv/default/contents.d/containerd-srv",
                0o644,
                "",
            ),
        ],
        _ => vec![File::new(
            "/etc/supervisor/conf.d/containerd.conf",
            0o644,
            format!(
                "[program:containerd]\ncommand=/bin/sh -c \"date >{RUNTIME}; exec sleep 600\"\n"
            ),
        )],
    }
}

/// Boots with the service enabled. Returns the bed, and how long after the boot its first start came.
fn boot(task: &Task, more: Vec<File>) -> Result<(Bed, Duration, f64)> {
    let mut files = Rendering::default().files(task.init)?;
    files.extend(more);
    let boot = Boot {
        enabled: true,
        ..Boot::default()
    };
    let began = now();
    let mut bed = Bed::boot(task.init, &files, &boot)?;
    let first = bed.next_start(2 * PATIENCE)?;
    // The others write the time of day.
    let since = now().saturating_sub(first.at);
    let epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    Ok((
        bed,
        first.at.saturating_sub(began),
        epoch.saturating_sub(since).as_secs_f64(),
    ))
}

/// The kubelet starts when the others are there; on supervisord, after they have been started.
pub(super) fn after(task: &Task) -> Result<Cell> {
    let (bed, _, first) = boot(task, others(task.init.name()))?;
    let places: &[&str] = match task.init.name() {
        "systemd" => &[NETWORK],
        "openrc" => &[NETWORK, RUNTIME],
        _ => &[RUNTIME],
    };
    let mut waited = f64::MAX;
    for place in places {
        // busybox's `date` has no fractions of a second; a file has.
        let written = bed
            .inside(|| std::fs::metadata(place)?.modified())
            .context(place)?;
        let there = written.duration_since(std::time::UNIX_EPOCH)?.as_secs_f64();
        waited = waited.min(first - there);
    }
    if waited < 0.0 {
        fail!(
            "the kubelet starts {:.2} s before another is there",
            -waited
        );
    }
    Ok(Cell::Passed(format!("{waited:.2} s")))
}

/// What is not installed is no error, and nothing to wait for.
pub(super) fn alone(task: &Task) -> Result<Cell> {
    let (_, took, _) = boot(task, Vec::new())?;
    let soon = 2 * TAKES;
    if took > soon {
        late!("the first start is {} after the boot", seconds(took));
    }
    Ok(Cell::Passed(format!("{} after the boot", seconds(took))))
}
