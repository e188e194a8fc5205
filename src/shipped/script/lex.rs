//! Words and operators of a shell script (POSIX.1-2024, XCU 2.3 and 2.6), each character
//! with its place.

use super::value::{Cell, Spot, What};

/// What is said of a command that prints one word.
pub(super) const ONE_WORD: &str = "runs a command that prints a word";

/// What is said of any other.
const RUNS: &str = "runs a command";

/// Whether what is said of a part is said of a command that has to run for it.
pub(super) fn is_of_command(why: &str) -> bool {
    why == ONE_WORD || why == RUNS
}

/// Commands that print a name or a number (`hostname(1)`, `uname(1)`, `nproc(1)`, `id(1)`).
const PRINT_ONE_WORD: [&str; 10] = [
    "hostname",
    "hostname -f",
    "hostname -s",
    "id -g",
    "id -u",
    "nproc",
    "uname -m",
    "uname -n",
    "uname -r",
    "cat /etc/hostname",
];

/// A part of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Cell(Cell),
    /// `$NAME`, `${NAME}`, or one with a default.
    Variable {
        name: String,
        default: Option<(String, Word)>,
        quoted: bool,
        spot: Spot,
    },
    /// What only running it, or more of a shell than this, would tell.
    Opaque {
        why: &'static str,
        quoted: bool,
        spot: Spot,
    },
}

pub(super) type Word = Vec<Part>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Word(Word, Spot),
    Operator(&'static str, Spot),
}

/// A comment that would set a variable.
pub(super) type Comment = (String, Spot);

const OPERATORS: &[&str] = &[
    "&&", "||", ";;", "<<-", "<<<", "<<", ">>", ">&", "<&", ">|", "<>", "&>", "\n", ";", "&", "|",
    "(", ")", "<", ">",
];

pub(super) struct Lexer<'a> {
    source: &'a [Cell],
    at: usize,
    comments: Vec<Comment>,
    documents: Vec<String>,
    /// Where the token begins that is being read.
    begun: usize,
}

/// Reads a whole script.
///
/// # Errors
/// Where the word begins in which a quote or a brace is not closed.
pub(super) fn lex(source: &[Cell]) -> Result<(Vec<Token>, Vec<Comment>), Spot> {
    let mut lexer = Lexer {
        source,
        at: 0,
        comments: Vec::new(),
        documents: Vec::new(),
        begun: 0,
    };
    let mut tokens = Vec::new();
    loop {
        match lexer.token() {
            Some(Some(token)) => tokens.push(token),
            Some(None) => return Ok((tokens, lexer.comments)),
            None => return Err(source[lexer.begun.min(source.len() - 1)].spot),
        }
    }
}

