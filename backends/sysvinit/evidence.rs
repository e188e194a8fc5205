//! How sysvinit shows: as PID 1, by what `/sbin/init` is, by the line of inittab that starts
//! the scripts of a runlevel. An inittab alone proves nothing: OpenRC has one too, and one
//! may be left where another init took over.

use crate::detect::{Evidence, Signs};
use crate::host::Host;
use crate::root::Kind;

pub(super) struct Seen;

/// A message that is in the program and in no other init's (sysvinit 2.96 to 3.18).
const MARK: &[u8] = b"respawning too fast";

/// The program itself has 50 to 100 KiB.
const LARGEST: usize = 1024 * 1024;

/// What the kernel starts, where that is sysvinit's own program and no link.
fn program(host: &Host) -> Option<&'static str> {
    ["/sbin/init", "/usr/sbin/init", "/lib/sysvinit/init"]
        .into_iter()
        .find(|path| {
            let root = host.root();
            root.kind(path).ok().flatten() == Some(Kind::File)
                && root
                    .read(path, LARGEST)
                    .is_ok_and(|bytes| bytes.windows(MARK.len()).any(|part| part == MARK))
        })
}

impl Evidence for Seen {
    fn look(&self, signs: &mut Signs<'_>) {
        let host = signs.host();
        let program = program(host);
        if let Some(path) = program {
            let first = host.first_process();
            let runs = first.is_some_and(|first| first.is("init"));
            // OpenRC and runit can be started by sysvinit's program; their own signs, which
            // are live, weigh as much or more than this one.
            if runs && host.exists("/run/initctl") {
                signs.add(
                    RUNS,
                    "PID 1 is sysvinit's `init`",
                    "/proc/1",
                    "it listens at `/run/initctl`; an init that it starts has signs of its own",
                );
            } else if path != "/lib/sysvinit/init" {
                let seen = format!("`{path}` is sysvinit's program");
                signs.add_configured(PROGRAM, seen, path, "it is what the kernel starts");
            }
        }
        signs.inittab_script(SCRIPTS, &["/etc/init.d/rc", "/lib/init/rc"]);
        if program.is_some() {
            signs.installed(&["telinit"]);
        }
    }
}

/// Below what OpenRC, runit and s6 show that run under sysvinit's program.
const RUNS: u8 = 85;
/// Below an inittab that starts one of them.
const PROGRAM: u8 = 40;
const SCRIPTS: u8 = 54;
