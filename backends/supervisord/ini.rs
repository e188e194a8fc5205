//! supervisord's configuration, as far as we ask of it: Python's `configparser` with
//! `inline_comment_prefixes=(';', '#')` and continuation lines (`UnhosedConfigParser`,
//! `supervisor/options.py`, 4.2).

use crate::envfile::Position;

const YES: [&str; 4] = ["yes", "true", "on", "1"];
const NO: [&str; 4] = ["no", "false", "off", "0"];

/// Sections with their keys, in the order of the file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Ini {
    entries: Vec<Entry>,
    sections: Vec<Section>,
    /// The first line that is neither a section's head nor a setting in one.
    pub(super) unreadable: Option<usize>,
}

/// The head of a section.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Section {
    /// As it is written, without brackets.
    pub(super) name: String,
    /// Its line, from 1.
    pub(super) line: usize,
    /// The last line of the section that says something.
    pub(super) end: usize,
}

#[derive(Debug, PartialEq, Eq)]
struct Entry {
    section: String,
    key: String,
    value: String,
    written: Written,
}

/// A value as it is written, with its line breaks and without comments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) text: String,
    /// Where it begins.
    pub(super) at: Position,
}

impl Written {
    /// What is behind the sign of a line's assignment.
    fn new(line: usize, cut: &str, value: &str) -> Self {
        let column = value.as_ptr() as usize - cut.as_ptr() as usize + 1;
        Self {
            text: value.to_owned(),
            at: Position { line, column },
        }
    }

    /// Goes on at a line, after those that say nothing.
    fn go_on(&mut self, line: usize, cut: &str) {
        let is = self.at.line + self.text.matches('\n').count();
        self.text.extend(std::iter::repeat_n('\n', line - is));
        self.text += cut;
    }
}

impl Ini {
    pub(super) fn read(text: &str) -> Self {
        let mut ini = Self::default();
        // How far the last setting is indented, where the next line can go on with it.
        let mut goes_on = None;
        for (number, line) in text.lines().enumerate() {
            let cut = without_comment(line);
            let bare = cut.trim();
            if bare.is_empty() {
                continue;
            }
            let number = number + 1;
            let indent = cut.len() - cut.trim_start().len();
            if goes_on.is_some_and(|before| indent > before) {
                if let Some(last) = ini.entries.last_mut() {
                    last.value.push('\n');
                    last.value.push_str(bare);
                    last.written.go_on(number, cut);
                }
            } else {
                goes_on = ini.line(number, cut).then_some(indent);
            }
            if let Some(section) = ini.sections.last_mut() {
                section.end = number;
            }
        }
        ini
    }

    /// Takes in a line that goes on with no other, and says whether the next one can go on with it.
    fn line(&mut self, number: usize, cut: &str) -> bool {
        let bare = cut.trim();
        if let Some(head) = bare.strip_prefix('[').and_then(|it| it.rsplit_once(']')) {
            self.sections.push(Section {
                name: head.0.to_owned(),
                line: number,
                end: number,
            });
            return false;
        }
        let assigned = cut.split_once(['=', ':']);
        let assigned = assigned.filter(|(key, _)| !key.trim().is_empty());
        let (Some((key, value)), Some(section)) = (assigned, self.sections.last()) else {
            self.unreadable.get_or_insert(number);
            return false;
        };
        self.entries.push(Entry {
            section: section.name.clone(),
            key: key.trim().to_lowercase(),
            value: value.trim().into(),
            written: Written::new(number, cut, value),
        });
        true
    }

    /// The value of a key; the last one where there are several.
    pub(super) fn get(&self, section: &str, key: &str) -> Option<&str> {
        self.entry(section, key).map(|entry| entry.value.as_str())
    }

    /// The same with its place.
    pub(super) fn written(&self, section: &str, key: &str) -> Option<&Written> {
        self.entry(section, key).map(|entry| &entry.written)
    }

