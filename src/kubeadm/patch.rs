//! kubeadm's patches of config.yaml.

use super::error::Error;
use super::version::Version;
use super::warning::Warning;
use super::yaml::Node;

/// A file of kubeadm's `patches.directory`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatchFile {
    /// Its name without a folder: `target[suffix][+type].extension`.
    pub name: String,
    /// Its content.
    pub text: String,
}

/// Applies it.
///
/// # Errors
/// None.
pub fn apply(
    _node: &mut Node,
    _file: &PatchFile,
    _version: Version,
    _warnings: &mut Vec<Warning>,
) -> Result<(), Error> {
    Ok(())
}
