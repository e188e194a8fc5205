//! How a service is, for people and for programs.

use std::fmt::Write;
use std::time::{Duration, SystemTime};

use serde::Serialize;

use crate::control::{Enabled, Ended, State};
use crate::effective::Origin;
use crate::manage::Status;
use crate::process::{Command, quietly};
use crate::service::Name;

use super::super::text::Columns;

/// What is shown of a service.
pub(super) struct Shown<'a> {
    pub(super) name: &'a Name,
    pub(super) init: &'a str,
    pub(super) status: Status,
    /// Not known where nobody can tell.
    pub(super) enabled: Option<Enabled>,
    pub(super) origin: Option<&'a Origin>,
    pub(super) log: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AsJson<'a> {
    name: &'a Name,
    init: &'a str,
    state: String,
    crash_loop: bool,
    main_pid: Option<u32>,
    enabled: Option<Enabled>,
    last_exit: Option<LastExit>,
    restarts: u64,
    since: Option<String>,
    next_start: Option<String>,
    init_says: Option<&'a str>,
    log: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<&'a Origin>,
}

#[derive(Serialize)]
struct LastExit {
    code: Option<u32>,
    signal: Option<String>,
    at: Option<String>,
}

impl Shown<'_> {
    pub(super) fn as_json(&self, now: SystemTime) -> AsJson<'_> {
        let ended = self.status.ended.as_ref();
        let past = |ago: Duration| instant(now.checked_sub(ago)?);
        AsJson {
            name: self.name,
            init: self.init,
            state: self.status.state.to_string(),
            crash_loop: self.status.is_crash_loop(),
            main_pid: self.main_pid(),
            enabled: self.enabled,
            last_exit: ended.map(|ended| LastExit {
                code: match ended.how {
                    Some(crate::control::How::Code(code)) => Some(code),
                    _ => None,
                },
                signal: ended.how.and_then(crate::control::How::signal),
                at: ended.ago.and_then(past),
            }),
            restarts: ended.map_or(0, |ended| ended.count),
            since: ended.and_then(|ended| ended.since).and_then(past),
            next_start: ended
                .and_then(|ended| ended.next)
                .and_then(|next| instant(now.checked_add(next)?)),
            init_says: self.status.said.as_deref(),
            log: &self.log,
            origin: self.origin,
        }
    }

    fn main_pid(&self) -> Option<u32> {
        match self.status.state {
            State::Active { pid } => pid,
            _ => None,
        }
    }

    /// The sentence, and under it the last lines of the log and what the init says itself.
    /// `clock` tells what the clock on the wall showed so long ago.
    pub(super) fn text(
        &self,
        columns: Columns,
        clock: impl FnOnce(Duration) -> Option<String>,
    ) -> String {
        let mut text = columns.wrap(&format!("{}\n", self.sentence(clock)));
        // Writing to a String does not fail.
        if let Some(origin) = self.origin {
            text += &columns.wrap(&format!("  {origin}\n"));
        }
        for line in &self.log {
            let _ = writeln!(text, "  | {}", harmless(line));
        }
        if let Some(said) = &self.status.said {
            text += &columns.wrap(&format!("  {} says: {}\n", self.init, harmless(said)));
        }
        text
    }

    fn sentence(&self, clock: impl FnOnce(Duration) -> Option<String>) -> String {
        let state = match (self.status.state, self.status.is_crash_loop()) {
            (State::Active { pid: Some(pid) }, _) => format!("active, process {pid}"),
            (state, true) => format!("{state} (crash loop)"),
            (state, false) => state.to_string(),
        };
        let enabled = match self.enabled {
            Some(enabled) => enabled.to_string(),
            None => "cannot tell whether enabled".into(),
        };
        let ended = self.status.ended.as_ref();
        let ended = ended.map(|ended| format!("; {}", story(ended, clock)));
        let Self { name, init, .. } = self;
        format!(
            "{name}: {state}, {enabled} ({init}){}",
            ended.unwrap_or_default()
        )
    }
}

/// `ended 4 s ago with exit code 1, 37 times since 03:01, next start in 6 s`.
fn story(ended: &Ended, clock: impl FnOnce(Duration) -> Option<String>) -> String {
    let mut parts = Vec::new();
    if let Some(ago) = ended.ago {
        let how = ended.how.map(|how| format!(" {how}"));
        parts.push(format!(
            "ended {} ago{}",
            span(ago.as_secs()),
            how.unwrap_or_default()
        ));
    }
    if ended.count > 1 || ended.ago.is_none() {
        let since = ended.since.and_then(clock);
        let since = since.map(|since| format!(" since {since}"));
        let times = match ended.count {
            1 => "once".to_owned(),
            count => format!("{count} times"),
        };
        let began = if ended.ago.is_none() { "ended " } else { "" };
        parts.push(format!("{began}{times}{}", since.unwrap_or_default()));
    }
    if let Some(next) = ended.next {
        // Rounded up: it is not there earlier.
        let seconds = next.as_millis().div_ceil(1000);
        parts.push(format!("next start in {seconds} s"));
    }
    parts.join(", ")
}

