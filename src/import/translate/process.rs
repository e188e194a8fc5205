//! What the process is, beside its program.

use crate::import::Draft;
use crate::service::Capability;
use crate::service::process::{
    Directory, DirectoryKind, IoClass, IoClassName, IoPriority, Preserve,
};
use crate::unit::{Setting, Value};

/// `User=`.
pub(in crate::import) fn user(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        if let Some(user) = parsed(draft, setting, "user") {
            draft.parts.process.user = Some(user);
        }
    }
}

/// `Group=`.
pub(in crate::import) fn group(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        if let Some(group) = parsed(draft, setting, "group") {
            draft.parts.process.group = Some(group);
        }
    }
}

/// `SupplementaryGroups=`.
pub(in crate::import) fn groups(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        if let Some(group) = parsed(draft, setting, "supplementaryGroups") {
            draft.parts.process.supplementary_groups.push(group);
        }
    }
}

/// `WorkingDirectory=`, of which systemd takes the shortest form.
pub(in crate::import) fn working_directory(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        let Value::Text(text) = &setting.value else {
            continue;
        };
        let optional = if text.starts_with('-') { "-" } else { "" };
        let path = &text[optional.len()..];
        let parts = path.split('/').filter(|part| !matches!(*part, "" | "."));
        let simple = match path.starts_with('/') {
            true => format!("/{}", parts.collect::<Vec<_>>().join("/")),
            false => path.to_owned(),
        };
        if let Some(directory) = taken(
            draft,
            setting,
            "workingDirectory",
            &(optional.to_owned() + &simple),
        ) {
            draft.parts.process.working_directory = Some(directory);
        }
    }
}

/// `UMask=`.
pub(in crate::import) fn umask(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        if let Some(umask) = parsed(draft, setting, "umask") {
            draft.parts.process.umask = Some(umask);
        }
    }
}

/// `Nice=`.
pub(in crate::import) fn nice(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        if let Value::Number(level) = setting.value {
            draft.parts.process.nice = level.to_string().parse().ok();
            draft.translated("Nice", "nice", &[setting]);
        }
    }
}

/// `IOSchedulingClass=`; `none` is the usual class (`ioprio_normalize`, `ioprio-util.c`).
pub(in crate::import) fn io_class(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        let Value::Text(word) = &setting.value else {
            continue;
        };
        let class = match word.as_str() {
            "realtime" | "1" => IoClassName::Realtime,
            "idle" | "3" => IoClassName::Idle,
            "best-effort" | "2" | "none" | "0" => IoClassName::BestEffort,
            _ => {
                draft.ignored_value(setting, "a class of the I/O scheduler");
                continue;
            }
        };
        io(draft).class = class;
        draft.translated("IOSchedulingClass", "ioClass", &[setting]);
    }
}

/// `IOSchedulingPriority=`.
pub(in crate::import) fn io_priority(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        if let Some(priority) = parsed(draft, setting, "ioClass") {
            io(draft).priority = priority;
        }
    }
}

fn io<'d>(draft: &'d mut Draft<'_>) -> &'d mut IoClass {
    draft.parts.process.io_class.get_or_insert(IoClass {
        class: IoClassName::BestEffort,
        priority: IoPriority::DEFAULT,
    })
}

/// `NoNewPrivileges=`.
pub(in crate::import) fn no_new_privileges(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        if let Value::Bool(is_set) = setting.value {
            draft.parts.process.no_new_privileges = is_set;
            draft.translated("NoNewPrivileges", "noNewPrivileges", &[setting]);
        }
    }
}

/// `IgnoreSIGPIPE=`.
pub(in crate::import) fn ignore_sigpipe(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        if let Value::Bool(is_ignored) = setting.value {
            draft.parts.process.ignore_sigpipe = is_ignored;
            draft.translated("IgnoreSIGPIPE", "ignoreSigpipe", &[setting]);
        }
    }
}

/// `CapabilityBoundingSet=`.
pub(in crate::import) fn bounding(draft: &mut Draft<'_>, settings: &[&Setting]) {
    let all: Vec<_> = Capability::all().collect();
    let was_emptied = is_emptied(draft, "CapabilityBoundingSet");
    let start = if was_emptied { Vec::new() } else { all.clone() };
    let is_first = !was_emptied;
    if let Some(set) = capabilities(draft, settings, start, is_first) {
        draft.parts.process.capabilities.bounding = (set != all).then_some(set);
        draft.translated("CapabilityBoundingSet", "capabilities", settings);
    }
}

/// `AmbientCapabilities=`.
pub(in crate::import) fn ambient(draft: &mut Draft<'_>, settings: &[&Setting]) {
    if let Some(set) = capabilities(draft, settings, Vec::new(), true) {
        draft.parts.process.capabilities.ambient = set;
        draft.translated("AmbientCapabilities", "capabilities", settings);
    }
}

