//! The classes of bytes and characters that systemd tells apart.

/// `NEWLINE` of systemd's `string-util.h`: both end a line of an environment
/// file, so CR LF ends it twice.
pub(super) const fn is_newline(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// `WHITESPACE` of systemd's `string-util.h`. Vertical tab and form feed are
/// not in it.
pub(super) const fn is_whitespace(byte: u8) -> bool {
    is_newline(byte) || is_blank(byte)
}

/// Whitespace that does not end a line.
pub(super) const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// `SHELL_NEED_ESCAPE` of systemd's `escape.h`: what a backslash unescapes
/// inside double quotes.
pub(super) const fn is_unescaped_in_double_quotes(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | b'`' | b'$')
}

/// Whether systemd accepts `name` as the name of an environment variable:
/// `[A-Za-z_][A-Za-z0-9_]*` (`env_name_is_valid`, `env-util.c`).
pub fn is_valid_name(name: &str) -> bool {
    !name.starts_with(|first: char| first.is_ascii_digit())
        && !name.is_empty()
        && name.bytes().all(is_name_byte)
}

/// Whether a variable's name may hold `byte` after its first character.
pub(super) const fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The Unicode noncharacters, which `unichar_is_valid` (`utf8.c`) refuses
/// although UTF-8 can spell them: U+FDD0 to U+FDEF and the last two of every
/// plane.
pub(crate) const fn is_noncharacter(character: char) -> bool {
    let code = character as u32;
    matches!(code, 0xFDD0..=0xFDEF) || code & 0xFFFE == 0xFFFE
}

/// `bytes` as text if systemd's `utf8_is_valid` accepts them, or else the
/// offset of the first that it refuses: what Rust refuses too (surrogates,
/// overlong forms, beyond U+10FFFF), and noncharacters.
pub(super) fn to_text(bytes: &[u8]) -> Result<&str, usize> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.valid_up_to())?;
    if text.is_ascii() {
        return Ok(text);
    }
    match text
        .char_indices()
        .find(|&(_, character)| is_noncharacter(character))
    {
        None => Ok(text),
        Some((offset, _)) => Err(offset),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_env_name_is_valid() {
        for name in ["A", "_", "a1", "KUBELET_EXTRA_ARGS", "__A"] {
            assert!(is_valid_name(name), "{name}");
        }
        for name in [
            "",
            "1A",
            "A-B",
            "A.B",
            "A B",
            "export A",
            "Ä",
            "A=B",
            "\u{feff}A",
            "=A",
        ] {
            assert!(!is_valid_name(name), "{name}");
        }
    }

    #[test]
    fn text_is_what_utf8_is_valid_accepts() {
        for text in [
            "",
            "a",
            "é",
            "🚀",
            "\u{10fffd}",
            "\u{fdcf}",
            "\u{fdf0}",
            "\u{feff}",
        ] {
            assert_eq!(to_text(text.as_bytes()), Ok(text));
        }
        for (bytes, offset) in [
            (&b"a\xff"[..], 1),
            (b"\xc0\x80", 0),
            (b"ab\xed\xa0\x80", 2),
            (b"\xf4\x90\x80\x80", 0),
            ("é\u{fdd0}".as_bytes(), 2),
            ("\u{fdef}".as_bytes(), 0),
            ("\u{ffff}".as_bytes(), 0),
            ("\u{10fffe}".as_bytes(), 0),
        ] {
            assert_eq!(to_text(bytes), Err(offset), "{bytes:x?}");
        }
    }
}
