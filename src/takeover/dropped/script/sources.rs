//! Files that a script sources: they go with it, or nobody reads them any more.

use super::Walk;
use crate::takeover::dropped::commands::Command;
use crate::takeover::dropped::lex::Word;
use crate::takeover::dropped::{Hint, LIMIT};

/// Files of the system that many services source, and that say nothing of one.
const OF_ALL: [&str; 6] = [
    "/lib/",
    "/usr/",
    "/etc/init.d/",
    "/etc/rc.conf",
    "/etc/rc.d/",
    "/etc/rc.subr",
];

/// What is said where it cannot be told which file is sourced.
const SOURCED: Hint =
    Hint::Text("which file that is cannot be told; what it says has no effect on this service");

impl Walk<'_> {
    pub(super) fn source(&mut self, command: &Command, word: Option<&Word>) {
        let Some(word) = word else {
            return;
        };
        let Some(path) = self.expand(&word.text) else {
            return self.lost(command.line, format!(". {}", word.raw), SOURCED);
        };
        let path = match path.starts_with('/') {
            true => path,
            false => format!(
                "{}/{}",
                self.folder.trim_end_matches('/'),
                path.trim_start_matches("./")
            ),
        };
        if OF_ALL.iter().any(|it| path.starts_with(it)) || !self.sourced.insert(path.clone()) {
            return;
        }
        let content = self.scene.root.read_if_there(&path, LIMIT);
        if let Some(content) = content.ok().flatten() {
            let outer = std::mem::replace(&mut self.path, path);
            self.text(&String::from_utf8_lossy(&content), 1);
            self.path = outer;
        }
    }
}
