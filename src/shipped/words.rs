//! Command lines that are no shell's: words as they stand in a file.

use super::script::{CommandLine, FoundArgument, Reason};
use crate::envfile::Position;

/// A word as it stands in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiteralWord {
    /// What it is, quotes removed.
    pub text: String,
    /// Where it begins.
    pub at: Position,
    /// Why it is not known what it becomes, as the end of a sentence that begins with the
    /// line.
    pub unknown: Option<&'static str>,
}

impl CommandLine {
    /// That of words in a file, of which those before the program's name belong to programs
    /// that become it.
    pub fn of_words(path: &str, words: &[LiteralWord], program: &str) -> Self {
        let named = |word: &LiteralWord| word.text.rsplit('/').next() == Some(program);
        let reason = |at: Position, why: &str| Reason {
            path: path.to_owned(),
            line: at.line,
            why: why.to_owned(),
        };
        let mut line = Self {
            files: vec![path.to_owned()],
            ..Self::default()
        };
        let start = words.iter().rposition(named);
        if start.is_none() {
            let at = words
                .first()
                .map_or(Position { line: 1, column: 1 }, |word| word.at);
            let why = "starts another program, and what that starts is not followed";
            line.unknown.push(reason(at, why));
        }
        for word in &words[start.unwrap_or(0)..] {
            line.unknown
                .extend(word.unknown.map(|why| reason(word.at, why)));
            line.arguments.push(FoundArgument {
                text: word.text.clone(),
                path: path.to_owned(),
                at: word.at,
                variable: None,
            });
        }
        line
    }
}

/// The words of a text in which `"`, `'` and `\` quote and nothing is replaced: Python's
/// `shlex`, and execline without `'`. The text begins at a place; a word with one of
/// `marks` is not known.
pub fn literal_words(
    text: &str,
    start: Position,
    single_quotes: bool,
    mark: char,
    why: &'static str,
) -> Vec<LiteralWord> {
    let mut words: Vec<LiteralWord> = Vec::new();
    let mut at = start;
    let (mut inside, mut quote) = (false, None);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let here = at;
        at = match c {
            '\n' => Position {
                line: at.line + 1,
                column: 1,
            },
            _ => Position {
                column: at.column + c.len_utf8(),
                ..at
            },
        };
        if quote.is_none() && c == '#' && !inside {
            while chars.next_if(|c| *c != '\n').is_some() {}
            continue;
        }
        if quote.is_none() && c.is_whitespace() {
            inside = false;
            continue;
        }
        if !inside {
            inside = true;
            words.push(LiteralWord {
                text: String::new(),
                at: here,
                unknown: None,
            });
        }
        let Some(word) = words.last_mut() else {
            continue;
        };
        match (quote, c) {
            (None, '"') => quote = Some(c),
            (None, '\'') if single_quotes => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None | Some('"'), '\\') => {
                if let Some(next) = chars.next() {
                    at.column += next.len_utf8();
                    word.text.push(next);
                }
            }
            (_, c) => {
                if c == mark {
                    word.unknown = Some(why);
                }
                word.text.push(c);
            }
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_and_placed() {
        let start = Position { line: 3, column: 9 };
        let words = literal_words(
            "env A=1 /usr/bin/kubelet \"--a=b c\" '--d=%(ENV_X)s'\n  --e\\ f # g",
            start,
            true,
            '%',
            "names a variable",
        );
        let line = CommandLine::of_words("/f", &words, "kubelet");
        let shown: Vec<_> = line
            .arguments
            .iter()
            .map(|it| format!("{} {}", it.text, it.at))
            .collect();
        assert_eq!(
            shown,
            [
                "/usr/bin/kubelet 3:17",
                "--a=b c 3:34",
                "--d=%(ENV_X)s 3:44",
                "--e f 4:3"
            ]
        );
        assert_eq!(line.unknown.len(), 1);
        let other = CommandLine::of_words("/f", &words[..2], "kubelet");
        assert_eq!(other.unknown.len(), 1);
    }
}
