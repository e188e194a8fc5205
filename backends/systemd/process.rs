//! The lines of `[Service]` about the process (`systemd.exec(5)`).

use crate::service::process::{Capabilities, DirectoryKind, Preserve};
use crate::service::{Capability, Process};

/// What a service says, as directives with their values.
pub(super) fn settings(process: &Process) -> Vec<(String, String)> {
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
        capabilities: Capabilities { bounding, ambient },
        directories,
    } = process;
    let mut lines = Vec::new();
    let mut set = |key: &str, value: String| lines.push((key.to_owned(), value));
    if let Some(user) = user {
        set("User", user.to_string());
    }
    if let Some(group) = group {
        set("Group", group.to_string());
    }
    if !supplementary_groups.is_empty() {
        set("SupplementaryGroups", words(supplementary_groups));
    }
    if let Some(directory) = working_directory {
        set("WorkingDirectory", directory.to_string());
    }
    if let Some(umask) = umask {
        set("UMask", umask.to_string());
    }
    if let Some(nice) = nice {
        set("Nice", nice.to_string());
    }
    if let Some(io) = io_class {
        set("IOSchedulingClass", io.class.name().into());
        set("IOSchedulingPriority", io.priority.to_string());
    }
    if *no_new_privileges {
        set("NoNewPrivileges", "yes".into());
    }
    if !ignore_sigpipe {
        set("IgnoreSIGPIPE", "no".into());
    }
    if let Some(bounding) = bounding {
        set("CapabilityBoundingSet", capabilities(bounding));
    }
    if !ambient.is_empty() {
        set("AmbientCapabilities", words(ambient));
    }
    for (kind, directory) in directories.said() {
        let key = |what: &str| format!("{}Directory{what}", kind.prefix());
        set(&key(""), words(&directory.names));
        if let Some(mode) = directory.mode {
            set(&key("Mode"), mode.to_string());
        }
        if kind == DirectoryKind::Runtime && directory.preserve != Preserve::No {
            set(&key("Preserve"), directory.preserve.name().into());
        }
    }
    lines
}

fn words<T: ToString>(items: &[T]) -> String {
    let words: Vec<_> = items.iter().map(ToString::to_string).collect();
    words.join(" ")
}

/// Those that are left, or those that are taken away: whichever is shorter.
fn capabilities(left: &[Capability]) -> String {
    let taken: Vec<_> = Capability::all().filter(|it| !left.contains(it)).collect();
    match taken.len() < left.len() {
        true => format!("~{}", words(&taken)),
        false => words(left),
    }
}
