//! A service's definition: what is known of its command line before variables are replaced.

use serde::Serialize;

use super::origin::root_shown;
use super::{Origin, Place};
use crate::envfile::ExecWord;
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
    /// The words of the command line as `ExecStart=` has them, the program's name first.
    pub words: Vec<String>,
    /// Whether `$` in them means a variable.
    pub expands: bool,
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
}

impl Definition {
    /// That of a service as it is described.
    pub fn of_service(service: &Service, origin: Origin, source: &str) -> Self {
        let variables = service.environment.iter();
        let files = service.env_files.iter();
        Self {
            origin,
            source: source.into(),
            command: None,
            program: service.program.to_string(),
            words: service
                .exec_words()
                .iter()
                .map(ToString::to_string)
                .collect(),
            expands: true,
            inline: variables
                .map(|variable| Inline {
                    name: variable.name.to_string(),
                    value: variable.value.to_string(),
                    place: None,
                })
                .collect(),
            env_files: files
                .map(|file| EnvFile {
                    path: file.path.to_string(),
                    optional: file.optional,
                })
                .collect(),
            unknown: Vec::new(),
            remarks: Vec::new(),
            superseded: Vec::new(),
        }
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
        let places = command.chain(inline).chain(unknown).chain(remarks);
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
        let word = |word| match self.expands {
            true => ExecWord::parse(word),
            false => ExecWord::literal(word),
        };
        self.words.iter().map(String::as_str).map(word).collect()
    }

    /// Whether the program is a kubelet.
    pub fn is_kubelet(&self) -> bool {
        is_kubelet(&self.program)
    }
}
