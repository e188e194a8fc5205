//! `ExecStart=`, and the commands beside the service.

use crate::envfile::{ExecWord, Part, is_valid_name};
use crate::import::{Draft, Elsewhere, kept};
use crate::service::{
    AbsPath, Argument, CommandLine, Dependency, Piece, Reload, Signal, ValueError,
};
use crate::unit::{Command, Place, Prefixes, Setting, Value, shown};

const KEY: &str = "ExecStart";

/// `ExecStart=`, of which a service has one.
pub(in crate::import) fn exec_start(draft: &mut Draft<'_>, settings: &[&Setting]) {
    let Some((setting, earlier)) = settings.split_last() else {
        return;
    };
    // systemd refuses several for any other type.
    if !earlier.is_empty() && draft.unit.text("Type") != Some("oneshot") {
        for setting in settings.iter().skip(1) {
            draft.refuse(KEY, Some(setting.place), None, "a spec has one command");
        }
        return;
    }
    for setting in earlier {
        if let Some(command) = command_line(draft, setting, "preStart") {
            draft.parts.earlier.push(command);
            let text =
                "the last command is the program, and those before it are run before the start";
            draft.decided(KEY, setting.place, "preStart", text);
        }
    }
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

/// Whether the service runs as somebody else than root.
fn has_other_user(draft: &Draft<'_>) -> bool {
    let users = ["User", "Group", "SupplementaryGroups", "DynamicUser"];
    let is_other = |key: &&str| {
        let text = draft.unit.text(key);
        text.is_some_and(|it| !["root", "0"].contains(&it))
    };
    users.iter().any(is_other)
}

/// `PermissionsStartOnly=`: the commands beside the service are run as root, and not confined. For
/// a service of root's that is not confined either it changes nothing.
pub(in crate::import) fn permissions(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        if setting.value == Value::Bool(true) && (has_other_user(draft) || draft.is_confined) {
            draft.keep(setting, Elsewhere::Refused(kept::AS_ROOT));
        } else {
            draft.no_effect("PermissionsStartOnly", &[setting]);
        }
    }
}

/// `+` and `!` change nothing for who runs as root; a spec has one user for all commands.
fn privilege(draft: &mut Draft<'_>, key: &str, place: Place, command: &Command) {
    let Some(prefix) = command.prefixes.privilege else {
        return;
    };
    if has_other_user(draft) {
        let prefix = if prefix == '‼' {
            "!!".to_owned()
        } else {
            prefix.into()
        };
        let why = format!(
            "with the prefix `{prefix}` it is run as root, and in a spec all commands are run as `user`"
        );
        draft.refuse(key, Some(place), Some("user"), &why);
    }
}

fn prefixes(draft: &mut Draft<'_>, place: Place, command: &Command) {
    privilege(draft, KEY, place, command);
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

/// `ExecStartPre=` and the others that are run beside the service.
pub(in crate::import) fn beside(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        let property = match setting.key {
            "ExecStartPre" => "preStart",
            "ExecStartPost" => "postStart",
            "ExecStop" => "stop",
            _ => "postStop",
        };
        if let Some(command) = command_line(draft, setting, property) {
            let parts = &mut draft.parts;
            match property {
                "preStart" => parts.life.pre_start.push(command),
                "postStart" => parts.life.post_start.push(command),
                "stop" => parts.stop.commands.push(command),
                _ => parts.life.post_stop.push(command),
            }
            draft.translated(setting.key, property, &[setting]);
        }
    }
}

/// `ExecReload=`: a `kill` of the main process is a signal.
pub(in crate::import) fn reload(draft: &mut Draft<'_>, settings: &[&Setting]) {
    let commands: Vec<_> = settings
        .iter()
        .filter_map(|setting| command_line(draft, setting, "reload"))
        .collect();
    let signal = match &commands[..] {
        [command] => sent_signal(command),
        _ => None,
    };
    draft.parts.life.reload = match signal {
        Some(signal) => Some(Reload::Signal(signal)),
        None => (!commands.is_empty()).then_some(Reload::Commands(commands)),
    };
    draft.translated("ExecReload", "reload", settings);
}

