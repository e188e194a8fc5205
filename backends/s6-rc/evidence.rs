//! How s6-rc shows: its live state, the sources and databases of a machine that boots with
//! it, and s6-overlay 3 in container images.

use super::overlay;
use super::sources::{ADMINSV, DATABASES, REPOSITORY};
use crate::detect::{Evidence, Signs};
use crate::host::Host;

pub(super) struct Seen;

/// What is there as long as it runs: of s6-rc-init(8), and of s6-overlay 3.
const LIVE: [&str; 2] = ["/run/s6-rc", "/run/s6/basedir"];

/// The first script of a boot with s6-linux-init, Artix's and upstream's.
const SCRIPTS: [&str; 2] = [
    "/etc/s6/current/scripts/rc.init",
    "/etc/s6-linux-init/current/scripts/rc.init",
];

/// Weaker than what boots, and stronger than a program that is installed.
const PREPARED: u8 = 20;

impl Evidence for Seen {
    fn look(&self, signs: &mut Signs<'_>) {
        let host = signs.host();
        if !is_there(host) {
            return signs.installed(&["s6-rc"]);
        }
        if let Some(live) = live(host) {
            signs.live(live, "s6-rc keeps its state there while it runs");
        }
        signs.process(&["s6-svscan"]);
        if let Some(place) = prepared(host) {
            signs.add(
                PREPARED,
                format!("`{place}` is there"),
                place,
                "that is for a boot with s6-rc",
            );
            signs.boots(&["s6-linux-init", "s6-svscan"]);
            signs.inittab(&["s6-svscan", "s6-svscanboot"]);
        }
        if host.exists("/init") && overlay::is_there(host) {
            signs.image(
                "/init",
                "`/init` and s6-overlay 3 are there",
                "the entry point of s6-overlay starts s6-svscan, and s6-rc under it",
            );
        }
        signs.installed(&["s6-rc"]);
    }
}

/// Whether the s6 of a host is that of s6-rc: it runs there, or boots there. Where an
/// s6-svscan runs without s6-rc's state, a boot with it is not what this is.
pub(crate) fn is_there(host: &Host) -> bool {
    let runs = |name| host.processes().iter().any(|process| process.is(name));
    live(host).is_some()
        || overlay::is_there(host)
        || prepared(host).is_some() && !runs("s6-svscan")
}

fn live(host: &Host) -> Option<&'static str> {
    LIVE.into_iter().find(|path| host.exists(path))
}

/// What a machine has that boots with it.
fn prepared(host: &Host) -> Option<&'static str> {
    let starts = |path: &&str| {
        let text = host.text(path).unwrap_or_default();
        text.lines()
            .any(|line| !line.trim_start().starts_with('#') && line.contains("s6-rc-init"))
    };
    let places = DATABASES.into_iter().chain([ADMINSV, REPOSITORY]);
    places
        .into_iter()
        .find(|path| host.exists(path))
        .or_else(|| SCRIPTS.into_iter().find(starts))
}
