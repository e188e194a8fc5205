//! `kubelet-unit kubeadm flags --for`: the file of a node, rewritten for a newer kubelet.

use std::path::{Path, PathBuf};

use anstream::eprintln;
use serde_json::json;

use crate::kubeadm::flags::FLAGS_FILE;
use crate::kubeadm::kubelet::CONFIG_FILE;
use crate::kubeadm::put::Placing;
use crate::kubeadm::upgrade::{Upgrade, UpgradeError, upgrade};
use crate::kubeadm::yaml::{self, MAX_BYTES, Map};
use crate::kubeadm::{Asked, File, Warning};
use crate::root::Root;

use super::super::failure::Failure;
use super::super::format::Format;
use super::super::json;
use super::super::message;
use super::destination::{Destination, data, diffs, tell};
use super::output::{changes, print_upgrade};
use super::texts;

/// Rewrites the file that was named, or the node's own.
pub(super) fn run(
    from: Option<&Path>,
    target: Asked,
    destination: &Destination,
    format: Format,
) -> Result<(), Failure> {
    let root = Root::open(destination.tree())?;
    let (old, shown) = match from {
        Some(from) => (texts::bytes(from)?, from.to_owned()),
        None => own(&root)?,
    };
    let mut upgrade = upgrade(&old, target.version).map_err(|error| {
        let failure = texts::in_file(&shown, &error);
        match error {
            UpgradeError::Empty => failure.hint("was it also the target of `>`?"),
            _ => failure,
        }
    })?;
    if from.is_none()
        && let Some(config) = config(&root)?
    {
        upgrade.compare(&config);
    }
    if format == Format::Text {
        explain(&upgrade, target);
    }
    match destination.is_a_place() {
        false => print_upgrade(&upgrade, format),
        true => put(&root, &upgrade, destination.is_dry_run(), format),
    }
}

/// The node's own file, and its path as the user knows it.
fn own(root: &Root) -> Result<(Vec<u8>, PathBuf), Failure> {
    let shown = root.shown(FLAGS_FILE);
    match root.read(FLAGS_FILE, MAX_BYTES) {
        Ok(old) => Ok((old, shown)),
        Err(error) if error.is_not_found() => {
            Err(Failure::from(error).hint(match root.is_machine() {
                true => "`--from FILE` reads another file, and `--root DIR` the one in the tree of another machine",
                false => "`--from FILE` reads a file that is kept elsewhere",
            }))
        }
        Err(error) => Err(error.into()),
    }
}

/// The node's configuration, where it has one that can be read.
fn config(root: &Root) -> Result<Option<Map>, Failure> {
    let content = match root.read(CONFIG_FILE, MAX_BYTES) {
        Err(error) if error.is_not_found() => return Ok(None),
        content => content?,
    };
    let text = String::from_utf8_lossy(&content);
    let read = yaml::read_document(&text, 1).ok();
    let map = read.as_ref().and_then(|node| node.as_map().cloned());
    if map.is_none() {
        let path = root.shown(CONFIG_FILE);
        message::warning(&format!(
            "`{}` cannot be read, so it is not known what is in it already",
            path.display()
        ));
    }
    Ok(map)
}

/// What the node's file holds now, whichever file was read, for a place beside it.
///
/// # Errors
/// It cannot be read, or holds what a file of text cannot.
fn kept(root: &Root, new: &File) -> Result<Option<File>, Failure> {
    let Some(before) = root.read_if_there(FLAGS_FILE, MAX_BYTES)? else {
        return Ok(None);
    };
    if before == new.text.as_bytes() {
        return Ok(None);
    }
    let place = root.spare(FLAGS_FILE, &before)?.path;
    let text = String::from_utf8(before).map_err(|error| {
        let error = error.utf8_error();
        let shown = root.shown(FLAGS_FILE);
        Failure::usage(format!(
            "`{}` is not UTF-8 from byte {} on, and is not written over",
            shown.display(),
            error.valid_up_to() + 1
        ))
        .hint("move it away first")
        .code(1)
    })?;
    Ok(Some(File::new(place.display().to_string(), text)))
}

fn explain(upgrade: &Upgrade, target: Asked) {
    if target.beyond.is_some() {
        let what = format!("`--for 1.{}`", target.number());
        message::warning(&Warning::Beyond { what }.to_string());
    }
    for change in &upgrade.changes {
        message::note(&change.to_string());
    }
}

/// Puts the new file into the place of the old one, which is kept beside it; or shows that.
fn put(root: &Root, upgrade: &Upgrade, dry_run: bool, format: Format) -> Result<(), Failure> {
    let new = File::new(FLAGS_FILE, upgrade.text.clone());
    let kept = kept(root, &new)?;
    let files: Vec<_> = kept.into_iter().chain([new]).collect();
    let mut placing = Placing::look(root, &files)?;
    if let [kept, new] = placing.steps.as_slice() {
        placing.steps[0] = kept.clone().like(new);
    }
    let changed = !placing.changes_nothing();
    if changed && !dry_run {
        placing
            .carry_out(root)
            .map_err(|error| Failure::new(&error))?;
    }
    if format == Format::Json {
        return json::print(&json!({
            "root": root.path().display().to_string(),
            "dryRun": dry_run,
            "changed": changed,
            "files": placing.steps.iter().map(data).collect::<Vec<_>>(),
            "changes": changes(upgrade),
        }));
    }
    tell(root, &placing);
    if dry_run {
        placing.steps.retain(|step| step.file.path == FLAGS_FILE);
        diffs(root, &placing)?;
        message::note("nothing was written: this is a dry run");
    } else if changed && root.is_machine() {
        eprintln!(
            "next: {}kubelet-unit service restart",
            upgrade.before_restart()
        );
    }
    Ok(())
}
