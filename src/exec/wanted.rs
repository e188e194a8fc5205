//! What a supervisor of the runit family is to do with the service in whose folder this
//! process is, by other signs than times: overlayfs keeps no time of a FIFO, and a status
//! may be as old as the `finish` that looks at it.

use std::cell::Cell;
use std::env;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

/// runit's status as text (`update_status`, `runsv.c`).
const RUNIT: &str = "supervise/stat";
/// s6's status, whose format is its own; and runit's.
const STATUS: &str = "supervise/status";
/// What `s6-rc -d` makes in a service's folder.
const DOWN: &str = "down";

/// A status: its number and its time.
type Identity = (u64, i64, i64);

/// Asks once for each status that there is.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// The file that was asked about, since each status is a new one, and the answer.
    asked: Cell<Option<(Identity, bool)>>,
}

impl Wanted {
    /// Whether the service is to be down.
    pub(super) fn is_down(&self) -> bool {
        if is_moved_by_updates() && Path::new(DOWN).exists() {
            return true;
        }
        if let Ok(text) = fs::read_to_string(RUNIT) {
            return text.contains("want down");
        }
        let Ok(status) = fs::metadata(STATUS) else {
            return false;
        };
        let identity = (status.ino(), status.mtime(), status.mtime_nsec());
        let is_down = match self.asked.get() {
            Some((asked, answer)) if asked == identity => answer,
            _ => s6_wants_down(),
        };
        self.asked.set(Some((identity, is_down)));
        is_down
    }
}

/// s6-rc-update gives every service a new folder, whose times say nothing; there, a file
/// tells.
pub(super) fn is_moved_by_updates() -> bool {
    env::current_dir().is_ok_and(|folder| {
        let mut names = folder.components().rev();
        names
            .nth(1)
            .is_some_and(|name| name.as_os_str() == "servicedirs")
    })
}

/// s6-svstat(1). Without it the times have to do.
fn s6_wants_down() -> bool {
    let output = Command::new("s6-svstat")
        .args(["-o", "wantedup", "."])
        .output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"false")
}
