//! What the sh launcher's template sees of a service.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::backends::Request;
use crate::rendering::template::Source;
use crate::service::specifiers::{HostPart, host_parts};
use crate::service::{
    Argument, Bound, CommandLine, Ends, OomScoreAdjust, Piece, Policy, Reload, Resource, Restart,
    Service, Span,
};

use crate::sorting;

use super::process::{self, Process};

#[derive(Serialize)]
pub(super) struct Data<'a> {
    service: &'a str,
    program: &'a str,
    stop_signal: &'static str,
    /// In hundredths of a second, as every time in the launcher.
    stop_timeout: u64,
    restart_delay: u64,
    /// Where its starts are counted.
    limit: Option<Limit>,
    /// Where it matters how the service ended.
    ending: Option<Ending>,
    path: &'a str,
    environment: Vec<Variable<'a>>,
    specifiers: bool,
    env_files: Vec<EnvFile<'a>>,
    /// Every variable that an argument uses, once.
    names: BTreeSet<&'a str>,
    words: Vec<Word<'a>>,
    oom_score_adjust: i16,
    limits: Vec<ShLimit>,
    process: Process<'a>,
    conditions: Vec<ShCondition<'a>>,
    pre_start_count: usize,
    pre_starts: Vec<ShCommand<'a>>,
    reload_signal: Option<&'static str>,
}

/// How many starts there may be within a time.
#[derive(Serialize)]
struct Limit {
    starts: u32,
    within: u64,
}

/// A condition on a path.
#[derive(Serialize)]
struct ShCondition<'a> {
    check: &'static str,
    not: &'static str,
    path: &'a str,
}

/// A command with its program.
#[derive(Serialize)]
struct ShCommand<'a> {
    ignores_failure: bool,
    words: Vec<Word<'a>>,
}

impl<'a> ShCommand<'a> {
    fn new(command: &'a CommandLine, of_host: bool) -> Self {
        let program = Word {
            split: None,
            pieces: vec![ShPiece::text(command.program.as_str())],
        };
        let arguments = command.arguments.iter().map(|it| word(it, of_host));
        Self {
            ignores_failure: command.ignores_failure,
            words: std::iter::once(program).chain(arguments).collect(),
        }
    }
}

/// After which ends there is a next start, as words.
#[derive(Serialize)]
struct Ending {
    restart_on: &'static str,
    clean: String,
    force: String,
    prevent: String,
}

impl Ending {
    fn new(restart: &Restart) -> Self {
        let words =
            |ends: &Ends| -> Vec<_> { ends.iter().map(|end| end.status().to_string()).collect() };
        // Exit code 0, and HUP, INT, PIPE and TERM (`systemd.service(5)`, `Restart=`).
        let mut clean = ["0", "257", "258", "269", "271"].map(String::from).to_vec();
        clean.extend(words(&restart.success_exit_status));
        Self {
            restart_on: match restart.policy {
                Policy::Always => "success exit-code signal",
                Policy::OnSuccess => "success",
                Policy::OnFailure => "exit-code signal",
                // What sh starts has no time limit that could end it.
                Policy::OnAbnormal | Policy::OnAbort => "signal",
                Policy::Never => "",
            },
            clean: clean.join(" "),
            force: words(&restart.force_exit_status).join(" "),
            prevent: words(&restart.prevent_exit_status).join(" "),
        }
    }
}

#[derive(Serialize)]
struct Variable<'a> {
    name: &'a str,
    pieces: Vec<ShPiece<'a>>,
}

#[derive(Serialize)]
struct EnvFile<'a> {
    path: &'a str,
    /// The path, where it is a pattern.
    pattern: Option<&'a str>,
    optional: bool,
}

#[derive(Serialize)]
struct Word<'a> {
    split: Option<&'a str>,
    pieces: Vec<ShPiece<'a>>,
}

#[derive(Serialize)]
struct ShPiece<'a> {
    variable: Option<&'a str>,
    /// A specifier.
    host: Option<char>,
    text: Option<&'a str>,
}

impl<'a> ShPiece<'a> {
    fn text(text: &'a str) -> Self {
        Self {
            variable: None,
            host: None,
            text: Some(text),
        }
    }

    /// What a text is put together from; without specifiers it stands for itself.
    fn of_text(text: &'a str, of_host: bool) -> Vec<Self> {
        let parts = of_host.then(|| host_parts(text).ok()).flatten();
        let Some(parts) = parts else {
            return vec![Self::text(text)];
        };
        let parts = parts.into_iter().map(|part| match part {
            HostPart::Text(text) => Self::text(text),
            HostPart::Host(specifier) => Self {
                variable: None,
                host: Some(specifier),
                text: None,
            },
        });
        parts.collect()
    }
}

#[derive(Serialize)]
struct ShLimit {
    resource: &'static str,
    soft: String,
    hard: String,
    /// Empty where it is not the same in every shell.
    letter: &'static str,
}

