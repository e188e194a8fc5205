//! Where a script's files are read, and what is said of those that tell nothing.

use serde::Serialize;

/// Where a script's files are read.
pub trait Files {
    /// The content of a file, if it is there.
    ///
    /// # Errors
    /// Why it cannot be read, as the end of a sentence that begins with it.
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String>;

    /// Whether what is there fits an operator of `test`, such as `-f`; `None` where nobody may
    /// look, or where it may be another when the script runs.
    fn fits(&self, operator: &str, path: &str) -> Option<bool>;

    /// A path as the script names it, from the folder that it runs in.
    fn place(&self, path: &str) -> String;
}

/// Why something cannot be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The file.
    pub path: String,
    /// The line there, from 1; 0 where all of the file is meant.
    pub line: usize,
    /// What it does, as the end of a sentence that begins with the line.
    pub why: String,
    /// The words that it is a part of, as they begin before it, if it is a part of nothing
    /// else and adds no words; with a flag before a value that stands by itself.
    #[serde(skip)]
    pub within: Option<Vec<String>>,
}

/// How a word begins before something in it that is not known. A value that does not begin
/// like a flag belongs to the flag before it.
pub fn beginning(previous: Option<&str>, text: &str) -> String {
    let is_flag = |it: &&str| it.starts_with("--") && !it.contains('=');
    match previous.filter(is_flag) {
        Some(flag) if !text.is_empty() && !text.starts_with('-') => format!("{flag}={text}"),
        _ => text.to_owned(),
    }
}
