//! Text for people, broken at words where it is wider than the terminal. Where it goes
//! elsewhere, a line is a line, unless `COLUMNS` says how wide it may be.

use std::io::{self, Write};

use terminal_size::{Width, terminal_size_of};

/// Below this many columns, tables become blocks.
const TABLES: usize = 60;

/// Nothing is broken to less than this.
const LEAST: usize = 20;

/// How wide text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Columns(Option<usize>);

impl Columns {
    /// Those of what standard output is shown on.
    pub(super) fn of_stdout() -> Self {
        Self::of(terminal_size_of(io::stdout()))
    }

    /// Those of what standard error is shown on.
    pub(super) fn of_stderr() -> Self {
        Self::of(terminal_size_of(io::stderr()))
    }

    /// `COLUMNS` is asked first, as by systemctl(1) and ls(1).
    fn of(terminal: Option<(Width, terminal_size::Height)>) -> Self {
        let asked = std::env::var("COLUMNS").ok();
        let asked = asked.and_then(|text| text.parse::<usize>().ok());
        let seen = terminal.map(|(Width(width), _)| usize::from(width));
        let columns = asked.or(seen).filter(|&columns| columns > 0);
        Self(columns.map(|columns| columns.max(LEAST)))
    }

    /// So many.
    #[cfg(test)]
    pub(super) fn of_width(columns: usize) -> Self {
        Self(Some(columns))
    }

    /// Whether a table has the room that it needs.
    pub(super) fn have_room_for_tables(self) -> bool {
        self.0.is_none_or(|columns| columns >= TABLES)
    }

    /// The same for a table of so many columns.
    pub(super) fn have_room_for(self, table: usize) -> bool {
        self.0.is_none_or(|columns| columns >= table)
    }

    /// The text with lines that fit. What goes on is indented by two more than its line.
    pub(super) fn wrap(self, text: &str) -> String {
        let Some(columns) = self.0 else {
            return text.to_owned();
        };
        let mut wrapped = String::with_capacity(text.len());
        for line in text.split_inclusive('\n') {
            let (line, end) = match line.strip_suffix('\n') {
                Some(line) => (line, "\n"),
                None => (line, ""),
            };
            wrap_line(line, columns, &mut wrapped);
            wrapped.push_str(end);
        }
        wrapped
    }
}

/// Prints text for people on standard output.
pub(super) fn print(text: &str) -> io::Result<()> {
    let text = Columns::of_stdout().wrap(text);
    anstream::stdout().lock().write_all(text.as_bytes())
}

/// What is done to something, in a line of its own on standard output.
pub(super) fn step(
    out: &mut impl Write,
    action: &str,
    what: impl std::fmt::Display,
) -> io::Result<()> {
    let line = format!("{action:<12} {what}\n");
    out.write_all(Columns::of_stdout().wrap(&line).as_bytes())
}

fn wrap_line(line: &str, columns: usize, wrapped: &mut String) {
    if width(line) <= columns {
        wrapped.push_str(line);
        return;
    }
    let start = start_of_words(line);
    let mut at = width(&line[..start]);
    let indent = " ".repeat((at + 2).min(columns / 2));
    wrapped.push_str(&line[..start]);
    let mut is_first = true;
    for (gap, word) in words(&line[start..], columns - indent.len()) {
        let fits = at + gap.len() + width(word) <= columns;
        if is_first || fits {
            wrapped.push_str(gap);
            at += gap.len();
        } else {
            wrapped.push('\n');
            wrapped.push_str(&indent);
            at = indent.len();
        }
        wrapped.push_str(word);
        at += width(word);
        is_first = false;
    }
}

/// Where the first word begins, after blanks and colours.
fn start_of_words(line: &str) -> usize {
    let mut start = 0;
    loop {
        let rest = &line[start..];
        let colour = rest.strip_prefix('\x1b').and_then(|it| it.find('m'));
        start += match (colour, rest.starts_with(' ')) {
            (Some(end), _) => end + 2,
            (None, true) => 1,
            (None, false) => return start,
        };
    }
}

/// The words of a line, each with the blanks before it. What stands between backticks is
/// one, if it has room: it is there to be copied.
fn words(line: &str, room: usize) -> Vec<(&str, &str)> {
    let mut words = Vec::new();
    let mut rest = line;
    while !rest.is_empty() {
        let start = rest.len() - rest.trim_start_matches(' ').len();
        let (gap, text) = rest.split_at(start);
        let end = end_of_word(text, room);
        words.push((gap, &text[..end]));
        rest = &text[end..];
    }
    words
}

fn end_of_word(text: &str, room: usize) -> usize {
    let blank = |from: usize| text[from..].find(' ').map_or(text.len(), |at| from + at);
    let end = blank(0);
    let Some(open) = text[..end].find('`') else {
        return end;
    };
    match text[open + 1..].find('`') {
        Some(length) if open + length + 2 <= room => blank(open + length + 2),
        _ => end,
    }
}

/// Columns that text takes, without its colours.
fn width(text: &str) -> usize {
    let mut columns = 0;
    let mut in_colour = false;
    for c in text.chars() {
        match (in_colour, c) {
            (false, '\x1b') => in_colour = true,
            (true, 'm') => in_colour = false,
            (false, _) => columns += 1,
            (true, _) => {}
        }
    }
    columns
}

/// So many of a thing: `1 file`, `2 files`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{s}")
}

/// How many were there before.
pub(super) fn there_already(count: usize) -> String {
    let were = if count == 1 { "was" } else { "were" };
    format!("{count} {were} there already")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_words_and_go_on_indented() {
        let text = "error: `edge-1` is not a valid name, as it has a blank\n  under it: one two three four\nshort\n";
        assert_eq!(
            Columns(Some(28)).wrap(text),
            "error: `edge-1` is not a\n  valid name, as it has a\n  blank\n  under it: one two three\n    four\nshort\n"
        );
        assert_eq!(Columns(None).wrap(text), text);
    }

    #[test]
    fn what_is_to_be_copied_stays_in_one_piece() {
        assert_eq!(
            Columns(Some(30)).wrap("hint: then run `kubelet-unit service status`"),
            "hint: then run `kubelet-unit\n  service status`"
        );
        assert_eq!(
            Columns(Some(36)).wrap("hint: then run `kubelet-unit service status`."),
            "hint: then run\n  `kubelet-unit service status`."
        );
        let path = "/a/path/that/is/longer/than/the/terminal/is/wide";
        assert_eq!(
            Columns(Some(30)).wrap(&format!("see {path} there")),
            format!("see\n  {path}\n  there")
        );
    }

    #[test]
    fn colours_have_no_width() {
        let text = "\x1b[1;31merror:\x1b[0m four words are here";
        assert_eq!(Columns(Some(27)).wrap(text), text);
        let text = "\x1b[2m    \x1b[0ma-word-that-is-too-long-for-it and one more";
        assert_eq!(
            Columns(Some(27)).wrap(text),
            "\x1b[2m    \x1b[0ma-word-that-is-too-long-for-it\n      and one more"
        );
    }
}
