//! What the launcher is asked for.

use std::ffi::OsString;

use nix::unistd::Pid;

use super::clock::Moment;
use super::commands::Kind;

/// The verbs as the command line takes them.
pub(crate) const VERBS: &str = "`stop [PID]`, `end`, `finish FLOOR [STATUS]`, `respawn`, `supervise [once | again | tell] [ready]`, `reload`, `start PARENT`";

/// What the launcher is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verb {
    /// No verb: a start. `start PARENT`, which `supervise` starts: one that ends if
    /// that process has ended.
    Start(Option<Pid>),
    /// `stop [PID]`: a stop begins.
    Stop(Option<Pid>),
    /// `end`: the service is to be down.
    End,
    /// `finish FLOOR [STATUS]`: a service has ended; when may the next start be?
    Finish {
        /// How long the supervisor itself waits, in hundredths of a second.
        floor: u64,
        /// The exit code, 256 + N for signal N, where the supervisor says it.
        status: Option<u32>,
    },
    /// `respawn`: a start that may come after a crash.
    Respawn,
    /// `supervise [once | again | tell] [ready]`: stays the parent, and writes a line to descriptor 3
    /// when the service has said that it is ready.
    Supervise(Supervised, bool),
    /// `reload`: the service reads its configuration again.
    Reload,
    /// `run KIND NUMBER [NAME=VALUE…]`, our own: becomes a command beside the service.
    Run(Kind, usize, Vec<String>),
    /// `wait DEADLINE [PID STARTED]`, our own: what a stop of that start leaves behind.
    Wait {
        /// When KILL follows.
        deadline: Moment,
        /// PID and start time of the start.
        target: Option<(Pid, u64)>,
    },
}

/// What is the supervisor's, where the launcher stays the parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Supervised {
    /// Nothing but the launcher.
    Whole,
    /// The next start.
    Once,
    /// A start after an end that is on purpose, or for good: it would come too late after others.
    Again,
    /// Nothing, but it starts again whatever ends, and has to be told.
    Tell,
}

impl Supervised {
    /// Whether `finish` comes after the launcher, and decides what follows.
    pub(super) fn has_finish(self) -> bool {
        matches!(self, Self::Once | Self::Again)
    }
}

impl Verb {
    /// The verb in these words; `None` if there is none.
    pub(crate) fn parse(words: &[OsString]) -> Option<Self> {
        let words: Option<Vec<&str>> = words.iter().map(|word| word.to_str()).collect();
        Some(match words?[..] {
            [] => Self::Start(None),
            ["start", parent] => Self::Start(Some(process(parent)?)),
            // A supervisor that knows of no process gives an empty word.
            ["stop"] | ["stop", ""] => Self::Stop(None),
            ["stop", pid] => Self::Stop(Some(process(pid)?)),
            ["end"] => Self::End,
            ["finish", floor] => Self::Finish {
                floor: floor.parse().ok()?,
                status: None,
            },
            ["finish", floor, status] => Self::Finish {
                floor: floor.parse().ok()?,
                status: Some(status.parse().ok()?),
            },
            ["respawn"] => Self::Respawn,
            ["supervise", ref words @ ..] => {
                let (words, is_told) = match words {
                    [words @ .., "ready"] => (words, true),
                    words => (words, false),
                };
                let what = match words {
                    [] => Supervised::Whole,
                    ["once"] => Supervised::Once,
                    ["again"] => Supervised::Again,
                    ["tell"] => Supervised::Tell,
                    _ => return None,
                };
                Self::Supervise(what, is_told)
            }
            ["reload"] => Self::Reload,
            ["run", kind, number, ref variables @ ..] => {
                let variables = variables.iter().map(|it| (*it).to_owned()).collect();
                Self::Run(Kind::of(kind)?, number.parse().ok()?, variables)
            }
            ["wait", deadline] => Self::Wait {
                deadline: deadline.parse().ok()?,
                target: None,
            },
            ["wait", deadline, pid, started] => Self::Wait {
                deadline: deadline.parse().ok()?,
                target: Some((process(pid)?, started.parse().ok()?)),
            },
            _ => return None,
        })
    }
}

/// A single process: 0 and what is negative are groups to `kill(2)`.
fn process(text: &str) -> Option<Pid> {
    let number: i32 = text.parse().ok()?;
    (number > 0).then(|| Pid::from_raw(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &str) -> Option<Verb> {
        let words: Vec<_> = words.split(' ').map(OsString::from).collect();
        Verb::parse(&words)
    }

    #[test]
    fn verbs_are_those_of_the_sh_launcher() {
        assert_eq!(Verb::parse(&[]), Some(Verb::Start(None)));
        assert_eq!(parse("start 7"), Some(Verb::Start(Some(Pid::from_raw(7)))));
        for (words, verb) in [
            ("stop", Verb::Stop(None)),
            ("stop ", Verb::Stop(None)),
            ("stop 12", Verb::Stop(Some(Pid::from_raw(12)))),
            ("end", Verb::End),
            ("respawn", Verb::Respawn),
            ("reload", Verb::Reload),
            (
                "run postStop 1 A=b",
                Verb::Run(Kind::PostStop, 1, vec!["A=b".into()]),
            ),
            ("supervise", Verb::Supervise(Supervised::Whole, false)),
            ("supervise once", Verb::Supervise(Supervised::Once, false)),
            (
                "supervise again ready",
                Verb::Supervise(Supervised::Again, true),
            ),
            ("supervise tell", Verb::Supervise(Supervised::Tell, false)),
            ("supervise ready", Verb::Supervise(Supervised::Whole, true)),
            (
                "supervise once ready",
                Verb::Supervise(Supervised::Once, true),
            ),
        ] {
            assert_eq!(parse(words), Some(verb), "{words}");
        }
        let finish = |floor, status| Some(Verb::Finish { floor, status });
        assert_eq!(parse("finish 0"), finish(0, None));
        assert_eq!(parse("finish 100 143"), finish(100, Some(143)));
    }

    #[test]
    fn anything_else_is_none() {
        for words in [
            "start",
            "",
            "stop -1",
            "stop 0",
            "stop 1 2",
            "finish",
            "finish x",
            "finish 0 -1",
            "end now",
            "supervise twice",
            "supervise ready once",
            "reload now",
            "run",
            "run start 0",
            "run preStart x",
        ] {
            assert_eq!(parse(words), None, "{words:?}");
        }
    }
}