/// `config_parse_capability_set` (`load-fragment.c`): the first line replaces what there is
/// without any, and further ones add to it, or with `~` take from it.
fn capabilities(
    draft: &mut Draft<'_>,
    settings: &[&Setting],
    start: Vec<Capability>,
    mut is_first: bool,
) -> Option<Vec<Capability>> {
    let mut set = start;
    for setting in settings {
        let Value::Text(text) = &setting.value else {
            continue;
        };
        let (taken, text) = match text.strip_prefix('~') {
            Some(text) => (true, text),
            None => (false, text.as_str()),
        };
        let mut sum = Vec::new();
        for word in text.split_whitespace() {
            let Ok(capability) = word.parse::<Capability>() else {
                draft.ignored_value(setting, "a capability");
                return None;
            };
            sum.push(capability);
        }
        let replaces = is_first || sum.is_empty();
        is_first = false;
        set = Capability::all()
            .filter(|it| match (replaces, taken) {
                (true, taken) => sum.contains(it) != taken,
                (false, true) => set.contains(it) && !sum.contains(it),
                (false, false) => set.contains(it) || sum.contains(it),
            })
            .collect();
    }
    Some(set)
}

/// Whether an empty line took all capabilities, and what came before it with them.
fn is_emptied(draft: &Draft<'_>, key: &str) -> bool {
    let mut lines = draft.unit.lines.iter();
    lines.any(|line| line.key == key && line.value.is_empty())
}

/// An empty `CapabilityBoundingSet=` alone leaves no capabilities at all.
pub(super) fn absent(draft: &mut Draft<'_>) {
    let key = "CapabilityBoundingSet";
    if draft.unit.all(key).next().is_none() && is_emptied(draft, key) {
        draft.parts.process.capabilities.bounding = Some(Vec::new());
    }
}

/// `RuntimeDirectory=` and its like.
pub(in crate::import) fn directory(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        let Some(kind) = kind(setting.key) else {
            continue;
        };
        let mut simple = Setting::clone(setting);
        if let Value::Text(path) = &mut simple.value {
            *path = simplified(path);
        }
        if let Some(name) = parsed(draft, &simple, kind.key()) {
            let directory = draft.parts.process.directories.get_mut(kind);
            let directory = directory.get_or_insert_with(|| Directory {
                names: Vec::new(),
                mode: None,
                preserve: Preserve::No,
            });
            directory.names.push(name);
        }
    }
}

/// A path without what it means the same without (`path_simplify`, `path-util.c`).
fn simplified(path: &str) -> String {
    let parts = path.split('/').filter(|part| !matches!(*part, "" | "."));
    let begin = if path.starts_with('/') { "/" } else { "" };
    begin.to_owned() + &parts.collect::<Vec<_>>().join("/")
}

/// `RuntimeDirectoryMode=`, `RuntimeDirectoryPreserve=` and their like, after the folders.
pub(in crate::import) fn of_directory(draft: &mut Draft<'_>, settings: &[&Setting]) {
    for setting in settings {
        let Some(kind) = kind(setting.key) else {
            continue;
        };
        if draft.parts.process.directories.get(kind).is_none() {
            draft.no_effect(setting.key, &[setting]);
            continue;
        }
        if setting.key.ends_with("Mode") {
            let mode = parsed(draft, setting, kind.key());
            if let Some(directory) = draft.parts.process.directories.get_mut(kind) {
                directory.mode = mode;
            }
            continue;
        }
        let Value::Text(word) = &setting.value else {
            continue;
        };
        let preserve = match word.as_str() {
            "restart" => Preserve::Restart,
            "yes" | "true" | "on" | "y" | "t" | "1" => Preserve::Yes,
            _ => Preserve::No,
        };
        if let Some(directory) = draft.parts.process.directories.get_mut(kind) {
            directory.preserve = preserve;
        }
        draft.translated(setting.key, kind.key(), &[setting]);
    }
}

fn kind(key: &str) -> Option<DirectoryKind> {
    let mut all = DirectoryKind::ALL.into_iter();
    all.find(|kind| key.starts_with(kind.prefix()))
}

/// The value of a text, which a spec may not be able to say.
fn parsed<T: std::str::FromStr<Err: ToString>>(
    draft: &mut Draft<'_>,
    setting: &Setting,
    property: &'static str,
) -> Option<T> {
    match &setting.value {
        Value::Text(text) => taken(draft, setting, property, text),
        _ => None,
    }
}

fn taken<T: std::str::FromStr<Err: ToString>>(
    draft: &mut Draft<'_>,
    setting: &Setting,
    property: &'static str,
    text: &str,
) -> Option<T> {
    match text.parse() {
        Ok(value) => {
            draft.translated(setting.key, property, &[setting]);
            Some(value)
        }
        Err(error) => {
            let why = error.to_string();
            draft.refuse(setting.key, Some(setting.place), Some(property), &why);
            None
        }
    }
}
