//! Variables in `ExecStart=`: `replace_env_argv` and `replace_env_full`
//! (`env-util.c`), described under "Command lines" in `systemd.service(5)`.

use super::class::is_valid_name;
use super::environment::Environment;
use super::split::split;
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

/// One word of a command line, after the quotes of the unit file are undone
/// and before variables are replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExecWord<'a> {
    /// `$NAME`: replaced by the words of the variable, none if it is unset or
    /// empty.
    Split(&'a str),
    /// Anything else: one argument.
    Joined(Vec<Part<'a>>),
}

/// A part of a word that becomes one argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// Text that is taken as it is.
    Literal(&'a str),
    /// `${NAME}`: the variable's value as it is, nothing if it is unset.
    Variable(&'a str),
}

impl<'a> ExecWord<'a> {
    /// An argument without variables.
    pub fn literal(text: &'a str) -> Self {
        Self::Joined(vec![Part::Literal(text)])
    }

    /// Reads a word as systemd does.
    ///
    /// A word that begins with `$` and goes on neither with `{` nor with `$`
    /// is [`Self::Split`], whatever its name: `$A$B` and `$A;` name variables
    /// that cannot exist. In all others `${NAME}` is replaced and `$$` is
    /// `$`; a lone `$` (`x$A`), `${NAME` without its end and `${NAME:` are
    /// literal.
    pub fn parse(word: &'a str) -> Self {
        match word.strip_prefix('$') {
            Some(name) if !name.starts_with(['{', '$']) => Self::Split(name),
            _ => Self::Joined(parts(word)),
        }
    }

    /// The names that the word refers to, in its order.
    pub fn names(&self) -> impl Iterator<Item = &'a str> + '_ {
        let (split, joined) = match self {
            Self::Split(name) => (Some(*name), &[][..]),
            Self::Joined(parts) => (None, &parts[..]),
        };
        let joined = joined.iter().filter_map(|part| match part {
            Part::Variable(name) => Some(*name),
            Part::Literal(_) => None,
        });
        split.into_iter().chain(joined)
    }
}

/// The word as it is written in `ExecStart=`, without that file's quotes.
impl fmt::Display for ExecWord<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Split(name) => write!(f, "${name}"),
            Self::Joined(parts) => parts.iter().try_for_each(|part| match part {
                Part::Literal(text) => f.write_str(&text.replace('$', "$$")),
                Part::Variable(name) => write!(f, "${{{name}}}"),
            }),
        }
    }
}

fn parts(word: &str) -> Vec<Part<'_>> {
    let bytes = word.as_bytes();
    let mut parts = Vec::new();
    let literal = |range: Range<usize>, parts: &mut Vec<_>| {
        if !range.is_empty() {
            parts.push(Part::Literal(&word[range]));
        }
    };
    let mut start = 0;
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (b'$', Some(b'$')) => {
                literal(start..at + 1, &mut parts);
                at += 2;
                start = at;
            }
            (b'$', Some(b'{')) => {
                let name = at + 2;
                let Some(length) = word[name..].find(['}', ':']) else {
                    break;
                };
                let end = name + length;
                if bytes[end] == b'}' {
                    literal(start..at, &mut parts);
                    parts.push(Part::Variable(&word[name..end]));
                    start = end + 1;
                }
                at = end + 1;
            }
            // A lone `$` is literal too.
            _ => at += 1,
        }
    }
    literal(start..bytes.len(), &mut parts);
    parts
}

/// One argument of a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument<'a> {
    /// Its text.
    pub text: Cow<'a, str>,
    /// The index of the word that it comes from.
    pub word: usize,
    /// How it comes from there.
    pub source: ArgumentSource,
}

/// How an argument comes from a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArgumentSource {
    /// The word without a variable.
    Literal,
    /// The word with variables put in.
    Joined,
    /// A word of the value of a variable.
    Split {
        /// The index in [`Environment::variables`].
        variable: usize,
        /// The bytes of the value that it comes from, quotes included.
        span: Range<usize>,
    },
}

/// The arguments that `words` become.
pub fn expand<'a>(words: &[ExecWord<'a>], environment: &Environment<'a>) -> Vec<Argument<'a>> {
    let mut arguments = Vec::with_capacity(words.len());
    for (number, word) in words.iter().enumerate() {
        match word {
            ExecWord::Split(name) => push_split(number, name, environment, &mut arguments),
            ExecWord::Joined(parts) => arguments.push(Argument {
                text: join(parts, environment),
                word: number,
                source: if word.names().next().is_some() {
                    ArgumentSource::Joined
                } else {
                    ArgumentSource::Literal
                },
            }),
        }
    }
    arguments
}

