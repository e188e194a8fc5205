//! The lines of a unit's file: `config_parse` and `parse_line` (`conf-parser.c`),
//! described in `systemd.syntax(7)`.

use super::directive::Section;
use super::problem::{Fault, Ignored};
use super::text::shown;
use super::word::WHITESPACE;
use crate::envfile::is_noncharacter;

/// The most that is read of one file, in bytes. systemd has no bound but that of a line,
/// which is this (`LONG_LINE_MAX`, `def.h`).
pub const FILE_MAX: usize = 1024 * 1024;

/// What stands in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct File {
    /// The assignments in the sections that a service has, in order.
    pub assignments: Vec<Assignment>,
    /// Lines that systemd ignores, with their numbers.
    pub ignored: Vec<(usize, Ignored)>,
    /// Where systemd stops to read, and why: all above it counts in a drop-in, nothing
    /// in a unit.
    pub broken: Option<(usize, Fault)>,
    /// What systemd reads, and otherwise than it looks.
    pub doubtful: Vec<(usize, Fault)>,
}

/// A line `key=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The section that it stands in.
    pub section: Section,
    /// The key as it is written.
    pub key: String,
    /// The value, without blanks around it; joined lines have a blank between them.
    pub value: String,
    /// The number of its line, the first of those that are joined.
    pub line: usize,
    /// The comment directly above it, without its `#`, on one line.
    pub comment: Option<String>,
}

/// Reads a file.
pub fn parse(bytes: &[u8]) -> File {
    let mut reader = Reader::default();
    for (number, (line, is_cut)) in lines(bytes).enumerate() {
        if is_cut {
            reader.file.doubtful.push((number + 1, Fault::Nul));
        }
        if !reader.line(number + 1, line) {
            break;
        }
    }
    reader.end()
}

/// The last value of a key in a section that services do not have; an empty one takes it back.
pub(super) fn value_of(bytes: &[u8], section: &str, key: &str) -> Option<String> {
    let mut reader = Reader {
        wanted: Some((section, key)),
        ..Reader::default()
    };
    for (number, (line, _)) in lines(bytes).enumerate() {
        if !reader.line(number + 1, line) {
            break;
        }
    }
    if let Some((number, line)) = reader.joined.take() {
        reader.whole(number, &line);
    }
    reader.found.filter(|value| !value.is_empty())
}

/// The lines as `read_line_full` (`fileio.c`) has them: LF, CR and NUL end one, and a
/// second mark of another kind belongs to the first, unless that is NUL. With each it is
/// said whether NUL ends it.
fn lines(bytes: &[u8]) -> impl Iterator<Item = (&[u8], bool)> {
    let mark = |byte: &u8| matches!(byte, b'\n' | b'\r' | 0);
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest.iter().position(mark).unwrap_or(rest.len());
        let (line, tail) = rest.split_at(end);
        let marks = match tail {
            [] => 0,
            [b'\n', b'\r' | 0, ..] | [b'\r', b'\n' | 0, ..] => 2,
            _ => 1,
        };
        let (marks, tail) = tail.split_at(marks);
        rest = tail;
        Some((line, marks.contains(&0)))
    })
}

/// Where the reader stands.
#[derive(Debug, Clone, Copy, Default)]
enum At {
    /// Above the first section.
    #[default]
    Nowhere,
    /// In a section that services do not have.
    Ignored,
    /// In the one that is asked for.
    Wanted,
    Inside(Section),
}

#[derive(Default)]
struct Reader<'a> {
    file: File,
    /// A section that services do not have, and a key in it, of which the value is asked.
    wanted: Option<(&'a str, &'a str)>,
    found: Option<String>,
    at: At,
    /// The lines that go on, and the number of the first.
    joined: Option<(usize, Vec<u8>)>,
    comment: Option<String>,
    has_mark: bool,
}

const MARK: &[u8] = b"\xef\xbb\xbf";

