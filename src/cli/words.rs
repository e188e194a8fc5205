//! Words that people type where another one is meant.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::hint::{Call, Hint};
use crate::rendering::quote;
use crate::service::Name;

use super::failure::Failure;

/// What `service` does, and what is often typed for it, with the words of other programs.
const OF_SERVICE: &[(&str, &str)] = &[
    ("start", "start"),
    ("stop", "stop"),
    ("restart", "restart"),
    ("reload", "reload"),
    ("daemon-reload", "daemon-reload"),
    ("reread", "daemon-reload"),
    ("enable", "enable"),
    ("disable", "disable"),
    ("status", "status"),
    ("is-active", "is-active"),
    ("is-enabled", "is-enabled"),
    ("exists", "exists"),
    ("logs", "logs"),
    ("log", "logs"),
    ("journal", "logs"),
    ("state", "status"),
    ("show", "status"),
    ("up", "start"),
    ("down", "stop"),
    ("reboot", "restart"),
    ("active", "is-active"),
    ("enabled", "is-enabled"),
];

/// What other programs call what a command of this one does.
const OF_OTHERS: &[(&str, &[&str])] = &[
    ("convert", &["import"]),
    ("delete", &["uninstall"]),
    ("doctor", &["check"]),
    ("generate", &["render"]),
    ("init", &["kubeadm", "kubelet-start"]),
    ("join", &["kubeadm", "kubelet-start", "--join"]),
    ("lint", &["check"]),
    ("purge", &["uninstall", "--purge"]),
    ("remove", &["uninstall"]),
    ("update", &["install"]),
    ("upgrade", &["install"]),
    ("validate", &["check"]),
    ("verify", &["check"]),
];

/// The verb of `service` that a word is, or stands for.
fn verb(word: &str) -> Option<&'static str> {
    let (_, verb) = OF_SERVICE.iter().find(|(typed, _)| *typed == word)?;
    Some(verb)
}

/// The verb of `service` that a word nearly is.
fn nearly(word: &str) -> Option<&'static str> {
    let verbs = OF_SERVICE.iter().filter(|(typed, verb)| typed == verb);
    let mut verbs = verbs.map(|(verb, _)| *verb);
    verbs.find(|verb| strsim::osa_distance(word, verb) == 1)
}

/// The words with `version` as other programs take it.
pub(super) fn usual(mut words: Vec<OsString>) -> Vec<OsString> {
    if words.len() == 2 && words[1] == "version" {
        words[1] = "--version".into();
    }
    words
}

/// What is said of a verb of `service` without that word, and of what other programs call a
/// command.
pub(super) fn of_service(words: &[OsString]) -> Option<Failure> {
    let (of, at) = match words.get(1)?.to_str()? {
        "kubeadm" => ("`kubelet-unit kubeadm`", 2),
        _ => ("kubelet-unit", 1),
    };
    let word = words.get(at)?.to_str()?;
    let called = if let Some(verb) = verb(word).filter(|_| at == 1) {
        Call::new("service").word(verb)
    } else {
        let (_, meant) = OF_OTHERS.iter().find(|(typed, _)| *typed == word)?;
        if at == 2 && meant[0] != "kubeadm" {
            return None;
        }
        let (first, rest) = meant.split_first()?;
        rest.iter().copied().fold(Call::new(first), Call::word)
    };
    let rest = words[at + 1..].iter().filter_map(|word| word.to_str());
    let hint = Hint::text("did you mean ").and_call(rest.fold(called, Call::word));
    Some(Failure::usage(format!("`{word}` is not a command of {of}")).hint(hint.and("?")))
}

/// What is said of words that clap did not take, where it is known what was meant.
pub(super) fn of(error: &clap::Error, tree: &clap::Command, words: &[OsString]) -> Option<Failure> {
    of_command(error, words)
        .or_else(|| of_verb(error, words))
        .or_else(|| of_letter(error, words))
        .or_else(|| of_help(error, tree, words))
        .or_else(|| of_value(error, tree, words))
}

/// Without clap's tip to pass an option as a value: no value of ours begins with a dash.
pub(super) fn without_wrong_tip(mut error: clap::Error) -> clap::Error {
    let is_wrong = |tip: &StyledStr| tip.to_string().starts_with("to pass '");
    if let Some(ContextValue::StyledStrs(tips)) = error.get(ContextKind::Suggested)
        && tips.iter().all(is_wrong)
    {
        error.remove(ContextKind::Suggested);
    }
    error
}

/// What is said of a command in the place of a verb of `service`.
fn of_command(error: &clap::Error, words: &[OsString]) -> Option<Failure> {
    let [_, service, command, rest @ ..] = words else {
        return None;
    };
    let is_command = error.kind() == ErrorKind::InvalidSubcommand && service == "service";
    let command = super::Command::find(command).filter(|it| is_command && it.name != "service")?;
    let rest = rest.iter().map(|word| word.to_str());
    let rest: Vec<&str> = rest.collect::<Option<_>>()?;
    let call = Call::new(command.name);
    // The name of a service would be something else there.
    let call = match rest.first() {
        Some(word) if word.starts_with('-') => rest.into_iter().fold(call, Call::word),
        _ => call,
    };
    let hint = Hint::text("did you mean ").and_call(call).and("?");
    let failure = Failure::usage(format!("`{}` is not a verb of `service`", command.name));
    Some(failure.hint(hint))
}

