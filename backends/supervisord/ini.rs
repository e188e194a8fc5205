//! supervisord's configuration, as far as we ask of it: Python's `configparser` with
//! `inline_comment_prefixes=(';', '#')` and continuation lines (`UnhosedConfigParser`,
//! `supervisor/options.py`, 4.2).

use crate::envfile::Position;

/// Sections with their keys, in the order of the file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Ini {
    entries: Vec<Entry>,
    sections: Vec<Section>,
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
        let mut entries: Vec<Entry> = Vec::new();
        let mut sections: Vec<Section> = Vec::new();
        let mut section = String::new();
        for (number, line) in text.lines().enumerate() {
            let cut = without_comment(line);
            let bare = cut.trim();
            if bare.is_empty() {
                continue;
            }
            if let Some(section) = sections.last_mut()
                && !bare.starts_with('[')
            {
                section.end = number + 1;
            }
            if line.starts_with([' ', '\t']) {
                if let Some(last) = entries.last_mut() {
                    last.value = format!("{}\n{bare}", last.value);
                    last.written.go_on(number + 1, cut);
                }
            } else if let Some(name) = bare.strip_prefix('[') {
                name.trim_end_matches(']').clone_into(&mut section);
                sections.push(Section {
                    name: section.clone(),
                    line: number + 1,
                    end: number + 1,
                });
            } else if let Some((key, value)) = cut.split_once(['=', ':']) {
                entries.push(Entry {
                    section: section.clone(),
                    key: key.trim().to_lowercase(),
                    value: value.trim().into(),
                    written: Written::new(number + 1, cut, value),
                });
            }
        }
        Self { entries, sections }
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
}
