//! Writing what systemd reads back as it was: values of environment files,
//! words of a value that `$NAME` splits, and `Environment=` in a unit.

use super::class::is_noncharacter;
use std::borrow::Cow;
use std::fmt::Write;

/// A character that no variable can hold: NUL ends a string of the kernel,
/// and systemd refuses Unicode noncharacters as invalid UTF-8
/// (`unichar_is_valid`, `utf8.c`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the character U+{:04X} at byte {offset} cannot stand in a variable", *character as u32)]
pub struct Unquotable {
    /// The character.
    pub character: char,
    /// Where it stands, in bytes.
    pub offset: usize,
}

fn check(text: &str) -> Result<(), Unquotable> {
    let refused = |&(_, character): &(usize, char)| character == '\0' || is_noncharacter(character);
    match text.char_indices().find(refused) {
        Some((offset, character)) => Err(Unquotable { character, offset }),
        None => Ok(()),
    }
}

/// What needs no quotes: no whitespace, quote, backslash or comment sign, and
/// nothing that a shell would look at either.
fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_./:=@%+,-".contains(&byte))
}

/// `text` between double quotes, with a backslash before each of `escaped`.
fn double_quoted(text: &str, escaped: &[char]) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        if escaped.contains(&character) {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push('"');
    quoted
}

/// A value for the right side of `NAME=` in an environment file, in double
/// quotes where it needs any. A POSIX shell reads the same text as the same
/// value.
///
/// # Errors
///
/// A character that no variable can hold.
pub fn value(value: &str) -> Result<Cow<'_, str>, Unquotable> {
    check(value)?;
    if is_plain(value) {
        return Ok(Cow::Borrowed(value));
    }
    Ok(Cow::Owned(double_quoted(value, &['"', '\\', '`', '$'])))
}

/// A word that is read back as one word: for a value that
/// `$NAME` in `ExecStart=` turns into arguments. The value then needs [`value`] too.
///
/// # Errors
///
/// A character that no variable can hold.
pub fn word(word: &str) -> Result<Cow<'_, str>, Unquotable> {
    check(word)?;
    if is_plain(word) {
        return Ok(Cow::Borrowed(word));
    }
    Ok(Cow::Owned(double_quoted(word, &['"', '\\'])))
}

/// Words as one value that `$NAME` in `ExecStart=` takes apart again.
///
/// # Errors
///
/// A character that no variable can hold; its offset is that in its word.
pub fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<String, Unquotable> {
    let mut joined = String::new();
    for (number, text) in words.into_iter().enumerate() {
        if number > 0 {
            joined.push(' ');
        }
        joined.push_str(&word(text)?);
    }
    Ok(joined)
}

/// `NAME=value` for the right side of `Environment=` in a unit file, in double
/// quotes where it needs any.
///
/// `%` is doubled, because specifiers are expanded there, and control
/// characters are written as C escapes, because a newline would end the line
/// (`config_parse_environ`, `load-fragment.c`, which extracts words with
/// `EXTRACT_CUNESCAPE | EXTRACT_UNQUOTE`). Measured on 252.
///
/// # Errors
///
/// A character that no variable can hold.
pub fn environment(name: &str, value: &str) -> Result<String, Unquotable> {
    check(value)?;
    let plain = value.is_empty() || is_plain(value);
    let mut assignment = String::with_capacity(name.len() + value.len() + 3);
    let quote = if plain { "" } else { "\"" };
    assignment.push_str(quote);
    assignment.push_str(name);
    assignment.push('=');
    for character in value.chars() {
        match character {
            '%' => assignment.push_str("%%"),
            '"' => assignment.push_str("\\\""),
            '\\' => assignment.push_str("\\\\"),
            '\n' => assignment.push_str("\\n"),
            '\t' => assignment.push_str("\\t"),
            '\r' => assignment.push_str("\\r"),
            control if control.is_ascii_control() => {
                // Writing to a string cannot fail.
                let _ = write!(assignment, "\\x{:02x}", control as u32);
            }
            other => assignment.push(other),
        }
    }
    assignment.push_str(quote);
    Ok(assignment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_only_where_they_must_be() {
        for (plain, quoted) in [
            ("--v=4", "--v=4"),
            ("", r#""""#),
            ("a b", r#""a b""#),
            ("a\n\"b\" `c` $d \\", "\"a\n\\\"b\\\" \\`c\\` \\$d \\\\\""),
            ("#a", r##""#a""##),
            ("é", "\"é\""),
        ] {
            assert_eq!(value(plain).unwrap(), quoted);
        }
    }

    #[test]
    fn words_are_quoted_only_where_they_must_be() {
        assert_eq!(
            words(["--a", "", "b c", "it's $d \"e\" \\"]).unwrap(),
            r#"--a "" "b c" "it's $d \"e\" \\""#
        );
    }

    #[test]
    fn unit_files_get_specifiers_and_control_characters_escaped() {
        for (plain, written) in [
            ("--v=4", "A=--v=4"),
            ("", "A="),
            ("50%", "A=50%%"),
            (
                "a b\t\"c\"\n\\\u{1b} $d é",
                r#""A=a b\t\"c\"\n\\\x1b $d é""#,
            ),
        ] {
            assert_eq!(environment("A", plain).unwrap(), written);
        }
    }

    #[test]
    fn what_no_variable_can_hold_is_refused() {
        assert_eq!(
            value("a\0"),
            Err(Unquotable {
                character: '\0',
                offset: 1
            })
        );
        assert_eq!(
            word("é\u{fffe}"),
            Err(Unquotable {
                character: '\u{fffe}',
                offset: 2
            })
        );
        assert_eq!(
            environment("A", "\u{fdd0}").unwrap_err().to_string(),
            "the character U+FDD0 at byte 0 cannot stand in a variable"
        );
    }
}
