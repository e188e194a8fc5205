//! What files of others change of the service that is installed.

use crate::effective::{Change, Changed};

use super::Subject;
use super::finding::{Finding, Level, Rule};

pub(super) fn changed(subject: &Subject<'_>) -> Vec<Finding> {
    let finding = |changed: &Changed| {
        let (rule, level) = match changed.change {
            Change::Command => (Rule::Unit, Level::Error),
            Change::Life => (Rule::Unit, Level::Warning),
            Change::Lost => (Rule::Lost, Level::Error),
        };
        let path = subject.root.shown(&changed.place.path);
        Finding {
            line: changed.place.at.map(|at| at.line),
            ..Finding::new(rule, level, path, &changed.text)
        }
    };
    subject.changed.iter().map(finding).collect()
}
