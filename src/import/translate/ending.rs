//! When a service is started again, and how it is ended.

use crate::import::{Draft, Elsewhere, kept};
use crate::service::{End, Kill, Policy, Signal, Span, StartLimit};
use crate::unit::{Setting, Time, Value};

/// systemd's own limit: five starts in ten seconds (`systemd-system.conf(5)`).
const BURST: u32 = 5;
const INTERVAL: Time = Time::seconds(10);

/// `Restart=`.
pub(in crate::import) fn policy(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        let Value::Text(word) = &setting.value else {
            continue;
        };
        if let Some(policy) = Policy::of_systemd(word) {
            draft.parts.restart.policy = policy;
            draft.translated("Restart", "restart", &[setting]);
        } else {
            let why = format!(
                "a spec has no `restart.policy: {word}`: under other inits there is no watchdog"
            );
            draft.refuse("Restart", Some(setting.place), Some("restart.policy"), &why);
        }
    }
}

/// `RestartSec=`.
pub(in crate::import) fn delay(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        if setting.value == Value::Time(Time::Infinity) {
            let why = "it is never started again then, which in a spec is `restart.policy: never`";
            draft.refuse("RestartSec", Some(setting.place), Some("restart"), why);
        } else if let Value::Time(time) = setting.value
            && let Some(delay) = span(draft, setting, time, "restart")
        {
            draft.parts.restart.delay = delay;
            draft.translated("RestartSec", "restart", &[setting]);
        }
    }
}

/// A span as a spec has it: of whole milliseconds, with an end, of a year at most.
pub(super) fn span(
    draft: &mut Draft<'_>,
    setting: &Setting,
    time: Time,
    property: &'static str,
) -> Option<Span> {
    let Time::Micros(micros) = time else {
        let why = "a spec has no `infinity` there yet";
        draft.refuse(setting.key, Some(setting.place), Some(property), why);
        return None;
    };
    let milliseconds = micros.div_ceil(1000);
    if !micros.is_multiple_of(1000) {
        let text = "a spec counts whole milliseconds, and this is not whole: it is rounded up";
        draft.decided(setting.key, setting.place, property, text);
    }
    let span = format!("{milliseconds}ms").parse().ok();
    if span.is_none() {
        let why = "a spec has no spans of more than a year";
        draft.refuse(setting.key, Some(setting.place), Some(property), why);
    }
    span
}

/// `StartLimitIntervalSec=` and `StartLimitBurst=`, of which each has a default of its own.
pub(in crate::import) fn start_limit(draft: &mut Draft<'_>, settings: &[&Setting]) {
    let key = settings.first().map_or("", |setting| setting.key);
    draft.translated(key, "restart", settings);
}

/// The limit that is in force: `None` where one of the two is zero
/// (`ratelimit_configured`, `ratelimit.h`).
fn limit(draft: &Draft<'_>) -> Option<(u32, Time)> {
    let interval = draft.unit.time("StartLimitIntervalSec").unwrap_or(INTERVAL);
    let burst = match draft.unit.one("StartLimitBurst").map(|it| &it.value) {
        Some(Value::Number(burst)) => u32::try_from(*burst).unwrap_or(u32::MAX),
        _ => BURST,
    };
    (burst > 0 && !interval.is_zero()).then_some((burst, interval))
}

/// `SuccessExitStatus=` and what is near to it, which change no restart but under some
/// policies.
pub(in crate::import) fn codes(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        let policy = draft.unit.text("Restart").unwrap_or("no");
        let matters = !matches!(
            (setting.key, policy),
            ("SuccessExitStatus", "always" | "no")
                | ("RestartForceExitStatus", "always")
                | ("RestartPreventExitStatus", "no")
        );
        if !matters {
            let why = "with this `Restart=` it changes nothing";
            draft.needless(setting.key, setting.place, why);
            continue;
        }
        let Value::Text(words) = &setting.value else {
            continue;
        };
        for word in words.split_whitespace() {
            match end(word) {
                Some(end) => {
                    let restart = &mut draft.parts.restart;
                    match setting.key {
                        "SuccessExitStatus" => restart.success_exit_status.insert(end),
                        "RestartForceExitStatus" => restart.force_exit_status.insert(end),
                        _ => restart.prevent_exit_status.insert(end),
                    }
                    draft.translated(setting.key, "restart", &[setting]);
                }
                // `exit_status_set_parse` passes over what it does not know.
                None => draft.note(
                    setting.key,
                    setting.place,
                    "left out: one of its words is neither an exit code nor a signal that is known here",
                ),
            }
        }
    }
}

/// Exit codes that have names (`exit-status.c`, systemd 257): those of LSB and of BSD.
const NAMED: [(&str, u8); 24] = [
    ("SUCCESS", 0),
    ("FAILURE", 1),
    ("INVALIDARGUMENT", 2),
    ("NOTIMPLEMENTED", 3),
    ("NOPERMISSION", 4),
    ("NOTINSTALLED", 5),
    ("NOTCONFIGURED", 6),
    ("NOTRUNNING", 7),
    ("USAGE", 64),
    ("DATAERR", 65),
    ("NOINPUT", 66),
    ("NOUSER", 67),
    ("NOHOST", 68),
    ("UNAVAILABLE", 69),
    ("SOFTWARE", 70),
    ("OSERR", 71),
    ("OSFILE", 72),
    ("CANTCREAT", 73),
    ("IOERR", 74),
    ("TEMPFAIL", 75),
    ("PROTOCOL", 76),
    ("NOPERM", 77),
    ("CONFIG", 78),
    ("EXCEPTION", 255),
];

