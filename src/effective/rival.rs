//! Further definitions of a service, beside the one at its place.

use std::path::{Path, PathBuf};

use super::Place;

/// Another definition of a service, which its init takes in the place of the one that is
/// meant, or as well; or one that only seems to count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rival {
    /// The file, as a path of the tree, and the line in it.
    pub place: Place,
    /// What it is and which of the two counts, as the rest of a sentence that begins with the
    /// place, without a period.
    pub what: String,
    /// How it goes.
    pub goes: Goes,
}

/// How another definition goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Goes {
    /// Its file is of this service alone, and can be kept under a name that the init does not
    /// take. These links lead to it, and go with it.
    File(Vec<PathBuf>),
    /// It is a link, which can go.
    Unlink,
    /// It is a link by which the init finds the service, and can lead to the one that is meant.
    Relink,
    /// It may stay, as the init does not take it.
    Stays,
    /// It is a service of its own, which somebody has to disable. How, as a sentence in the
    /// imperative without its period.
    Disable(String),
    /// Somebody has to take it away. How, as a sentence in the imperative without its period.
    ByHand(String),
}

impl Goes {
    /// How a file of this service alone goes. What is in `/run` is made again by what made it;
    /// `anew` says how to find that, in the imperative.
    pub fn of_file(path: &Path, is_link: bool, anew: &str) -> Self {
        match () {
            () if path.starts_with("/run") => Self::ByHand(anew.into()),
            () if is_link => Self::Unlink,
            () => Self::File(Vec::new()),
        }
    }
}

impl Rival {
    /// A definition in a file.
    pub fn new(path: impl Into<String>, line: usize, what: impl Into<String>, goes: Goes) -> Self {
        Self {
            place: Place::of_line(path, line),
            what: what.into(),
            goes,
        }
    }

    /// What it is, as a sentence without its period, for the tree below a folder.
    pub fn sentence(&self, root: &Path) -> String {
        let path = root.join(self.place.path.trim_start_matches('/'));
        let path = path.display();
        match self.place.at {
            Some(at) => format!("`{path}` line {}: {}", at.line, self.what),
            None => format!("`{path}` {}", self.what),
        }
    }

    /// Whether a person has to take it away.
    pub fn is_by_hand(&self) -> bool {
        matches!(self.goes, Goes::ByHand(_) | Goes::Disable(_))
    }

    /// Whether the init takes it, in the place of the other or as well.
    pub fn counts(&self) -> bool {
        self.goes != Goes::Stays
    }
}
