//! A service's definition: what is known of its command line before variables are replaced.

use serde::Serialize;

use super::of_host::{Specifier, in_value, in_word, marked, written};
use super::origin::root_shown;
use super::{Origin, Place};
use crate::envfile::ExecWord;
use crate::kubelet::flags::Flag;
use crate::root::Root;
use crate::service::{Service, is_kubelet};

/// What a service runs.
#[derive(Debug, Clone)]
pub struct Definition {
    /// Which service, and where it comes from.
    pub origin: Origin,
    /// What its words come from, for people, where they have no place of their own.
    pub source: String,
    /// Where its command line is written.
    pub command: Option<Place>,
    /// The program that is started.
    pub program: String,
    /// Whether that is a script, of which nobody can tell what it starts, whatever its name is.
    pub is_script: bool,
    /// The words of the command line, the program's name first.
    pub words: Vec<CommandWord>,
    /// Variables whose values are on the command line, as far as the words do not name them.
    pub names: Vec<String>,
    /// Its own variables, in their order.
    pub inline: Vec<Inline>,
    /// Its environment files, in their order.
    pub env_files: Vec<EnvFile>,
    /// What cannot be told of it without running anything.
    pub unknown: Vec<Unknown>,
    /// Lines that the init ignores, or reads otherwise than it looks.
    pub remarks: Vec<Remark>,
    /// Lines with arguments that a later line replaced.
    pub superseded: Vec<Superseded>,
    /// Variables on the command line that nothing sets.
    pub unset: Vec<Unset>,
    /// Flags that are written into variables and are not on the command line.
    pub elsewhere: Vec<Elsewhere>,
}

/// A variable on the command line that nothing sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unset {
    /// Its name.
    pub name: String,
    /// A comment that would set it.
    pub comment: Option<Place>,
}

/// A word of a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandWord {
    /// As it is written, without quotes.
    pub text: String,
    /// Whether `$` in it means a variable, as in `ExecStart=`.
    pub expands: bool,
    /// Whether all of it is known, apart from such variables.
    pub is_known: bool,
    /// Where it is written, if that is not where the command is.
    pub place: Option<Place>,
    /// The variable that it is written into.
    pub variable: Option<String>,
}

impl CommandWord {
    /// A word of the command itself.
    pub fn new(text: impl Into<String>, expands: bool) -> Self {
        Self {
            text: text.into(),
            expands,
            is_known: true,
            place: None,
            variable: None,
        }
    }
}

/// A flag in a variable that is not on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// As it is written.
    pub text: String,
    /// The variable.
    pub variable: String,
    /// Where it is written.
    pub place: Place,
    /// Where the variable is set again, if that is why.
    pub replaced: Option<Place>,
}

/// Something about a line of the service's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The line.
    pub place: Place,
    /// What is to be known of it.
    pub text: String,
}

/// A line that a later one replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Superseded {
    /// Its value as it is written.
    pub text: String,
    /// Where it is written.
    pub place: Place,
    /// The line in its stead.
    pub by: Place,
}

/// A variable of the service's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inline {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Where it is written.
    pub place: Option<Place>,
}

/// An environment file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvFile {
    /// Its path as the service names it.
    pub path: String,
    /// Whether the service starts without it.
    pub optional: bool,
}

/// Something that cannot be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unknown {
    /// Where it is written.
    #[serde(flatten)]
    pub place: Place,
    /// Why, as what follows `cannot tell ..., because`.
    pub because: String,
    /// The flags whose values it is a part of, where it can set no others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flags: Option<Vec<String>>,
}

impl Unknown {
    /// What may set any flag.
    pub fn of_all(place: Place, because: impl Into<String>) -> Self {
        Self {
            place,
            because: because.into(),
            flags: None,
        }
    }

    /// Whether a flag, by its name, may be another one than it looks, or be set at all.
    pub fn concerns(&self, flag: &str) -> bool {
        let flags = self.flags.as_ref();
        flags.is_none_or(|flags| flags.iter().any(|it| it == flag))
    }
}

/// The flags that words set, of which only the beginning is known: their names, unless the name
/// of one is a part of what is not known.
pub fn flags_within(words: &[String]) -> Option<Vec<String>> {
    let mut flags = Vec::new();
    for word in words {
        let name = match word.starts_with('-') {
            true if word.contains('=') => Some(Flag::parse(word)?.name.into_owned()),
            true => return None,
            // It may be a flag itself.
            false if word.is_empty() => return None,
            false => None,
        };
        flags.extend(name.filter(|name| !flags.contains(name)));
    }
    Some(flags)
}

