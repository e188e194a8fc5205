//! The table of evidence as text.

use std::fmt::Write;

use crate::detect::Sign;

/// One sign a line, and its reason under it.
pub(super) fn of_signs(signs: &[Sign]) -> String {
    let widest = signs.iter().map(|sign| sign.init.len()).max().unwrap_or(0);
    let mut text = String::new();
    for sign in signs {
        // Writing to a String does not fail.
        let _ = writeln!(
            text,
            "  {:>3}  {:<10}  {:<widest$}  {}: {}",
            sign.weight, sign.level, sign.init, sign.place, sign.seen
        );
        let _ = writeln!(text, "  {:17}{:widest$}  {}", "", "", sign.reason);
    }
    text
}
