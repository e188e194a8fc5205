//! Text of a file or of an argument as a message shows it.

use std::fmt::Write;

/// Text that no terminal takes for a command: in quotes, with what is
/// [deceptive](is_deceptive) escaped, where it is not plain; cut where it is very long.
pub(super) fn shown(text: &str) -> String {
    cut(text, 400)
}

/// The same as messages show it: a value may be a secret.
pub(super) fn shown_in_brief(text: &str) -> String {
    cut(text, 40)
}

fn cut(text: &str, most: usize) -> String {
    let special = |c: char| is_deceptive(c) || matches!(c, ' ' | '"' | '\\');
    let kept = text
        .char_indices()
        .nth(most)
        .map_or(text, |(end, _)| &text[..end]);
    let mut shown = String::new();
    if kept.is_empty() || kept.contains(special) {
        shown.push('"');
        for c in kept.chars() {
            match c {
                '"' | '\\' => shown.extend(['\\', c]),
                c if is_deceptive(c) => shown.extend(c.escape_default()),
                c => shown.push(c),
            }
        }
        shown.push('"');
    } else {
        shown.push_str(kept);
    }
    if kept.len() < text.len() {
        // Writing to a string cannot fail.
        let _ = write!(shown, "... ({} bytes)", text.len());
    }
    shown
}

/// Whether a reader would not see `c`, or take it for a space, or read what is around
/// it in another order: control characters, other blanks, and Unicode's characters
/// for formatting that hide or turn round (general category Cf).
fn is_deceptive(c: char) -> bool {
    let formats = matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    formats || c.is_control() || c != ' ' && c.is_whitespace()
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn what_is_not_plain_is_quoted_and_escaped() {
        for (text, expected) in [
            ("--v=4", "--v=4"),
            ("", "\"\""),
            ("a b", "\"a b\""),
            ("\x1b[31m\"\\", "\"\\u{1b}[31m\\\"\\\\\""),
            ("--a=é", "--a=é"),
            // A no-break space separates no arguments, a zero-width one is not seen.
            ("--a=1\u{a0}--b\u{200b}", "\"--a=1\\u{a0}--b\\u{200b}\""),
            ("--a=\u{202e}b\u{feff}", "\"--a=\\u{202e}b\\u{feff}\""),
        ] {
            assert_eq!(shown(text), expected);
        }
        assert_eq!(
            shown(&"é".repeat(500)),
            format!("{}... (1000 bytes)", "é".repeat(400))
        );
    }
}