impl Definition {
    /// That of a service as it is described.
    pub fn of_service(service: &Service, origin: Origin, source: &str) -> Self {
        let files = service.env_files.iter();
        let mut definition = Self {
            origin,
            source: source.into(),
            command: None,
            program: service.program.to_string(),
            is_script: false,
            words: Vec::new(),
            names: Vec::new(),
            inline: Vec::new(),
            env_files: files
                .filter(|file| !file.is_pattern)
                .map(|file| EnvFile {
                    path: file.path.to_string(),
                    optional: file.optional,
                })
                .collect(),
            unknown: patterns(service, source),
            remarks: Vec::new(),
            superseded: Vec::new(),
            unset: Vec::new(),
            elsewhere: Vec::new(),
        };
        for word in service.exec_words() {
            let previous = definition.words.last().map(|it| it.text.clone());
            let look = |text: &str| in_word(text, previous.as_deref());
            let word = definition.of_host(service, &word.to_string(), look);
            definition.words.push(CommandWord::new(word, true));
        }
        let words = definition.words.clone();
        let words: Vec<_> = words.iter().map(|it| ExecWord::parse(&it.text)).collect();
        for variable in &service.environment {
            let name = variable.name.to_string();
            let look = |text: &str| in_value(&name, text, &words);
            let value = definition.of_host(service, variable.value.as_str(), look);
            definition.inline.push(Inline {
                name,
                value,
                place: None,
            });
        }
        definition
    }

    /// A text of a service in which specifiers of the host are shown as they are written, and
    /// what they can be a part of. A launcher fills them in at each start.
    fn of_host(
        &mut self,
        service: &Service,
        text: &str,
        look: impl Fn(&str) -> Vec<Specifier>,
    ) -> String {
        if !service.specifiers {
            return text.to_owned();
        }
        let marked = marked(text);
        let written = written(&marked);
        let place = Place::of_line(self.source.as_str(), 0);
        let specifiers = look(&marked).into_iter();
        let unknown = specifiers.map(|it| it.unknown(place.clone(), &written));
        self.unknown.extend(unknown);
        written
    }

    /// The same with every path as the user of a tree knows it, its folder before it.
    #[must_use]
    pub fn shown(&self, root: &Root) -> Self {
        let mut shown = self.clone();
        shown.origin = self.origin.shown(root);
        shown.source = root_shown(root, &self.source);
        let inline = shown.inline.iter_mut().filter_map(|it| it.place.as_mut());
        let unknown = shown.unknown.iter_mut().map(|it| &mut it.place);
        let remarks = shown.remarks.iter_mut().map(|it| &mut it.place);
        let superseded = shown.superseded.iter_mut();
        let superseded = superseded.flat_map(|it| [&mut it.place, &mut it.by]);
        let command = shown.command.iter_mut();
        let words = shown.words.iter_mut().filter_map(|it| it.place.as_mut());
        let elsewhere = shown.elsewhere.iter_mut();
        let elsewhere =
            elsewhere.flat_map(|it| std::iter::once(&mut it.place).chain(it.replaced.as_mut()));
        let places = command.chain(inline).chain(unknown).chain(remarks);
        let unset = shown.unset.iter_mut().filter_map(|it| it.comment.as_mut());
        let places = places.chain(words).chain(unset).chain(elsewhere);
        for place in places.chain(superseded) {
            place.path = root_shown(root, &place.path);
        }
        for file in &mut shown.env_files {
            file.path = root_shown(root, &file.path);
        }
        shown
    }

    /// The words, in which variables are still to be replaced.
    pub fn exec_words(&self) -> Vec<ExecWord<'_>> {
        fn word(word: &CommandWord) -> ExecWord<'_> {
            match word.expands {
                true => ExecWord::parse(&word.text),
                false => ExecWord::literal(&word.text),
            }
        }
        self.words.iter().map(word).collect()
    }

    /// Whether the program is a kubelet.
    pub fn is_kubelet(&self) -> bool {
        !self.is_script && is_kubelet(&self.program)
    }

    /// Whether variables that no word names may be on the command line all the same: a shell or
    /// a wrapper has them in its environment, and words may name others than they seem to.
    pub fn may_name_others(&self) -> bool {
        let names_all = self.is_kubelet() && self.words.iter().all(|word| word.expands);
        !names_all && self.unknown.iter().any(|it| it.flags.is_none())
    }
}

/// Which files a pattern stands for is not looked up.
fn patterns(service: &Service, source: &str) -> Vec<Unknown> {
    let files = service.env_files.iter().filter(|file| file.is_pattern);
    let unknown = files.map(|file| {
        let because = format!(
            "`{}` is a pattern, and the files that it stands for are not looked up",
            file.path
        );
        Unknown::of_all(Place::of_line(source, 0), because)
    });
    unknown.collect()
}
