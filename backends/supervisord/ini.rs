//! supervisord's configuration, as far as we ask of it: Python's `configparser` with
//! `inline_comment_prefixes=(';', '#')` and continuation lines (`UnhosedConfigParser`,
//! `supervisor/options.py`, 4.2).

/// Sections with their keys, in the order of the file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ini {
    entries: Vec<Entry>,
}

#[derive(Debug, PartialEq, Eq)]
struct Entry {
    section: String,
    key: String,
    value: String,
}

impl Ini {
    pub(super) fn read(text: &str) -> Self {
        let mut entries: Vec<Entry> = Vec::new();
        let mut section = String::new();
        for line in text.lines() {
            let bare = without_comment(line);
            if bare.is_empty() {
                continue;
            }
            if line.starts_with([' ', '\t']) {
                if let Some(last) = entries.last_mut() {
                    last.value = format!("{}\n{bare}", last.value);
                }
            } else if let Some(name) = bare.strip_prefix('[') {
                name.trim_end_matches(']').clone_into(&mut section);
            } else if let Some((key, value)) = bare.split_once(['=', ':']) {
                entries.push(Entry {
                    section: section.clone(),
                    key: key.trim().to_lowercase(),
                    value: value.trim().into(),
                });
            }
        }
        Self { entries }
    }

    /// The value of a key; the last one where there are several.
    pub(super) fn get(&self, section: &str, key: &str) -> Option<&str> {
        self.entries
            .iter()
            .rev()
            .find(|entry| entry.section == section && entry.key == key)
            .map(|entry| entry.value.as_str())
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
    line[..end.unwrap_or(line.len())].trim()
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
    }
}
