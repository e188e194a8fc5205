//! `kubelet-unit render --nodes`: every node of an inventory.

use std::collections::BTreeSet;
use std::io::{self, BufWriter, IsTerminal};
use std::path::Path;
use std::process::ExitCode;

use crate::fleet::{Fleet, RenderedNode, TarStream, Tree};
use crate::rendering::Weight;

use super::failure::Failure;
use super::message;
use super::progress::Progress;

/// So many bad nodes are shown before the rest is left for the next try.
const MOST_ERRORS: usize = 20;

/// A tar archive does not go to a terminal.
///
/// # Errors
/// It is about to.
pub(super) fn refuse_terminal(stdout: &io::Stdout) -> Result<(), Failure> {
    match stdout.is_terminal() {
        true => Err(Failure::usage("a tar archive does not go to a terminal")
            .hint("send it to a file: `… --format tar > kubelet.tar`")),
        false => Ok(()),
    }
}

/// Writes each node's tree below a folder.
///
/// # Errors
/// A node is bad, and then nothing was written; or the system refuses.
pub(super) fn write_trees(
    fleet: &Fleet<'_>,
    folder: &Path,
    force: bool,
    verbose: bool,
) -> Result<ExitCode, Failure> {
    let Some(count) = check(fleet)? else {
        return Ok(ExitCode::FAILURE);
    };
    let mut tree = Tree::new(folder, force)?;
    let mut told = Told::new(count, verbose);
    fleet.render(|node| {
        told.step(node);
        tree.add(node)
    })?;
    let outcome = tree.outcome();
    told.end();
    message::note(&format!(
        "{} nodes written below `{}`, {} were there already",
        outcome.written,
        folder.display(),
        outcome.unchanged
    ));
    Ok(ExitCode::SUCCESS)
}

/// Writes all nodes into one archive.
///
/// # Errors
/// As for [`write_trees`].
pub(super) fn write_tar(fleet: &Fleet<'_>, verbose: bool) -> Result<ExitCode, Failure> {
    let stdout = io::stdout();
    refuse_terminal(&stdout)?;
    let Some(count) = check(fleet)? else {
        return Ok(ExitCode::FAILURE);
    };
    let mut told = Told::new(count, verbose);
    let mut archive = TarStream::new(BufWriter::with_capacity(256 * 1024, stdout.lock()));
    fleet.render(|node| {
        told.step(node);
        archive.add(node)
    })?;
    archive.finish()?;
    told.end();
    Ok(ExitCode::SUCCESS)
}

/// The number of nodes; `None` when something is wrong with them, which was said.
fn check(fleet: &Fleet<'_>) -> Result<Option<usize>, Failure> {
    match fleet.check(MOST_ERRORS) {
        Ok(0) => Err(Failure::usage(format!(
            "there are no nodes in `{}`",
            fleet.path.display()
        ))),
        Ok(count) => Ok(Some(count)),
        Err(errors) => {
            for error in errors {
                Failure::from(error).report();
            }
            message::hint(&"nothing was written".into());
            Ok(None)
        }
    }
}

/// What a person is told meanwhile and afterwards.
struct Told {
    progress: Progress,
    notes: BTreeSet<(Weight, String)>,
    verbose: bool,
}

impl Told {
    fn new(count: usize, verbose: bool) -> Self {
        Self {
            progress: Progress::new(count, "nodes"),
            notes: BTreeSet::new(),
            verbose,
        }
    }

    fn step(&mut self, node: &RenderedNode) {
        self.progress.step();
        for note in node.shared.notes() {
            let text = format!("{}: {}: {}", node.init, note.property, note.text);
            self.notes.insert((note.weight, text));
        }
    }

    fn end(self) {
        drop(self.progress);
        for (weight, text) in &self.notes {
            message::told(*weight, text, self.verbose);
        }
    }
}
