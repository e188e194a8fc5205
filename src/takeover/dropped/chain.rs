//! Programs that stand before the one of a service and become it.

use super::options::{of_chpst, of_daemon};
use super::tables::{NO_PLACE, is_of_starting, of_command};
use super::{Hint, Statement};
use crate::shipped::chain_link;

/// A word of a command line, and its line.
pub(super) type Placed = (String, usize);

/// What stands before the program of a command line, as it is lost, and the words of the program;
/// `other` is where commands go that run before it.
pub(super) fn before<'a>(
    words: &'a [Placed],
    path: &str,
    other: Hint,
) -> (Vec<Statement>, &'a [Placed]) {
    let known: Vec<_> = words.iter().map(|(text, _)| Some(text.clone())).collect();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(length) = chain_link(known.get(at..).unwrap_or_default()) {
        let end = (at + length).min(words.len());
        let (name, line) = &words[at];
        let own: Vec<_> = words[at + 1..end].iter().map(|it| it.0.clone()).collect();
        let lost = of_link(base(name), &own, other).into_iter();
        found.extend(lost.map(|(text, hint)| Statement::new(path, *line, text, hint)));
        at = end;
    }
    (found, &words[at..])
}

fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// What one of them does, each with where that is said now.
fn of_link(name: &str, own: &[String], other: Hint) -> Vec<(String, Hint)> {
    let first = own.first().cloned().unwrap_or_default();
    match name {
        _ if is_of_starting(name) => Vec::new(),
        "env" | "s6-env" => of_env(name, own),
        // Their values may be secret.
        "export" => vec![(first, Hint::EnvFile)],
        "chpst" => {
            let found = of_chpst(own).into_iter();
            let lost = found.filter_map(|it| Some((format!("{name} {}", it.text()), it.hint()?)));
            lost.collect()
        }
        "redirfd" if own.iter().any(|it| it == "/dev/null") => Vec::new(),
        "foreground" | "if" | "background" => {
            let inside = own.iter().skip_while(|it| *it != "{").skip(1);
            let mut inside: Vec<_> = inside.cloned().collect();
            inside.pop();
            vec![(inside.join(" "), other)]
        }
        _ => {
            let text = format!("{name} {}", own.join(" "));
            let hint = of_command(name).map_or(NO_PLACE, Hint::Spec);
            vec![(text.trim_end().to_owned(), hint)]
        }
    }
}

/// Variables by their names, and options as they are.
fn of_env(name: &str, own: &[String]) -> Vec<(String, Hint)> {
    let mut found = Vec::new();
    let mut words = own.iter();
    while let Some(word) = words.next() {
        match word.split_once('=') {
            Some((variable, _)) if !word.starts_with('-') => {
                found.push((variable.to_owned(), Hint::EnvFile));
            }
            _ if ["-u", "-C"].contains(&word.as_str()) => {
                let value = words.next().cloned().unwrap_or_default();
                let hint = match word.as_str() {
                    "-C" => Hint::Spec("workingDirectory"),
                    _ => NO_PLACE,
                };
                found.push((format!("{name} {word} {value}"), hint));
            }
            _ if word == "--" => {}
            _ => found.push((format!("{name} {word}"), NO_PLACE)),
        }
    }
    found
}

/// What a call of start-stop-daemon, or of supervise-daemon, says beside what it starts; output
/// that goes where `is_ours` says is none of it.
pub(super) fn of_call(
    name: &str,
    own: &[String],
    is_ours: impl Fn(&str) -> bool,
) -> Vec<(String, Hint)> {
    let found = of_daemon(own).into_iter();
    let lost = found.filter_map(|it| {
        let hint = it.hint()?;
        let is_log = matches!(hint, Hint::Spec("log"));
        if is_log && it.value.as_deref().is_some_and(&is_ours) {
            return None;
        }
        let variable = it.value.as_deref().and_then(|it| it.split_once('='));
        Some(match (hint, variable) {
            (Hint::EnvFile, Some((variable, _))) => (variable.to_owned(), hint),
            _ => (format!("{name} {}", it.text()), hint),
        })
    });
    lost.collect()
}
