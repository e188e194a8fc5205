//! A spec as YAML that people read and edit, with comments.

use std::collections::BTreeMap;
use std::fmt::{Display, Write};

use crate::rendering::quote;
use crate::service::process::{Account, Capabilities, Preserve};
use crate::service::{
    Check, CommandLine, ForSystemd, Limit, NotifyAccess, Process, Reload, Span, Type,
};
use crate::spec::Spec;
use crate::unit::Unit;

use super::{Decision, messages};

type Comments = BTreeMap<&'static str, Vec<String>>;

/// Writes it; what has no place in it is told of at the top.
pub(super) fn write(unit: &Unit, spec: &Spec, comments: &Comments, noted: &[&Decision]) -> String {
    let mut out = Out {
        text: String::new(),
        comments,
    };
    out.head(unit, noted);
    out.scalar("name", &spec.name);
    out.scalar("description", &spec.description);
    if let Some(who) = &spec.configured_by {
        out.scalar("configuredBy", who);
    }
    out.list("documentation", &spec.documentation);
    out.scalar("program", &spec.program);
    out.list("arguments", &spec.arguments);
    if !spec.environment.is_empty() {
        out.key("environment");
        for variable in &spec.environment {
            let value = string(variable.value.as_str());
            out.line(&format!("  {}: {value}", variable.name));
        }
    }
    if spec.specifiers {
        out.begin("specifiers", " true");
    }
    env_files(&mut out, spec);
    life(&mut out, spec);
    restart_and_stop(&mut out, spec);
    out.list("needs", &spec.needs);
    out.list("wants", &spec.wants);
    out.list("after", &spec.after);
    out.list("before", &spec.before);
    out.list("conflicts", &spec.life.conflicts);
    limits(&mut out, spec);
    if let Some(max) = spec.tasks_max {
        out.begin("tasksMax", &format!(" {max}"));
    }
    if spec.delegate {
        out.begin("delegate", " true");
    }
    process(&mut out, &spec.process);
    for_systemd(&mut out, &spec.systemd);
    out.text
}

fn for_systemd(out: &mut Out<'_>, systemd: &ForSystemd) {
    if systemd.is_empty() {
        return;
    }
    out.key("systemd");
    for (section, lines) in systemd.sections() {
        if !lines.is_empty() {
            out.line(&format!("  {}:", section.to_lowercase()));
        }
        for line in lines {
            out.line(&format!("    - {}", string(line.as_str())));
        }
    }
}

/// From before the start until it is complete.
fn life(out: &mut Out<'_>, spec: &Spec) {
    if !spec.life.conditions.is_empty() {
        out.key("conditions");
        for (check, key, _) in Check::ALL {
            let values = spec.life.conditions.of(check);
            if !values.is_empty() {
                let values: Vec<_> = values.iter().map(|it| in_flow(it)).collect();
                out.line(&format!("  {key}: [{}]", values.join(", ")));
            }
        }
    }
    if spec.service_type != Type::Simple {
        out.begin("type", &format!(" {}", word(&spec.service_type)));
    }
    if let Some(path) = &spec.life.pid_file {
        out.begin("pidFile", &format!(" {}", in_flow(path.as_str())));
    }
    if spec.life.remain_after_exit {
        out.begin("remainAfterExit", " true");
    }
    if spec.life.notify_access != NotifyAccess::Main {
        let word = spec.life.notify_access.name();
        out.begin("notifyAccess", &format!(" {word}"));
    }
    if let Some(span) = spec.life.start.timeout {
        out.key("start");
        out.line(&format!("  timeout: {}", timeout(span)));
    }
    out.commands("", "preStart", &spec.life.pre_start);
    out.commands("", "postStart", &spec.life.post_start);
    match &spec.life.reload {
        None => {}
        Some(Reload::Signal(signal)) => out.begin("reload", &format!(" {signal}")),
        Some(Reload::Commands(commands)) => out.commands("", "reload", commands),
    }
    out.commands("", "postStop", &spec.life.post_stop);
}

fn env_files(out: &mut Out<'_>, spec: &Spec) {
    if spec.env_files.is_empty() {
        return;
    }
    out.key("envFiles");
    for file in &spec.env_files {
        let path = file.path.as_ref().map(AsRef::as_ref);
        let key = if file.is_pattern { "pattern" } else { "path" };
        let path = string(path.unwrap_or("{extra-args-file}"));
        out.line(&format!("  - {key}: {path}"));
        if file.optional {
            out.line("    optional: true");
        }
        if let Some(about) = &file.about {
            out.line(&format!("    about: {}", string(about.as_str())));
        }
    }
}

