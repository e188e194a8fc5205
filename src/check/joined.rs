//! What a kubelet has of its cluster: its configuration file and its kubeconfig. `kubeadm init` and
//! `kubeadm join` write both, and until then the kubelet ends at every start.
//!
//! A kubelet reads the file of `--config` first and exits where it is missing (measured, 1.20, 1.27 and later). Then it
//! needs the kubeconfig of `--kubeconfig`, or that of `--bootstrap-kubeconfig` to ask for one
//! (`pkg/kubelet/certificate/bootstrap`, `LoadClientConfig`); without `--kubeconfig` it runs alone.

use super::finding::{Finding, Level, Rule};
use super::settings::{Files, Set, Settings, Unusable};
use crate::effective::Unknown;
use crate::kubeadm::kubelet::CONFIG_FILE;
use crate::root::RootError;

/// What brings the files of a node that is not part of a cluster yet.
const BROUGHT_BY: &str = "`kubeadm init` brings it for a node that makes a cluster, and `kubeadm join` for one that joins; without kubeadm, `kubelet-unit kubeadm kubelet-start` does";

/// Whether the kubelet has a kubeconfig, or one to ask for it with. One that runs alone needs none.
///
/// # Errors
/// The tree cannot be read.
pub(super) fn is_joined(settings: &Settings, files: &Files<'_>) -> Result<bool, RootError> {
    let Some(kubeconfig) = named(settings, "kubeconfig") else {
        return Ok(true);
    };
    for set in [Some(kubeconfig), named(settings, "bootstrap-kubeconfig")] {
        if let Some(set) = set
            && files.root.target(set.file())?.is_some()
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// How grave it is that something is missing that comes with `kubeadm init` or `kubeadm join`. An image and a
/// machine may be as they should be before that; what has a kubeconfig had them already.
pub(super) fn level(files: &Files<'_>, is_joined: bool) -> Level {
    match (is_joined, files.root.is_machine()) {
        (true, _) => Level::Error,
        (false, true) => Level::Warning,
        (false, false) => Level::Note,
    }
}

/// What the kubelet does not have of its cluster. Of a flag that cannot be told nothing is said.
///
/// # Errors
/// The tree cannot be read.
pub(super) fn joined(
    settings: &Settings,
    files: &Files<'_>,
    unknown: &[Unknown],
) -> Result<Option<Finding>, RootError> {
    let is_told = |flag: &str| !unknown.iter().any(|unknown| unknown.concerns(flag));
    if !is_told("config") {
        return Ok(None);
    }
    let is_joined = is_joined(settings, files)?;
    if let Some(found) = configuration(settings, files, is_joined) {
        return Ok(Some(found));
    }
    match !is_joined && is_told("kubeconfig") && is_told("bootstrap-kubeconfig") {
        true => Ok(kubeconfig(settings, files)),
        false => Ok(None),
    }
}

fn configuration(settings: &Settings, files: &Files<'_>, is_joined: bool) -> Option<Finding> {
    let set = named(settings, "config")?;
    let document = settings.documents().iter().find(|it| it.path == set.text)?;
    match &document.content {
        Err(Unusable::Unread(error)) if error.is_not_found() => {}
        _ => return None,
    }
    let path = set.file();
    let is_kubeadms = path == CONFIG_FILE;
    let level = match (is_kubeadms, files.root.is_machine()) {
        (true, _) => level(files, is_joined),
        (false, true) => Level::Error,
        (false, false) => Level::Warning,
    };
    let (when, hint) = match (is_kubeadms, is_joined) {
        (true, false) => (
            ", as always before `kubeadm init` or `kubeadm join`",
            BROUGHT_BY,
        ),
        (true, true) => (
            "",
            "`kubeadm upgrade node phase kubelet-config` writes it again",
        ),
        (false, _) => (
            "",
            "write it, or name with `--config` the file that is there",
        ),
    };
    let message = format!(
        "`--config` names `{path}`, which is missing: the kubelet exits at every start{when}"
    );
    let finding = set.finding(files, Rule::Configuration, level, message);
    Some(finding.hint(hint))
}

fn kubeconfig(settings: &Settings, files: &Files<'_>) -> Option<Finding> {
    let set = named(settings, "kubeconfig")?;
    let path = set.file();
    let what = match named(settings, "bootstrap-kubeconfig").map(|set| set.file()) {
        Some(bootstrap) => format!(
            "neither `{path}` of `--kubeconfig` nor `{bootstrap}` of `--bootstrap-kubeconfig` is there"
        ),
        None => format!("`--kubeconfig` names `{path}`, which is missing"),
    };
    let message = format!("{what}: the kubelet exits at every start");
    let level = level(files, false);
    let finding = set.finding(files, Rule::Kubeconfig, level, message);
    Some(finding.hint(BROUGHT_BY))
}

/// A flag that names a file.
fn named(settings: &Settings, flag: &str) -> Option<Set> {
    settings.flag(flag).filter(|set| !set.text.is_empty())
}
