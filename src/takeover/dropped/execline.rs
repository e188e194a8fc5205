//! What is lost of a script of execline, which is one command line of programs that become each
//! other.

use super::script::Walk;
use super::{File, Statement};
use crate::envfile::Position;
use crate::shipped::Quoting;

/// execline's quoting (`execlineb(1)`).
const QUOTING: Quoting = Quoting {
    single: false,
    comments: true,
    goes_on: false,
    mark: None,
};

pub(super) fn statements(file: &File<'_>) -> Vec<Statement> {
    let words = QUOTING.words(file.text, Position { line: 1, column: 1 });
    let words: Vec<_> = words.into_iter().map(|it| (it.text, it.at.line)).collect();
    let found = Walk::new(file.scene, file.path).line(&words);
    let lines: Vec<_> = file.text.lines().map(str::trim).collect();
    let is_ours = |it: &Statement| {
        let line = lines.get(it.line.saturating_sub(1));
        line.is_some_and(|line| file.scene.lines.contains(*line))
    };
    found.into_iter().filter(|it| !is_ours(it)).collect()
}
