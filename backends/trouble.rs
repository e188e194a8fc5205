//! What stands against a service in a tree, beyond files that are in the way.

use std::path::PathBuf;

use serde::Serialize;

/// Something in a tree by which a service would not work there, or would keep others from
/// working. It is looked for before anything is written, and in every check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trouble {
    /// What it is about, as a path of the tree.
    pub path: PathBuf,
    /// What is wrong with it, as the rest of a sentence that begins with the path, without
    /// a period.
    pub what: String,
    /// What would be right.
    pub hint: Option<String>,
}
