//! Fields of the kubelet's configuration that have no effect, since its command line sets them otherwise.

use super::Subject;
use super::finding::{Finding, Level, Rule};
use super::settings::Settings;
use crate::explain::{Explanation, Role};
use crate::kubeadm::effect::{Overridden, overridden};
use crate::kubeadm::model::Argument;

/// The fields that the command line beats: each in the last file that has it, the others have no effect anyway.
pub(super) fn overridden_fields(subject: &Subject<'_>, settings: &Settings) -> Vec<Finding> {
    let arguments = flags(settings.explanation());
    let mut told = Vec::new();
    let mut findings = Vec::new();
    for document in settings.documents().iter().rev() {
        let Some(map) = document.map() else {
            continue;
        };
        for beaten in overridden(map, &arguments) {
            if told.contains(&beaten.field) {
                continue;
            }
            told.push(beaten.field);
            let shown = subject.root.shown(&document.path);
            let line = document.field(beaten.field).map(|(_, at)| at.line);
            let finding = Finding::new(
                Rule::Overridden,
                Level::Note,
                shown,
                message(subject, settings, &beaten),
            );
            findings.push(Finding { line, ..finding });
        }
    }
    findings
}

fn message(subject: &Subject<'_>, settings: &Settings, beaten: &Overridden) -> String {
    let Overridden { flag, field, .. } = beaten;
    let place = settings.flag(flag).map(|set| {
        let shown = subject.root.shown(&set.path);
        match set.line {
            Some(line) => format!(" of `{}` line {line}", shown.display()),
            None => format!(" of `{}`", shown.display()),
        }
    });
    let place = place.unwrap_or_default();
    format!("`{field}` has no effect: `--{flag}`{place} has another value and overrides it")
}

/// The flags of a command line. One without a value is `true` (pflag's `NoOptDefVal`).
fn flags(explanation: &Explanation) -> Vec<Argument> {
    let flag = |role: &Role| match role {
        Role::Flag { flag, value } => Some(Argument::new(flag, value.as_deref().unwrap_or("true"))),
        _ => None,
    };
    let arguments = explanation.arguments.iter();
    arguments.filter_map(|it| flag(&it.role)).collect()
}
