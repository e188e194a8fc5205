//! What a backend gives: files, and notes on what its init cannot express.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::service::AbsPath;

/// A file to be written somewhere, by somebody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its permission bits.
    pub mode: u32,
    /// Its bytes.
    pub content: Vec<u8>,
    /// Whether an administrator may edit it, so that an upgrade has to keep it.
    pub config: bool,
    /// Where it stands while the service is disabled, under an init that starts
    /// whatever it finds at its path.
    pub aside: Option<AbsPath>,
    /// Where it is not a file but one [line](super::line) of a file that is others' too: the
    /// mark by which that is known.
    pub line: Option<String>,
}

impl File {
    /// A file that is read, mode 0644.
    pub fn data(content: impl Into<Vec<u8>>) -> Self {
        Self {
            mode: 0o644,
            content: content.into(),
            config: false,
            aside: None,
            line: None,
        }
    }

    /// A file that is executed, mode 0755.
    pub fn program(content: impl Into<Vec<u8>>) -> Self {
        Self {
            mode: 0o755,
            ..Self::data(content)
        }
    }

    /// A file that is read and belongs to the administrator, mode 0644.
    pub fn config(content: impl Into<Vec<u8>>) -> Self {
        Self {
            config: true,
            ..Self::data(content)
        }
    }

    /// One line, with its newline, of a file that is others' too, known by how it ends. A file
    /// that is not there is made, mode 0644.
    pub fn line(content: impl Into<Vec<u8>>, mark: impl Into<String>) -> Self {
        Self {
            line: Some(mark.into()),
            ..Self::data(content)
        }
    }

    /// The same file, which stands at another path while the service is disabled.
    #[must_use]
    pub fn or_at(self, aside: AbsPath) -> Self {
        Self {
            aside: Some(aside),
            ..self
        }
    }
}

/// How much a note matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// It is so with every service under that init, and told to who asks for details.
    Detail,
    /// One may like to know.
    Note,
    /// The service will not run as it is meant.
    Warning,
}

/// What an init cannot express, and what was done about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Note {
    /// How much it matters.
    pub weight: Weight,
    /// The property of the service, by its key in a spec: `restart.limit`.
    pub property: &'static str,
    /// What is different from systemd and why, as a sentence without its period.
    pub text: String,
}

/// Files, sorted by path, and notes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rendered {
    files: BTreeMap<AbsPath, File>,
    notes: Vec<Note>,
}

/// Two different files for one path: a mistake of a backend, or places that collide.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("two different files would be written to `{path}`")]
pub struct Collision {
    /// The path.
    pub path: AbsPath,
}

impl Rendered {
    /// Adds a file. The same file twice is one file.
    ///
    /// # Errors
    /// The path is taken by a file that differs.
    pub fn add(&mut self, path: AbsPath, file: File) -> Result<(), Collision> {
        match self.files.get(&path) {
            Some(there) if *there != file => Err(Collision { path }),
            Some(_) => Ok(()),
            None => {
                self.files.insert(path, file);
                Ok(())
            }
        }
    }

    /// Puts a file in the place of whatever has its path.
    pub(crate) fn put(&mut self, path: AbsPath, file: File) {
        self.files.insert(path, file);
    }

    /// Adds a note on a property.
    pub fn note(&mut self, property: &'static str, text: impl Into<String>) {
        self.tell(Weight::Note, property, text);
    }

    /// Adds what is to be known of a property, with how much it matters.
    pub fn tell(&mut self, weight: Weight, property: &'static str, text: impl Into<String>) {
        self.notes.push(Note {
            weight,
            property,
            text: text.into(),
        });
    }

    /// The files in the order of their paths.
    pub fn files(&self) -> impl ExactSizeIterator<Item = (&AbsPath, &File)> {
        self.files.iter()
    }

    /// The file at a path.
    pub fn file(&self, path: &str) -> Option<&File> {
        self.files
            .iter()
            .find_map(|(at, file)| (at.as_str() == path).then_some(file))
    }

    /// The notes in the order in which they came.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }
}
