//! The parts that the sh launcher is put together from: what a service does not use
//! is not in it.
//!
//! A shell reads a program as it runs it, so their order matters: what a common start
//! needs comes before `common-start`, in which it becomes the program.

use crate::service::{Argument, Bound, Kill, Policy, Reload, Resource, Service};

/// The text of a part by the name of its file, without `.sh`.
macro_rules! part {
    ($name:literal) => {
        include_str!(concat!("parts/", $name, ".sh"))
    };
}

/// The parts for a service, in the order of the program.
pub(super) fn of(service: &Service) -> impl Iterator<Item = &'static str> {
    let directories = &service.process.directories;
    let has_folders = directories.said().next().is_some();
    let files = !service.env_files.is_empty();
    let commands = service.life.pre_start.iter();
    let splits = commands
        .flat_map(|command| &command.arguments)
        .chain(&service.arguments)
        .any(|argument| matches!(argument, Argument::Split(_)));
    let (conditions, pre_start) = (&service.life.conditions, &service.life.pre_start);
    let before = service.life.comes_before();
    let has_processes = service.limits.get(Resource::Nproc).is_some();
    let [members, left, signal, wait] = ending(service.stop.kill);
    [
        Some(part!("begin")),
        has_processes.then_some(part!("limits-processes")),
        Some(part!("limits")),
        Some(set_limit(service)),
        Some(part!("collect")),
        files.then_some(part!("env-files-begin")),
        (files && !before).then_some(part!("env-files-put-off")),
        files.then_some(part!("env-files")),
        super::process::has_account(service).then_some(part!("account")),
        has_folders.then_some(part!("folders")),
        (splits && !before).then_some(part!("split-put-off")),
        splits.then_some(part!("split")),
        service.specifiers.then_some(part!("specifiers")),
        Some(part!("become")),
        Some(part!("last-start")),
        Some(members),
        Some(left),
        (!before).then_some(part!("common-start")),
        Some(match before {
            true => part!("rest-before"),
            false => part!("rest"),
        }),
        before.then_some(match conditions.is_empty() {
            true => part!("no-conditions"),
            false => part!("conditions"),
        }),
        before.then_some(match pre_start.is_empty() {
            true => part!("no-pre-start"),
            false => part!("pre-start"),
        }),
        (files || splits).then_some(part!("scan")),
        files.then_some(part!("env-files-rest")),
        splits.then_some(part!("split-rest")),
        (!before).then_some(part!("main")),
        Some(part!("supervision")),
        Some(signal),
        Some(wait),
        Some(part!("end")),
        Some(match directories.fleeting().is_empty() {
            true => part!("ended"),
            false => part!("ended-folders"),
        }),
        policy(service),
        Some(match needs_ends(service) {
            true => part!("tell-signals"),
            false => part!("codes"),
        }),
        Some(match is_always(service) {
            true => part!("next-start-always"),
            false => part!("next-start"),
        }),
        service
            .restart
            .reachable_limit()
            .map(|_| part!("start-limit")),
        Some(part!("finish")),
        Some(part!("supervise")),
        matches!(service.life.reload, Some(Reload::Signal(_))).then_some(part!("reload")),
        Some(part!("verbs")),
    ]
    .into_iter()
    .flatten()
}

/// How a limit is set: a shell itself needs some files while it runs.
fn set_limit(service: &Service) -> &'static str {
    let nofile = service.limits.nofile();
    let is_low = |bound| matches!(bound, Bound::At(0..100));
    match is_low(nofile.soft) || is_low(nofile.hard) {
        true => part!("set-limit-few-files"),
        false => part!("set-limit"),
    }
}

/// Which processes are the service's, whether one is left, how they get a signal, and how their
/// end is waited for.
fn ending(kill: Kill) -> [&'static str; 4] {
    match kill {
        // What is left is what the signal 0 comes to.
        Kill::Group => [part!("group"), part!("group-signal"), "", part!("await")],
        Kill::Mixed => [
            part!("group"),
            part!("mixed-left"),
            part!("mixed-signal"),
            part!("await-mixed"),
        ],
        // `none` is refused before.
        Kill::Process | Kill::None => [
            part!("process"),
            "",
            part!("process-signal"),
            part!("await"),
        ],
    }
}

/// Whether there is a next start after every end.
fn is_always(service: &Service) -> bool {
    let restart = &service.restart;
    restart.policy == Policy::Always && !needs_ends(service) && restart.reachable_limit().is_none()
}

/// After which ends there is a next start, where it is not after every one.
fn policy(service: &Service) -> Option<&'static str> {
    Some(match service.restart.policy {
        _ if is_always(service) => return None,
        _ if service.life.comes_before() => part!("policy-before"),
        _ if needs_ends(service) => part!("policy-ends"),
        Policy::Never => part!("policy-never"),
        _ => part!("policy-always"),
    })
}

/// Whether it matters how the service ended.
pub(super) fn needs_ends(service: &Service) -> bool {
    let restart = &service.restart;
    match restart.policy {
        _ if service.life.comes_before() => true,
        Policy::Always => !restart.is_always(),
        Policy::Never => !restart.force_exit_status.is_empty(),
        _ => true,
    }
}
