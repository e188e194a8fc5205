//! Go's quoting.

use std::fmt::Write as _;

/// Go's `strconv.Quote`, which `%q` is. This is not a shell's quoting: `$` and backticks stay as they are.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        let code = u32::from(c);
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if is_print(c) => out.push(c),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            c if c.is_ascii() => escape(&mut out, format_args!("\\x{code:02x}")),
            _ if code < 0x1_0000 => escape(&mut out, format_args!("\\u{code:04x}")),
            _ => escape(&mut out, format_args!("\\U{code:08x}")),
        }
    }
    out.push('"');
    out
}

fn escape(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(text);
}

/// Go's `strconv.IsPrint`: letters, marks, numbers, punctuation, symbols and the ASCII blank. The standard library
/// uses the same Unicode categories to escape for debugging, behind a first character that takes combining marks.
fn is_print(c: char) -> bool {
    matches!(c, '\'' | '"') || format!("a{c}").escape_debug().to_string() == format!("a{c}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_as_strconv_does() {
        for (text, quoted) in [
            ("", r#""""#),
            ("--a=b c", r#""--a=b c""#),
            ("\"\\'$HOME`id`", r#""\"\\'$HOME`id`""#),
            ("\u{7}\u{8}\u{c}\n\r\t\u{b}", r#""\a\b\f\n\r\t\v""#),
            ("\0\u{1b}\u{7f}", r#""\x00\x1b\x7f""#),
            (
                "\u{80}\u{a0}\u{ad}\u{200b}\u{feff}\u{2028}",
                r#""\u0080\u00a0\u00ad\u200b\ufeff\u2028""#,
            ),
            ("ü节\u{301}😀", "\"ü节\u{301}😀\""),
            (
                "\u{e000}\u{fffd}\u{e0001}\u{10ffff}",
                "\"\\ue000\u{fffd}\\U000e0001\\U0010ffff\"",
            ),
            ("\u{301}", "\"\u{301}\""),
        ] {
            assert_eq!(quote(text), quoted, "{text:?}");
        }
    }
}
