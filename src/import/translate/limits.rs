//! Resource limits.

use crate::import::Draft;
use crate::service::{Bound, Limit, Limits};
use crate::unit::{Rlimit, Setting, Value};

/// `LimitNOFILE=`.
pub(in crate::import) fn nofile(draft: &mut Draft<'_>, settings: &[&Setting]) {
    set(draft, settings, |limits| &mut limits.nofile);
}

/// `LimitNPROC=`.
pub(in crate::import) fn nproc(draft: &mut Draft<'_>, settings: &[&Setting]) {
    set(draft, settings, |limits| &mut limits.nproc);
}

/// `LimitCORE=`.
pub(in crate::import) fn core(draft: &mut Draft<'_>, settings: &[&Setting]) {
    set(draft, settings, |limits| &mut limits.core);
}

fn set(
    draft: &mut Draft<'_>,
    settings: &[&Setting],
    of: impl Fn(&mut Limits) -> &mut Option<Limit>,
) {
    for setting in settings {
        if let Value::Limit(Rlimit { soft, hard }) = setting.value {
            let bound = |bound: Option<u64>| bound.map_or(Bound::Infinity, Bound::At);
            *of(&mut draft.parts.limits) = Some(Limit {
                soft: bound(soft),
                hard: bound(hard),
            });
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
