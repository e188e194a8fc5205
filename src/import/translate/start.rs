//! How a service starts.

use crate::import::Draft;
use crate::service::Type;
use crate::unit::{Setting, Value};

/// `Type=`. With `exec` and `idle` systemd waits for something before what comes after the
/// service; the service itself runs as with `simple`.
pub(in crate::import) fn service_type(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        match &setting.value {
            Value::Text(word) if matches!(word.as_str(), "simple" | "exec") => {
                draft.no_effect("Type", &[setting]);
            }
            Value::Text(word) if word == "notify" => {
                draft.parts.service_type = Type::Notify;
                draft.translated("Type", "type", &[setting]);
            }
            Value::Text(word) if word == "idle" => draft.note(
                "Type",
                setting.place,
                "under other inits the service does not wait for the boot's other jobs",
            ),
            _ => draft.missing("Type", setting.place, "type"),
        }
    }
}

/// `TimeoutStartSec=`, which a service has that tells when it is ready or runs something
/// before it starts.
pub(in crate::import) fn timeout(draft: &mut Draft<'_>, settings: &[&Setting]) {
    match draft.unit.text("Type") {
        Some("notify") => {
            for setting in settings {
                let text = "left out: rendered for systemd, the service has 90 s to be ready";
                draft.note("TimeoutStartSec", setting.place, text);
            }
        }
        _ => draft.no_effect("TimeoutStartSec", settings),
    }
}

/// `NotifyAccess=`, which `Type=notify` makes `main` by itself.
pub(in crate::import) fn notify_access(draft: &mut Draft<'_>, settings: &[&Setting]) {
    let is_notify = draft.unit.text("Type") == Some("notify");
    for setting in settings {
        match &setting.value {
            Value::Text(word) if is_notify && word != "main" => draft.note(
                "NotifyAccess",
                setting.place,
                "left out: rendered for systemd, its main process alone can say that it is ready",
            ),
            _ => draft.no_effect("NotifyAccess", &[setting]),
        }
    }
}
