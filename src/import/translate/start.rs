//! How a service starts.

use crate::import::Draft;
use crate::unit::{Setting, Value};

/// `Type=`. With `exec` and `idle` systemd waits for something before what comes after the
/// service; the service itself runs as with `simple`.
pub(in crate::import) fn service_type(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        match &setting.value {
            Value::Text(word) if matches!(word.as_str(), "simple" | "exec") => {
                draft.no_effect("Type", &[setting]);
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
    draft.no_effect("TimeoutStartSec", settings);
}
