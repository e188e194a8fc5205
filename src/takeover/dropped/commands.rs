//! The commands of a shell script as they are written, each with its line and with what it
//! stands in.
//!
//! Nothing is refused here, unlike where a script is followed: what is too much of a shell
//! script still has commands that somebody has to be told of.

use super::lex::{Token, Word, lex};
use super::tables::is_harmless;

/// A command.
#[derive(Debug, Clone, Default)]
pub(super) struct Command {
    /// Its line, from 1.
    pub(super) line: usize,
    /// Its words, without redirections.
    pub(super) words: Vec<Word>,
    /// Where its output goes: an operator and a word each.
    pub(super) redirections: Vec<(&'static str, Word)>,
    /// As it is written, with what is told or decided after it: `|| exit 1`.
    pub(super) text: String,
    /// Which of those that hang together by `&&`, `||` and `|` it belongs to.
    chain: usize,
    /// What it stands in, from the outside.
    pub(super) frames: Vec<Frame>,
    begin: usize,
    end: usize,
}

/// What commands stand in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Frame {
    Function(String),
    /// An arm of a `case`: what it asks about, and its patterns.
    Arm {
        subject: String,
        patterns: String,
    },
    Group,
}

/// As many characters as are kept of a command: more than any line of ours has.
const LONGEST: usize = 512;

/// Words after which a command begins.
const BEFORE_A_COMMAND: [&str; 11] = [
    "if", "then", "else", "elif", "do", "while", "until", "!", "time", "fi", "done",
];

#[derive(Default)]
struct Reader {
    tokens: Vec<Token>,
    at: usize,
    frames: Vec<Frame>,
    /// A function whose body comes next.
    function: Option<String>,
    chain: usize,
    found: Vec<Command>,
}

/// The commands of a text whose first line has this number.
pub(super) fn commands(text: &str, first: usize) -> Vec<Command> {
    let source: Vec<char> = text.chars().collect();
    let mut reader = Reader {
        tokens: lex(&source, first),
        ..Reader::default()
    };
    while reader.at < reader.tokens.len() {
        reader.next();
    }
    let mut found = reader.found;
    // From behind, since what is after a command ends where what is after the next one does.
    let mut after: Option<(usize, usize)> = None;
    for command in found.iter_mut().rev() {
        let goes_on = after.filter(|(chain, _)| *chain == command.chain);
        let end = goes_on.map_or(command.end, |(_, end)| end);
        let shown = &source[command.begin..end.min(command.begin + LONGEST)];
        let text = shown.iter().collect::<String>().replace("\\\n", " ");
        command.text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let first = command.words.first();
        let is_harmless = first.is_none_or(|word| is_harmless(&word.text));
        after = is_harmless.then_some((command.chain, end));
    }
    found
}

