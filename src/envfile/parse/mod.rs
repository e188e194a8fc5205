//! One environment file: `EnvironmentFile=` of `systemd.exec(5)`, read by
//! `parse_env_file_internal` and `load_env_file_push` (`env-file.c`), then
//! cleaned by `exec_context_load_environment` (`execute.c`).

use super::class::{is_newline, is_noncharacter, is_whitespace, to_text};
use super::finding::{Cause, Finding, NameProblem, Part, Rejected};
use super::position::{Cursor, Lines, Position};
use super::runs::Trace;
use super::value::{self, Oddity};
use std::borrow::Cow;
use std::ops::Range;

/// systemd ignores a file of this many bytes, and larger ones
/// (`READ_FULL_BYTES_MAX` is one less; `fileio.c`).
pub const FILE_MAX: usize = 64 << 20;

/// The longest `NAME=value` in bytes that systemd takes from a file: one less
/// than `sysconf(_SC_ARG_MAX)` (`env_assignment_is_valid`, `env-util.c`),
/// which is a quarter of the 8 MiB that a stack has by default. Measured on
/// 252. What is shorter but over 131,071 bytes is taken, and then the kernel
/// refuses to execute the program.
pub const ASSIGNMENT_MAX: usize = (2 << 20) - 1;

/// What systemd reads from a file.
#[derive(Debug, Clone)]
pub struct Parsed<'a> {
    content: &'a [u8],
    /// The assignments that count, in the order of the file. Of several to
    /// one variable the last wins, see [`super::Environment::merge`].
    pub assignments: Vec<Assignment<'a>>,
    /// What is dropped or reads otherwise than it looks, in the order of the
    /// file.
    pub findings: Vec<Finding>,
}

impl<'a> Parsed<'a> {
    /// The file's bytes.
    pub const fn content(&self) -> &'a [u8] {
        self.content
    }

    /// From where in the file each byte of the value of `assignment`, one of
    /// this file's, comes. This reads the value once more, so that nobody
    /// pays for it who does not ask.
    pub fn trace(&self, assignment: &Assignment<'_>) -> Trace {
        let mut runs = Trace::default();
        value::scan(self.content, assignment.value_start, &mut runs);
        runs
    }

    /// An index of the file's lines, to turn what [`Self::trace`] gives into
    /// positions.
    pub fn lines(&self) -> Lines {
        Lines::new(self.content)
    }
}

/// One `NAME=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment<'a> {
    /// The variable, a valid name.
    pub name: &'a str,
    /// The value after unquoting and unescaping: UTF-8, without NUL and
    /// without noncharacters.
    pub value: Cow<'a, str>,
    /// Where the name begins.
    pub at: Position,
    /// The bytes of the file from the name to the end of the value, quotes
    /// and trailing blanks included, without the NL.
    pub span: Range<usize>,
    value_start: usize,
}

/// Reads a file as systemd does.
///
/// # Errors
///
/// Why systemd ignores the file as a whole; the first reason that it meets.
pub fn parse(content: &[u8]) -> Result<Parsed<'_>, Rejected> {
    if content.len() >= FILE_MAX {
        return Err(Rejected::TooLarge {
            bytes: content.len() as u64,
        });
    }
    // `contains` of bytes is a memchr.
    if content.contains(&0) {
        let offset = content.iter().position(|&byte| byte == 0).unwrap_or(0);
        return Err(Rejected::Nul {
            at: Lines::new(content).position(offset),
        });
    }
    Parser::new(content).run()
}

struct Parser<'a> {
    content: &'a [u8],
    cursor: Cursor<'a>,
    runs: Trace,
    assignments: Vec<Assignment<'a>>,
    findings: Vec<Finding>,
}

