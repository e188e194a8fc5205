//! A systemd unit as a spec: every directive that counts is translated, of no effect
//! elsewhere, translated with a note, or refused, as the [`table`] says.
//!
//! What a unit does not say counts as well: without `Restart=` a service is never started
//! again, without `RestartSec=` after 100 ms, and so on (`systemd.service(5)`,
//! `systemd.unit(5)`). Nothing that is the host's is frozen: a specifier such as `%H` is
//! refused. All is pure; [`unit`](crate::unit) has read the files.

mod decision;
mod draft;
mod kept;
mod lost;
pub mod table;
mod translate;
mod yaml;

pub use decision::{Decision, Outcome, messages};
pub use draft::Draft;
pub use kept::Elsewhere;
pub use lost::elsewhere;
pub use table::Treatment;

use crate::service::specifiers::SPECIFIERS;
use crate::spec::Spec;
use crate::unit::{Fate, Line, Setting, Unit};

/// What came of a unit.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The unit's name, with its suffix.
    pub unit: String,
    /// The spec as YAML, with a comment for each line that needed a decision; `None` where
    /// something was refused.
    pub yaml: Option<String>,
    /// The same spec.
    pub spec: Option<Spec>,
    /// What became of each line, and of what is absent, in the order of the files.
    pub decisions: Vec<Decision>,
}

/// Finds the absolute path of a program that is named without one.
pub type Locate<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Makes a spec of a unit. `locate` looks for a program in the folders in which systemd
/// does when the service starts.
pub fn import(unit: &Unit, locate: Locate<'_>) -> Imported {
    let mut draft = Draft::new(unit, locate);
    let mut keys = unit.settings.iter().map(|setting| setting.key);
    draft.is_confined = keys.any(table::confines);
    for &(place, ref fault) in &unit.faults {
        draft.fault(place, fault);
    }
    let mut keys: Vec<&'static str> = Vec::new();
    for setting in &unit.settings {
        if !keys.contains(&setting.key) {
            keys.push(setting.key);
        }
    }
    for key in keys {
        let settings: Vec<_> = unit.all(key).collect();
        treat(&mut draft, key, &settings);
    }
    for line in &unit.lines {
        set_aside(&mut draft, line);
    }
    for &(place, ref why) in &unit.ignored {
        draft.ignored(place, why);
    }
    for &(place, kind) in &unit.triggers {
        draft.note("", place, table::trigger(kind));
    }
    draft.finish()
}

/// What stands in a value in the place of the `%` of a specifier that a spec can have. Units
/// have no use for it.
const OF_HOST: char = '\u{f8f0}';

/// What a specifier of the host becomes in the values of a unit that is read to be imported, for
/// [`Unit::of`].
pub fn specifier(specifier: char) -> Option<String> {
    let is_known = SPECIFIERS.contains(&specifier);
    is_known.then(|| format!("{OF_HOST}{specifier}"))
}

fn treat(draft: &mut Draft<'_>, key: &'static str, settings: &[&Setting]) {
    let told: Vec<_> = settings
        .iter()
        .copied()
        .filter(|setting| !table::is_harmless(key, &setting.value))
        .collect();
    match table::treatment(key) {
        Treatment::Translated(translate) => match table::of_host(settings) {
            Some((specifier, setting)) => draft.host(key, specifier, setting),
            None => translate(draft, settings),
        },
        Treatment::NoEffect => {
            for setting in settings {
                draft.keep(setting, Elsewhere::Nothing);
            }
        }
        _ if told.is_empty() => draft.no_effect(key, settings),
        Treatment::Noted(text) => {
            for setting in told {
                draft.keep(setting, Elsewhere::LeftOut(text));
            }
        }
        Treatment::Refused(why) => {
            for setting in told {
                draft.keep(setting, Elsewhere::Refused(why));
            }
        }
    }
}

/// Lines of which nothing counts.
fn set_aside(draft: &mut Draft<'_>, line: &Line) {
    match &line.fate {
        Fate::Replaced(by) => draft.replaced(line, *by),
        Fate::Resets => draft.resets(line),
        // An ignored line is told of with its reason, and a word of one as well.
        Fate::Ignored(_) | Fate::Counts => {}
    }
}

#[cfg(test)]
mod tests;
