//! What a kubelet's settings come to: its command line, over the drop-ins of `--config-dir` in the order of their
//! paths, over the file of `--config` (`cmd/kubelet/app/server.go`, `mergeKubeletConfigurations`).
//!
//! instance-config.yaml is not among them: the kubelet does not read it, kubeadm puts it over config.yaml.

use std::collections::BTreeMap;

use super::finding::{Finding, Level, Rule};
use crate::envfile::{Reader, Unread};
use crate::explain::{EnvFile, Explanation, Input, explain};
use crate::host::configuration;
use crate::kubeadm::File;
use crate::kubeadm::yaml::{self, Map, Node, Pos, Value};
use crate::kubelet::Version;
use crate::kubelet::settings::SETTINGS;
use crate::root::{Root, RootError};
use crate::service::Service;
use crate::sorting;

/// The files of a tree, and over them those that are about to be written.
#[derive(Clone, Copy)]
pub struct Files<'f> {
    /// The tree.
    pub root: &'f Root,
    /// What is about to be written.
    pub written: &'f [File],
}

/// What the env files hold, by their paths.
pub(super) type Contents<'a> = BTreeMap<&'a str, Result<Vec<u8>, Unread>>;

impl<'f> Files<'f> {
    /// Those of a tree as it is.
    pub fn of(root: &'f Root) -> Self {
        Self { root, written: &[] }
    }

    fn new_text(&self, path: &str) -> Option<Vec<u8>> {
        let file = self.written.iter().find(|file| file.path == path)?;
        Some(file.text.clone().into_bytes())
    }

    /// The content of a file; `None` where there is none.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn read(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, RootError> {
        match self.new_text(path) {
            Some(text) => Ok(Some(text)),
            None => self.root.read_if_there(path, limit),
        }
    }

    /// One document that is not among those of the kubelet.
    pub(super) fn document(&self, path: &str) -> Document {
        Document::of(configuration::read(self.root, path, yaml::MAX_BYTES), self)
    }

    /// The env files of a service.
    fn contents<'s>(&self, service: &'s Service) -> Contents<'s> {
        let reader = Reader::of(self.root);
        let paths = service.env_files.iter().map(|file| file.path.as_str());
        sorting::map(paths.map(|path| match self.new_text(path) {
            Some(text) => (path, Ok(text)),
            None => (path, reader.read(path)),
        }))
    }
}

/// The command line of a service.
fn explanation(
    service: &Service,
    kubelet: Option<Version>,
    contents: &Contents<'_>,
) -> Explanation {
    let words = service.exec_words();
    let inline: Vec<_> = service
        .environment
        .iter()
        .map(|variable| (variable.name.as_str(), variable.value.as_str()))
        .collect();
    let files: Vec<_> = service
        .env_files
        .iter()
        .filter_map(|file| {
            let content = contents.get(file.path.as_str())?;
            Some(EnvFile {
                path: file.path.as_str(),
                optional: file.optional,
                content: content.as_deref().map_err(Clone::clone),
            })
        })
        .collect();
    explain(&Input {
        service: service.name.as_str(),
        definition: "the service",
        words: &words,
        inline: &inline,
        files: &files,
        read: None,
        version: kubelet,
    })
}

/// A file of KubeletConfiguration, as far as it can be read.
pub(super) struct Document {
    /// Its path.
    pub path: String,
    /// What is in it.
    pub content: Result<Node, Unusable>,
}

/// Why a document says nothing.
pub(super) enum Unusable {
    /// It cannot be read.
    Unread(RootError),
    /// It is not YAML.
    NotYaml(yaml::Problem, Pos),
}

impl Document {
    fn of(read: configuration::Document, files: &Files<'_>) -> Self {
        let content = files.new_text(&read.path).map_or(read.content, Ok);
        let content = content.map_err(Unusable::Unread).and_then(|content| {
            let text = String::from_utf8_lossy(&content);
            yaml::read_document(&text, 1).map_err(|(problem, at)| Unusable::NotYaml(problem, at))
        });
        Self {
            path: read.path,
            content,
        }
    }

    /// Its fields.
    pub(super) fn map(&self) -> Option<&Map> {
        self.content.as_ref().ok()?.as_map()
    }

