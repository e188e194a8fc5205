//! dinit's `env-file`, which has rules of its own (`dinit-service(5)`; `read_env_file` of dinit
//! 0.22): a line is `NAME=VALUE`, and quotes, backslashes and blanks are a part of the value.

use crate::effective::{Inline, Place, Unknown};

/// What a line of such a file comes to.
pub(super) enum Line {
    /// It sets a variable.
    Sets(Inline),
    /// It is a command to newer versions of dinit, such as `!clear`.
    Command(Unknown),
}

/// What the lines of a file come to, without those that dinit ignores.
pub(super) fn lines(path: &str, text: &str) -> Vec<Line> {
    let lines = text.split('\n').zip(1..);
    lines
        .filter_map(|(line, number)| line_of(line, Place::of_line(path, number)))
        .collect()
}

fn line_of(line: &str, place: Place) -> Option<Line> {
    let line = line.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '\x0b');
    match line.chars().next()? {
        '#' | '=' => None,
        '!' => {
            let because = "it may take variables away, or bring some of dinit's own";
            Some(Line::Command(Unknown::of_all(place, because)))
        }
        _ => {
            let (name, value) = line.split_once('=')?;
            let name = name.trim_end();
            let is_one = !name.contains(char::is_whitespace);
            is_one.then(|| {
                Line::Sets(Inline {
                    name: name.into(),
                    value: value.into(),
                    place: Some(place),
                })
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_characters_and_nothing_goes_on() {
        let text = "# A=1\n  A=\"q  \nB = x\\\n=c\nD\nE F=1\n!clear\nG=\r\n";
        let told: Vec<_> = lines("/e", text)
            .into_iter()
            .map(|line| match line {
                Line::Sets(it) => format!("{:?}={:?} {:?}", it.name, it.value, it.place),
                Line::Command(it) => format!("command {:?}", it.place),
            })
            .collect();
        let at = |line| Place::of_line("/e", line);
        assert_eq!(
            told,
            [
                format!("\"A\"=\"\\\"q  \" {:?}", Some(at(2))),
                format!("\"B\"=\" x\\\\\" {:?}", Some(at(3))),
                format!("command {:?}", at(7)),
                format!("\"G\"=\"\\r\" {:?}", Some(at(8))),
            ]
        );
    }
}