impl<'a> Data<'a> {
    pub(super) fn new(request: &Request<'a>) -> Self {
        let service = request.service;
        Self {
            service: service.name.as_str(),
            program: service.program.as_str(),
            stop_signal: service.stop.signal.name(),
            stop_timeout: hundredths(super::stop_timeout(service)),
            restart_delay: hundredths(service.restart.delay),
            limit: service.restart.reachable_limit().map(|limit| Limit {
                starts: limit.starts,
                within: hundredths(limit.within),
            }),
            ending: super::parts::needs_ends(service).then(|| Ending::new(&service.restart)),
            path: request.places.distro.path,
            environment: service
                .environment
                .iter()
                .map(|set| Variable {
                    name: set.name.as_str(),
                    pieces: ShPiece::of_text(set.value.as_str(), service.specifiers),
                })
                .collect(),
            specifiers: service.specifiers,
            env_files: service
                .env_files
                .iter()
                .map(|file| EnvFile {
                    path: file.path.as_str(),
                    pattern: file.is_pattern.then_some(file.path.as_str()),
                    optional: file.optional,
                })
                .collect(),
            names: sorting::set(
                service
                    .life
                    .pre_start
                    .iter()
                    .flat_map(|command| &command.arguments)
                    .chain(&service.arguments)
                    .flat_map(names),
            ),
            words: service
                .arguments
                .iter()
                .map(|it| word(it, service.specifiers))
                .collect(),
            oom_score_adjust: service
                .limits
                .oom_score_adjust
                .map_or(0, OomScoreAdjust::score),
            limits: limits(service),
            process: Process::new(service),
            conditions: service
                .life
                .conditions
                .iter()
                .map(|condition| ShCondition {
                    check: condition.check.key(),
                    not: if condition.is_negated { "!" } else { "" },
                    path: &condition.value,
                })
                .collect(),
            pre_start_count: service.life.pre_start.len(),
            pre_starts: service
                .life
                .pre_start
                .iter()
                .map(|it| ShCommand::new(it, service.specifiers))
                .collect(),
            reload_signal: match &service.life.reload {
                Some(Reload::Signal(signal)) => Some(signal.name()),
                _ => None,
            },
        }
    }

    /// The templates. Reading them is most of what a `render` does, so that of a part which
    /// this service does not have the text is left out.
    pub(super) fn templates(&self) -> [Source; 5] {
        let part = |name, is_there, text| (name, if is_there { text } else { "" });
        let [conditions, pre_start, state] = [
            include_str!("service-conditions.sh"),
            include_str!("service-pre-start.sh"),
            include_str!("service-state.sh"),
        ];
        [
            ("service", include_str!("service.sh")),
            ("word", include_str!("word.sh")),
            part("conditions", !self.conditions.is_empty(), conditions),
            part("pre-start", !self.pre_starts.is_empty(), pre_start),
            part("state", self.process.is_said, state),
        ]
    }
}

/// Rounded up: a delay or a timeout never ends early.
fn hundredths(span: Span) -> u64 {
    span.milliseconds().div_ceil(10)
}

fn names(argument: &Argument) -> Vec<&str> {
    match argument {
        Argument::Split(name) => vec![name.as_str()],
        Argument::Word(pieces) => pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Variable(name) => Some(name.as_str()),
                Piece::Text(_) => None,
            })
            .collect(),
    }
}

fn word(argument: &Argument, of_host: bool) -> Word<'_> {
    match argument {
        Argument::Split(name) => Word {
            split: Some(name.as_str()),
            pieces: Vec::new(),
        },
        Argument::Word(pieces) => Word {
            split: None,
            pieces: pieces.iter().flat_map(|it| piece(it, of_host)).collect(),
        },
    }
}

fn piece(piece: &Piece, of_host: bool) -> Vec<ShPiece<'_>> {
    match piece {
        Piece::Text(text) => ShPiece::of_text(text, of_host),
        Piece::Variable(name) => vec![ShPiece {
            variable: Some(name.as_str()),
            host: None,
            text: None,
        }],
    }
}

/// The limits, in the units of `ulimit`.
fn limits(service: &Service) -> Vec<ShLimit> {
    let mut limits = service.limits;
    let nofile = limits.nofile();
    limits.set(Resource::Nofile, None);
    // The last: it may leave too few for the shell to redirect anything.
    let all = limits.said().chain([(Resource::Nofile, nofile)]);
    all.filter_map(|(resource, limit)| {
        let (letter, unit) = process::letter(resource, limit).ok()?;
        Some(ShLimit {
            resource: resource.key(),
            soft: bound(limit.soft, unit),
            hard: bound(limit.hard, unit),
            letter,
        })
    })
    .collect()
}

fn bound(bound: Bound, unit: u64) -> String {
    match bound {
        Bound::At(number) => (number / unit).to_string(),
        Bound::Infinity => "unlimited".into(),
    }
}
