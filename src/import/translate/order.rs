//! What a service comes after, and when it starts.

use crate::import::{Draft, Elsewhere, kept};
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
            Some((_, "target")) if is_of_boot(unit) => {
                draft.keep_needless(setting, kept::REACHED);
            }
            _ => draft.keep_word(setting, kept::of_unit(setting.key, unit)),
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
        ("BindsTo" | "Requisite", _) => {
            let key = setting.key;
            draft.keep_word(setting, kept::of_unit(key, unit));
        }
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
        let pulled = pulled.find(|by| by.value == setting.value);
        if let (Some(by), Some(_)) = (pulled, orderable(unit)) {
            let property = if by.key == "Wants" { "wants" } else { "needs" };
            draft.translated("After", property, &[setting]);
        } else if is_of_boot(unit) {
            draft.keep_needless(setting, kept::REACHED);
        } else if let Some(dependency) = orderable(unit) {
            if !draft.parts.after.contains(&dependency) {
                draft.parts.after.push(dependency);
            }
            draft.translated("After", "after", &[setting]);
        } else {
            draft.keep_word(setting, kept::of_unit("After", unit));
        }
    }
}

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
            _ => draft.keep_word(setting, kept::of_unit("Before", unit)),
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
                _ => draft.keep_word(setting, kept::of_unit("Conflicts", unit)),
            },
            _ => {}
        }
    }
}

/// `WantedBy=`: the usual ones are what enabling a service is under any init, and one of them is
/// what a service has that says nothing.
pub(in crate::import) fn wanted_by(draft: &mut Draft<'_>, settings: &[&Setting]) {
    const USUAL: &str = "multi-user.target";
    let is_usual = |setting: &&Setting| setting.value == Value::Text(USUAL.into());
    if settings.iter().all(is_usual) {
        return draft.no_effect("WantedBy", settings);
    }
    for setting in settings {
        if let Value::Text(units) = &setting.value {
            let units = units.split_whitespace();
            let elsewhere = units.map(|unit| kept::of_unit("WantedBy", unit)).max();
            draft.keep(setting, elsewhere.unwrap_or(Elsewhere::Nothing));
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
