//! A flag that is written somewhere without being on the command line.

use serde::Serialize;

use crate::effective::Place;

/// A flag that is written in a variable but is not on the command line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lost {
    /// The flag's name, without dashes.
    pub flag: String,
    /// As it is written.
    pub text: String,
    /// The variable that holds it; `None` on a line without one.
    pub variable: Option<String>,
    /// Where it is written.
    #[serde(flatten)]
    pub place: Place,
    /// Why it is not on the command line.
    #[serde(flatten)]
    pub because: LostBecause,
}

/// Why a flag is not on the command line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "because", rename_all = "kebab-case")]
pub enum LostBecause {
    /// The variable is set again.
    Replaced {
        /// Where.
        by: Place,
    },
    /// A later line of the service's files stands in its stead.
    Superseded {
        /// Which.
        by: Place,
    },
    /// No word of the command line names the variable.
    Unused,
    /// What cannot be told of the service decides whether it is on the command line.
    Untold,
    /// systemd ignores the line.
    Ignored,
}
