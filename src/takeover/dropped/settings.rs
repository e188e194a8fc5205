//! Settings of a unit, of a section of supervisord, of a description of dinit, and entries of inittab.

use super::script::Walk;
use super::{File, Hint, Statement};
use crate::envfile::Position;
use crate::shipped::{LiteralWord, Quoting};

/// Keys that say what is started, which is moved, or that only people read.
const MOVED: [&str; 5] = [
    "Description",
    "Documentation",
    "process_name",
    "type",
    "Type",
];

/// What is lost of such a file.
pub(super) fn statements(file: &File<'_>) -> Vec<Statement> {
    let mut found = Vec::new();
    let mut section = String::new();
    let own = format!("program:{}", file.scene.name);
    for (line, text) in file.lines() {
        if let Some(head) = text.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
            head.trim().clone_into(&mut section);
            continue;
        }
        let Some((key, value)) = text.split_once(['=', ':']) else {
            continue;
        };
        let (key, value) = (key.trim(), value.trim());
        let of_other = section.contains(':') && section != own;
        if of_other || section == "Install" || MOVED.contains(&key) || value.is_empty() {
            continue;
        }
        found.extend(statement(file, line, key, value, &section));
    }
    found
}

fn statement(
    file: &File<'_>,
    line: usize,
    key: &str,
    value: &str,
    section: &str,
) -> Vec<Statement> {
    let is_passed = |name: &str| file.scene.line.names.iter().any(|it| it == name);
    let moved = |name: &str| {
        let mut arguments = file.scene.line.arguments.iter();
        is_passed(name) || arguments.any(|it| it.variable.as_deref() == Some(name))
    };
    let reads = |path: &str| file.scene.lines.iter().any(|line| names(line, path));
    let (text, hint) = match key {
        // Where the init does not start the service, nothing of it is moved.
        "ExecStart" | "command" if !file.scene.line.arguments.is_empty() => {
            return of_command(file, line, value, section == "Service");
        }
        "EnvironmentFile" | "env-file" if reads(value.trim_start_matches('-')) => {
            return Vec::new();
        }
        // The values may be secret.
        "Environment" => {
            let mut names = variables(value);
            names.retain(|name| !moved(name));
            if names.is_empty() {
                return Vec::new();
            }
            (format!("Environment={}", names.join(" ")), Hint::EnvFile)
        }
        "environment" => ("environment".to_owned(), Hint::EnvFile),
        key => (
            format!("{key}={value}"),
            match section {
                "Unit" | "Service" => Hint::DropIn,
                _ => Hint::Text("a spec may have a key for it; `kubelet-unit spec` prints one"),
            },
        ),
    };
    vec![Statement::new(file.path, line, text, hint)]
}

/// What a command line has before the program of the service.
fn of_command(file: &File<'_>, line: usize, value: &str, is_unit: bool) -> Vec<Statement> {
    // What systemd is told of the command itself.
    let value = value.trim_start_matches(['-', '@', ':', '+', '!', '|']);
    let words = COMMAND.words(value, Position { line, column: 1 });
    let words: Vec<_> = words.into_iter().map(|it| (it.text, line)).collect();
    let mut found = Walk::new(file.scene, file.path).line(&words);
    for it in &mut found {
        // A unit has more words for it than a spec.
        if is_unit && matches!(it.hint, Hint::Spec(_)) {
            it.hint = Hint::DropIn;
        }
    }
    found
}

/// What entries of inittab have before the program of the service.
pub(super) fn of_entries(file: &File<'_>) -> Vec<Statement> {
    let entry = |(line, text): (usize, String)| {
        let process = text
            .splitn(4, ':')
            .nth(3)?
            .trim_start_matches(['@', '+'])
            .to_owned();
        Some(of_command(file, line, &process, false))
    };
    file.lines().filter_map(entry).flatten().collect()
}

/// Whether a line has a path that is not the beginning of another one.
fn names(line: &str, path: &str) -> bool {
    let goes_on = |c: char| c.is_ascii_alphanumeric() || "-._/".contains(c);
    let mut found = line.match_indices(path);
    found.any(|(at, _)| !line[at + path.len()..].starts_with(goes_on))
}

/// How those of a command line are.
const COMMAND: Quoting = Quoting {
    single: true,
    comments: false,
    goes_on: true,
    mark: None,
};

/// How the words of `Environment=` are quoted.
const QUOTING: Quoting = Quoting {
    single: true,
    comments: false,
    goes_on: false,
    mark: None,
};

/// The names of variables that a line sets, each word `NAME=VALUE`, in quotes or not.
fn variables(value: &str) -> Vec<String> {
    let words = QUOTING.words(value, Position { line: 1, column: 1 });
    let name = |word: &LiteralWord| Some(word.text.split_once('=')?.0.to_owned());
    words.iter().filter_map(name).collect()
}
