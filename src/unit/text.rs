//! Texts that a setting has: numbers and booleans as systemd reads them, and a value as
//! messages show it.

use super::word::WHITESPACE;

/// A whole number as C reads one, of which a prefix tells the base (`safe_atoi` and its
/// like, `parse-util.c`).
pub(super) fn integer(text: &str) -> Option<i64> {
    let text = text.trim_start_matches(WHITESPACE);
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (digits, radix) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (&digits[2..], 16),
        [b'0', b'b' | b'B', ..] => (&digits[2..], 2),
        [b'0', b'o' | b'O', ..] => (&digits[2..], 8),
        [b'0', _, ..] => (&digits[1..], 8),
        _ => (digits, 10),
    };
    let first = digits.bytes().next()?;
    let number = i64::from_str_radix(digits, radix).ok();
    number
        .filter(|_| first.is_ascii_hexdigit())
        .map(|number| sign * number)
}

/// `parse_boolean` (`parse-util.c`).
pub(super) fn boolean(text: &str) -> Option<bool> {
    let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(&["1", "yes", "y", "true", "t", "on"]) {
        return Some(true);
    }
    is(&["0", "no", "n", "false", "f", "off"]).then_some(false)
}

/// No message shows more of a value than this many characters: it may be a secret.
const MOST_SHOWN: usize = 40;

/// A value as messages show it: its beginning, without what a terminal would heed.
pub fn shown(text: &str) -> String {
    let mut chars = text.chars();
    let plain = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let shown: String = chars.by_ref().take(MOST_SHOWN).map(plain).collect();
    match chars.next() {
        Some(_) => shown + "…",
        None => shown,
    }
}
