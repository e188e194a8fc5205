//! The value of an assignment: quotes, escapes, continuation and the end of
//! the line, as `parse_env_file_internal` (`env-file.c`) reads them.

use super::class::{is_blank, is_newline, is_unescaped_in_double_quotes};
use super::runs::Trace;

/// How a value ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scanned {
    /// The offset of the NL that ends it, or of the end of the file.
    pub(super) end: usize,
    /// The oddity at the end of the file, and where it is.
    pub(super) oddity: Option<(Oddity, usize)>,
    /// Where a `#` stands after a blank: no comment, though it looks like one.
    pub(super) hash: Option<usize>,
}

/// What can be unfinished at the end of the file. Both are tolerated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Oddity {
    OpenQuote(char),
    Backslash,
}

/// Reads the value that begins at `start`, just after `=`, and gives its
/// bytes to `runs`.
pub(super) fn scan(content: &[u8], start: usize, runs: &mut Trace) -> Scanned {
    let mut scanner = Scanner {
        content,
        runs,
        oddity: None,
        hash: None,
    };
    let end = scanner.quoted_strings(start);
    Scanned {
        end,
        oddity: scanner.oddity,
        hash: scanner.hash,
    }
}

struct Scanner<'a> {
    content: &'a [u8],
    runs: &'a mut Trace,
    oddity: Option<(Oddity, usize)>,
    hash: Option<usize>,
}

