//! What a service comes after, and when it starts.

use crate::import::Draft;
use crate::service::Dependency;
use crate::service::unit_name::is_of_boot;
use crate::unit::{Setting, Value};

/// `Requires=`, `Wants=` and what is near to them. With `After=` of the same unit it is a
/// dependency of ours; systemd alone starts two units side by side.
pub(in crate::import) fn dependencies(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        let Value::Text(unit) = &setting.value else {
            continue;
        };
        match unit.rsplit_once('.') {
            Some((name, "service")) => depend(
                draft,
                setting,
                name,
                name.parse().ok().map(Dependency::Service),
            ),
            Some(("network-online", "target")) => {
                depend(draft, setting, unit, Some(Dependency::NetworkOnline));
            }
            Some((_, "socket")) if setting.key == "Wants" => {
                let text = "left out: no other init hands over a socket; `fd://` in an argument has to become a path";
                draft.note(setting.key, setting.place, text);
            }
            Some((_, "socket")) => {
                let why = "the service gets its socket from systemd, and from no other init";
                draft.refuse(setting.key, Some(setting.place), None, why);
            }
            Some((_, "target")) if is_of_boot(unit) => {
                draft.needless(
                    setting.key,
                    setting.place,
                    "other inits have reached that point before they start services",
                );
            }
            Some((_, "target")) if setting.key == "Wants" => {
                draft.note(
                    setting.key,
                    setting.place,
                    "left out: other inits have no such target",
                );
            }
            Some((_, "timer")) => {
                let text = "left out: no other init has timers";
                draft.note(setting.key, setting.place, text);
            }
            _ => {
                let why = "other inits have services alone to depend on";
                draft.refuse(setting.key, Some(setting.place), None, why);
            }
        }
    }
}

fn depend(draft: &mut Draft<'_>, setting: &Setting, unit: &str, dependency: Option<Dependency>) {
    let Some(dependency) = dependency else {
        let why = format!(
            "`{}` is not a service's name under other inits",
            crate::unit::shown(unit)
        );
        return draft.refuse(setting.key, Some(setting.place), None, &why);
    };
    let is_ordered = draft
        .unit
        .all("After")
        .any(|after| after.value == setting.value);
    let (property, list) = match setting.key {
        "Wants" => ("wants", &mut draft.parts.wants),
        _ => ("needs", &mut draft.parts.needs),
    };
    if !list.contains(&dependency) {
        list.push(dependency);
    }
    match (setting.key, is_ordered) {
        ("BindsTo", _) => draft.decided(
            setting.key,
            setting.place,
            property,
            "under other inits the service does not end with it everywhere",
        ),
        ("Requisite", _) => draft.decided(
            setting.key,
            setting.place,
            property,
            "systemd would fail at once and not start it; other inits start it",
        ),
        (_, true) => draft.translated(setting.key, property, &[setting]),
        (_, false) => draft.decided(
            setting.key,
            setting.place,
            property,
            "without `After=` systemd does not wait for it; other inits do",
        ),
    }
}

/// `After=`, which orders what `Wants=` or `Requires=` names. What every init is past
/// before it starts services needs no word.
pub(in crate::import) fn after(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        let Value::Text(unit) = &setting.value else {
            continue;
        };
        let pulls = ["Requires", "Wants", "BindsTo", "Requisite"];
        let mut pulled = pulls.iter().flat_map(|key| draft.unit.all(key));
        if let Some(by) = pulled.find(|by| by.value == setting.value) {
            let property = if by.key == "Wants" { "wants" } else { "needs" };
            draft.translated("After", property, &[setting]);
        } else if is_of_boot(unit) {
            draft.needless(
                "After",
                setting.place,
                "other inits have reached that point before they start services",
            );
        } else if unit.ends_with(".socket") {
            let text = "left out: no other init hands over a socket";
            draft.note("After", setting.place, text);
        } else if let Some(dependency) = orderable(unit) {
            if !draft.parts.after.contains(&dependency) {
                draft.parts.after.push(dependency);
            }
            draft.translated("After", "after", &[setting]);
        } else {
            draft.note("After", setting.place, NOT_ORDERED);
        }
    }
}

const NOT_ORDERED: &str = "left out: other inits order services alone";

/// What a spec can be ordered by.
fn orderable(unit: &str) -> Option<Dependency> {
    match unit.rsplit_once('.') {
        Some((name, "service")) => name.parse().ok().map(Dependency::Service),
        Some(("network-online", "target")) => Some(Dependency::NetworkOnline),
        _ => None,
    }
}

/// `Before=`: that of the shutdown is every service's.
pub(in crate::import) fn before(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        let Value::Text(unit) = &setting.value else {
            continue;
        };
        match orderable(unit) {
            _ if unit == "shutdown.target" => draft.no_effect("Before", &[setting]),
            Some(Dependency::Service(name)) => {
                if !draft.parts.before.contains(&name) {
                    draft.parts.before.push(name);
                }
                draft.translated("Before", "before", &[setting]);
            }
            _ => draft.note("Before", setting.place, NOT_ORDERED),
        }
    }
}

/// `Conflicts=`: that with the shutdown is every service's.
pub(in crate::import) fn conflicts(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        match &setting.value {
            Value::Text(unit) if unit == "shutdown.target" => {
                draft.no_effect("Conflicts", &[setting]);
            }
            Value::Text(unit) => match orderable(unit) {
                Some(Dependency::Service(name)) => {
                    if !draft.parts.life.conflicts.contains(&name) {
                        draft.parts.life.conflicts.push(name);
                    }
                    draft.translated("Conflicts", "conflicts", &[setting]);
                }
                _ => draft.note("Conflicts", setting.place, NOT_ORDERED),
            },
            _ => {}
        }
    }
}

/// `WantedBy=`: the usual ones are what enabling a service is under any init.
pub(in crate::import) fn wanted_by(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        let Value::Text(units) = &setting.value else {
            continue;
        };
        for unit in units.split_whitespace() {
            match unit {
                "multi-user.target" | "graphical.target" | "default.target" | "network-online.target" => {
                    draft.no_effect("WantedBy", &[setting]);
                }
                _ => draft.note(
                    "WantedBy",
                    setting.place,
                    "left out: under other inits an enabled service starts with the machine, and not with another unit",
                ),
            }
        }
    }
}

/// A unit without `[Install]` cannot be enabled.
pub(super) fn absent(draft: &mut Draft<'_>) {
    let has = |key| draft.unit.one(key).is_some();
    if !has("WantedBy") && !has("RequiredBy") && !has("Also") {
        draft.absent(
            "WantedBy",
            "name",
            "systemd cannot enable it; other inits can",
        );
    }
}
