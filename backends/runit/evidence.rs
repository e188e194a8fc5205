//! How runit shows.

use crate::detect::{Evidence, Signs};

pub(super) struct Seen;

impl Evidence for Seen {
    fn look(&self, signs: &mut Signs<'_>) {
        signs.first_process(&["runit", "runit-init"]);
        signs.process(&["runsvdir"]);
        signs.boots(&["runit", "runit-init"]);
        signs.inittab(&["runsvdir", "runsvdir-start"]);
        signs.usual(&["void"]);
        signs.installed(&["runsvdir"]);
    }
}