fn restart_and_stop(out: &mut Out<'_>, spec: &Spec) {
    let restart = &spec.restart;
    out.key("restart");
    out.line(&format!("  policy: {}", word(&restart.policy)));
    out.line(&format!("  delay: {}", restart.delay));
    if let Some(limit) = restart.limit {
        out.line("  limit:");
        out.line(&format!("    starts: {}", limit.starts));
        out.line(&format!("    within: {}", limit.within));
    }
    for (key, ends) in [
        ("successExitStatus", &restart.success_exit_status),
        ("forceExitStatus", &restart.force_exit_status),
        ("preventExitStatus", &restart.prevent_exit_status),
    ] {
        if !ends.is_empty() {
            let ends: Vec<_> = ends.iter().map(|end| end.to_string()).collect();
            out.line(&format!("  {key}: [{}]", ends.join(", ")));
        }
    }
    out.key("stop");
    out.line(&format!("  signal: {}", spec.stop.signal));
    out.line(&format!("  timeout: {}", timeout(spec.stop.timeout)));
    out.line(&format!("  kill: {}", word(&spec.stop.kill)));
    if !spec.stop.send_kill {
        out.line("  sendKill: false");
    }
    out.commands("  ", "commands", &spec.stop.commands);
}

/// Without an end is 0 to systemd, which reads as its opposite.
fn timeout(span: Span) -> String {
    match span.milliseconds() {
        0 => "infinity".into(),
        _ => span.to_string(),
    }
}

fn limits(out: &mut Out<'_>, spec: &Spec) {
    let limits = &spec.limits;
    if limits.said().next().is_some() || limits.oom_score_adjust.is_some() {
        out.key("limits");
    }
    for (resource, Limit { soft, hard }) in limits.said() {
        out.line(&format!("  {}:", resource.key()));
        out.line(&format!("    soft: {soft}"));
        out.line(&format!("    hard: {hard}"));
    }
    if let Some(score) = limits.oom_score_adjust {
        out.line(&format!("  oomScoreAdjust: {score}"));
    }
}

fn process(out: &mut Out<'_>, process: &Process) {
    // Without `..`: what is added has to be written here too.
    let Process {
        user,
        group,
        supplementary_groups,
        working_directory,
        umask,
        nice,
        io_class,
        no_new_privileges,
        ignore_sigpipe,
        capabilities,
        directories,
    } = process;
    if let Some(user) = user {
        out.begin("user", &format!(" {}", account(user)));
    }
    if let Some(group) = group {
        out.begin("group", &format!(" {}", account(group)));
    }
    out.list("supplementaryGroups", supplementary_groups);
    if let Some(directory) = working_directory {
        out.scalar("workingDirectory", directory);
    }
    if let Some(umask) = umask {
        out.begin("umask", &format!(" \"{umask}\""));
    }
    if let Some(nice) = nice {
        out.begin("nice", &format!(" {nice}"));
    }
    if let Some(io) = io_class {
        out.key("ioClass");
        out.line(&format!("  class: {}", io.class.name()));
        out.line(&format!("  priority: {}", io.priority));
    }
    if *no_new_privileges {
        out.begin("noNewPrivileges", " true");
    }
    if !ignore_sigpipe {
        out.begin("ignoreSigpipe", " false");
    }
    self::capabilities(out, capabilities);
    for (kind, directory) in directories.said() {
        out.key(kind.key());
        out.line(&format!("  names: {}", flow(&directory.names)));
        if let Some(mode) = directory.mode {
            out.line(&format!("  mode: \"{mode}\""));
        }
        if directory.preserve != Preserve::No {
            out.line(&format!("  preserve: \"{}\"", directory.preserve.name()));
        }
    }
}

/// A number stays a number.
fn account(account: &Account) -> String {
    match account.number() {
        Some(number) => number.to_string(),
        None => string(account.as_str()),
    }
}

fn capabilities(out: &mut Out<'_>, capabilities: &Capabilities) {
    if capabilities.are_usual() {
        return;
    }
    out.key("capabilities");
    if let Some(bounding) = &capabilities.bounding {
        out.line(&format!("  bounding: {}", flow(bounding)));
    }
    if !capabilities.ambient.is_empty() {
        out.line(&format!("  ambient: {}", flow(&capabilities.ambient)));
    }
}

