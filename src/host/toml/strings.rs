//! The four kinds of strings: with escapes or literal, in one line or over several.

use super::{Problem, Reader};

impl Reader<'_> {
    /// `"…"`, in one line.
    pub(super) fn basic(&mut self) -> Result<String, Problem> {
        self.expect("\"")?;
        let mut text = String::new();
        loop {
            match self.next().ok_or(Problem::Endless)? {
                '"' => return Ok(text),
                '\n' => return Err(Problem::Endless),
                '\\' => text.push(self.escape()?),
                c => text.push(c),
            }
        }
    }

    pub(super) fn basic_lines(&mut self) -> Result<String, Problem> {
        let mut text = String::new();
        self.first_newline();
        loop {
            if self.ends_lines('"', &mut text) {
                return Ok(text);
            }
            match self.next().ok_or(Problem::Endless)? {
                '\\' if self
                    .rest
                    .trim_start_matches([' ', '\t', '\r'])
                    .starts_with('\n') =>
                {
                    self.white_space();
                }
                '\\' => text.push(self.escape()?),
                c => text.push(c),
            }
        }
    }

    pub(super) fn literal(&mut self) -> Result<String, Problem> {
        self.expect("'")?;
        let text = self.while_is(|c| c != '\'' && c != '\n');
        match self.take("'") {
            true => Ok(text),
            false => Err(Problem::Endless),
        }
    }

    pub(super) fn literal_lines(&mut self) -> Result<String, Problem> {
        let mut text = String::new();
        self.first_newline();
        while !self.ends_lines('\'', &mut text) {
            text.push(self.next().ok_or(Problem::Endless)?);
        }
        Ok(text)
    }

    /// Three quotes end a string of several lines; up to two before them belong to it.
    fn ends_lines(&mut self, quote: char, text: &mut String) -> bool {
        let count = self
            .rest
            .chars()
            .take_while(|c| *c == quote)
            .take(5)
            .count();
        if count < 3 {
            return false;
        }
        self.rest = &self.rest[count..];
        text.extend(std::iter::repeat_n(quote, count - 3));
        true
    }

    fn escape(&mut self) -> Result<char, Problem> {
        let digits = match self.next().ok_or(Problem::Endless)? {
            'b' => return Ok('\u{8}'),
            't' => return Ok('\t'),
            'n' => return Ok('\n'),
            'f' => return Ok('\u{c}'),
            'r' => return Ok('\r'),
            '"' => return Ok('"'),
            '\\' => return Ok('\\'),
            'u' => 4,
            'U' => 8,
            other => return Err(Problem::Escape(other)),
        };
        let hex = self.rest.get(..digits).unwrap_or_default();
        // A number may have a sign, an escape may not.
        let hex = Some(hex).filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let code = hex.and_then(|hex| u32::from_str_radix(hex, 16).ok());
        let code = code.and_then(char::from_u32);
        let code = code.ok_or(Problem::Escape(if digits == 4 { 'u' } else { 'U' }))?;
        self.rest = &self.rest[digits..];
        Ok(code)
    }

    /// A newline right after the quotes does not count.
    fn first_newline(&mut self) {
        self.take("\r");
        if self.rest.starts_with('\n') {
            self.next();
        }
    }
}
