//! `ExecStart=`.

use crate::envfile::{ExecWord, Part, is_valid_name};
use crate::import::Draft;
use crate::service::{AbsPath, Argument, Dependency, Piece, ValueError};
use crate::unit::{Command, Place, Prefixes, Setting, Value, shown};

const KEY: &str = "ExecStart";

/// `ExecStart=`, of which a service has one.
pub(in crate::import) fn exec_start(draft: &mut Draft<'_>, settings: &[&Setting]) {
    let [setting] = settings else {
        for setting in settings.iter().skip(1) {
            draft.missing(KEY, setting.place, "type");
        }
        return;
    };
    let Value::Command(command) = &setting.value else {
        return;
    };
    let place = setting.place;
    prefixes(draft, place, command);
    program(draft, place, &command.program);
    arguments(draft, place, command);
    configured_by(draft, place);
    draft.translated(KEY, "arguments", settings);
}

/// `+` and `!` change nothing for who runs as root, and another user is refused.
fn prefixes(draft: &mut Draft<'_>, place: Place, command: &Command) {
    let Prefixes {
        ignores_failure,
        has_name,
        is_literal: _,
        privilege: _,
    } = command.prefixes;
    if has_name && command.argv.first() != Some(&command.program) {
        let why = "the prefix `@` gives the program another name, and a spec has no `argv0` yet";
        draft.refuse(KEY, Some(place), Some("argv0"), why);
    }
    if ignores_failure
        && draft
            .unit
            .text("Restart")
            .is_some_and(|it| it.starts_with("on-"))
    {
        let why = "with the prefix `-` a failure counts as success, and a spec has no `restart.successCodes` yet";
        draft.refuse(KEY, Some(place), Some("restart.successCodes"), why);
    }
}

/// systemd looks for a name without a path when the service starts, in folders of its own
/// (`find_executable_full`, `path-util.c`).
fn program(draft: &mut Draft<'_>, place: Place, program: &str) {
    let path = if program.starts_with('/') {
        program.to_owned()
    } else if let Some(path) = (draft.locate)(program) {
        let text = format!(
            "`{}` has no path; systemd looks for it at every start, and finds this one now",
            shown(program)
        );
        draft.decided(KEY, place, "program", &text);
        path
    } else {
        let why = format!(
            "`{}` has no path, and no such program is in the folders in which systemd looks",
            shown(program)
        );
        return draft.refuse(KEY, Some(place), Some("program"), &why);
    };
    match path.parse() {
        Ok(path) => draft.parts.program = Some(path),
        Err(error) => draft.refuse(KEY, Some(place), Some("program"), &short(&error)),
    }
}

/// A message that shows no whole value.
fn short(error: &ValueError) -> String {
    match error {
        ValueError::Relative { .. } | ValueError::NotNormal { .. } => {
            "the path is not in its shortest form".into()
        }
        error => error.to_string(),
    }
}

fn arguments(draft: &mut Draft<'_>, place: Place, command: &Command) {
    let mut arguments = Vec::new();
    for word in command.argv.iter().skip(1) {
        let word = match command.prefixes.is_literal {
            true => ExecWord::literal(word),
            false => ExecWord::parse(word),
        };
        arguments.extend(argument(draft, place, &word));
    }
    for argument in &arguments {
        // The spec's own reader has the last word on what an argument can hold.
        if let Err(error) = argument.to_string().parse::<Argument>() {
            let why = format!("an argument: {}", short(&error));
            draft.refuse(KEY, Some(place), Some("arguments"), &why);
        }
    }
    draft.parts.arguments = arguments;
}

/// A word as the argument that systemd makes of it. What names a variable that cannot
/// exist is nothing, or an empty part of a word.
fn argument(draft: &mut Draft<'_>, place: Place, word: &ExecWord<'_>) -> Option<Argument> {
    if let Some(odd) = word.names().find(|name| !is_valid_name(name)) {
        let text = format!(
            "`{}` is not a variable's name; systemd puts nothing in its place, and so does the spec",
            shown(odd)
        );
        draft.decided(KEY, place, "arguments", &text);
    }
    match word {
        ExecWord::Split(name) => name.parse().ok().map(Argument::Split),
        ExecWord::Joined(parts) => Some(Argument::Word(pieces(parts))),
    }
}

fn pieces(parts: &[Part<'_>]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for part in parts {
        match (part, pieces.last_mut()) {
            (Part::Literal(text), Some(Piece::Text(before))) => before.push_str(text),
            (Part::Literal(text), _) => pieces.push(Piece::Text((*text).into())),
            (Part::Variable(name), _) => pieces.extend(name.parse().ok().map(Piece::Variable)),
        }
    }
    if pieces.is_empty() {
        pieces.push(Piece::Text(String::new()));
    }
    pieces
}

/// A drop-in `10-NAME.conf` with the command is NAME's, as kubeadm's 10-kubeadm.conf is.
fn configured_by(draft: &mut Draft<'_>, place: Place) {
    let unit = draft.unit;
    let file = &unit.files[place.file];
    let own = format!("/{}.d/10-", unit.name);
    let who = file.rsplit_once(own.as_str());
    let who = who.and_then(|(_, file)| file.strip_suffix(".conf"));
    if let Some(who) = who.and_then(|who| who.parse().ok()) {
        draft.parts.configured_by = Some(who);
    }
}

/// What systemd gives to every service, and other inits have to be asked for.
pub(super) fn absent(draft: &mut Draft<'_>) {
    if draft.unit.is_loaded() && draft.unit.one(KEY).is_none() {
        let why = "there is none, and a spec describes what runs";
        let unit = Place { file: 0, line: 0 };
        draft.refuse(KEY, Some(unit), Some("program"), why);
    }
    let program = draft.parts.program.as_ref().map(AbsPath::file_name);
    let is = |names: &[&str]| program.is_some_and(|program| names.contains(&program));
    let needs_cgroups = is(&["kubelet", "containerd", "crio", "dockerd"]);
    let wants_runtime = is(&["kubelet"]);
    if needs_cgroups {
        draft.parts.needs.insert(0, Dependency::Cgroups);
        draft.comment(
            "needs",
            "systemd mounts the control groups itself; others are asked to",
        );
    }
    let is_named = draft
        .parts
        .needs
        .iter()
        .chain(&draft.parts.wants)
        .any(is_runtime);
    if wants_runtime && !is_named {
        draft.parts.wants.push(Dependency::ContainerRuntime);
        let text = "The kubelet ends where no container runtime answers; it is waited for, if there is one";
        draft.comment("wants", text);
    }
}

fn is_runtime(dependency: &Dependency) -> bool {
    match dependency {
        Dependency::ContainerRuntime => true,
        Dependency::Service(name) => crate::distro::GENERIC.runtimes.contains(&name.as_str()),
        Dependency::NetworkOnline | Dependency::Cgroups => false,
    }
}