/// What is said of a command that is mistyped after `help`, for which clap has no tip.
fn of_help(error: &clap::Error, tree: &clap::Command, words: &[OsString]) -> Option<Failure> {
    let [_, help, word, ..] = words else {
        return None;
    };
    if help != "help" || error.kind() != ErrorKind::InvalidSubcommand {
        return None;
    }
    let word = word.to_str()?;
    let known = tree.get_subcommands().map(clap::Command::get_name);
    let hint = match verb(word) {
        Some(verb) => Hint::text("did you mean ")
            .and_call(Call::new("help").word("service").word(verb))
            .and("?"),
        None => Hint::nearest(word, known)?,
    };
    Some(Failure::of_command_line(error).hint(hint))
}

/// What is said of `-v` where there is none: elsewhere it means the version, or more details.
fn of_letter(error: &clap::Error, words: &[OsString]) -> Option<Failure> {
    let is_unknown = error.kind() == ErrorKind::UnknownArgument;
    let unknown = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(word)) if is_unknown => word.as_str(),
        _ => return None,
    };
    let version = || {
        Hint::text("did you mean ")
            .and_call(Call::new("--version"))
            .and("?")
    };
    let hint = match (unknown, words.len()) {
        ("-v", 2) | ("-V" | "--version", _) => version(),
        ("-v" | "--verbose", _) => {
            Hint::text("`--verbose` is an option of `render`, `install` and `detect` alone")
        }
        _ => return None,
    };
    Some(Failure::of_command_line(error).hint(hint))
}

/// What is said where the verb of `service` is missing, or stands behind the service's name,
/// and where the name got an option's dashes.
fn of_verb(error: &clap::Error, words: &[OsString]) -> Option<Failure> {
    if words.get(1)? != "service" {
        return None;
    }
    let rest = words[2..].iter().map(|word| word.to_str());
    let mut rest: Vec<&str> = rest.collect::<Option<_>>()?;
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let _: Name = rest.first()?.parse().ok()?;
        }
        ErrorKind::UnknownArgument if rest.contains(&"--name") => {
            rest.retain(|word| *word != "--name");
        }
        _ => return None,
    }
    let bare = |word: &str| verb(word.trim_start_matches('-')).or_else(|| nearly(word));
    let at = rest.iter().position(|word| bare(word).is_some());
    let verb = match at {
        Some(at) if at > 0 || verb(rest[0]).is_some() => bare(rest.remove(at))?,
        // What is nearly a verb is one that was mistyped, which clap says.
        Some(_) => return None,
        None => "status",
    };
    let call = Call::new("service").word(verb);
    let call = rest.into_iter().fold(call, Call::word);
    let hint = Hint::text("did you mean ").and_call(call).and("?");
    Some(Failure::of_command_line(error).hint(hint))
}

/// What is said of a value without its option, where the command has one that takes it.
fn of_value(error: &clap::Error, tree: &clap::Command, words: &[OsString]) -> Option<Failure> {
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
    let is_unknown = error.kind() == ErrorKind::UnknownArgument && !word.starts_with('-');
    let option = is_unknown.then(|| option_of(command, word)).flatten()?;
    let option = format!("--{option} {}", quote::sh(word));
    Some(Failure::of_command_line(error).hint(Hint::did_you_mean(&option)))
}

/// The option of a command that a word without one was probably meant for: a folder for
/// `--root`, a file of YAML for what reads such, and one of the values of any other.
fn option_of<'c>(command: &'c clap::Command, word: &str) -> Option<&'c str> {
    let has = |name: &'static str| {
        let mut arguments = command.get_arguments();
        arguments.any(|it| it.get_id() == name && !it.is_hide_set())
    };
    let path = Path::new(word);
    if path.is_dir() {
        return has("root").then_some("root");
    }
    if path.is_file()
        && path
            .extension()
            .is_some_and(|end| end == "yaml" || end == "yml")
    {
        let mut files = ["config", "nodes", "spec"]
            .into_iter()
            .filter(|name| has(name));
        return match (files.next(), files.next()) {
            (Some("nodes"), Some(_)) if !is_list(path) => Some("spec"),
            (first, _) => first,
        };
    }
    let word = word.to_ascii_lowercase();
    let takes = |argument: &&clap::Arg| {
        let values = argument.get_possible_values();
        !argument.is_positional() && values.iter().any(|value| value.matches(&word, true))
    };
    command.get_arguments().find(takes)?.get_long()
}

/// Whether a file of YAML begins with a list, as inventories do.
fn is_list(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(64 * 1024).read_to_end(&mut start));
    let text = String::from_utf8_lossy(&start);
    let mut lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with(['#', '%']));
    read.is_ok()
        && lines
            .find(|line| *line != "---")
            .is_some_and(|line| line.starts_with('-'))
}