impl Reader {
    fn operator(&self, ahead: usize) -> Option<&'static str> {
        match self.tokens.get(self.at + ahead)? {
            Token::Operator(operator, _) => Some(operator),
            Token::Word(_) => None,
        }
    }

    fn word(&self, ahead: usize) -> Option<&Word> {
        match self.tokens.get(self.at + ahead)? {
            Token::Word(word) => Some(word),
            Token::Operator(..) => None,
        }
    }

    /// One step from where a command may begin.
    fn next(&mut self) {
        match self.operator(0) {
            Some("(") => self.open(),
            Some(")") => self.close(),
            Some(";;" | ";&") => self.arm(),
            Some("&&" | "||" | "|") => self.at += 1,
            Some(operator) if operator.contains(['<', '>']) => self.command(),
            Some(_) => {
                self.at += 1;
                self.chain += 1;
            }
            None => self.begin(),
        }
    }

    fn begin(&mut self) {
        let raw = self.word(0).map(|it| it.raw.clone()).unwrap_or_default();
        let name = |word: Option<&Word>| word.map(|it| it.raw.clone());
        match raw.as_str() {
            "{" => self.open(),
            "}" | "esac" => self.close(),
            "case" => {
                let subject = self.word(1).map(|it| it.text.clone()).unwrap_or_default();
                self.at += 2;
                while self.word(0).is_some_and(|it| it.raw != "in")
                    || self.operator(0) == Some("\n")
                {
                    self.at += 1;
                }
                let patterns = String::new();
                self.frames.push(Frame::Arm { subject, patterns });
                self.arm();
            }
            "for" | "select" => {
                while !matches!(self.operator(0), Some("\n" | ";")) && self.at < self.tokens.len() {
                    self.at += 1;
                }
            }
            "function" => {
                self.function = name(self.word(1));
                self.at += 2;
                self.skip_parentheses();
            }
            word if BEFORE_A_COMMAND.contains(&word) => {
                self.at += 1;
                self.chain += usize::from(!matches!(word, "!" | "time"));
            }
            _ if self.operator(1) == Some("(") && self.operator(2) == Some(")") => {
                self.function = Some(raw);
                self.at += 1;
                self.skip_parentheses();
            }
            _ => self.command(),
        }
    }

    fn skip_parentheses(&mut self) {
        if self.operator(0) == Some("(") && self.operator(1) == Some(")") {
            self.at += 2;
        }
        while self.operator(0) == Some("\n") {
            self.at += 1;
        }
    }

    fn open(&mut self) {
        let function = self.function.take();
        self.frames
            .push(function.map_or(Frame::Group, Frame::Function));
        self.at += 1;
        self.chain += 1;
    }

    fn close(&mut self) {
        self.frames.pop();
        self.at += 1;
        self.chain += 1;
    }

    /// The patterns of the next arm of a `case`, if there is one.
    fn arm(&mut self) {
        self.at += 1;
        self.chain += 1;
        let mut found = Vec::new();
        while self.at < self.tokens.len() {
            if found.is_empty() && self.word(0).is_some_and(|it| it.raw == "esac") {
                return;
            }
            if self.operator(0) == Some(")") {
                self.at += 1;
                break;
            }
            found.extend(self.word(0).map(|it| it.text.clone()));
            self.at += 1;
        }
        if let Some(Frame::Arm { patterns, .. }) = self.frames.last_mut() {
            *patterns = found.join("|");
        }
    }

    fn command(&mut self) {
        let mut command = Command {
            chain: self.chain,
            frames: self.frames.clone(),
            ..Command::default()
        };
        let begin = self.at;
        while let Some(token) = self.tokens.get(self.at) {
            let end = match token {
                Token::Operator(operator, _) if operator.contains(['<', '>']) => {
                    let operator = *operator;
                    let target = self.word(1).cloned().unwrap_or_default();
                    self.at += 1;
                    let end = target.end;
                    command.redirections.push((operator, target));
                    end
                }
                Token::Operator(..) => break,
                Token::Word(word) => {
                    let end = word.end;
                    if !word.is_descriptor {
                        command.words.push(word.clone());
                    }
                    end
                }
            };
            command.end = command.end.max(end);
            self.at += 1;
        }
        let (line, at) = match &self.tokens[begin] {
            Token::Word(word) => (word.line, word.begin),
            Token::Operator(_, (line, at)) => (*line, *at),
        };
        (command.line, command.begin) = (line, at);
        // A redirection may have nothing behind it.
        command.end = command.end.max(at);
        self.found.push(command);
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    #[test]
    fn commands_are_found_with_what_they_stand_in() {
        let text = "a 'b c' && x=1 d >/e 2>&1 # f\nif g; then\n\th $(i; j) \\\n\t  \"k; l\"; fi\n\
                    m() { n | o; }\ncase \"$1\" in\n  (p|q) r; s ;;\n  *) t\nesac\n\
                    cat <<-E >>u\n\tv; w\n\tE\nfor y in 1 2; do z; done &\n( aa )\n'open";
        let mut told = String::new();
        for it in commands(text, 1) {
            let words: Vec<_> = it.words.iter().map(|word| word.text.as_str()).collect();
            let to = it.redirections.iter();
            let to: Vec<_> = to.map(|(how, to)| format!("{how}{}", to.text)).collect();
            let Command {
                line, text, frames, ..
            } = it;
            writeln!(told, "{line} {words:?} {to:?} {text:?} {frames:?}").unwrap();
        }
        insta::assert_snapshot!(told);
    }
    /// What ends where nothing may end is read as far as it goes.
    /// With a look at all that follow for each, this would take a minute.
    #[test]
    fn a_long_chain_ends() {
        let found = commands(&":||".repeat(20_000), 1);
        assert_eq!(found.len(), 20_000);
        assert!(found.iter().all(|it| it.text.len() <= LONGEST));
    }

    #[test]
    fn no_text_is_too_short() {
        for text in [
            "",
            "case",
            "case x",
            "case x in",
            "case x in y",
            "function",
            "for",
            "f(",
            "f()",
            "}",
            "esac",
            ")",
            ";;",
            "'",
            "\"\\",
            "\\",
            "$(",
            "${",
            "`",
            "<<",
            "<<E",
            ">",
            "2>",
            "a >\n>",
            "exec >",
            "&&",
            "!",
            "if",
            "\u{e4}>\u{e4}",
            "#",
        ] {
            for all in [
                text.to_owned(),
                format!("a\n{text}"),
                format!("{text}\nb {text}"),
            ] {
                let found = commands(&all, 1);
                assert!(found.iter().all(|it| it.line <= 3), "{all}");
            }
        }
    }
}
