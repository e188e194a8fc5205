//! The quoting rules of supervisord's configuration.

use crate::rendering::quote;
use crate::rendering::template::Quoting;

/// The filters of our templates.
pub(super) const QUOTING: &[Quoting] = &[("supervisord", value), ("supervisord_word", word)];

/// The value of a key in supervisord's file, for text on one line:
/// `%` begins an expansion and is doubled, ` ;` begins a comment.
///
/// A `;` after a blank cannot be written at all (supervisor 4.2.5, `options.py`,
/// strips from the first ` ;`), and quotes mean nothing in most values. Text
/// that holds one goes through the launcher and not through this file; here the
/// blank before it is dropped, which concerns descriptions alone.
fn value(text: &str) -> String {
    let mut one_line = text.replace('%', "%%");
    while one_line.contains(" ;") {
        one_line = one_line.replace(" ;", ";");
    }
    one_line
}

/// One word of supervisord's `command=`, which it splits as sh would.
fn word(text: &str) -> String {
    quote::sh(text).replace('%', "%%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn supervisord_values() {
        assert_eq!(value("100% a ; b"), "100%% a; b");
    }
}