/// A list on one line.
fn flow(items: &[impl Display]) -> String {
    let items: Vec<_> = items.iter().map(|it| string(&it.to_string())).collect();
    format!("[{}]", items.join(", "))
}

struct Out<'a> {
    text: String,
    comments: &'a Comments,
}

impl Out<'_> {
    fn head(&mut self, unit: &Unit, noted: &[&Decision]) {
        self.comment(&format!("Made from the systemd unit `{}`:", unit.name));
        let triggers = &unit.triggers;
        for (at, file) in unit.files.iter().enumerate() {
            if triggers.iter().any(|(place, _)| place.file == at) {
                continue;
            }
            self.comment(&format!("- {file}"));
        }
        if !noted.is_empty() {
            self.comment("");
            self.comment("Not in this spec:");
        }
        for message in messages(noted.iter().copied()) {
            self.comment(&format!("- {message}"));
        }
        self.line("");
    }

    fn line(&mut self, line: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{line}");
    }

    fn comment(&mut self, text: &str) {
        let line = format!("# {}", quote::comment(text));
        self.line(line.trim_end());
    }

    /// The comments of a property, and what it begins with.
    fn begin(&mut self, key: &str, rest: &str) {
        let comments = self.comments;
        for text in comments.get(key).into_iter().flatten() {
            self.comment(text);
        }
        // Comments about a part stand above the whole.
        let parts = comments
            .iter()
            .filter(|(part, _)| part.split_once('.').is_some_and(|(whole, _)| whole == key));
        for text in parts.flat_map(|(_, texts)| texts) {
            self.comment(text);
        }
        self.line(&format!("{key}:{rest}"));
    }

    fn key(&mut self, key: &str) {
        self.begin(key, "");
    }

    /// Commands, each a list of its words on a line.
    fn commands(&mut self, indent: &str, key: &str, commands: &[CommandLine]) {
        if commands.is_empty() {
            return;
        }
        match indent {
            "" => self.key(key),
            indent => self.line(&format!("{indent}{key}:")),
        }
        for command in commands {
            let words: Vec<_> = command.words().iter().map(|it| in_flow(it)).collect();
            self.line(&format!("{indent}  - [{}]", words.join(", ")));
        }
    }

    fn scalar(&mut self, key: &str, value: &impl Display) {
        self.begin(key, &format!(" {}", string(&value.to_string())));
    }

    fn list(&mut self, key: &str, values: &[impl Display]) {
        if values.is_empty() {
            return;
        }
        self.key(key);
        for value in values {
            self.line(&format!("  - {}", string(&value.to_string())));
        }
    }
}

/// A word of an enumeration, as the spec has it.
fn word(value: &impl serde::Serialize) -> String {
    let json = serde_json::to_value(value).unwrap_or_default();
    json.as_str().unwrap_or_default().into()
}

/// A text as one scalar: bare where that is the same to every reader of YAML, else in
/// double quotes with JSON's escapes, which are YAML's too.
fn string(text: &str) -> String {
    let begins = |c: char| c.is_ascii_alphabetic() || "/$".contains(c);
    let bare = |c: char| {
        c.is_ascii_alphanumeric() || "_./@+$,=-".contains(c) || matches!(c, ' ' | ':' | '(' | ')')
    };
    let dashed = text
        .strip_prefix("--")
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()));
    let is_bare = (text.starts_with(begins) || dashed)
        && text.chars().all(bare)
        && !text.contains(": ")
        && !text.ends_with([' ', ':'])
        && !is_of_another_kind(text);
    if is_bare {
        return text.into();
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                quoted.push_str(&escape(c));
            }
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

/// The same inside of brackets, where a comma ends an item.
fn in_flow(text: &str) -> String {
    match text.contains([',', '[', ']', '{', '}']) {
        true => serde_json::Value::from(text).to_string(),
        false => string(text),
    }
}

fn escape(c: char) -> String {
    format!("\\u{:04x}", u32::from(c))
}

/// Words that YAML takes for something else than a text (YAML 1.1, which readers follow).
fn is_of_another_kind(text: &str) -> bool {
    let word = text.to_ascii_lowercase();
    matches!(
        word.as_str(),
        "null" | "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n" | "nan" | "inf"
    )
}