/// An exit code, by its number or its name, or a signal.
fn end(word: &str) -> Option<End> {
    let named = NAMED.iter().find(|(name, _)| *name == word);
    named.map_or_else(|| word.parse().ok(), |(_, code)| Some(End::Code(*code)))
}

/// `TimeoutStopSec=`.
pub(in crate::import) fn stop_timeout(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        let timeout = match setting.value {
            Value::Time(Time::Infinity) => Some(Span::seconds(0)),
            Value::Time(time) => span(draft, setting, time, "stop.timeout"),
            _ => None,
        };
        if let Some(timeout) = timeout {
            draft.parts.stop.timeout = timeout;
            draft.translated("TimeoutStopSec", "stop", &[setting]);
        }
    }
}

/// `KillMode=`.
pub(in crate::import) fn kill_mode(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        let Value::Text(word) = &setting.value else {
            continue;
        };
        // The reader has refused every other word.
        if let Some(kill) = Kill::of_systemd(word) {
            draft.parts.stop.kill = kill;
            draft.translated("KillMode", "stop", &[setting]);
        }
    }
}

/// `SendSIGKILL=`.
pub(in crate::import) fn send_kill(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        draft.parts.stop.send_kill = setting.value != Value::Bool(false);
    }
    draft.translated("SendSIGKILL", "stop", settings);
}

/// `KillSignal=`.
pub(in crate::import) fn kill_signal(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        let Value::Signal(signal) = setting.value else {
            continue;
        };
        let known = signal.name().and_then(|name| name.parse::<Signal>().ok());
        if let Some(signal) = known {
            draft.parts.stop.signal = signal;
            draft.translated("KillSignal", "stop", &[setting]);
        } else {
            let why = "a spec has no such `stop.signal`";
            draft.refuse("KillSignal", Some(setting.place), Some("stop.signal"), why);
        }
    }
}

/// `RestartKillSignal=`: the same as `KillSignal=`, or nothing of ours.
pub(in crate::import) fn restart_signal(draft: &mut Draft<'_>, settings: &[&Setting]) {
    let other = draft.unit.one("KillSignal").map(|it| it.value.clone());
    for setting in settings {
        match (&other, &setting.value) {
            (Some(other), value) if other == value => {
                draft.no_effect("RestartKillSignal", &[setting]);
            }
            (None, Value::Signal(signal)) if signal.name() == Some("TERM") => {
                draft.no_effect("RestartKillSignal", &[setting]);
            }
            _ => draft.keep(setting, Elsewhere::LeftOut(kept::RESTART_SIGNAL)),
        }
    }
}

/// What systemd does without being told.
pub(super) fn absent(draft: &mut Draft<'_>) {
    let lacks = |key| draft.unit.one(key).is_none();
    let (policy, delay, kill, timeout) = (
        lacks("Restart"),
        lacks("RestartSec"),
        lacks("KillMode"),
        lacks("TimeoutStopSec"),
    );
    let has_limit = !lacks("StartLimitIntervalSec") || !lacks("StartLimitBurst");
    if policy {
        draft.absent("Restart", "restart", "systemd never starts it again");
    }
    if delay && !policy {
        draft.absent("RestartSec", "restart", "systemd waits 100 ms");
    }
    if kill {
        draft.absent(
            "KillMode",
            "stop",
            "systemd ends all processes of the service",
        );
    }
    if timeout {
        draft.absent("TimeoutStopSec", "stop", "systemd sends KILL after 90 s");
    }
    set_limit(draft, has_limit);
}

fn set_limit(draft: &mut Draft<'_>, is_told: bool) {
    let Some((starts, within)) = limit(draft) else {
        return;
    };
    let Time::Micros(micros) = within else {
        if let Some(setting) = draft.unit.one("StartLimitIntervalSec") {
            let why = "a spec has no `infinity` there yet";
            draft.refuse(setting.key, Some(setting.place), Some("restart.limit"), why);
        }
        return;
    };
    let restart = draft.parts.restart;
    let spent = u64::from(starts).saturating_mul(restart.delay.milliseconds());
    let reached = spent.saturating_mul(1000) < micros && restart.policy != Policy::Never;
    if !is_told && !reached {
        return;
    }
    let within = format!("{}ms", micros.div_ceil(1000)).parse();
    match within {
        Ok(within) => draft.parts.restart.limit = Some(StartLimit { starts, within }),
        Err(_) => draft.refuse(
            "StartLimitIntervalSec",
            draft.unit.one("StartLimitIntervalSec").map(|it| it.place),
            Some("restart.limit"),
            "a spec has no spans of more than a year",
        ),
    }
    if !is_told {
        draft.absent(
            "StartLimitBurst",
            "restart",
            "systemd gives up after 5 starts in 10 s",
        );
    }
}
