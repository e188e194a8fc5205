//! Words that people type where another one is meant.

use std::ffi::OsString;
use std::path::Path;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::hint::{Call, Hint};
use crate::rendering::quote;

use super::failure::Failure;

/// What `service` does, and what is often typed for it.
const OF_SERVICE: &[(&str, &str)] = &[
    ("start", "start"),
    ("stop", "stop"),
    ("restart", "restart"),
    ("reload", "reload"),
    ("enable", "enable"),
    ("disable", "disable"),
    ("status", "status"),
    ("is-active", "is-active"),
    ("is-enabled", "is-enabled"),
    ("exists", "exists"),
    ("logs", "logs"),
    ("log", "logs"),
];

/// The words with `version` as other programs take it.
pub(super) fn usual(mut words: Vec<OsString>) -> Vec<OsString> {
    if words.len() == 2 && words[1] == "version" {
        words[1] = "--version".into();
    }
    words
}

/// What is said of a verb of `service` without that word.
pub(super) fn of_service(words: &[OsString]) -> Option<Failure> {
    let word = words.get(1)?.to_str()?;
    let (_, verb) = OF_SERVICE.iter().find(|(typed, _)| *typed == word)?;
    let rest = words[2..].iter().filter_map(|word| word.to_str());
    let call = rest.fold(Call::new("service").word(*verb), Call::word);
    let hint = Hint::text("did you mean ").and_call(call).and("?");
    Some(Failure::usage(format!("`{word}` is not a command of kubelet-unit")).hint(hint))
}

/// What is said of a folder without `--root`, where the command has that.
pub(super) fn of_tree(
    error: &clap::Error,
    tree: &clap::Command,
    words: &[OsString],
) -> Option<Failure> {
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidArg) else {
        return None;
    };
    let mut command = tree;
    for word in words.iter().skip(1) {
        match command.find_subcommand(word) {
            Some(sub) => command = sub,
            None => break,
        }
    }
    let has_root = command
        .get_arguments()
        .any(|argument| argument.get_id() == "root" && !argument.is_hide_set());
    let is_meant = error.kind() == ErrorKind::UnknownArgument && Path::new(word).is_dir();
    let option = format!("--root {}", quote::sh(word));
    (has_root && is_meant)
        .then(|| Failure::of_command_line(error).hint(Hint::did_you_mean(&option)))
}