impl Lexer<'_> {
    fn char(&self, ahead: usize) -> Option<char> {
        match self.source.get(self.at + ahead)?.what {
            What::Char(c) => Some(c),
            _ => Some('\u{0}'),
        }
    }

    fn starts_with(&self, text: &str) -> bool {
        text.chars()
            .enumerate()
            .all(|(at, c)| self.char(at) == Some(c))
    }

    fn spot(&self) -> Option<Spot> {
        self.source.get(self.at).map(|cell| cell.spot)
    }

    /// The next token; inside, `None` at the end.
    fn token(&mut self) -> Option<Option<Token>> {
        loop {
            match self.char(0) {
                None => return Some(None),
                Some(' ' | '\t') => self.at += 1,
                Some('\\') if self.char(1) == Some('\n') => self.at += 2,
                Some('#') => self.comment(),
                Some(_) => break,
            }
        }
        self.begun = self.at;
        let spot = self.spot()?;
        if let Some(operator) = OPERATORS.iter().find(|operator| self.starts_with(operator)) {
            self.at += operator.chars().count();
            match *operator {
                "<<" | "<<-" => self.document(),
                "\n" => self.skip_documents(),
                _ => {}
            }
            return Some(Some(Token::Operator(operator, spot)));
        }
        let word = self.word(|c| " \t\n;&|()<>".contains(c))?;
        let digits = |part: &Part| matches!(part, Part::Cell(cell) if !cell.quoted && matches!(cell.what, What::Char(c) if c.is_ascii_digit()));
        if matches!(self.char(0), Some('<' | '>')) && word.iter().all(digits) {
            // The number of a file descriptor.
            return self.token();
        }
        Some(Some(Token::Word(word, spot)))
    }

    fn comment(&mut self) {
        let spot = self.spot();
        let rest: String = self.source[self.at..]
            .iter()
            .map_while(|cell| match cell.what {
                What::Char('\n') => None,
                What::Char(c) => Some(c),
                _ => Some(' '),
            })
            .collect();
        self.at += rest.chars().count();
        let text = rest.trim_start_matches(['#', ' ', '\t']);
        if let Some((name, _)) = text.split_once('=')
            && is_name(name)
            && let Some(spot) = spot
        {
            self.comments.push((name.to_owned(), spot));
        }
    }

    /// Notes the end of a here-document, whose lines come after this one.
    fn document(&mut self) {
        while matches!(self.char(0), Some(' ' | '\t')) {
            self.at += 1;
        }
        let mut end = String::new();
        while let Some(c) = self.char(0).filter(|c| !" \t\n;&|<>".contains(*c)) {
            if !matches!(c, '\'' | '"' | '\\') {
                end.push(c);
            }
            self.at += 1;
        }
        self.documents.push(end);
    }

    fn skip_documents(&mut self) {
        for end in std::mem::take(&mut self.documents) {
            while self.char(0).is_some() {
                let mut line = String::new();
                while let Some(c) = self.char(0) {
                    self.at += 1;
                    if c == '\n' {
                        break;
                    }
                    line.push(c);
                }
                if line.trim_start_matches('\t') == end {
                    break;
                }
            }
        }
    }

    /// A word up to a character that ends it.
    fn word(&mut self, ends: impl Fn(char) -> bool + Copy) -> Option<Word> {
        let mut word = Vec::new();
        while let Some(c) = self.char(0) {
            match c {
                c if ends(c) => break,
                '\\' => {
                    self.at += 1;
                    if self.char(0)? != '\n' {
                        self.push(&mut word, true);
                    }
                    self.at += 1;
                }
                '\'' => {
                    let spot = self.spot()?;
                    self.at += 1;
                    word.push(empty(spot));
                    while self.char(0)? != '\'' {
                        self.push(&mut word, true);
                        self.at += 1;
                    }
                    self.at += 1;
                }
                '"' => self.double(&mut word)?,
                '$' | '`' => self.dollar(&mut word, false)?,
                _ => {
                    self.push(&mut word, false);
                    self.at += 1;
                }
            }
        }
        Some(word)
    }

    fn push(&self, word: &mut Word, quoted: bool) {
        let cell = self.source[self.at];
        word.push(Part::Cell(Cell {
            quoted: quoted || cell.quoted,
            ..cell
        }));
    }

    fn double(&mut self, word: &mut Word) -> Option<()> {
        word.push(empty(self.spot()?));
        self.at += 1;
        loop {
            match self.char(0)? {
                '"' => break,
                '\\' if matches!(self.char(1)?, '$' | '`' | '"' | '\\' | '\n') => {
                    self.at += 1;
                    if self.char(0)? != '\n' {
                        self.push(word, true);
                    }
                    self.at += 1;
                }
                '$' | '`' => self.dollar(word, true)?,
                _ => {
                    self.push(word, true);
                    self.at += 1;
                }
            }
        }
        self.at += 1;
        Some(())
    }

    fn dollar(&mut self, word: &mut Word, quoted: bool) -> Option<()> {
        let spot = self.spot()?;
        let opaque = |why| Part::Opaque { why, quoted, spot };
        let begin = self.at;
        if self.char(0)? == '`' {
            self.at += 1;
            while self.char(0)? != '`' {
                self.at += 1 + usize::from(self.char(0)? == '\\');
            }
            self.at += 1;
            word.push(opaque(self.substituted(begin + 1)));
            return Some(());
        }
        match self.char(1) {
            Some('(') => {
                let calculates = self.char(2) == Some('(');
                self.at += 1;
                self.skip('(', ')')?;
                word.push(opaque(match calculates {
                    true => "calculates",
                    false => self.substituted(begin + 2),
                }));
            }
            // bash and ash have it, and dash takes it for a dollar sign.
            Some('\'') if !quoted => {
                self.at += 2;
                while self.char(0)? != '\'' {
                    self.at += 1 + usize::from(self.char(0)? == '\\');
                }
                self.at += 1;
                word.push(opaque("has `$'`, which not every shell takes for a quote"));
            }
            Some('{') => {
                self.at += 2;
                let part = self.braces(quoted, spot)?;
                word.push(part);
            }
            Some(c) if c == '_' || c.is_ascii_alphabetic() => {
                self.at += 1;
                let name = self.name();
                word.push(Part::Variable {
                    name,
                    default: None,
                    quoted,
                    spot,
                });
            }
            Some(c) if c.is_ascii_digit() => {
                self.at += 2;
                word.push(Part::Variable {
                    name: c.to_string(),
                    default: None,
                    quoted,
                    spot,
                });
            }
            Some(c) if "@*#?$!-".contains(c) => {
                self.at += 2;
                word.push(Part::Opaque {
                    why: "names what the shell was called with",
                    // As many words as there are, in quotes too.
                    quoted: quoted && c != '@',
                    spot,
                });
            }
            _ => {
                self.push(word, quoted);
                self.at += 1;
            }
        }
        Some(())
    }

    /// What is said of the command whose output is put in, which ends before the last character.
    fn substituted(&self, begin: usize) -> &'static str {
        let inside = self.source.get(begin..self.at - 1).unwrap_or_default();
        let text: String = inside
            .iter()
            .map(|cell| match cell.what {
                What::Char(c) => c,
                _ => '\0',
            })
            .collect();
        let words: Vec<_> = text.split_whitespace().collect();
        match PRINT_ONE_WORD.contains(&words.join(" ").as_str()) {
            true => ONE_WORD,
            false => RUNS,
        }
    }

    /// After `${`: a name, and perhaps what is taken in its stead.
    fn braces(&mut self, quoted: bool, spot: Spot) -> Option<Part> {
        let name = self.name();
        let mut operator = String::new();
        while let Some(c @ (':' | '-' | '=' | '+' | '?')) = self.char(0) {
            operator.push(c);
            self.at += 1;
            if c != ':' {
                break;
            }
        }
        let known = matches!(operator.as_str(), "" | "-" | ":-" | "=" | ":=" | "+" | ":+");
        if name.is_empty() || !known || operator.is_empty() && self.char(0)? != '}' {
            self.at -= 1;
            let mut depth = 1;
            while depth > 0 {
                self.at += 1;
                match self.char(0)? {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    _ => {}
                }
            }
            self.at += 1;
            let why = "changes a variable in a way that is not followed";
            return Some(Part::Opaque { why, quoted, spot });
        }
        let default = match operator.is_empty() {
            true => None,
            false => Some((operator, self.word(|c| c == '}')?)),
        };
        if self.char(0)? != '}' {
            return None;
        }
        self.at += 1;
        Some(Part::Variable {
            name,
            default,
            quoted,
            spot,
        })
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(c) = self
            .char(0)
            .filter(|c| *c == '_' || c.is_ascii_alphanumeric())
        {
            name.push(c);
            self.at += 1;
        }
        name
    }

    fn skip(&mut self, open: char, close: char) -> Option<()> {
        let mut depth = 0;
        loop {
            let c = self.char(0)?;
            self.at += 1;
            if c == open {
                depth += 1;
            } else if c == close {
                depth -= 1;
                if depth == 0 {
                    return Some(());
                }
            }
        }
    }
}