impl<'a> Parser<'a> {
    fn new(content: &'a [u8]) -> Self {
        Self {
            content,
            cursor: Cursor::new(content),
            runs: Trace::default(),
            assignments: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// State `PRE_KEY`: whitespace vanishes, `#` and `;` begin a comment,
    /// anything else is the first character of a name.
    fn run(mut self) -> Result<Parsed<'a>, Rejected> {
        let mut at = 0;
        while let Some(&byte) = self.content.get(at) {
            at = match byte {
                b'#' | b';' => self.comment(at),
                _ if is_whitespace(byte) => at + 1,
                _ => self.assignment(at)?,
            };
        }
        Ok(Parsed {
            content: self.content,
            assignments: self.assignments,
            findings: self.findings,
        })
    }

    /// State `COMMENT`: up to NL. A backslash changes nothing since
    /// systemd 254.
    fn comment(&mut self, start: usize) -> usize {
        let end = self.find(start, is_newline);
        let comment = &self.content[start..end];
        let backslashes = comment
            .iter()
            .rev()
            .take_while(|&&byte| byte == b'\\')
            .count();
        if backslashes % 2 == 1 && end < self.content.len() {
            self.note(end - 1..end, Cause::ContinuedComment);
        }
        end
    }

    /// States `KEY` and following. The first character always belongs to the
    /// name, even `=`; quotes and backslashes mean nothing in it; whitespace
    /// before `=` is trimmed.
    fn assignment(&mut self, start: usize) -> Result<usize, Rejected> {
        let equals = self.find(start + 1, |byte| byte == b'=' || is_newline(byte));
        if self.content.get(equals) != Some(&b'=') {
            self.note(start..equals, Cause::NoEquals);
            return Ok(equals);
        }
        let key = trim_end(&self.content[start..equals]);
        let at = self.cursor.position(start);
        let value_start = equals + 1;
        self.runs.clear();
        let scanned = value::scan(self.content, value_start, &mut self.runs);

        let refused = |offset: usize, part, cursor: &mut Cursor<'_>| Rejected::NotUtf8 {
            at: cursor.position(offset),
            line: at.line,
            noncharacter: noncharacter(&self.content[offset..]),
            part,
            name: String::from_utf8_lossy(key).into_owned(),
        };
        let name =
            to_text(key).map_err(|offset| refused(start + offset, Part::Name, &mut self.cursor))?;
        let value = to_value(self.runs.bytes(self.content)).map_err(|offset| {
            let source = self.runs.source(offset).unwrap_or(scanned.end);
            refused(source, Part::Value, &mut self.cursor)
        })?;

        self.push(Assignment {
            name,
            value,
            at,
            span: start..scanned.end,
            value_start,
        });
        if let Some(offset) = scanned.hash {
            self.note(offset..scanned.end, Cause::HashInValue);
        }
        if let Some((oddity, offset)) = scanned.oddity {
            self.note_oddity(oddity, offset);
        }
        Ok(scanned.end)
    }

    /// Keeps `assignment` if systemd does (`strv_env_clean_with_callback`,
    /// `env-util.c`).
    fn push(&mut self, assignment: Assignment<'a>) {
        let Assignment {
            name, at, ref span, ..
        } = assignment;
        let bytes = name.len() + 1 + assignment.value.len();
        let cause = if let Some(problem) = NameProblem::of(name) {
            Cause::InvalidName {
                name: name.to_owned(),
                problem,
            }
        } else if bytes > ASSIGNMENT_MAX {
            // systemd cleans the list after it has replaced duplicates, so
            // the earlier ones are gone already.
            self.assignments.retain(|earlier| earlier.name != name);
            Cause::TooLong {
                name: name.to_owned(),
                bytes,
            }
        } else {
            self.assignments.push(assignment);
            return;
        };
        self.findings.push(Finding {
            at,
            span: span.clone(),
            cause,
        });
    }

    fn note_oddity(&mut self, oddity: Oddity, offset: usize) {
        match oddity {
            Oddity::OpenQuote(quote) => {
                self.note(
                    offset..self.content.len(),
                    Cause::UnterminatedQuote { quote },
                );
            }
            Oddity::Backslash => self.note(offset..offset + 1, Cause::BackslashAtEnd),
        }
    }

    fn note(&mut self, span: Range<usize>, cause: Cause) {
        let at = self.cursor.position(span.start);
        self.findings.push(Finding { at, span, cause });
    }

    /// The first byte at or after `start` that `is` accepts, or the end.
    fn find(&self, start: usize, is: impl Fn(u8) -> bool) -> usize {
        let found = self.content[start..].iter().position(|&byte| is(byte));
        found.map_or(self.content.len(), |length| start + length)
    }
}

/// The noncharacter that `bytes` begin with.
fn noncharacter(bytes: &[u8]) -> Option<char> {
    let first = bytes.utf8_chunks().next()?.valid().chars().next()?;
    is_noncharacter(first).then_some(first)
}

/// `bytes` without the whitespace at their end.
fn trim_end(bytes: &[u8]) -> &[u8] {
    let kept = bytes
        .iter()
        .rposition(|&byte| !is_whitespace(byte))
        .map_or(0, |last| last + 1);
    &bytes[..kept]
}

/// A value as text, or the offset of the first byte that systemd refuses.
fn to_value(bytes: Cow<'_, [u8]>) -> Result<Cow<'_, str>, usize> {
    match bytes {
        Cow::Borrowed(bytes) => to_text(bytes).map(Cow::Borrowed),
        Cow::Owned(bytes) => {
            to_text(&bytes)?;
            String::from_utf8(bytes)
                .map(Cow::Owned)
                .map_err(|error| error.utf8_error().valid_up_to())
        }
    }
}

#[cfg(test)]
mod tests;
