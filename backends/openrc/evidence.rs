//! How OpenRC shows.

use crate::detect::{Evidence, Signs};

pub(super) struct Seen;

impl Evidence for Seen {
    fn look(&self, signs: &mut Signs<'_>) {
        signs.first_process(&["openrc-init"]);
        signs.live(
            "/run/openrc/softlevel",
            "OpenRC keeps its runlevel there while it runs",
        );
        signs.boots(&["openrc-init"]);
        signs.inittab(&["openrc"]);
        signs.usual(&["alpine", "gentoo", "postmarketos"]);
        // Not `openrc` or `rc-service`: our bridge for kubeadm has those names too.
        signs.installed(&["openrc-run"]);
    }
}
