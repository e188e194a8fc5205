//! What a unit says of the time before a service starts and after it has ended.

use serde::Serialize;

use super::Setting;
use crate::service::{CommandLine, Reload, Service};

/// A command: its directive, and its words with what `$` means in them.
#[derive(Serialize)]
pub(super) struct Command {
    key: &'static str,
    words: Vec<String>,
}

/// The lines with commands other than `ExecStart=`.
pub(super) fn commands(service: &Service) -> Vec<Command> {
    let life = &service.life;
    let of = |key, commands: &[CommandLine]| -> Vec<Command> {
        let words = commands.iter().map(CommandLine::words);
        words.map(|words| Command { key, words }).collect()
    };
    let reload = match &life.reload {
        None => Vec::new(),
        Some(Reload::Commands(commands)) => of("ExecReload", commands),
        Some(Reload::Signal(signal)) => vec![Command {
            key: "ExecReload",
            words: vec!["/bin/kill".into(), format!("-{signal}"), "$MAINPID".into()],
        }],
    };
    [
        of("ExecStartPre", &life.pre_start),
        of("ExecStartPost", &life.post_start),
        reload,
        of("ExecStop", &service.stop.commands),
        of("ExecStopPost", &life.post_stop),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The conditions of `[Unit]`.
pub(super) fn conditions(service: &Service) -> Vec<Setting> {
    let conditions = service.life.conditions.iter();
    conditions
        .map(|condition| Setting::new(condition.check.directive(), condition.to_string()))
        .collect()
}
