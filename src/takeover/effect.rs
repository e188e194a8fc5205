//! What is told of a setting that has no effect.

/// A setting that has no effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// The file.
    pub path: String,
    /// The line in it, from 1.
    pub line: usize,
    /// What is lost, as a sentence without its period.
    pub what: String,
    /// Where it would have one.
    pub hint: String,
    /// Whether it is arguments that can be moved.
    pub is_arguments: bool,
    /// Whether another's service read it: then it had an effect until ours came.
    pub is_of_another: bool,
}