fn empty(spot: Spot) -> Part {
    Part::Cell(Cell {
        what: What::Empty,
        quoted: true,
        spot,
        variable: None,
    })
}

/// Whether a text is the name of a variable (XBD 3.216).
pub(crate) fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars
        .next()
        .is_some_and(|c| c == '_' || c.is_ascii_alphabetic())
        && chars.all(|c| c == '_' || c.is_ascii_alphanumeric())
}

/// A word as text, where it is nothing but characters that are not quoted.
pub(super) fn plain(word: &[Part]) -> Option<String> {
    let char = |part: &Part| match part {
        Part::Cell(Cell {
            what: What::Char(c),
            quoted: false,
            ..
        }) => Some(*c),
        _ => None,
    };
    word.iter().map(char).collect()
}

/// A word as text, its quotes removed, where a shell puts nothing else in the place of a part.
pub(super) fn literal(word: &[Part]) -> Option<String> {
    let mut text = String::new();
    for part in word {
        match part {
            Part::Cell(cell) if !cell.is_pattern() => match cell.what {
                What::Char(c) => text.push(c),
                What::Empty => {}
                _ => return None,
            },
            _ => return None,
        }
    }
    Some(text)
}

/// A program's name without its folder.
pub(super) fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A word `NAME=value`, `NAME+=value` or `NAME[at]=value`.
#[derive(Debug, Clone)]
pub(super) struct Assignment {
    pub(super) name: String,
    pub(super) value: Word,
    /// Whether it is `+=`, which not every shell has.
    pub(super) appends: bool,
    /// Whether it is one element of an array.
    pub(super) is_element: bool,
}

/// A word as an assignment, where it is one.
pub(super) fn assignment(word: &[Part]) -> Option<Assignment> {
    let end = word.iter().position(|part| is_char(part, '='))?;
    let value = word[end + 1..].to_vec();
    let begin = word[..end].iter().position(|part| is_char(part, '['));
    if let Some(begin) = begin {
        let name = plain(&word[..begin])?;
        let mut last = word[..end].iter().rev().skip_while(|it| is_char(it, '+'));
        let is_element = is_name(&name) && last.next().is_some_and(|it| is_char(it, ']'));
        return is_element.then_some(Assignment {
            name,
            value,
            appends: false,
            is_element,
        });
    }
    let before = plain(&word[..end])?;
    let name = before.strip_suffix('+').unwrap_or(&before);
    is_name(name).then(|| Assignment {
        name: name.to_owned(),
        value,
        appends: name.len() < before.len(),
        is_element: false,
    })
}

/// Whether a part is this character, not quoted.
fn is_char(part: &Part, wanted: char) -> bool {
    matches!(part, Part::Cell(Cell { what: What::Char(c), quoted: false, .. }) if *c == wanted)
}
