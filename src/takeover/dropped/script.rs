//! Statements of a script, be it a shell's or execline's.

use super::{File, Hint, Statement};

/// What only parts others, or says what every service does.
const STRUCTURE: [&str; 16] = [
    "{", "}", "(", ")", "if", "then", "else", "elif", "fi", "case", "esac", "do", "done", ";;",
    "set", ":",
];

/// Variables that say how the old service was supervised and called, which ours does by itself.
const OF_THE_OLD: [&str; 9] = [
    "command",
    "command_args",
    "command_args_foreground",
    "command_args_background",
    "command_background",
    "description",
    "name",
    "pidfile",
    "supervisor",
];

/// Commands with a key of a spec.
const KEYS: [(&str, &str); 21] = [
    ("ulimit", "limits"),
    ("softlimit", "limits"),
    ("s6-softlimit", "limits"),
    ("prlimit", "limits"),
    ("umask", "umask"),
    ("s6-umask", "umask"),
    ("execline-umask", "umask"),
    ("nice", "nice"),
    ("renice", "nice"),
    ("ionice", "ioClass"),
    ("cd", "workingDirectory"),
    ("s6-cd", "workingDirectory"),
    ("execline-cd", "workingDirectory"),
    ("s6-setuidgid", "user"),
    ("setuidgid", "user"),
    ("chpst", "limits"),
    ("need", "needs"),
    ("want", "wants"),
    ("use", "wants"),
    ("after", "after"),
    ("before", "before"),
];

/// Commands that name other services.
const ORDER: [&str; 5] = ["after", "before", "need", "use", "want"];

/// Variables of OpenRC with a key of a spec.
const VARIABLES: [(&str, &str); 12] = [
    ("command_user", "user"),
    ("directory", "workingDirectory"),
    ("error_log", "log"),
    ("healthcheck_delay", "preStart"),
    ("nicelevel", "nice"),
    ("output_log", "log"),
    ("rc_ulimit", "limits"),
    ("respawn_delay", "restart.delay"),
    ("respawn_max", "restart.limit"),
    ("respawn_period", "restart.limit"),
    ("retry", "stop"),
    ("stopsig", "stop.signal"),
];

/// Functions with a key of a spec.
const FUNCTIONS: [(&str, &str); 6] = [
    ("start_pre", "preStart"),
    ("start_post", "postStart"),
    ("stop_pre", "stop"),
    ("stop_post", "postStop"),
    ("reload", "reload"),
    ("stop", "stop"),
];

fn key(table: &[(&str, &'static str)], name: &str) -> Option<&'static str> {
    let row = table.iter().find(|(it, _)| *it == name);
    row.map(|(_, key)| *key)
}

/// What is lost of a script.
pub(super) fn statements(file: &File<'_>) -> Vec<Statement> {
    let mut found = Vec::new();
    let mut function: Option<String> = None;
    for (line, text) in file.lines() {
        if let Some(name) = head(&text) {
            function = Some(name.to_owned());
        } else if text == "}" {
            function = None;
        } else {
            found.extend(statement(file, line, &text, function.as_deref()));
        }
    }
    found
}

/// The name of a function that begins here.
fn head(text: &str) -> Option<&str> {
    let (name, _) = text.split_once("()")?;
    let name = name.strip_prefix("function ").unwrap_or(name).trim();
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    (!name.is_empty() && name.chars().all(is_name)).then_some(name)
}

fn statement(
    file: &File<'_>,
    line: usize,
    text: &str,
    function: Option<&str>,
) -> Option<Statement> {
    let bare = text.trim_end_matches(';').trim();
    let mut words = bare.split_whitespace();
    let first = words.next()?;
    let lost = |text: &str, hint| {
        Some(Statement {
            line,
            text: text.to_owned(),
            hint,
        })
    };
    if STRUCTURE.contains(&first) || is_plumbing(bare) {
        return None;
    }
    if file.is_moved(line)
        && let Some(before) = before_the_program(bare, file.service.name)
    {
        let hint = key(&KEYS, before.split_whitespace().next().unwrap_or_default());
        return (!before.is_empty())
            .then(|| lost(before, hint.map_or(Hint::Spec("preStart"), Hint::Spec)))?;
    }
    if ["keyword", "provide"].contains(&first) {
        return None;
    }
    if ORDER.contains(&first) {
        let missing: Vec<_> = words.filter(|word| !is_ordered(file, word)).collect();
        let text = format!("{first} {}", missing.join(" "));
        let hint = Hint::Spec(key(&KEYS, first)?);
        return (!missing.is_empty()).then(|| lost(&text, hint))?;
    }
    if let Some(variable) = assigned(bare) {
        let is_moved = file.service.line.names.iter().any(|it| it == variable)
            || file.is_moved(line)
            || OF_THE_OLD.contains(&variable);
        let hint = match key(&VARIABLES, variable) {
            Some(key) => Hint::Spec(key),
            None => Hint::EnvFile,
        };
        // What is not exported and not passed was the script's own.
        let counts = bare.starts_with("export") || !matches!(hint, Hint::EnvFile);
        return (counts && !is_moved).then(|| lost(variable, hint))?;
    }
    if file.is_moved(line) {
        return None;
    }
    let of_function = function.and_then(|name| key(&FUNCTIONS, name));
    // What runit and s6 run after each end.
    let after = file.path.ends_with("/finish");
    let hint = match first {
        "sleep" if after => "restart.delay",
        _ => key(&KEYS, first).or(of_function).unwrap_or(match after {
            true => "postStop",
            false => "preStart",
        }),
    };
    lost(bare, Hint::Spec(hint))
}

/// Whether ours has something to do with another service.
fn is_ordered(file: &File<'_>, service: &str) -> bool {
    let mut ours = file.ours.iter();
    ours.any(|line| {
        let mut words = line.split_whitespace();
        words.next().is_some_and(|it| ORDER.contains(&it)) && words.any(|it| it == service)
    })
}

/// Whether a line sources a file or turns output round, of which what counts is moved.
fn is_plumbing(text: &str) -> bool {
    let parts = text.split("&&").map(str::trim);
    let last = parts.last().unwrap_or(text);
    let sources = last.starts_with(". ") || last.starts_with("source ");
    let turns = last
        .strip_prefix("exec ")
        .is_some_and(|rest| rest.starts_with(['2', '1', '>', '<']));
    let turns = turns || last.starts_with("fdmove ");
    sources || turns
}

/// The programs before the one that is started, on the line that starts it.
fn before_the_program<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut at = 0;
    for word in text.split_whitespace() {
        let begin = at + text[at..].find(word)?;
        at = begin + word.len();
        if word.rsplit('/').next() == Some(name) {
            let before = text[..begin].trim();
            let is_command = before.is_empty() || !before.contains(['=', '"', '\'']);
            let before = before.strip_prefix("exec").unwrap_or(before).trim();
            return is_command.then_some(before);
        }
    }
    None
}

/// The variable that a line sets, or gives a default.
fn assigned(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("export ").unwrap_or(text).trim_start();
    let rest = rest.strip_prefix(": ${").unwrap_or(rest);
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    let is_set = rest[end..].starts_with('=') || rest[end..].starts_with(":=");
    let is_exported = text.starts_with("export ") && rest[end..].starts_with([' ', ';']);
    (end > 0 && (is_set || is_exported)).then_some(&rest[..end])
}
