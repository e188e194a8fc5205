//! How s6 shows: s6-svscan, s6-linux-init, and s6-overlay in container images.

use crate::detect::{Evidence, Signs};

pub(super) struct Seen;

/// What an image with s6-overlay has, versions 2 and 3.
const OVERLAY: [&str; 4] = [
    "/package/admin/s6-overlay",
    "/etc/s6-overlay",
    "/etc/services.d",
    "/etc/s6/init",
];

impl Evidence for Seen {
    fn look(&self, signs: &mut Signs<'_>) {
        signs.process(&["s6-svscan"]);
        signs.boots(&["s6-linux-init", "s6-svscan"]);
        signs.inittab(&["s6-svscan", "s6-svscanboot"]);
        let host = signs.host();
        if host.exists("/init")
            && let Some(path) = OVERLAY.iter().find(|path| host.exists(path))
        {
            signs.image(
                "/init",
                &format!("`/init` and `{path}` are there"),
                "the entry point of s6-overlay starts s6-svscan",
            );
        }
        signs.installed(&["s6-svscan"]);
    }
}
