//! Files to standard output, warnings to standard error.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::kubeadm::Output;
use crate::kubeadm::upgrade::{Change, Upgrade};
use crate::kubeadm::yaml::{Map, write};
use crate::kubelet::takes;
use crate::root::RootError;

use super::super::failure::Failure;
use super::super::format::Format;
use super::super::json;
use super::super::message;

/// An error of the tree before anything was done.
pub(super) fn unchanged(error: RootError) -> Failure {
    Failure::from(error).and("nothing was changed")
}

/// Prints the file at a path, or everything as JSON.
pub(super) fn print(
    output: &Output,
    wanted: Option<&'static str>,
    format: Format,
) -> Result<(), Failure> {
    if format == Format::Json {
        let files: Vec<Value> = output
            .files
            .iter()
            .map(|file| {
                let mode = if file.private { "0600" } else { "0644" };
                json!({"path": file.path, "mode": mode, "content": file.text})
            })
            .collect();
        return json::print(&json!({"files": files, "warnings": warnings(output)}));
    }
    warn(output);
    let file = output
        .files
        .iter()
        .find(|file| wanted.is_none_or(|path| file.path == path));
    match file {
        Some(file) => Ok(io::stdout().lock().write_all(file.text.as_bytes())?),
        None => Err(no_instance()),
    }
}

/// The error for an instance-config.yaml that there is none of.
pub(super) fn no_instance() -> Failure {
    Failure::usage("this release of kubeadm does not write that file")
        .hint("`instance-config.yaml` comes with 1.34, unless the gate `NodeLocalCRISocket` is off")
}

/// Tells the warnings on standard error.
pub(super) fn warn(output: &Output) {
    for warning in &output.warnings {
        match warning.is_grave() {
            true => message::warning(&warning.to_string()),
            false => message::note(&warning.to_string()),
        }
    }
}

/// The warnings as texts.
pub(super) fn warnings(output: &Output) -> Vec<String> {
    output.warnings.iter().map(ToString::to_string).collect()
}

/// Prints a rewritten file, or everything as JSON.
pub(super) fn print_upgrade(upgrade: &Upgrade, format: Format) -> Result<(), Failure> {
    if format == Format::Text {
        return Ok(io::stdout().lock().write_all(upgrade.text.as_bytes())?);
    }
    let yaml = |map: &Map| (!map.is_empty()).then(|| write(&map.clone().into()));
    json::print(&json!({
        "content": upgrade.text,
        "config": yaml(&upgrade.config),
        "instanceConfig": yaml(&upgrade.instance),
        "changes": changes(upgrade),
    }))
}

/// The changes as data.
pub(super) fn changes(upgrade: &Upgrade) -> Vec<Value> {
    upgrade.changes.iter().map(change).collect()
}

fn change(change: &Change) -> Value {
    let kind = match change {
        Change::Moved { .. } => "moved",
        Change::Completed { .. } => "completed",
        Change::NotTaken { dropped: false, .. } => "not-taken",
        Change::NotTaken { refusal, .. } if refusal.kind == takes::Kind::Gate => "gate-dropped",
        Change::Dropped { .. } | Change::NotTaken { .. } => "dropped",
        Change::RuntimeNeeded => "runtime-needed",
        Change::Deprecated { .. } => "deprecated",
    };
    json!({"kind": kind, "text": change.to_string()})
}
