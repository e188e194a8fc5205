//! The properties of a service description, with those of the files that it includes
//! (`dinit-service(5)`, 0.22, "SERVICE PROPERTIES", "META-COMMANDS").

use std::path::Path;

use crate::envfile::Position;
use crate::host::{Host, shortest};

/// So many files include each other.
const DEEPEST: usize = 8;

/// A line `name = value` or `name: value`, and the lines that it goes on in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Property {
    /// Its name.
    pub(super) name: String,
    /// Whether the value is added to what was there (`+=`).
    pub(super) adds: bool,
    /// As it is written.
    pub(super) value: String,
    /// The file.
    pub(super) path: String,
    /// Where the value begins there.
    pub(super) at: Position,
}

/// A file that is included and cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unread {
    /// The file that includes it.
    pub(super) path: String,
    /// The line there.
    pub(super) line: usize,
    /// Its name as it is written.
    pub(super) named: String,
    /// Why; nothing where it is not there.
    pub(super) why: Option<String>,
}

/// A description.
#[derive(Debug, Default)]
pub(super) struct Description {
    pub(super) properties: Vec<Property>,
    pub(super) unread: Vec<Unread>,
}

/// How files are read; the error is why one cannot be, as the end of a sentence.
pub(super) type Read<'a> = dyn Fn(&str) -> Result<Option<String>, String> + 'a;

impl Description {
    /// What a text says, which stands in a file on a host.
    pub(super) fn on(host: &Host, path: &str, text: &str) -> Self {
        Self::of(path, text, &|path| Ok(host.text(path)))
    }

    /// What a text says, which stands in a file.
    pub(super) fn of(path: &str, text: &str, read: &Read<'_>) -> Self {
        let mut description = Self::default();
        description.take(path, text, read, 0);
        description
    }

    /// The last value of a property.
    pub(super) fn last(&self, name: &str) -> Option<&Property> {
        let mut all = self.properties.iter();
        all.rfind(|it| it.name == name && !it.adds)
    }

    fn take(&mut self, path: &str, text: &str, read: &Read<'_>, depth: usize) {
        let (mut rest, mut line) = (text, 1);
        while !rest.is_empty() {
            let end = end_of(rest);
            let (whole, after) = rest.split_at(end);
            let statement = whole.trim_start();
            if let Some(meta) = statement.strip_prefix('@') {
                self.include(path, line, meta, read, depth);
            } else if !statement.starts_with('#') {
                self.properties.extend(property(path, line, whole));
            }
            line += whole.matches('\n').count() + 1;
            rest = after.strip_prefix('\n').unwrap_or(after);
        }
    }

    fn include(&mut self, path: &str, line: usize, meta: &str, read: &Read<'_>, depth: usize) {
        let mut words = meta.split_whitespace();
        let is_optional = match words.next() {
            Some("include") => false,
            Some("include-opt") => true,
            _ => return,
        };
        let named = words
            .next()
            .unwrap_or_default()
            .trim_matches('"')
            .to_owned();
        let unread = |why| Unread {
            path: path.to_owned(),
            line,
            named: named.clone(),
            why,
        };
        if named.contains('$') || depth == DEEPEST {
            let why = "it cannot be told which file that is".to_owned();
            self.unread.push(unread(Some(why)));
            return;
        }
        let folder = Path::new(path).parent().unwrap_or(Path::new("/"));
        let file = shortest(&folder.join(&named)).display().to_string();
        match read(&file) {
            Ok(Some(text)) => self.take(&file, &text, read, depth + 1),
            Ok(None) if is_optional => {}
            Ok(None) => self.unread.push(unread(None)),
            Err(why) => self.unread.push(unread(Some(why))),
        }
    }
}

/// Where a line ends, with those that it goes on in after a backslash at its end.
fn end_of(text: &str) -> usize {
    let (mut is_quoted, mut after_blank) = (false, true);
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\n' => return at,
            // A comment ends with its line.
            '#' if after_blank && !is_quoted => {
                return text[at..].find('\n').map_or(text.len(), |end| at + end);
            }
            '\\' => drop(chars.next()),
            '"' => is_quoted = !is_quoted,
            _ => {}
        }
        after_blank = c.is_whitespace();
    }
    text.len()
}

fn property(path: &str, line: usize, text: &str) -> Option<Property> {
    let sign = text.find(['=', ':'])?;
    let name = text[..sign].trim();
    let (name, adds) = match name.strip_suffix('+') {
        Some(name) => (name.trim_end(), true),
        None => (name, false),
    };
    let rest = &text[sign + 1..];
    let begins = sign + 1 + (rest.len() - rest.trim_start().len());
    Some(Property {
        name: name.to_owned(),
        adds,
        value: rest.trim().to_owned(),
        path: path.to_owned(),
        at: Position {
            line,
            column: begins + 1,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_go_on_and_files_are_included() {
        let read = |path: &str| match path {
            "/d/more" => Ok(Some("command += --b\n@include /denied\n".to_owned())),
            "/denied" => Err("may not be read".to_owned()),
            _ => Ok(None),
        };
        let text = "# type = a \\\ncommand = a \\\n  \"b # \" # c \\\n x: y\n\
                    @include more\n@include-opt none\n@include none\nz=\n";
        let description = Description::of("/d/x", text, &read);
        let shown = description.properties.iter();
        let shown: Vec<_> = shown
            .map(|it| {
                format!(
                    "{} {} {:?} {}:{}",
                    it.name, it.adds, it.value, it.path, it.at
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                r#"command false "a \\\n  \"b # \" # c \\" /d/x:2:11"#,
                r#"x false "y" /d/x:4:5"#,
                r#"command true "--b" /d/more:1:12"#,
                r#"z false "" /d/x:8:3"#,
            ]
        );
        let unread = description.unread.iter();
        let unread: Vec<_> = unread
            .map(|it| format!("{}:{} {} {:?}", it.path, it.line, it.named, it.why))
            .collect();
        assert_eq!(
            unread,
            [
                r#"/d/more:2 /denied Some("may not be read")"#,
                "/d/x:7 none None",
            ]
        );
    }
}
