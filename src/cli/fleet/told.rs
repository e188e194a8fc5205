//! What a person is told of the nodes of a fleet.

use crate::fleet::RenderedNode;
use crate::kubelet::takes::{how_known, is_beyond_known};
use crate::rendering::Weight;
use crate::sorting::Few;

use super::super::message;
use super::super::progress::Progress;
use super::super::text::counted;

/// What a person is told meanwhile and afterwards.
pub(super) struct Told {
    count: usize,
    pub(super) progress: Progress,
    kinds: Few<String, usize>,
    notes: Few<(Weight, String), ()>,
    verbose: bool,
    /// Whether a note says what lets the service start with the machine.
    pub(super) of_trees: bool,
    /// Whether files that others have lines in are whole there.
    pub(super) of_archive: bool,
}

impl Told {
    pub(super) fn new(count: usize, verbose: bool) -> Self {
        Self {
            count,
            progress: Progress::new(count, "nodes"),
            kinds: Few::new(),
            notes: Few::new(),
            verbose,
            of_trees: false,
            of_archive: false,
        }
    }

    pub(super) fn step(&mut self, node: &RenderedNode) {
        self.progress.step();
        *self.kinds.or_insert(node.kind(), 0) += 1;
        for note in node.shared.rendering.rendered.notes() {
            let text = format!("{}: {}: {}", node.init(), note.property, note.text);
            self.notes.insert((note.weight, text), ());
        }
        let replaces = node.shared.rendering.replaces();
        if let Some(warning) = replaces.filter(|_| self.of_archive) {
            self.notes.insert((Weight::Warning, warning), ());
        }
        let not_enabled = node.shared.rendering.not_enabled();
        if let Some(note) = not_enabled.filter(|_| self.of_trees) {
            self.notes.insert((Weight::Note, note), ());
        }
        // Where there is nothing to judge, the release plays no part.
        let judged = node.kubelet.filter(|_| node.own.is_some());
        if let Some((version, text)) = judged.and_then(|it| Some((it, how_known(it)?))) {
            let weight = match is_beyond_known(version) {
                true => Weight::Warning,
                false => Weight::Note,
            };
            self.notes.insert((weight, text), ());
        }
    }

    /// Tells the notes, and gives how many nodes there are of each kind.
    pub(super) fn end(self) -> String {
        drop(self.progress);
        for (weight, text) in self.notes.keys() {
            message::told(*weight, text, self.verbose);
        }
        let kinds = self
            .kinds
            .iter()
            .map(|(kind, count)| format!("{count} {kind}"));
        let kinds: Vec<_> = kinds.collect();
        format!("{}: {}", counted(self.count, "node"), kinds.join(", "))
    }
}
