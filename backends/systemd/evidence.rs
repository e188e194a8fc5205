//! How systemd shows.

use crate::detect::{Evidence, Signs};

pub(super) struct Seen;

impl Evidence for Seen {
    fn look(&self, signs: &mut Signs<'_>) {
        signs.first_process(&["systemd"]);
        signs.live(
            "/run/systemd/system",
            "systemd makes it when it boots (sd_booted(3))",
        );
        signs.boots(&["systemd"]);
        signs.usual(&[
            "arch",
            "debian",
            "fedora",
            "opensuse-leap",
            "rhel",
            "ubuntu",
        ]);
        signs.installed(&["/usr/lib/systemd/systemd", "/lib/systemd/systemd"]);
    }
}