impl Reader<'_> {
    /// Takes a line, and says whether systemd reads on.
    fn line(&mut self, number: usize, line: &[u8]) -> bool {
        let text = line.trim_ascii_start();
        if let [b'#' | b';', text @ ..] = text {
            // Between lines that are joined it is as if it were not there.
            let text = String::from_utf8_lossy(text);
            let comment = self.comment.get_or_insert_default();
            comment.push_str(if comment.is_empty() { "" } else { " " });
            comment.push_str(text.trim());
            return true;
        }
        // A byte order mark counts once.
        let unmarked = line.strip_prefix(MARK).filter(|_| !self.has_mark);
        self.has_mark |= unmarked.is_some();
        let line = unmarked.unwrap_or(line);
        let (first, mut joined) = self.joined.take().unwrap_or((number, Vec::new()));
        joined.extend(line);
        if goes_on(&joined) {
            joined.pop();
            joined.push(b' ');
            self.joined = Some((first, joined));
            return true;
        }
        self.whole(first, &joined)
    }

    fn end(mut self) -> File {
        if self.file.broken.is_none()
            && let Some((number, line)) = self.joined.take()
        {
            self.file.doubtful.push((number, Fault::Unended));
            self.whole(number, &line);
        }
        self.file
    }

    fn whole(&mut self, number: usize, line: &[u8]) -> bool {
        let comment = self.comment.take();
        let text = std::str::from_utf8(line).ok();
        let Some(text) = text.filter(|text| !text.contains(is_noncharacter)) else {
            return self.breaks(number, Fault::NotUtf8);
        };
        let text = text.trim_matches(WHITESPACE);
        if text.is_empty() {
            return true;
        }
        if let Some(head) = text.strip_prefix('[') {
            return match head.strip_suffix(']') {
                Some(name) if is_safe(name) => self.section(number, name),
                _ => self.breaks(number, Fault::SectionHead),
            };
        }
        match (self.at, text.split_once('=')) {
            (At::Ignored, _) => {}
            (At::Wanted, pair) => {
                let is_it = |key: &str| self.wanted.is_some_and(|(_, it)| it == key);
                let pair = pair.map(|(key, value)| (key.trim_matches(WHITESPACE), value));
                if let Some((_, value)) = pair.filter(|(key, _)| is_it(key)) {
                    self.found = Some(value.trim_matches(WHITESPACE).into());
                }
            }
            (At::Nowhere, _) => self.ignore(number, Ignored::Outside),
            (_, None) => self.ignore(number, Ignored::NoAssignment),
            (_, Some(("", _))) => self.ignore(number, Ignored::NoKey),
            (At::Inside(section), Some((key, value))) => self.file.assignments.push(Assignment {
                section,
                key: key.trim_matches(WHITESPACE).into(),
                value: value.trim_matches(WHITESPACE).into(),
                line: number,
                comment,
            }),
        }
        true
    }

    fn section(&mut self, number: usize, name: &str) -> bool {
        if self.wanted.is_some_and(|(section, _)| section == name) {
            self.at = At::Wanted;
            return true;
        }
        self.at = Section::named(name).map_or(At::Ignored, At::Inside);
        // Sections of `X-` are for others, and nothing to be told of.
        if matches!(self.at, At::Ignored) && !name.starts_with("X-") {
            let name = shown(name);
            self.ignore(number, Ignored::Section { name });
        }
        true
    }

    fn ignore(&mut self, number: usize, why: Ignored) {
        self.file.ignored.push((number, why));
    }

    fn breaks(&mut self, number: usize, why: Fault) -> bool {
        self.file.broken = Some((number, why));
        false
    }
}

/// `string_is_safe` (`string-util.c`), which a section's name has to be.
fn is_safe(name: &str) -> bool {
    !name.contains(|c: char| c.is_ascii_control() || "\"'\\".contains(c))
}

/// Whether a backslash is at the end that no other one escapes.
fn goes_on(line: &[u8]) -> bool {
    let backslashes = line.iter().rev().take_while(|&&byte| byte == b'\\');
    backslashes.count() % 2 == 1
}
