//! The parts that the sh launcher is put together from: what a service does not use
//! is not in it.
//!
//! A shell reads a program as it runs it, so their order matters: what a common start
//! needs comes before `common-start`, in which it becomes the program.

use crate::service::{Argument, Kill, Policy, Service};

/// The text of a part by the name of its file, without `.sh`.
macro_rules! part {
    ($name:literal) => {
        include_str!(concat!("parts/", $name, ".sh"))
    };
}

/// The parts for a service, in the order of the program.
pub(super) fn of(service: &Service) -> impl Iterator<Item = &'static str> {
    let group = service.stop.kill == Kill::Group;
    let policy = service.restart.policy;
    let files = !service.env_files.is_empty();
    let splits = service
        .arguments
        .iter()
        .any(|argument| matches!(argument, Argument::Split(_)));
    [
        Some(part!("begin")),
        Some(part!("limits")),
        files.then_some(part!("env-files")),
        Some(part!("arguments")),
        splits.then_some(part!("split")),
        Some(part!("become")),
        Some(part!("last-start")),
        Some(match group {
            true => part!("group"),
            false => part!("process"),
        }),
        Some(part!("common-start")),
        Some(part!("rest")),
        files.then_some(part!("env-files-rest")),
        splits.then_some(part!("split-rest")),
        Some(part!("main")),
        Some(match group {
            true => part!("group-signal"),
            false => part!("process-signal"),
        }),
        Some(part!("end")),
        Some(match policy {
            Policy::Always => part!("policy-always"),
            Policy::OnFailure => part!("policy-on-failure"),
            Policy::Never => part!("policy-never"),
        }),
        Some(part!("finish")),
        Some(part!("supervise")),
        Some(part!("verbs")),
    ]
    .into_iter()
    .flatten()
}
