//! Where something is written.

use std::fmt;

use serde::Serialize;

use crate::envfile::Position;

/// A place in a file, or in the service's definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The path of an environment file, or what the service comes from.
    pub path: String,
    /// The line and column, in an environment file.
    #[serde(flatten)]
    pub at: Option<Position>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some(at) => write!(f, "{}:{at}", self.path),
            None => f.write_str(&self.path),
        }
    }
}
