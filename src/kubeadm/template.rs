//! Placeholders of templates that nobody rendered: `${NAME}`, `{{ name }}`, `{% if … %}`.
//!
//! YAML takes some of them for text and others for broken mappings; either way what is said about the place would
//! miss what is wrong.

use super::error::{Error, Input, Place};
use super::warning::Warning;
use super::yaml::Pos;

/// The openings and ends of placeholders.
const FORMS: [(&str, &str); 3] = [("{{", "}}"), ("{%", "%}"), ("${", "}")];

/// How many characters of a placeholder are shown.
const WIDTH: usize = 40;

/// A placeholder and where it stands in its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placeholder {
    /// The line and column of its beginning.
    pub pos: Pos,
    /// It, shortened.
    pub text: String,
}

/// The first placeholder of each line that is not a comment.
pub fn placeholders(text: &str) -> Vec<Placeholder> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with('#') {
            continue;
        }
        let first = FORMS
            .iter()
            .filter_map(|(open, end)| {
                let start = line.find(open)?;
                let length = line[start..].find(end)? + end.len();
                Some((start, &line[start..start + length]))
            })
            .min_by_key(|(start, _)| *start);
        if let Some((start, text)) = first {
            let pos = Pos {
                line: number + 1,
                column: line[..start].chars().count() + 1,
            };
            let text = match text.char_indices().nth(WIDTH) {
                Some((cut, _)) => format!("{}…", &text[..cut]),
                None => text.to_owned(),
            };
            found.push(Placeholder { pos, text });
        }
    }
    found
}

fn place(input: Input, pos: Pos) -> Place {
    Place {
        pos,
        ..Place::start(input)
    }
}

/// The error that names the placeholder, where one explains this error: it stands in the line that the error is about,
/// or before the place at which the YAML broke.
pub fn explain(error: Error, text: &str, input: Input) -> Error {
    let (Some(at), true) = (error.place(), error.input() == Some(input)) else {
        return error;
    };
    let broken = matches!(error, Error::Yaml { .. });
    let line = at.pos.line;
    let mut found = placeholders(text).into_iter();
    let it = found.find(|it| it.pos.line == line || (broken && it.pos.line < line));
    match it {
        Some(it) => Error::Template {
            place: Box::new(Place {
                pos: it.pos,
                ..at.clone()
            }),
            text: it.text,
        },
        None => error,
    }
}

/// A warning for each placeholder of a text that could be read all the same.
pub fn warnings(text: &str, input: Input) -> impl Iterator<Item = Warning> {
    placeholders(text)
        .into_iter()
        .map(move |it| Warning::Template {
            place: place(input, it.pos),
            text: it.text,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_found_and_comments_are_not() {
        let text = "a: ${NODE_IP}\n# b: ${X}\nc: \"{{ .Values.name }}\"\n{% if x %}\nd: $HOME {a: b}\ne: {x: {y: z}}\n";
        let found: Vec<_> = placeholders(text)
            .into_iter()
            .map(|it| (it.pos.line, it.pos.column, it.text))
            .collect();
        let expected = [
            (1, 4, "${NODE_IP}"),
            (3, 5, "{{ .Values.name }}"),
            (4, 1, "{% if x %}"),
        ];
        assert_eq!(
            found,
            expected.map(|(line, column, text)| (line, column, text.to_owned()))
        );
    }
}
