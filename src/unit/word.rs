//! Words of a value: `extract_first_word` (`extract-word.c`) and `cunescape_one`
//! (`escape.c`), described in `systemd.syntax(7)`, "Quoting".
//!
//! [`envfile::split`](crate::envfile::split) is the same function with other flags: a
//! variable's value knows no escapes such as `\n` and may leave a quote open.

use crate::envfile::is_noncharacter;

/// `WHITESPACE` of systemd's `string-util.h`.
pub(super) const WHITESPACE: [char; 4] = [' ', '\t', '\n', '\r'];

/// What a backslash does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escapes {
    /// C's escapes; another one is an error (`EXTRACT_CUNESCAPE`).
    Strict,
    /// C's escapes; others stay with their backslash (`EXTRACT_UNESCAPE_RELAX`).
    Relaxed,
}

/// A quote that is not closed, an escape that is none, or a backslash at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Invalid;

/// What is left of a value while words are taken from its beginning.
#[derive(Debug, Clone, Copy)]
pub struct Words<'a>(pub &'a str);

impl<'a> Words<'a> {
    /// The next word, with the quotes undone; bytes, because `\xff` is one.
    ///
    /// # Errors
    /// A quote is not closed, or a backslash begins no escape.
    pub fn next(&mut self, escapes: Escapes) -> Result<Option<Vec<u8>>, Invalid> {
        self.skip_blanks();
        if self.0.is_empty() {
            return Ok(None);
        }
        let mut word = Vec::new();
        let mut quote = None;
        while let Some(c) = self.0.chars().next() {
            match (c, quote) {
                ('\\', _) => {
                    self.take(1);
                    self.escape(escapes, quote.is_some(), &mut word)?;
                    continue;
                }
                (_, Some(open)) if c == open => quote = None,
                ('\'' | '"', None) => quote = Some(c),
                (_, None) if WHITESPACE.contains(&c) => break,
                _ => word.extend(c.encode_utf8(&mut [0; 4]).bytes()),
            }
            self.take(c.len_utf8());
        }
        if quote.is_some() {
            return Err(Invalid);
        }
        self.skip_blanks();
        Ok(Some(word))
    }

    /// The next word as commands have it (`extract_first_word_and_warn`): where an escape
    /// is none, it stays as it is.
    pub(super) fn next_warned(&mut self) -> Result<Option<Vec<u8>>, Invalid> {
        let before = *self;
        self.next(Escapes::Strict).or_else(|_| {
            *self = before;
            self.next(Escapes::Relaxed)
        })
    }

    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.0.split_at(bytes);
        self.0 = rest;
        taken
    }

    pub(super) fn skip_blanks(&mut self) {
        self.0 = self.0.trim_start_matches(WHITESPACE);
    }

    /// What follows a backslash.
    fn escape(
        &mut self,
        escapes: Escapes,
        quoted: bool,
        word: &mut Vec<u8>,
    ) -> Result<(), Invalid> {
        let relaxed = escapes == Escapes::Relaxed;
        let Some(c) = self.0.chars().next() else {
            // In quotes they are not closed.
            return match relaxed && !quoted {
                true => {
                    word.push(b'\\');
                    Ok(())
                }
                false => Err(Invalid),
            };
        };
        match unescape(self.0) {
            Some((bytes, length)) => {
                self.take(length);
                word.extend(bytes);
            }
            None if relaxed => {
                word.push(b'\\');
                word.extend(self.take(c.len_utf8()).bytes());
            }
            None => return Err(Invalid),
        }
        Ok(())
    }
}

/// What an escape stands for, and how long it is without its backslash. NUL has none.
fn unescape(text: &str) -> Option<(Vec<u8>, usize)> {
    let one = |byte: u8| Some((vec![byte], 1));
    match text.as_bytes().first()? {
        b'a' => one(7),
        b'b' => one(8),
        b'f' => one(12),
        b'n' => one(b'\n'),
        b'r' => one(b'\r'),
        b't' => one(b'\t'),
        b'v' => one(11),
        b's' => one(b' '),
        byte @ (b'\\' | b'"' | b'\'') => one(*byte),
        b'x' => byte(text, 1, 2, 16),
        b'u' => character(text, 4),
        b'U' => character(text, 8),
        b'0'..=b'7' => byte(text, 0, 3, 8),
        _ => None,
    }
}

fn number(text: &str, from: usize, digits: usize, radix: u32) -> Option<u32> {
    let digits = text.get(from..from + digits)?;
    let plain = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let number = u32::from_str_radix(digits, radix).ok();
    number.filter(|&number| plain && number != 0)
}

fn byte(text: &str, from: usize, digits: usize, radix: u32) -> Option<(Vec<u8>, usize)> {
    let byte = u8::try_from(number(text, from, digits, radix)?).ok()?;
    Some((vec![byte], from + digits))
}

/// A code point. `\U` is refused where it is none of a text; `\u` is not looked at, so that
/// a surrogate becomes the three bytes that it has by UTF-8's arithmetic.
fn character(text: &str, digits: usize) -> Option<(Vec<u8>, usize)> {
    let code = number(text, 1, digits, 16)?;
    let bytes = match char::from_u32(code) {
        Some(character) if digits == 4 || !is_noncharacter(character) => {
            character.to_string().into_bytes()
        }
        None if digits == 4 => {
            let [_, _, high, low] = code.to_be_bytes();
            let middle = (high & 0xf) << 2 | low >> 6;
            vec![0xe0 | high >> 4, 0x80 | middle, 0x80 | low & 0x3f]
        }
        _ => return None,
    };
    Some((bytes, 1 + digits))
}
