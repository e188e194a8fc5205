//! Entries of an inittab that somebody else wrote (`inittab(5)`, and busybox's `init/init.c`):
//! `id:runlevels:action:process`, in which busybox has no runlevels.

use super::rivals::names;
use crate::effective::{Asked, Goes, Rival};
use crate::envfile::Position;
use crate::root::RootError;
use crate::service::AbsPath;
use crate::shipped::{CommandLine, Reading};

/// Init's own entries.
pub(super) const INITTAB: &str = "/etc/inittab";

/// Further ones of sysvinit's, in files that end in `.tab`.
pub(super) const FOLDER: &str = "/etc/inittab.d";

/// What starts nothing: an entry that is put off, and what is for the end.
const NEVER: [&str; 4] = ["off", "initdefault", "ctrlaltdel", "shutdown"];

/// What init puts before a process that it gives to a shell.
const BECOME: &str = "exec ";

/// An entry.
pub(super) struct Entry<'a> {
    /// Its line, from 1.
    line: usize,
    /// Where a command begins that becomes the process.
    begins: Position,
    process: &'a str,
    /// The whole line.
    pub(super) text: &'a str,
}

/// The entries that init starts something for.
pub(super) fn entries(text: &str) -> impl Iterator<Item = Entry<'_>> {
    let lines = text.lines().enumerate();
    lines.filter_map(|(at, line)| {
        let mut fields = line.splitn(4, ':');
        let action = fields.nth(2).filter(|_| !line.starts_with('#'))?;
        let process = fields.next().filter(|_| !NEVER.contains(&action))?;
        let process = process.strip_prefix(['+', '-']).unwrap_or(process);
        let column = line.len() - process.len() + 1;
        Some(Entry {
            line: at + 1,
            begins: Position {
                line: at + 1,
                column: column.saturating_sub(BECOME.len()).max(1),
            },
            process,
            text: line,
        })
    })
}

impl Entry<'_> {
    /// What it starts.
    pub(super) fn line_of(&self, reading: &Reading<'_>, path: &str) -> CommandLine {
        let mut script = reading.sh();
        let command = format!("{BECOME}{}", self.process);
        script.follow_text(path, &command, self.begins);
        script.reached()
    }

    /// Whether it starts the service: a program of its name, or a shell that has the name
    /// among its words.
    pub(super) fn starts(&self, reading: &Reading<'_>, path: &str) -> bool {
        let words = || self.process.split([' ', '\t', '\'', '"', ';']);
        let base = |word: &str| word.rsplit('/').next().unwrap_or(word).to_owned();
        if !words().any(|word| base(word) == reading.name.as_str()) {
            return false;
        }
        let line = self.line_of(reading, path);
        let started = line.arguments.first().map(|it| base(&it.text));
        let is_shell = words().any(|word| word == "-c");
        started.as_deref() == Some(reading.name.as_str()) || is_shell
    }
}

/// The first entry of a file that starts the service.
///
/// # Errors
/// Why the file cannot be read, as the end of a sentence that begins with it.
pub(super) fn found(reading: &Reading<'_>, path: &str) -> Result<Option<CommandLine>, String> {
    let text = reading.text(path)?.unwrap_or_default();
    let entry = entries(&text).find(|entry| entry.starts(reading, path));
    Ok(entry.map(|entry| entry.line_of(reading, path)))
}

/// Files with entries of sysvinit, in its order.
///
/// # Errors
/// The folder may not be read.
pub(super) fn files(asked: &Asked<'_>) -> Result<Vec<String>, RootError> {
    let names = names(asked.host.root(), FOLDER.as_ref())?.into_iter();
    let tabs = names.filter(|name| name.strip_suffix(".tab").is_some() && !name.starts_with('.'));
    let tabs = tabs.map(|name| format!("{FOLDER}/{name}"));
    Ok(std::iter::once(INITTAB.to_owned()).chain(tabs).collect())
}

/// The entries of a file that start the service beside the one that `is_own`.
pub(super) fn rivals(
    asked: &Asked<'_>,
    path: &str,
    is_own: impl Fn(&Entry<'_>) -> bool,
) -> Vec<Rival> {
    let root = asked.host.root();
    let Ok(place) = path.parse::<AbsPath>() else {
        return Vec::new();
    };
    let reading = Reading::new(root, &place, asked.name);
    let text = reading.text(path).ok().flatten().unwrap_or_default();
    let others: Vec<_> = entries(&text)
        .filter(|entry| !is_own(entry) && entry.starts(&reading, path))
        .collect();
    let says = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let alone = path != INITTAB && text.lines().filter(says).count() == others.len();
    let rival = |entry: &Entry<'_>| {
        let goes = match alone {
            true => Goes::File(Vec::new()),
            false => Goes::ByHand(format!(
                "take line {} out of `{}`",
                entry.line,
                root.shown(path).display()
            )),
        };
        let what = format!("starts `{}` too: init would run two of them", asked.name);
        Rival::new(path, entry.line, what, goes)
    };
    others.iter().map(rival).collect()
}