    /// What stands at the path of a field, like `authentication.x509.clientCAFile`.
    pub(super) fn field(&self, field: &str) -> Option<(&Value, Pos)> {
        let mut map = self.map()?;
        let mut names = field.split('.').peekable();
        loop {
            let entry = map.entry(names.next()?)?;
            match (names.peek(), &entry.node.value) {
                (None, value) | (Some(_), value @ Value::Null) => return Some((value, entry.pos)),
                (Some(_), value) => {
                    let Value::Map(inner) = value else {
                        return None;
                    };
                    map = inner;
                }
            }
        }
    }
}

/// A setting as it counts, and where it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    /// The flag with its dashes, or the field, as it is written there.
    pub name: String,
    /// Its value as text.
    pub text: String,
    /// The file.
    pub path: String,
    /// The line in it, from 1, where that is known.
    pub line: Option<usize>,
    /// Whether it is a flag.
    pub is_flag: bool,
}

impl Set {
    /// The value as the path of a file. A field's is relative to its own file, a flag's to the folder that the
    /// service runs in, which is `/`.
    pub fn file(&self) -> String {
        let folder = match self.is_flag {
            true => "",
            false => self.path.rsplit_once('/').map_or("", |(folder, _)| folder),
        };
        match self.text.starts_with('/') {
            true => self.text.clone(),
            false => format!("{folder}/{}", self.text),
        }
    }

    /// Something that was found of it, at its place.
    pub(super) fn finding(
        &self,
        files: &Files<'_>,
        rule: Rule,
        level: Level,
        message: String,
    ) -> Finding {
        Finding {
            line: self.line,
            ..Finding::new(rule, level, files.root.shown(&self.path), message)
        }
    }
}

/// All settings of a kubelet.
pub struct Settings {
    explanation: Explanation,
    documents: Vec<Document>,
    program: String,
}

impl Settings {
    /// Those of a service whose files are these. A file that cannot be read sets nothing.
    pub fn read(service: &Service, files: &Files<'_>) -> Self {
        let explanation = explanation(service, None, &files.contents(service));
        Self::of(service, explanation, files)
    }

    /// Those of a service whose command line is known already.
    pub(super) fn of(service: &Service, explanation: Explanation, files: &Files<'_>) -> Self {
        let value = |flag| explanation.value(flag).map(|(value, _)| value);
        // An empty one names no file.
        let value = |flag| value(flag).filter(|value| !value.is_empty());
        let (config, folder) = (value("config"), value("config-dir"));
        let read = configuration::documents(files.root, config, folder, yaml::MAX_BYTES);
        let documents = read.into_iter();
        Self {
            documents: documents.map(|it| Document::of(it, files)).collect(),
            program: service.program.to_string(),
            explanation,
        }
    }

    /// The command line.
    pub(super) fn explanation(&self) -> &Explanation {
        &self.explanation
    }

    /// The files of KubeletConfiguration, in the order in which the kubelet merges them.
    pub(super) fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// What counts of a setting, by the path of its field: the flag, or the last file that has it. `None` where
    /// nothing sets it.
    pub fn get(&self, field: &str) -> Option<Set> {
        let setting = SETTINGS.iter().find(|setting| setting.field == field);
        let flag = setting.and_then(|setting| self.flag(setting.flag));
        flag.or_else(|| self.field(field))
    }

    /// A flag as it counts, by its name without dashes.
    pub(super) fn flag(&self, name: &str) -> Option<Set> {
        let (text, place) = self.explanation.value(name)?;
        // What stands in the service itself has no file that an administrator would edit.
        let path = match place.path.starts_with('/') {
            true => &place.path,
            false => &self.program,
        };
        Some(Set {
            name: format!("--{name}"),
            text: text.to_owned(),
            path: path.clone(),
            line: place.at.map(|at| at.line),
            is_flag: true,
        })
    }

    fn field(&self, field: &str) -> Option<Set> {
        let mut documents = self.documents.iter().rev();
        let found = |document: &Document| {
            let (value, pos) = document.field(field)?;
            Some((document.path.clone(), value.clone(), pos))
        };
        let (path, value, pos) = documents.find_map(found)?;
        Some(Set {
            name: field.rsplit('.').next().unwrap_or(field).to_owned(),
            text: match value {
                Value::Str(text) => text,
                Value::Int(number) => number.to_string(),
                Value::Bool(value) => value.to_string(),
                _ => return None,
            },
            path,
            line: Some(pos.line),
            is_flag: false,
        })
    }
}
