//! Command lines that are no shell's: words as they stand in a file.

use super::chain;
use super::script::{CommandLine, FoundArgument, Reason, beginning};
use crate::envfile::Position;

/// A word as it stands in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiteralWord {
    /// What it is, quotes removed.
    pub text: String,
    /// The file that it stands in, where that is another than the one that is read.
    pub path: Option<String>,
    /// Where it begins.
    pub at: Position,
    /// Why it is not known what it becomes, as the end of a sentence that begins with the
    /// line.
    pub unknown: Option<String>,
    /// How much of its beginning is known, if it stays one word whatever becomes of it.
    pub known: Option<usize>,
}

impl CommandLine {
    /// That of words in a file, of which those before the program's name belong to programs
    /// that become it.
    pub fn of_words(path: &str, words: &[LiteralWord], program: &str) -> Self {
        let file = |word: &LiteralWord| word.path.clone().unwrap_or_else(|| path.to_owned());
        let reason = |path: String, at: Position, why: String, within| Reason {
            path,
            line: at.line,
            why,
            within,
        };
        let mut line = Self {
            files: vec![path.to_owned()],
            ..Self::default()
        };
        let known = |word: &LiteralWord| word.unknown.is_none().then(|| word.text.clone());
        let known: Vec<_> = words.iter().map(known).collect();
        let start = chain::program(&known).min(words.len());
        let words = &words[start..];
        let called = words.first().map_or("", |word| base(&word.text));
        if called != program {
            let start = Position { line: 0, column: 1 };
            let at = words.first().map_or(start, |word| word.at);
            let path = words.first().map_or_else(|| path.to_owned(), file);
            let why = match called {
                "" => "does not say what it starts".to_owned(),
                called => format!("starts `{called}`, and what that starts is not followed"),
            };
            line.unknown.push(reason(path, at, why, None));
        }
        for word in words {
            let previous = line.arguments.last().map(|it| it.text.as_str());
            let begins = word.known.and_then(|known| word.text.get(..known));
            let begins = begins.map(|begins| vec![beginning(previous, begins)]);
            let unknown = word.unknown.iter();
            line.unknown.extend(
                unknown.map(|why| reason(file(word), word.at, why.clone(), begins.clone())),
            );
            if word.text.contains('\0') {
                let why = "has a NUL, which no argument can have".to_owned();
                line.unknown.push(reason(file(word), word.at, why, None));
            }
            line.arguments.push(FoundArgument {
                text: word.text.clone(),
                is_known: word.unknown.is_none(),
                path: file(word),
                at: word.at,
                variable: None,
            });
        }
        line
    }
}

fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// How the words of a file are quoted.
#[derive(Debug, Clone, Copy)]
pub struct Quoting {
    /// Whether `'` quotes.
    pub single: bool,
    /// Whether `#` at the beginning of a word begins a comment.
    pub comments: bool,
    /// Whether a backslash at the end of a line is as good as a blank.
    pub goes_on: bool,
    /// What stands for something that the file does not say, and why; doubled it is itself.
    pub mark: Option<(char, &'static str)>,
}

impl Quoting {
    /// The words of a text in which `"` and `\` quote and nothing is replaced: Python's `shlex`,
    /// execline, dinit. The text begins at a place; a word with the mark is not known.
    pub fn words(self, text: &str, start: Position) -> Vec<LiteralWord> {
        let mut words: Vec<LiteralWord> = Vec::new();
        let mut at = start;
        let (mut inside, mut quote) = (false, None);
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let here = at;
            at = after(at, c);
            if quote.is_none() && c == '#' && !inside && self.comments {
                while chars.next_if(|c| *c != '\n').is_some() {}
                continue;
            }
            let goes_on = self.goes_on && c == '\\' && chars.peek() == Some(&'\n');
            if quote.is_none() && (c.is_whitespace() || goes_on) {
                inside = false;
                continue;
            }
            if !inside {
                inside = true;
                words.push(LiteralWord {
                    text: String::new(),
                    path: None,
                    at: here,
                    unknown: None,
                    known: None,
                });
            }
            let Some(word) = words.last_mut() else {
                continue;
            };
            match (quote, c) {
                (None, '"') => quote = Some(c),
                (None, '\'') if self.single => quote = Some(c),
                (Some(open), c) if open == c => quote = None,
                (None | Some('"'), '\\') => {
                    if let Some(next) = chars.next() {
                        at = after(at, next);
                        word.text.push(next);
                    }
                }
                (_, c) => {
                    word.text.push(c);
                    match self.mark.filter(|(mark, _)| *mark == c) {
                        Some((mark, _)) if chars.next_if_eq(&mark).is_some() => {
                            at = after(at, mark);
                        }
                        Some((_, why)) => word.unknown = Some(why.to_owned()),
                        None => {}
                    }
                }
            }
        }
        words
    }
}

fn after(at: Position, c: char) -> Position {
    match c {
        '\n' => Position {
            line: at.line + 1,
            column: 1,
        },
        _ => Position {
            column: at.column + c.len_utf8(),
            ..at
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_and_placed() {
        let start = Position { line: 3, column: 9 };
        let quoting = Quoting {
            single: true,
            comments: true,
            goes_on: false,
            mark: Some(('%', "names a variable")),
        };
        let words = quoting.words(
            "env A=1 /usr/bin/kubelet \"--a=b c\" '--d=%(ENV_X)s'\n  --e\\ f%% # g",
            start,
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
                "--e f% 4:3"
            ]
        );
        assert_eq!(line.unknown.len(), 1);
        let other = CommandLine::of_words("/f", &words[..2], "kubelet");
        assert_eq!(other.unknown.len(), 1);
    }
}
