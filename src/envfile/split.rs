//! The words of a `$NAME` in `ExecStart=`: `strv_split_full` with
//! `EXTRACT_RELAX | EXTRACT_UNQUOTE` (`extract_first_word`,
//! `extract-word.c`), described under "Command lines" in `systemd.service(5)`.

use super::class::is_whitespace;
use super::runs::Trace;
use std::borrow::Cow;
use std::ops::Range;

/// One word of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word<'a> {
    /// The word after unquoting; may be empty.
    pub text: Cow<'a, str>,
    /// The bytes of the value that it comes from, quotes included.
    pub span: Range<usize>,
}

/// Splits a value at whitespace (space, tab, LF, CR).
///
/// `'` and `"` group and vanish, anywhere in a word. A backslash makes the
/// next character literal everywhere, inside both kinds of quotes too; one at
/// the end is dropped. A quote may stay open. `''` is an empty word. There is
/// one pass: no `$`, no pattern, no `~` and no brace is looked at.
pub fn split(value: &str) -> Vec<Word<'_>> {
    let bytes = value.as_bytes();
    let mut words = Vec::new();
    let mut runs = Trace::default();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if is_whitespace(byte) {
            at += 1;
            continue;
        }
        let start = at;
        runs.clear();
        at = word(bytes, start, &mut runs);
        words.push(Word {
            text: runs.text(value),
            span: start..at,
        });
    }
    words
}

/// Reads the word that begins at `start` and returns where it ends.
///
/// What is special is ASCII, so runs begin and end between characters.
fn word(bytes: &[u8], start: usize, runs: &mut Trace) -> usize {
    let mut quote = None;
    let mut run = start;
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        match (byte, quote) {
            (b'\\', _) => {
                runs.push(run..at);
                run = at + 1;
                at += 2;
                continue;
            }
            (_, Some(open)) if byte == open => {
                runs.push(run..at);
                run = at + 1;
                quote = None;
            }
            (b'\'' | b'"', None) => {
                runs.push(run..at);
                run = at + 1;
                quote = Some(byte);
            }
            (_, None) if is_whitespace(byte) => break,
            _ => {}
        }
        at += 1;
    }
    let end = at.min(bytes.len());
    runs.push(run..end);
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(value: &str) -> Vec<String> {
        split(value)
            .into_iter()
            .map(|word| word.text.into_owned())
            .collect()
    }

    #[test]
    fn whitespace_separates_and_nothing_else_does() {
        assert_eq!(
            words(" -a\t-b\r\n -c\u{b}\u{c}\u{a0}d "),
            ["-a", "-b", "-c\u{b}\u{c}\u{a0}d"]
        );
        assert_eq!(words(""), [""; 0]);
        assert_eq!(words(" \t\r\n"), [""; 0]);
    }

    #[test]
    fn quotes_group_anywhere_in_a_word() {
        assert_eq!(words(r#"--a="b c"'d e'f "" ''x"#), ["--a=b cd ef", "", "x"]);
        assert_eq!(words(r#""it's" '"'"#), ["it's", "\""]);
    }

    #[test]
    fn a_backslash_makes_the_next_character_literal_inside_quotes_too() {
        assert_eq!(words(r#"a\ b\n "\"\n" '\'\\'"#), ["a bn", "\"n", "'\\"]);
        assert_eq!(words("\\\n\\é"), ["\né"]);
    }

    #[test]
    fn what_the_end_leaves_open_is_tolerated() {
        assert_eq!(words("a \"b c"), ["a", "b c"]);
        assert_eq!(words("a '"), ["a", ""]);
        assert_eq!(words("a\\"), ["a"]);
        assert_eq!(words("a \\"), ["a", ""]);
        assert_eq!(words("'a\\"), ["a"]);
    }

    #[test]
    fn nothing_is_expanded() {
        assert_eq!(
            words("$A ${B} $(c) `d` * ~ {e,f}"),
            ["$A", "${B}", "$(c)", "`d`", "*", "~", "{e,f}"]
        );
    }

    #[test]
    fn spans_include_the_quotes() {
        let value = " 'a b' c\\ d\\";
        let spans: Vec<_> = split(value)
            .into_iter()
            .map(|word| &value[word.span])
            .collect();
        assert_eq!(spans, ["'a b'", "c\\ d\\"]);
    }
}
