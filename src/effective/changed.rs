//! What others' files change of a service that is installed.

use super::Place;

/// Something that is otherwise than it was installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// What changes it; of an env file that is not read, that file.
    pub place: Place,
    /// What is changed, as a sentence without its period.
    pub text: String,
    /// What kind of change it is.
    pub change: Change,
}

/// A kind of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Another command line, or not what it is made of.
    Command,
    /// Something about how it is started, kept running or stopped.
    Life,
    /// What an administrator wrote into an env file has no effect.
    Lost,
}
