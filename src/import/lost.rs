//! What other inits lose with a line that a spec has for systemd alone.

use crate::unit::{Directive, Section, Value};

use super::kept::{self, Elsewhere, of_unit};
use super::table::{self, Treatment};

/// What becomes of a line of that section under other inits.
pub fn elsewhere(section: Section, key: &str, value: &str) -> Elsewhere {
    let Some(directive) = Directive::find(section, key) else {
        return Elsewhere::LeftOut("it is unknown here");
    };
    let name = directive.name;
    match name {
        "Requires" | "Wants" | "BindsTo" | "Requisite" | "After" | "Before" | "Conflicts"
        | "WantedBy" => {
            let words = value.split_whitespace().map(|unit| of_unit(name, unit));
            words.max().unwrap_or(Elsewhere::Nothing)
        }
        "Type" if value == "exec" => Elsewhere::Nothing,
        "Type" if value == "idle" => Elsewhere::LeftOut(kept::IDLE),
        "NotifyAccess" => Elsewhere::LeftOut(kept::NOTICES),
        "TasksMax" if value.ends_with('%') => Elsewhere::LeftOut(kept::TASKS),
        "PermissionsStartOnly" if table::is_harmless(name, &Value::Text(value.into())) => {
            Elsewhere::Nothing
        }
        "PermissionsStartOnly" => Elsewhere::Refused(kept::AS_ROOT),
        "RestartKillSignal" => Elsewhere::LeftOut(kept::RESTART_SIGNAL),
        _ => of_table(name, value),
    }
}

fn of_table(name: &'static str, value: &str) -> Elsewhere {
    let is_harmless = table::is_harmless(name, &Value::Text(value.into()));
    match table::treatment(name) {
        Treatment::Translated(_) => Elsewhere::Said,
        Treatment::NoEffect => Elsewhere::Nothing,
        _ if is_harmless => Elsewhere::Nothing,
        Treatment::Noted(text) => Elsewhere::LeftOut(text),
        Treatment::Refused(why) => Elsewhere::Refused(why),
    }
}