    /// The heads of its sections.
    pub(super) fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// The head of the section of a program, which may have blanks around its name
    /// (`process_or_group_name`, `supervisor/datatypes.py`, 4.2).
    pub(super) fn head_of(&self, program: &str) -> Option<&str> {
        let mut heads = self.sections.iter().map(|it| it.name.as_str());
        heads.find(|head| {
            let name = head.strip_prefix("program:");
            name.is_some_and(|it| it.trim() == program)
        })
    }

    /// Its settings in their order: the section, the key, the value and its line.
    pub(super) fn settings(&self) -> impl Iterator<Item = (&str, &str, &str, usize)> {
        let entries = self.entries.iter();
        entries.map(|it| (&*it.section, &*it.key, &*it.value, it.written.at.line))
    }

    /// The value of a key that counts for sections that do not set it (`configparser`).
    pub(super) fn of_all(&self, key: &str) -> Option<&str> {
        self.get("DEFAULT", key)
    }

    /// The value that counts for a section: its own, or that of all.
    pub(super) fn counts(&self, section: &str, key: &str) -> Option<&str> {
        self.get(section, key).or_else(|| self.of_all(key))
    }

    /// Whether a section is there.
    pub(super) fn has(&self, section: &str) -> bool {
        self.sections.iter().any(|it| it.name == section)
    }

    /// The group that has a program, if one is named here.
    pub(super) fn group_of(&self, program: &str) -> Option<&str> {
        self.entries.iter().find_map(|entry| {
            let group = entry.section.strip_prefix("group:")?;
            let mut programs = entry.value.split(',').filter(|_| entry.key == "programs");
            programs.any(|it| it.trim() == program).then_some(group)
        })
    }

    fn entry(&self, section: &str, key: &str) -> Option<&Entry> {
        let mut entries = self.entries.iter().rev();
        entries.find(|entry| entry.section == section && entry.key == key)
    }
}

fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with([';', '#']) {
        return "";
    }
    let end = [" ;", "\t;", " #", "\t#"]
        .iter()
        .filter_map(|mark| line.find(mark))
        .min();
    &line[..end.unwrap_or(line.len())]
}

/// What a value means where it is yes or no (`boolean`, `supervisor/datatypes.py`, 4.2); `None`
/// where it is neither.
pub(super) fn boolean(text: &str) -> Option<bool> {
    let lower = text.to_lowercase();
    match lower.as_str() {
        it if YES.contains(&it) => Some(true),
        it if NO.contains(&it) => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_continuations_are_supervisords() {
        let ini = Ini::read(
            "; c\n[unix_http_server]\nfile=/run/s.sock   ; (the path)\n[include]\nfiles = a.conf\n  b.conf ; more\n[x]\nFile=y;z\n",
        );
        assert_eq!(ini.get("unix_http_server", "file"), Some("/run/s.sock"));
        assert_eq!(ini.get("include", "files"), Some("a.conf\nb.conf"));
        assert_eq!(ini.get("x", "file"), Some("y;z"));
        assert_eq!(ini.get("x", "other"), None);
        let files = ini.written("include", "files").unwrap();
        assert_eq!(files.text, " a.conf\n  b.conf");
        assert_eq!(files.at, Position { line: 5, column: 8 });
    }

    #[test]
    fn a_line_goes_on_where_it_is_indented_more() {
        let ini = Ini::read("  [program: k ]\n  command=a\n  autostart=no\n   b\nuser=u\n");
        assert_eq!(ini.head_of("k"), Some("program: k "));
        let settings: Vec<_> = ini.settings().collect();
        let section = "program: k ";
        assert_eq!(
            settings,
            [
                (section, "command", "a", 2),
                (section, "autostart", "no\nb", 3),
                (section, "user", "u", 5)
            ]
        );
        assert_eq!(ini.unreadable, None);
        for (text, line) in [("a=b\n[x]\n", 1), ("[x]\na\n", 2), ("[x]\n=a\n", 2)] {
            assert_eq!(Ini::read(text).unreadable, Some(line), "{text}");
        }
    }
}
