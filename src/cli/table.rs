//! The table of evidence as text.

use std::fmt::Write;

use crate::detect::Sign;

use super::text::Columns;

/// One sign a line, and its reason under it; where there is no room, a block for each.
pub(super) fn of_signs(signs: &[Sign], columns: Columns) -> String {
    let widest = signs.iter().map(|sign| sign.init.len()).max().unwrap_or(0);
    let mut text = String::new();
    for sign in signs {
        // Writing to a String does not fail.
        if columns.have_room_for_tables() {
            let _ = writeln!(
                text,
                "  {:>3}  {:<10}  {:<widest$}  {}: {}",
                sign.weight, sign.level, sign.init, sign.place, sign.seen
            );
            let _ = writeln!(text, "  {:17}{:widest$}  {}", "", "", sign.reason);
        } else {
            let _ = writeln!(
                text,
                "  {}: {}, weight {}",
                sign.init, sign.level, sign.weight
            );
            let _ = writeln!(text, "    {}: {}", sign.place, sign.seen);
            let _ = writeln!(text, "    {}", sign.reason);
        }
    }
    text
}
