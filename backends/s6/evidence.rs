//! How s6 without s6-rc shows: s6-svscan, s6-linux-init, and s6-overlay 2 in container
//! images.

use crate::backends::s6_rc;
use crate::detect::{Evidence, Signs};

pub(super) struct Seen;

/// What an image with s6-overlay 2 has. From version 3 on it is s6-rc's.
const OVERLAY: [&str; 3] = ["/etc/s6/init", "/etc/services.d", "/etc/cont-init.d"];

impl Evidence for Seen {
    fn look(&self, signs: &mut Signs<'_>) {
        let host = signs.host();
        // There s6-svscan and what boots it are s6-rc's: it says so itself.
        if !s6_rc::is_there(host) {
            signs.process(&["s6-svscan"]);
            signs.boots(&["s6-linux-init", "s6-svscan"]);
            signs.inittab(&["s6-svscan", "s6-svscanboot"]);
            if host.exists("/init")
                && let Some(path) = OVERLAY.iter().find(|path| host.exists(path))
            {
                signs.image(
                    "/init",
                    &format!("`/init` and `{path}` are there"),
                    "the entry point of s6-overlay 2 starts s6-svscan",
                );
            }
        }
        signs.installed(&["s6-svscan"]);
    }
}
