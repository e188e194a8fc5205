//! How busybox's init shows: as PID 1, and as what `/sbin/init` leads to. OpenRC, runit and s6
//! can run below it, and are what is meant then.

use crate::detect::{Evidence, Signs};
use crate::root::Kind;

pub(super) struct Seen;

/// Where its program is in a tree; Alpine has it in `/bin`.
const PROGRAMS: [&str; 3] = ["/bin/busybox", "/usr/bin/busybox", "/sbin/busybox"];

impl Evidence for Seen {
    fn look(&self, signs: &mut Signs<'_>) {
        let host = signs.host();
        let first = host.first_process();
        let is_busybox = |path: &std::path::Path| {
            let name = path.file_name().and_then(|name| name.to_str());
            name.is_some_and(|name| name == "busybox" || name.starts_with("busybox."))
        };
        let program = first.and_then(|first| first.program.as_deref());
        if program.is_some_and(is_busybox) && !host.exists("/run/initctl") {
            signs.add(
                RUNS,
                "PID 1 is busybox's `init`",
                "/proc/1",
                "an init that it starts has signs of its own",
            );
        }
        let end = host.follow("/sbin/init");
        if let Some(end) = end.filter(|end| is_busybox(end) && host.kind(end) == Some(Kind::File)) {
            let seen = format!("`/sbin/init` leads to `{}`", end.display());
            signs.add_configured(BOOTS, seen, "/sbin/init", "it is what the kernel starts");
        }
        signs.installed(&PROGRAMS);
    }
}

/// Below what OpenRC, runit and s6 show that run under it.
const RUNS: u8 = 84;
/// Below an inittab that starts one of them.
const BOOTS: u8 = 41;
