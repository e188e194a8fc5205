//! Ten daemons of Debian's under every init, next to live systemd: they start, answer, reload, are killed, restart and
//! stop as under systemd, and what their processes inherit is what systemd gives.
//!
//! Each is described by a built-in spec or by one in `fixtures/specs/debian/`, installed with `kubelet-unit install` and
//! driven with `kubelet-unit service`. Under systemd the distribution's own unit is run as well: it tells what the spec
//! has to come to.

mod answers;
mod life;
mod list;
mod state;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use kubelet_unit::backends::Launcher;

use super::{Row, row};
use crate::bed::{self, ground};
use crate::error::{Result, fail};
use crate::lanes::{Once, Task};
use crate::report::Cell;

pub(super) use life::Life;
use life::{By, lived};
use list::Daemon;

/// The lives under live systemd of this run, by the daemon.
#[derive(Default)]
pub(crate) struct Lives(Mutex<BTreeMap<&'static str, Arc<Once<Life>>>>);

macro_rules! daemons {
    ($($name:literal $daemon:ident $about:literal,)*) => {
        pub(super) const ROWS: &[Row] = &[$(
            row($name, $about, |task| run(task, &list::$daemon))
                .named()
                .shown()
                .weight(40),
        )*];
    };
}

daemons! {
    "daemons: containerd" CONTAINERD "containerd: `ctr version`",
    "daemons: etcd" ETCD "etcd: `/health`",
    "daemons: haproxy" HAPROXY "haproxy: HTTP",
    "daemons: nginx" NGINX "nginx: HTTP",
    "daemons: redis-server" REDIS "redis: `PING`",
    "daemons: chrony" CHRONY "chrony: `chronyc tracking`",
    "daemons: prometheus-node-exporter" NODE_EXPORTER "node_exporter: `/metrics`",
    "daemons: dnsmasq" DNSMASQ "dnsmasq: a name",
    "daemons: cron" CRON "cron: a job",
    "daemons: ssh" SSH "sshd: its greeting",
}

/// busybox's init runs the lines of what may stay down at boot alone.
const AT_BOOT_ALONE: &str = "busybox init: it starts again whatever ends, so a line of what may stay down after an end is `once`, and such lines run at boot alone.";

fn run(task: &Task, daemon: &'static Daemon) -> Result<Cell> {
    if !ground().has(daemon.program) {
        let why = format!("`{}` is missing", daemon.program);
        return Ok(Cell::Skipped(why));
    }
    if task.init.name() == "busybox-init" && daemon.may_stay_down {
        return Ok(Cell::Limit {
            figure: "not driven".into(),
            because: AT_BOOT_ALONE,
        });
    }
    let reference = reference(task, daemon);
    let reference = reference.get(|| lived(by_name("systemd")?, daemon, By::Spec(Launcher::Sh)))?;
    if task.init.name() == "systemd" {
        let own = lived(task.init, daemon, By::Unit)?;
        same("its own unit", &own, reference, daemon.differs)?;
        return Ok(Cell::Passed("as its own unit".into()));
    }
    let native = lived(task.init, daemon, By::Spec(Launcher::Native))?;
    same("systemd, native", reference, &native, &[])?;
    let sh = lived(task.init, daemon, By::Spec(Launcher::Sh))?;
    if let Some(property) = &sh.refused {
        return Ok(Cell::Passed(format!("native ({property})")));
    }
    same("systemd, sh", reference, &sh, &[])?;
    Ok(Cell::Passed("sh, native".into()))
}

fn by_name(name: &str) -> Result<&'static dyn bed::Init> {
    let Some(init) = bed::by_name(name) else {
        fail!("no {name} among the inits")
    };
    Ok(init)
}

fn reference(task: &Task, daemon: &Daemon) -> Arc<Once<Life>> {
    let lives = &task.references.daemons.0;
    let mut lives = lives.lock().unwrap_or_else(PoisonError::into_inner);
    lives.entry(daemon.name).or_default().clone()
}

/// Fails where a life differs from the one of `what`, in other fields of its state than these.
fn same(what: &str, expected: &Life, found: &Life, but: &[&str]) -> Result<()> {
    if expected.notes != found.notes {
        fail!(
            "it lives otherwise than with {what}:\n{}\nand there:\n{}\nits log:\n{}",
            found.notes,
            expected.notes,
            found.log
        );
    }
    let mut differences = state::differences(&expected.state, &found.state);
    differences.retain(|field, _| !but.contains(&field.as_str()));
    if !differences.is_empty() {
        let lines: Vec<_> = differences.into_values().collect();
        fail!(
            "its state differs from that with {what}:\n{}",
            lines.join("\n")
        );
    }
    Ok(())
}
