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
mod tests {
    use super::*;

    fn parsed(content: &str) -> Parsed<'_> {
        parse(content.as_bytes()).unwrap()
    }

    /// Names and values that count.
    fn pairs<'a>(file: &'a Parsed<'_>) -> Vec<(&'a str, &'a str)> {
        file.assignments
            .iter()
            .map(|a| (a.name, a.value.as_ref()))
            .collect()
    }

    /// `line:column` and cause of every finding.
    fn findings(content: &str) -> Vec<String> {
        let findings = parsed(content).findings;
        findings
            .iter()
            .map(|finding| format!("{} {}", finding.at, finding.cause))
            .collect()
    }

    #[test]
    fn a_name_begins_after_whitespace_and_ends_before_it() {
        assert_eq!(
            pairs(&parsed(" \t\r\n A \t= 1\n\n\tB=2")),
            [("A", "1"), ("B", "2")]
        );
        let file = parsed("# c\n  A  = 'x\ny' \nB=1");
        let places: Vec<_> = file
            .assignments
            .iter()
            .map(|a| (a.at, a.span.clone()))
            .collect();
        assert_eq!(
            places,
            [
                (Position { line: 2, column: 3 }, 6..17),
                (Position { line: 4, column: 1 }, 18..21)
            ]
        );
    }

    #[test]
    fn a_comment_ends_at_newline_whatever_stands_before_it() {
        let file = parsed("# A=1\n;B=2\r C=3\n#\\\nD=4\n  # E=5");
        assert_eq!(pairs(&file), [("C", "3"), ("D", "4")]);
        assert_eq!(
            findings("#\\\n# \\\\\n#\\"),
            ["1:2 the comment ends in a backslash: systemd 252 and 253 ignore the next line too"]
        );
    }

    #[test]
    fn a_line_without_equals_is_dropped() {
        let file = parsed("--v=2\nfoo\nA=1\nbar");
        assert_eq!(pairs(&file), [("A", "1")]);
        assert_eq!(
            findings("foo \nA=1\rbar"),
            ["1:1 the line has no `=`", "2:5 the line has no `=`"]
        );
    }

    #[test]
    fn an_invalid_name_drops_its_assignment_alone() {
        let content = "\u{feff}A=1\nexport B=2\nC-D=3\n1E=4\n=F=5\n\"G\"=6\nH=7";
        assert_eq!(pairs(&parsed(content)), [("H", "7")]);
        assert_eq!(
            findings(content),
            [
                "1:1 a byte-order mark stands before the name",
                "2:1 `export B` is not a variable name: no shell reads this file",
                "3:1 `C-D` is not a variable name: it holds `-`",
                "4:1 a variable name cannot begin with `1`",
                "5:1 a variable name cannot begin with `=`",
                "6:1 a variable name cannot begin with `\\\"`",
            ]
        );
    }

    #[test]
    fn the_value_of_an_invalid_name_still_spans_lines() {
        let file = parsed("export A='1\nB=2'\nC=3");
        assert_eq!(pairs(&file), [("C", "3")]);
    }

    #[test]
    fn what_the_end_of_the_file_leaves_open_is_found() {
        assert_eq!(
            findings("A=1\nB=\"x\nC=2\n"),
            ["2:3 `\"` is never closed: the rest of the file is part of the value"]
        );
        assert_eq!(
            findings("A=1\\"),
            ["1:4 the backslash at the end of the file is dropped"]
        );
    }

    #[test]
    fn a_comment_sign_behind_a_value_is_found() {
        let content = "A=1 # x\nB=\"1\"  #x # y\nC=a#b\nD='a #b'\nE= #e\n";
        let values = [
            ("A", "1 # x"),
            ("B", "1#x # y"),
            ("C", "a#b"),
            ("D", "a #b"),
            ("E", "#e"),
        ];
        assert_eq!(pairs(&parsed(content)), values);
        let message = "this `#` and what follows are part of the value, not a comment";
        assert_eq!(
            findings(content),
            ["1:5", "2:8", "5:4"].map(|at| format!("{at} {message}"))
        );
    }

    #[test]
    fn a_nul_byte_anywhere_rejects_the_file() {
        assert_eq!(
            parse(b"A=1\n# \0").unwrap_err(),
            Rejected::Nul {
                at: Position { line: 2, column: 3 }
            }
        );
    }

    #[test]
    fn text_that_is_not_utf8_rejects_the_file_if_it_is_in_an_assignment() {
        let message = |content: &[u8]| {
            let rejected = parse(content).unwrap_err();
            format!("{}: {rejected}", rejected.at().unwrap())
        };
        assert_eq!(
            message(b"A=1\nB='x\ny\xff'"),
            "3:2: the value of `B` is not UTF-8"
        );
        assert_eq!(
            message(b"\nexp\xe9 B=1"),
            "2:4: the name of `exp\u{fffd} B` is not UTF-8"
        );
        assert_eq!(
            message("A=\u{ffff}".as_bytes()),
            "1:3: the value of `A` holds U+FFFF, which systemd does not take for UTF-8"
        );
        assert_eq!(
            message(b"A=\xc3\\b\xa9"),
            "1:3: the value of `A` is not UTF-8"
        );
        assert_eq!(
            pairs(&parse(b"# \xff\nfoo \xff\nA=1").unwrap()),
            [("A", "1")]
        );
    }

    #[test]
    fn escapes_are_undone_before_utf8_is_checked() {
        assert_eq!(pairs(&parse(b"A=\xc3\\\xa9").unwrap()), [("A", "é")]);
    }

    #[test]
    fn a_file_of_64_mib_is_too_large() {
        let content = vec![b'\n'; FILE_MAX];
        assert_eq!(
            parse(&content).unwrap_err().to_string(),
            "it has 67108864 bytes, systemd reads less than 67108864"
        );
        assert!(parse(&content[1..]).is_ok());
    }

    #[test]
    fn an_assignment_beyond_the_limit_is_dropped_with_what_it_replaced() {
        let content = format!("A=1\nB=2\nA={}", "x".repeat(ASSIGNMENT_MAX - 1));
        assert_eq!(pairs(&parsed(&content)), [("B", "2")]);
        assert_eq!(
            findings(&content),
            ["3:1 `A` with its value has 2097152 bytes, systemd takes 2097151"]
        );
        assert_eq!(parsed(&content[..content.len() - 1]).assignments.len(), 3);
    }

    #[test]
    fn values_are_borrowed_where_they_are_one_piece() {
        let file = parsed("A=\"one piece\"\nB=\"one\" \"piece\"");
        let borrowed: Vec<_> = file
            .assignments
            .iter()
            .map(|a| matches!(a.value, Cow::Borrowed(_)))
            .collect();
        assert_eq!(borrowed, [true, false]);
    }

    #[test]
    fn a_trace_leads_to_the_line_of_every_byte() {
        let file = parsed("# c\nA=\"-a \\\n-b\n-c\" '-d'\n");
        let assignment = &file.assignments[0];
        let trace = file.trace(assignment);
        assert_eq!(assignment.value, "-a -b\n-c-d");
        let lines = file.lines();
        let line = |word| {
            let offset = assignment.value.find(word).unwrap();
            lines.position(trace.source(offset).unwrap())
        };
        let places = ["-a", "-b", "-c", "-d"].map(|word| line(word).to_string());
        assert_eq!(places, ["2:4", "3:1", "4:1", "4:6"]);
    }
}
