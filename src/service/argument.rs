//! One argument of the command line, as a word of systemd's `ExecStart=`.

use std::fmt;
use std::str::FromStr;

use crate::envfile::{ExecWord, Part};

use super::names::text_for_systemd;
use super::text::{reads, written_as_shown};
use super::{DollarProblem, ValueError, VarName};

/// One argument: a variable to split into words, or one word.
///
/// It is written as in `ExecStart=` (`systemd.service(5)`, "Command lines"):
/// `$NAME` alone is split, `${NAME}` inside a word is put there as it is, `$$`
/// is a dollar sign. Quotes, blanks and backslashes are ordinary characters,
/// because each argument is a value of its own here and not part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// `$NAME`: as many arguments as the variable's value has words.
    Split(VarName),
    /// Exactly one argument, put together from its pieces.
    Word(Vec<Piece>),
}

/// A part of a one-word argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Text that stands for itself.
    Text(String),
    /// `${NAME}`: the variable's whole value, nothing where it is unset.
    Variable(VarName),
}

impl Argument {
    /// The argument as the word of `ExecStart=` that it is.
    pub fn exec_word(&self) -> ExecWord<'_> {
        match self {
            Self::Split(name) => ExecWord::Split(name.as_str()),
            Self::Word(pieces) => ExecWord::Joined(pieces.iter().map(Piece::part).collect()),
        }
    }
}

impl Piece {
    fn part(&self) -> Part<'_> {
        match self {
            Self::Text(text) => Part::Literal(text),
            Self::Variable(name) => Part::Variable(name.as_str()),
        }
    }
}

impl FromStr for Argument {
    type Err = ValueError;

    fn from_str(word: &str) -> Result<Self, ValueError> {
        text_for_systemd("an argument", word)?;
        if let Some(name) = word.strip_prefix('$')
            && !name.is_empty()
            && !name.starts_with(['$', '{'])
        {
            return name
                .parse()
                .map(Self::Split)
                .map_err(|_| dollar(word, DollarProblem::OddName));
        }
        pieces(word).map(Self::Word)
    }
}

fn dollar(word: &str, problem: DollarProblem) -> ValueError {
    ValueError::Dollar {
        word: word.into(),
        problem,
    }
}

fn pieces(word: &str) -> Result<Vec<Piece>, ValueError> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut rest = word;
    while let Some(at) = rest.find('$') {
        text.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        if let Some(inner) = after.strip_prefix('{') {
            let (name, tail) = inner
                .split_once('}')
                .ok_or_else(|| dollar(word, DollarProblem::Unclosed))?;
            let name = name.parse()?;
            if !text.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut text)));
            }
            pieces.push(Piece::Variable(name));
            rest = tail;
        } else {
            // `$$` is one dollar sign; a `$` before anything else stands for itself.
            text.push('$');
            rest = after.strip_prefix('$').unwrap_or(after);
        }
    }
    text.push_str(rest);
    if !text.is_empty() || pieces.is_empty() {
        pieces.push(Piece::Text(text));
    }
    Ok(pieces)
}

impl fmt::Display for Argument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Split(name) => write!(f, "${name}"),
            Self::Word(pieces) => pieces.iter().try_for_each(|piece| match piece {
                Piece::Text(text) => f.write_str(&text.replace('$', "$$")),
                Piece::Variable(name) => write!(f, "${{{name}}}"),
            }),
        }
    }
}

reads!(from_string: Argument);
written_as_shown!(Argument);

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Piece {
        Piece::Text(text.into())
    }

    fn variable(name: &str) -> Piece {
        Piece::Variable(name.parse().unwrap())
    }

    #[test]
    fn words_are_read_as_systemd_reads_them() {
        let word = |pieces: &[Piece]| Argument::Word(pieces.to_vec());
        for (written, wanted) in [
            ("$A", Argument::Split("A".parse().unwrap())),
            ("${A}", word(&[variable("A")])),
            (
                "--x=${A}/y",
                word(&[text("--x="), variable("A"), text("/y")]),
            ),
            ("x$A", word(&[text("x$A")])),
            ("$$A", word(&[text("$A")])),
            ("$", word(&[text("$")])),
            ("", word(&[text("")])),
            ("a b\n\"c\"", word(&[text("a b\n\"c\"")])),
        ] {
            assert_eq!(written.parse::<Argument>(), Ok(wanted), "{written:?}");
        }
    }

    #[test]
    fn what_is_shown_reads_back_the_same() {
        for written in ["$A", "${A}", "--x=${A}/y", "x$A", "$$A", "$$", "", "100%"] {
            let argument: Argument = written.parse().unwrap();
            assert_eq!(argument.to_string().parse(), Ok(argument), "{written:?}");
        }
    }

    #[test]
    fn an_argument_is_the_word_that_systemd_reads() {
        for written in [
            "$A",
            "${A}",
            "--x=${A}/y${B}",
            "x$A",
            "$$A",
            "a$$$$b",
            "",
            "$",
        ] {
            let argument: Argument = written.parse().unwrap();
            // As a drop-in has it: a lone `$` is doubled there.
            let shown = argument.to_string();
            let word = argument.exec_word();
            assert_eq!(word.to_string(), shown, "{written:?}");
            assert_eq!(
                ExecWord::parse(&shown).names().collect::<Vec<_>>(),
                word.names().collect::<Vec<_>>(),
                "{written:?}"
            );
        }
    }

    #[test]
    fn what_systemd_ignores_a_line_for_is_refused() {
        for found in ['\0', '\u{fdd0}', '\u{fffe}', '\u{10ffff}'] {
            let word = format!("--a={found}");
            let what = "an argument";
            assert_eq!(
                word.parse::<Argument>(),
                Err(ValueError::Character { what, found })
            );
            let what = "a variable's value";
            assert_eq!(
                word.parse::<super::super::VarValue>(),
                Err(ValueError::Character { what, found })
            );
        }
        assert!("--a=\u{fdcf}\u{fffd}é".parse::<Argument>().is_ok());
    }

    #[test]
    fn a_dollar_that_means_something_else_is_refused() {
        for (word, problem) in [
            ("$A$B", DollarProblem::OddName),
            ("$A;", DollarProblem::OddName),
            ("$1", DollarProblem::OddName),
            ("--a=${B", DollarProblem::Unclosed),
        ] {
            assert_eq!(word.parse::<Argument>(), Err(dollar(word, problem)));
        }
    }
}
