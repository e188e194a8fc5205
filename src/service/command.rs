//! Commands that are run beside a service: before it starts, when it stops, and so on.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use super::{AbsPath, Argument, Piece, Signal};
use crate::envfile::ExecWord;

/// A command, as a line of `ExecStartPre=` and the like (`systemd.service(5)`, "Command
/// lines"). It is written as a list of its words, the first with systemd's prefixes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine {
    /// Whether a failure of it counts as success: the prefix `-`.
    pub ignores_failure: bool,
    /// The program.
    pub program: AbsPath,
    /// What it is told that it is called, where that is not its path: the prefix `@`.
    pub name: Option<Argument>,
    /// Its arguments.
    pub arguments: Vec<Argument>,
}

impl CommandLine {
    /// The command line in systemd's words, what the program is told that it is called first.
    pub fn exec_words(&self) -> Vec<ExecWord<'_>> {
        let name = match &self.name {
            Some(name) => name.exec_word(),
            None => ExecWord::literal(self.program.as_str()),
        };
        let arguments = self.arguments.iter().map(Argument::exec_word);
        std::iter::once(name).chain(arguments).collect()
    }

    /// The words as a spec has them; `:` is not among the prefixes, since the words say
    /// themselves what a `$` in them is.
    pub fn words(&self) -> Vec<String> {
        let dash = if self.ignores_failure { "-" } else { "" };
        let at = if self.name.is_some() { "@" } else { "" };
        let first = format!("{dash}{at}{}", self.program);
        let rest = self.name.iter().chain(&self.arguments);
        std::iter::once(first)
            .chain(rest.map(ToString::to_string))
            .collect()
    }
}

impl Serialize for CommandLine {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let words = self.words();
        let mut list = serializer.serialize_seq(Some(words.len()))?;
        for word in &words {
            list.serialize_element(word)?;
        }
        list.end()
    }
}

/// The first word of a command.
struct First {
    ignores_failure: bool,
    has_name: bool,
    is_literal: bool,
    program: AbsPath,
}

impl std::str::FromStr for First {
    type Err = super::ValueError;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let path = word.trim_start_matches(['-', '@', ':']);
        let prefixes = &word[..word.len() - path.len()];
        Ok(Self {
            ignores_failure: prefixes.contains('-'),
            has_name: prefixes.contains('@'),
            is_literal: prefixes.contains(':'),
            program: path.parse()?,
        })
    }
}

impl<'de> Deserialize<'de> for First {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        super::text::from_string(deserializer)
    }
}

/// A word in which `$` is a character like any other.
struct Literal(Argument);

impl std::str::FromStr for Literal {
    type Err = super::ValueError;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let _: Argument = word.replace('$', "$$").parse()?;
        Ok(Self(Argument::Word(vec![Piece::Text(word.into())])))
    }
}

impl<'de> Deserialize<'de> for Literal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        super::text::from_string(deserializer)
    }
}

impl<'de> Deserialize<'de> for CommandLine {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Words;
        impl<'de> Visitor<'de> for Words {
            type Value = CommandLine;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a command as a list of words, such as `[/bin/mkdir, -p, /run/a]`")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut words: A) -> Result<Self::Value, A::Error> {
                let Some(first) = words.next_element::<First>()? else {
                    return Err(de::Error::custom("a command has a program at least"));
                };
                let mut arguments = Vec::new();
                loop {
                    let next = match first.is_literal {
                        true => words.next_element::<Literal>()?.map(|Literal(word)| word),
                        false => words.next_element::<Argument>()?,
                    };
                    match next {
                        Some(word) => arguments.push(word),
                        None => break,
                    }
                }
                let name = match first.has_name {
                    true if arguments.is_empty() => {
                        let why = "after the prefix `@` the second word is the program's name";
                        return Err(de::Error::custom(why));
                    }
                    true => Some(arguments.remove(0)),
                    false => None,
                };
                Ok(CommandLine {
                    ignores_failure: first.ignores_failure,
                    program: first.program,
                    name,
                    arguments,
                })
            }
        }
        deserializer.deserialize_seq(Words)
    }
}

/// How a service is asked to read its configuration again (`ExecReload=`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reload {
    /// By a signal to the main process.
    Signal(Signal),
    /// By commands, which find it as `$MAINPID`.
    Commands(Vec<CommandLine>),
}

impl Serialize for Reload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Signal(signal) => signal.serialize(serializer),
            Self::Commands(commands) => commands.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Reload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Reload;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a signal such as `HUP`, or a list of commands")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Reload, E> {
                name.parse().map(Reload::Signal).map_err(E::custom)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Reload, A::Error> {
                let commands = Vec::deserialize(de::value::SeqAccessDeserializer::new(seq))?;
                if commands.is_empty() {
                    return Err(de::Error::custom("there is no command"));
                }
                Ok(Reload::Commands(commands))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(json: &str) -> String {
        let command: CommandLine = serde_json::from_str(json).unwrap();
        serde_json::to_string(&command).unwrap()
    }

    #[test]
    fn prefixes_are_systemds() {
        for (written, again) in [
            (r#"["/bin/a"]"#, r#"["/bin/a"]"#),
            (r#"["-/bin/a","$B","${C}d"]"#, r#"["-/bin/a","$B","${C}d"]"#),
            (r#"["@-/bin/a","b","c"]"#, r#"["-@/bin/a","b","c"]"#),
            (r#"[":/bin/a","$B"]"#, r#"["/bin/a","$$B"]"#),
        ] {
            assert_eq!(round(written), again);
            assert_eq!(round(again), again);
        }
        for wrong in [
            "[]",
            r#"["a"]"#,
            r#"["@/bin/a"]"#,
            r#"["+/bin/a"]"#,
            r#""/bin/a""#,
        ] {
            assert!(
                serde_json::from_str::<CommandLine>(wrong).is_err(),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_reload_is_a_signal_or_commands() {
        for text in [r#""HUP""#, r#"[["/bin/kill","-HUP","$MAINPID"]]"#] {
            let reload: Reload = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&reload).unwrap(), text);
        }
        for wrong in ["[]", r#""CHLD""#, "1"] {
            assert!(serde_json::from_str::<Reload>(wrong).is_err(), "{wrong}");
        }
    }
}