/// The signal that a `kill` sends to `$MAINPID` and to nothing else.
fn sent_signal(command: &CommandLine) -> Option<Signal> {
    if command.program.file_name() != "kill" || command.ignores_failure {
        return None;
    }
    let words: Vec<_> = command.arguments.iter().map(ToString::to_string).collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let signal = match words[..] {
        ["-s", signal, "$MAINPID" | "${MAINPID}"] => signal,
        [signal, "$MAINPID" | "${MAINPID}"] => signal.strip_prefix('-')?,
        _ => return None,
    };
    match signal {
        "1" => Some(Signal::Hup),
        signal => signal.parse().ok(),
    }
}

/// A command beside the service.
fn command_line(
    draft: &mut Draft<'_>,
    setting: &Setting,
    property: &'static str,
) -> Option<CommandLine> {
    let Value::Command(command) = &setting.value else {
        return None;
    };
    let place = setting.place;
    privilege(draft, setting.key, place, command);
    let program = located(draft, setting.key, place, property, &command.program)?;
    let mut words = all_arguments(draft, setting.key, place, property, command).into_iter();
    let name = words.next();
    Some(CommandLine {
        ignores_failure: command.prefixes.ignores_failure,
        program,
        name: name.filter(|_| command.prefixes.has_name),
        arguments: words.collect(),
    })
}

/// systemd looks for a name without a path when the service starts, in folders of its own
/// (`find_executable_full`, `path-util.c`).
fn program(draft: &mut Draft<'_>, place: Place, program: &str) {
    draft.parts.program = located(draft, KEY, place, "program", program);
}

fn located(
    draft: &mut Draft<'_>,
    key: &str,
    place: Place,
    property: &'static str,
    program: &str,
) -> Option<AbsPath> {
    let path = if program.starts_with('/') {
        program.to_owned()
    } else if let Some(path) = (draft.locate)(program) {
        let text = format!(
            "`{}` has no path; systemd looks for it at every start, and finds this one now",
            shown(program)
        );
        draft.decided(key, place, property, &text);
        path
    } else {
        let why = format!(
            "`{}` has no path, and no such program is in the folders in which systemd looks",
            shown(program)
        );
        draft.refuse(key, Some(place), Some(property), &why);
        return None;
    };
    let path = path.parse();
    if let Err(error) = &path {
        draft.refuse(key, Some(place), Some(property), &short(error));
    }
    path.ok()
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
    let words = all_arguments(draft, KEY, place, "arguments", command);
    draft.parts.arguments = words.into_iter().skip(1).collect();
}

/// The words of a command, what the program is told that it is called first.
fn all_arguments(
    draft: &mut Draft<'_>,
    key: &'static str,
    place: Place,
    property: &'static str,
    command: &Command,
) -> Vec<Argument> {
    let mut arguments = Vec::new();
    for (index, word) in command.argv.iter().enumerate() {
        let word = match command.prefixes.is_literal || index == 0 {
            true => ExecWord::literal(word),
            false => ExecWord::parse(word),
        };
        arguments.extend(argument(draft, (key, place, property), &word));
    }
    for argument in &arguments {
        // The spec's own reader has the last word on what an argument can hold.
        if let Err(error) = argument.to_string().parse::<Argument>() {
            let why = format!("an argument: {}", short(&error));
            draft.refuse(key, Some(place), Some(property), &why);
        }
    }
    arguments
}

/// A word as the argument that systemd makes of it. What names a variable that cannot
/// exist is nothing, or an empty part of a word.
fn argument(
    draft: &mut Draft<'_>,
    (key, place, property): (&str, Place, &'static str),
    word: &ExecWord<'_>,
) -> Option<Argument> {
    if let Some(odd) = word.names().find(|name| !is_valid_name(name)) {
        let text = format!(
            "`{}` is not a variable's name; systemd puts nothing in its place, and so does the spec",
            shown(odd)
        );
        draft.decided(key, place, property, &text);
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
