//! What became of a line.

use serde::Serialize;

/// What became of a directive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The spec says the same.
    Translated,
    /// It has no effect under other inits, or none for this service.
    NoEffect,
    /// It is not there, which means something.
    Absent,
    /// A later line took its place.
    Replaced,
    /// It took back what came before.
    Reset,
    /// systemd ignores it.
    Ignored,
    /// The spec keeps it for systemd alone.
    Kept,
    /// Something of it is lost, or a decision was made.
    Noted,
    /// A spec cannot say it.
    Refused,
}

/// What became of a line, or of a directive that is not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// The directive, or what stands in its place.
    pub directive: String,
    /// The file, where there is a line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// What became of it.
    pub outcome: Outcome,
    /// The property of the spec that it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub property: Option<&'static str>,
    /// What is to be known of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Decision {
    /// Whether `--strict` fails for it.
    pub fn is_noted(&self) -> bool {
        matches!(
            self.outcome,
            Outcome::Kept | Outcome::Noted | Outcome::Ignored
        )
    }

    /// Whether there is no spec because of it.
    pub fn is_refused(&self) -> bool {
        self.outcome == Outcome::Refused
    }

    /// Where it stands, as `file:line`.
    pub fn place(&self) -> Option<String> {
        let file = self.file.as_ref()?;
        Some(match self.line {
            Some(line) => format!("{file}:{line}"),
            None => file.clone(),
        })
    }

    /// `file:line: Directive=: what is to be known`.
    pub fn message(&self) -> String {
        let place = self.place().map(|place| place + ": ").unwrap_or_default();
        let note = self.note.as_deref().unwrap_or_default();
        match self.directive.as_str() {
            "" => format!("{place}{note}"),
            directive => format!("{place}`{directive}=`: {note}"),
        }
    }
}

/// The messages of decisions; those of which the same is to be known are one, with a name
/// and a place for each.
pub fn messages<'d>(decisions: impl Iterator<Item = &'d Decision>) -> Vec<String> {
    let mut groups: Vec<Vec<&Decision>> = Vec::new();
    for decision in decisions {
        let same = |group: &&mut Vec<&Decision>| group.iter().any(|it| it.note == decision.note);
        match groups.iter_mut().find(same) {
            Some(group) => group.push(decision),
            None => groups.push(vec![decision]),
        }
    }
    groups.iter().map(|group| together(group)).collect()
}

fn together(group: &[&Decision]) -> String {
    let [first, others @ ..] = group else {
        return String::new();
    };
    if others.is_empty() {
        return first.message();
    }
    let named = |decision: &&Decision| {
        let directive = &decision.directive;
        match decision.place() {
            Some(place) if directive.is_empty() => place,
            Some(place) => format!("`{directive}=` ({place})"),
            None => format!("`{directive}=`"),
        }
    };
    let all: Vec<_> = group.iter().map(named).collect();
    let note = first.note.as_deref().unwrap_or_default();
    format!("{}: {note}", all.join(", "))
}