fn push_split<'a>(
    number: usize,
    name: &str,
    environment: &Environment<'a>,
    arguments: &mut Vec<Argument<'a>>,
) {
    let Some(variable) = lookup(name, environment) else {
        return;
    };
    let words = split(environment.variables()[variable].value);
    arguments.extend(words.into_iter().map(|word| Argument {
        text: word.text,
        word: number,
        source: ArgumentSource::Split {
            variable,
            span: word.span,
        },
    }));
}

fn join<'a>(parts: &[Part<'a>], environment: &Environment<'a>) -> Cow<'a, str> {
    let text = |part: &Part<'a>| match part {
        Part::Literal(text) => *text,
        Part::Variable(name) => {
            lookup(name, environment).map_or("", |index| environment.variables()[index].value)
        }
    };
    match parts {
        [] => Cow::Borrowed(""),
        [part] => Cow::Borrowed(text(part)),
        _ => Cow::Owned(parts.iter().map(text).collect()),
    }
}

/// An invalid name is looked up like one that is unset
/// (`strv_env_get_n_validated`, `env-util.c`).
fn lookup(name: &str, environment: &Environment<'_>) -> Option<usize> {
    environment.index_of(name).filter(|_| is_valid_name(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const INLINE: [(&str, &str); 4] = [
        ("A", "one 'two three'"),
        ("B", ""),
        ("C", "$A ${A}"),
        ("1", "odd"),
    ];

    fn argv(word: &str) -> Vec<String> {
        let environment = Environment::merge(INLINE, []);
        let words = [ExecWord::parse(word)];
        expand(&words, &environment)
            .into_iter()
            .map(|a| a.text.into_owned())
            .collect()
    }

    #[test]
    fn a_word_that_is_a_variable_becomes_its_words() {
        assert_eq!(argv("$A"), ["one", "two three"]);
        assert_eq!(argv("$C"), ["$A", "${A}"]);
        for none in ["$B", "$UNSET", "$A$A", "$A;", "$1", "$", "$A=x", "$é"] {
            assert_eq!(argv(none), [""; 0], "{none}");
        }
    }

    #[test]
    fn a_braced_variable_is_put_in_as_it_is() {
        assert_eq!(argv("${A}"), ["one 'two three'"]);
        assert_eq!(argv("<${A}${B}${C}>"), ["<one 'two three'$A ${A}>"]);
        for empty in ["${B}", "${UNSET}", "${}", "${1}", "${A B}", "${A$B}"] {
            assert_eq!(argv(empty), [""], "{empty}");
        }
        assert_eq!(argv("x${A${B}}"), ["x}"]);
    }

    #[test]
    fn dollars_are_literal_where_no_variable_is_meant() {
        for (word, argument) in [
            ("x$A", "x$A"),
            ("x$", "x$"),
            ("$$A", "$A"),
            ("$${A}", "${A}"),
            ("a$$$$b", "a$$b"),
            ("x$$${B}y", "x$y"),
            ("x$y${B}z", "x$yz"),
            ("${A", "${A"),
            ("${A:-x}", "${A:-x}"),
            ("${A:${B}x", "${A:x"),
            ("é$é${B}", "é$é"),
            ("", ""),
        ] {
            assert_eq!(argv(word), [argument], "{word}");
        }
    }

    #[test]
    fn a_word_is_shown_so_that_it_reads_back() {
        for word in ["$A", "x${A}y", "$$A", "a$$$$b", "/usr/bin/kubelet"] {
            assert_eq!(ExecWord::parse(word).to_string(), word);
        }
        assert_eq!(ExecWord::parse("x$A").to_string(), "x$$A");
    }

    #[test]
    fn arguments_know_their_words_and_spans() {
        let environment = Environment::merge(INLINE, []);
        let words = ["/bin/x", "$A", "${B}"].map(ExecWord::parse);
        let sources: Vec<_> = expand(&words, &environment)
            .into_iter()
            .map(|a| (a.word, a.source))
            .collect();
        assert_eq!(
            sources,
            [
                (0, ArgumentSource::Literal),
                (
                    1,
                    ArgumentSource::Split {
                        variable: 0,
                        span: 0..3
                    }
                ),
                (
                    1,
                    ArgumentSource::Split {
                        variable: 0,
                        span: 4..15
                    }
                ),
                (2, ArgumentSource::Joined),
            ]
        );
        let names: Vec<_> = words.iter().flat_map(ExecWord::names).collect();
        assert_eq!(names, ["A", "B"]);
    }
}
