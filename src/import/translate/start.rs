//! How a service starts.

use super::ending;
use crate::import::{Draft, Elsewhere, kept};
use crate::service::{Check, NotifyAccess, Span, Type};
use crate::unit::{Setting, Time, Value, shown};

/// `Type=`. With `exec` and `idle` systemd waits for something before what comes after the
/// service; the service itself runs as with `simple`.
pub(in crate::import) fn service_type(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        match &setting.value {
            Value::Text(word) if word == "simple" => draft.no_effect("Type", &[setting]),
            Value::Text(word) if word == "exec" => draft.keep(setting, Elsewhere::Nothing),
            Value::Text(word) if word == "notify" => {
                draft.parts.service_type = Type::Notify;
                draft.translated("Type", "type", &[setting]);
            }
            Value::Text(word) if word == "oneshot" => {
                draft.parts.service_type = Type::Oneshot;
                draft.translated("Type", "type", &[setting]);
            }
            // Without a file systemd guesses which process it is.
            Value::Text(word) if word == "forking" && draft.unit.one("PIDFile").is_some() => {
                draft.parts.service_type = Type::Forking;
                draft.translated("Type", "type", &[setting]);
            }
            Value::Text(word) if word == "forking" => draft.refuse(
                "Type",
                Some(setting.place),
                Some("pidFile"),
                "without `PIDFile=` systemd guesses which process is the service's, and a spec has to say it",
            ),
            Value::Text(word) if word == "idle" => {
                draft.keep(setting, Elsewhere::LeftOut(kept::IDLE));
            }
            Value::Text(word) => {
                let why = format!("a spec has no `type: {}` yet", shown(word));
                draft.refuse("Type", Some(setting.place), Some("type"), &why);
            }
            _ => draft.refuse(
                "Type",
                Some(setting.place),
                Some("type"),
                "a spec has no such `type` yet",
            ),
        }
    }
}

/// `TimeoutStartSec=`, which counts where something of the start takes a time.
pub(in crate::import) fn timeout(draft: &mut Draft<'_>, settings: &[&Setting]) {
    let has = |key| draft.unit.one(key).is_some();
    let is_simple = matches!(
        draft.unit.text("Type"),
        None | Some("simple" | "exec" | "idle")
    );
    if is_simple && !has("ExecStartPre") && !has("ExecStartPost") {
        return draft.no_effect("TimeoutStartSec", settings);
    }
    for setting in settings {
        let timeout = match setting.value {
            Value::Time(Time::Infinity) => Some(Span::seconds(0)),
            Value::Time(time) => ending::span(draft, setting, time, "start"),
            _ => None,
        };
        if timeout.is_some() {
            draft.parts.life.start.timeout = timeout;
            draft.translated("TimeoutStartSec", "start", &[setting]);
        }
    }
}

/// `PIDFile=`, which counts where the service forks; a relative one begins at `/run`.
pub(in crate::import) fn pid_file(draft: &mut Draft<'_>, settings: &[&Setting]) {
    if draft.unit.text("Type") != Some("forking") {
        return draft.no_effect("PIDFile", settings);
    }
    for setting in settings {
        let Value::Text(path) = &setting.value else {
            continue;
        };
        let path = match path.starts_with('/') {
            true => path.clone(),
            false => format!("/run/{path}"),
        };
        match path.parse() {
            Ok(path) => {
                draft.parts.life.pid_file = Some(path);
                draft.translated("PIDFile", "pidFile", &[setting]);
            }
            Err(error) => draft.refuse(
                "PIDFile",
                Some(setting.place),
                Some("pidFile"),
                &error.to_string(),
            ),
        }
    }
}

/// `RemainAfterExit=`.
pub(in crate::import) fn remain(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        draft.parts.life.remain_after_exit = setting.value == Value::Bool(true);
    }
    draft.translated("RemainAfterExit", "remainAfterExit", settings);
}

/// `ConditionPathExists=` and others that a spec has.
pub(in crate::import) fn conditions(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        let Value::Text(text) = &setting.value else {
            continue;
        };
        let row = Check::ALL.iter().find(|(.., key)| *key == setting.key);
        let condition = match row {
            Some((check, ..)) => check.condition(text).ok(),
            None => None,
        };
        if let Some(condition) = condition {
            draft.parts.life.conditions.insert(condition);
            draft.translated(setting.key, "conditions", &[setting]);
        } else {
            let why = "a spec has this condition, but not with this value";
            draft.refuse(setting.key, Some(setting.place), Some("conditions"), why);
        }
    }
}

/// `NotifyAccess=`, which `Type=notify` makes `main` by itself, and instead of `none`
/// (`service_fix_service_type`, `service.c`).
pub(in crate::import) fn notify_access(draft: &mut Draft<'_>, settings: &[&Setting]) {
    let is_notify = draft.unit.text("Type") == Some("notify");
    for setting in settings {
        let access = match &setting.value {
            Value::Text(word) => match word.as_str() {
                "all" => NotifyAccess::All,
                "exec" => NotifyAccess::Exec,
                _ => NotifyAccess::Main,
            },
            _ => NotifyAccess::Main,
        };
        if is_notify {
            draft.parts.life.notify_access = access;
            draft.translated("NotifyAccess", "notifyAccess", &[setting]);
        } else if setting.value == Value::Text("none".into()) {
            draft.no_effect("NotifyAccess", &[setting]);
        } else {
            draft.keep(setting, Elsewhere::LeftOut(kept::NOTICES));
        }
    }
}
