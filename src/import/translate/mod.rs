//! Directives that a spec can say, each with the function that says it.

pub(super) mod command;
pub(super) mod ending;
pub(super) mod limits;
pub(super) mod order;
pub(super) mod process;
pub(super) mod start;
pub(super) mod text;

use super::Draft;

/// What a unit does not say, and systemd does all the same.
pub(super) fn absent(draft: &mut Draft<'_>) {
    text::name(draft);
    text::absent(draft);
    command::absent(draft);
    order::absent(draft);
    ending::absent(draft);
    limits::absent(draft);
    process::absent(draft);
}