impl Scanner<'_> {
    /// State `PRE_VALUE`, at the start and again after every closing quote:
    /// blanks vanish, a quote opens a string, anything else begins the
    /// unquoted rest. So `"a" "b"` is `ab` and `"a" #c` is `a#c`.
    fn quoted_strings(&mut self, mut at: usize) -> usize {
        loop {
            match self.content.get(at) {
                None => return at,
                Some(&byte) if is_newline(byte) => return at,
                Some(&byte) if is_blank(byte) => at += 1,
                Some(b'\'') => at = self.single_quoted(at),
                Some(b'"') => at = self.double_quoted(at),
                Some(_) => return self.unquoted(at),
            }
        }
    }

    /// State `SINGLE_QUOTE_VALUE`: everything is literal, newlines and
    /// backslashes too.
    fn single_quoted(&mut self, quote: usize) -> usize {
        let start = quote + 1;
        let close = self.content[start..].iter().position(|&byte| byte == b'\'');
        let end = close.map_or(self.content.len(), |length| start + length);
        self.runs.push(start..end);
        if close.is_none() {
            self.oddity = Some((Oddity::OpenQuote('\''), quote));
            return end;
        }
        end + 1
    }

    /// State `DOUBLE_QUOTE_VALUE`: `\"` `\\` `` \` `` `\$` are unescaped,
    /// backslash and LF vanish, any other backslash stays with what follows.
    fn double_quoted(&mut self, quote: usize) -> usize {
        let mut run = quote + 1;
        let mut at = run;
        loop {
            match self.content.get(at) {
                None => {
                    self.runs.push(run..at);
                    self.oddity = Some((Oddity::OpenQuote('"'), quote));
                    return at;
                }
                Some(b'"') => {
                    self.runs.push(run..at);
                    return at + 1;
                }
                Some(b'\\') => {
                    match self.content.get(at + 1) {
                        None => {
                            self.runs.push(run..at);
                            run = at + 1;
                            at += 1;
                            continue;
                        }
                        Some(b'\n') => {
                            self.runs.push(run..at);
                            run = at + 2;
                        }
                        Some(&next) if is_unescaped_in_double_quotes(next) => {
                            self.runs.push(run..at);
                            run = at + 1;
                        }
                        Some(_) => {}
                    }
                    at += 2;
                }
                Some(_) => at += 1,
            }
        }
    }

    /// States `VALUE` and `VALUE_ESCAPE`: `\c` is `c`, a backslash and the NL
    /// after it vanish (of CR LF the CR alone, so that the LF ends the value),
    /// and quotes, `#` and `;` are literal. Trailing whitespace goes, but not
    /// beyond the last escape.
    fn unquoted(&mut self, start: usize) -> usize {
        let mut run = start;
        let mut at = start;
        let mut kept = start;
        loop {
            match self.content.get(at) {
                Some(b'\\') => {
                    self.runs.push(run..at);
                    match self.content.get(at + 1) {
                        None => {
                            self.oddity = Some((Oddity::Backslash, at));
                            return at + 1;
                        }
                        Some(&next) => run = if is_newline(next) { at + 2 } else { at + 1 },
                    }
                    at += 2;
                    kept = at;
                }
                Some(&byte) if !is_newline(byte) => {
                    if byte == b'#' && at > 0 && is_blank(self.content[at - 1]) {
                        self.hash.get_or_insert(at);
                    }
                    at += 1;
                }
                _ => {
                    let trailing = self.content[kept..at].iter().rev();
                    let trimmed = trailing.take_while(|&&byte| is_blank(byte)).count();
                    self.runs.push(run..at - trimmed);
                    return at;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value of `A=<raw>` and what is left after it.
    fn read(raw: &str) -> (String, &str) {
        let mut runs = Trace::default();
        let scanned = scan(raw.as_bytes(), 0, &mut runs);
        let value = String::from_utf8(runs.bytes(raw.as_bytes()).into_owned()).unwrap();
        (value, &raw[scanned.end..])
    }

    fn value(raw: &str) -> String {
        let (value, rest) = read(raw);
        assert_eq!(rest, "", "{raw:?}");
        value
    }

    #[test]
    fn unquoted_values_end_at_a_newline_and_lose_trailing_blanks() {
        assert_eq!(read(" \t a b \t\nB=1"), ("a b".into(), "\nB=1"));
        assert_eq!(read("a\rB=1"), ("a".into(), "\rB=1"));
        assert_eq!(read("\n"), (String::new(), "\n"));
        assert_eq!(value("a\u{b}\u{c}"), "a\u{b}\u{c}");
        assert_eq!(value("  "), "");
    }

    #[test]
    fn unquoted_values_take_quotes_and_comment_signs_as_they_are() {
        assert_eq!(value("a\"b\" 'c' #d ;e"), "a\"b\" 'c' #d ;e");
        assert_eq!(value("#a"), "#a");
    }

    #[test]
    fn a_backslash_takes_the_next_character_outside_quotes() {
        assert_eq!(value(r#"\"a\" \n\\ \$"#), r#""a" n\ $"#);
        assert_eq!(value(r"a\"), "a");
    }

    #[test]
    fn a_backslash_keeps_blanks_from_being_trimmed() {
        assert_eq!(value("a\\ "), "a ");
        assert_eq!(value("a \\ \t"), "a  ");
        assert_eq!(value("a \\\n \t"), "a ");
        assert_eq!(value("a  \\b  "), "a  b");
    }

    #[test]
    fn continued_lines_keep_leading_blanks_and_quotes() {
        assert_eq!(value("a \\\n  b"), "a   b");
        assert_eq!(value("\\\n  \"b\""), "  \"b\"");
        assert_eq!(value("a\\\rb"), "ab");
        assert_eq!(read("a\\\r\nb"), ("a".into(), "\nb"));
    }

    #[test]
    fn quoted_strings_follow_each_other_until_something_is_unquoted() {
        assert_eq!(value("\"a\" 'b'  \"c\""), "abc");
        assert_eq!(value("\"a\" #c"), "a#c");
        assert_eq!(value("\"a\"b\"c\""), "ab\"c\"");
        assert_eq!(value("\"a \"  "), "a ");
        assert_eq!(value("''"), "");
    }

    #[test]
    fn single_quotes_keep_everything() {
        assert_eq!(value("'a\\b\n\"$c\\'"), "a\\b\n\"$c\\");
    }

    #[test]
    fn double_quotes_unescape_four_characters_and_lf() {
        assert_eq!(value(r#""\"\\\`\$""#), "\"\\`$");
        assert_eq!(value(r#""\a\n\'""#), r"\a\n\'");
        assert_eq!(value("\"a\\\nb\nc\""), "ab\nc");
        assert_eq!(value("\"a\\\r\nb\""), "a\\\r\nb");
    }

    #[test]
    fn what_the_end_of_the_file_leaves_open_is_reported() {
        for (raw, expected, oddity) in [
            ("'a\nb", "a\nb", (Oddity::OpenQuote('\''), 0)),
            (" \"a\nb ", "a\nb ", (Oddity::OpenQuote('"'), 1)),
            ("\"a\\", "a", (Oddity::OpenQuote('"'), 0)),
            ("a \\", "a ", (Oddity::Backslash, 2)),
        ] {
            let mut runs = Trace::default();
            let scanned = scan(raw.as_bytes(), 0, &mut runs);
            assert_eq!(runs.text(raw), expected);
            assert_eq!(
                scanned,
                Scanned {
                    end: raw.len(),
                    oddity: Some(oddity),
                    hash: None
                },
                "{raw:?}"
            );
        }
    }
}
