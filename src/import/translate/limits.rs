//! Resource limits.

use crate::import::{Draft, Elsewhere, kept};
use crate::service::{Bound, Limit, Resource};
use crate::unit::{Rlimit, Setting, Value};

/// `LimitNOFILE=` and the others.
pub(in crate::import) fn limit(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        let mut all = Resource::ALL.iter();
        let resource = all.find(|resource| resource.directive() == setting.key);
        if let (Some(resource), Value::Limit(Rlimit { soft, hard })) = (resource, &setting.value) {
            let bound = |bound: Option<u64>| bound.map_or(Bound::Infinity, Bound::At);
            let limit = Limit {
                soft: bound(*soft),
                hard: bound(*hard),
            };
            draft.parts.limits.set(*resource, Some(limit));
            draft.translated(setting.key, "limits", &[setting]);
        }
    }
}

/// `OOMScoreAdjust=`.
pub(in crate::import) fn oom_score(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        if let Value::Number(score) = setting.value {
            draft.parts.limits.oom_score_adjust = score.to_string().parse().ok();
            draft.translated(setting.key, "limits", &[setting]);
        }
    }
}

/// systemd's own limit of open files.
pub(super) fn absent(draft: &mut Draft<'_>) {
    if draft.unit.one("LimitNOFILE").is_none() {
        draft.absent(
            "LimitNOFILE",
            "limits",
            "systemd allows 1024 open files, and 524288 on request",
        );
    }
}

/// `Delegate=`, of all controllers or of some.
pub(in crate::import) fn delegate(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        let Value::Text(word) = &setting.value else {
            continue;
        };
        match word.as_str() {
            "no" | "false" | "off" | "n" | "f" | "0" => {
                draft.parts.delegate = false;
                draft.no_effect("Delegate", &[setting]);
                continue;
            }
            "yes" | "true" | "on" | "y" | "t" | "1" => {
                draft.translated("Delegate", "delegate", &[setting]);
            }
            _ => draft.decided(
                "Delegate",
                setting.place,
                "delegate",
                "a spec delegates every controller, and not only some",
            ),
        }
        draft.parts.delegate = true;
    }
}

/// `TasksMax=`.
pub(in crate::import) fn tasks_max(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        let Value::Text(word) = &setting.value else {
            continue;
        };
        if let Ok(max) = word.parse() {
            draft.parts.tasks_max = Some(max);
            draft.translated("TasksMax", "tasksMax", &[setting]);
        } else {
            draft.keep(setting, Elsewhere::LeftOut(kept::TASKS));
        }
    }
}