/// In the largest unit of which there are two.
fn span(seconds: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(24 * 3600, "days"), (3600, "h"), (60, "min")];
    let unit = UNITS.iter().find(|(length, _)| seconds >= 2 * length);
    match unit {
        Some((length, unit)) => format!("{} {unit}", seconds / length),
        None => format!("{seconds} s"),
    }
}

/// A line of somebody else's, without what a terminal would obey.
fn harmless(line: &str) -> String {
    let shown = |c: char| {
        if c.is_control() && c != '\t' {
            '\u{fffd}'
        } else {
            c
        }
    };
    line.chars().map(shown).collect()
}

/// What the clock on the wall showed so long ago, with the date where that is not today's
/// last hours. date(1) knows the time zone.
pub(super) fn clock(ago: Duration) -> Option<String> {
    const HOURS: u64 = 12 * 3600;
    let then = SystemTime::now().checked_sub(ago)?;
    let seconds = then.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs();
    let format = if ago.as_secs() < HOURS {
        "+%H:%M"
    } else {
        "+%Y-%m-%d %H:%M"
    };
    let answer = quietly(&Command::new([
        "date",
        "-d",
        &format!("@{seconds}"),
        format,
    ]))
    .ok()?;
    let text = answer.stdout.trim();
    (answer.code == Some(0) && !text.is_empty()).then(|| text.to_owned())
}

/// A moment as RFC 3339 has it, in UTC.
fn instant(at: SystemTime) -> Option<String> {
    let seconds = at.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs();
    let (days, rest) = (i64::try_from(seconds / 86_400).ok()?, seconds % 86_400);
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    Some(format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
    ))
}

/// The date of a day since 1970: `civil_from_days` of Howard Hinnant's "chrono-Compatible
/// Low-Level Date Algorithms", for days that are not before that.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days / 146_097;
    let day_of_era = days - era * 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::How;

    fn shown(name: &Name, state: State, ended: Option<Ended>) -> Shown<'_> {
        Shown {
            name,
            init: "openrc",
            status: Status {
                state,
                ended,
                said: Some("* status: started".into()),
            },
            enabled: Some(Enabled::Yes),
            origin: None,
            log: vec![
                "E1129 03:07:01.123456 4242 run.go:72] \"command failed\" err=\"failed to load kubelet config file\"".into(),
                "I1129 a \u{1b}[2Jline".into(),
            ],
        }
    }

    fn crash_loop() -> Ended {
        Ended {
            how: Some(How::Code(1)),
            ago: Some(Duration::from_millis(4700)),
            count: 37,
            since: Some(Duration::from_secs(400)),
            next: Some(Duration::from_millis(5300)),
            pid: None,
        }
    }

    fn at_widths(shown: &Shown<'_>) -> String {
        let widths = [40, 80, 120];
        let text = |columns| shown.text(Columns::of_width(columns), |_| Some("03:01".into()));
        let texts = widths.map(|columns| format!("--- {columns}\n{}", text(columns)));
        texts.concat()
    }

    #[test]
    fn a_crash_loop_is_told_at_every_width() {
        let name = "kubelet".parse().unwrap();
        let shown = shown(&name, State::Activating, Some(crash_loop()));
        insta::assert_snapshot!(at_widths(&shown));
    }

    #[test]
    fn every_story_is_a_sentence() {
        let name = "kubelet".parse().unwrap();
        let once = Ended {
            count: 1,
            ..crash_loop()
        };
        let runs = Ended {
            next: None,
            ..crash_loop()
        };
        let unknown = Ended {
            how: None,
            ago: None,
            since: None,
            next: None,
            ..crash_loop()
        };
        let sentence = |state, ended| {
            let shown = shown(&name, state, ended);
            shown.sentence(|_| Some("2026-11-28 03:01".into()))
        };
        let pid = Some(4242);
        assert_eq!(
            [
                sentence(State::Active { pid }, None),
                sentence(State::Active { pid }, Some(runs)),
                sentence(State::Active { pid: None }, Some(unknown)),
                sentence(State::Activating, Some(once.clone())),
                sentence(
                    State::Inactive,
                    Some(Ended {
                        how: Some(How::Signal(9)),
                        next: None,
                        ago: Some(Duration::from_secs(9000)),
                        ..once
                    })
                ),
            ],
            [
                "kubelet: active, process 4242, enabled (openrc)",
                "kubelet: active, process 4242, enabled (openrc); ended 4 s ago with exit code 1, 37 times since 2026-11-28 03:01",
                "kubelet: active, enabled (openrc); ended 37 times",
                "kubelet: activating, enabled (openrc); ended 4 s ago with exit code 1, next start in 6 s",
                "kubelet: inactive, enabled (openrc); ended 2 h ago by signal KILL",
            ]
        );
    }

    #[test]
    fn programs_get_the_same() {
        let name = "kubelet".parse().unwrap();
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_934_408);
        let shown = shown(&name, State::Activating, Some(crash_loop()));
        let json = serde_json::to_string_pretty(&shown.as_json(now)).unwrap();
        insta::assert_snapshot!(json);
    }

    #[test]
    fn days_have_dates() {
        for (days, date) in [
            (0, (1970, 1, 1)),
            (59, (1970, 3, 1)),
            (11_016, (2000, 2, 29)),
            (20_786, (2026, 11, 29)),
        ] {
            assert_eq!(civil(days), date);
        }
    }
}
