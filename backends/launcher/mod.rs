//! The launcher: the program that every init but systemd starts.
//!
//! It gives the service what systemd would: the env files read anew at each start,
//! the arguments split as systemd splits them, a clean initial state, and an end
//! that leaves nothing behind. It is a sh program, so that the target needs
//! nothing of ours, or a call of `kubelet-unit exec`.

mod data;
mod expressions;
mod parts;
mod process;
mod unfit;

use std::path::{Path, PathBuf};

use super::{RenderError, Request};
use crate::control::{Command, ControlError, Step, Target};
pub(crate) use crate::rendering::launcher::INTERPRETER;
#[cfg(test)]
pub(crate) use crate::rendering::launcher::is_launcher;
use crate::rendering::template::{Quoting, Templates};
use crate::rendering::{File, Rendered, Weight, quote};
use crate::service::process::Preserve;
use crate::service::{AbsPath, Kill, Policy, Service, Span, Type, VarName, Variable};
use crate::spec;

use data::Data;
pub(super) use expressions::{
    before, conflicts, delegate, for_systemd, life, pid_file, reload, send_kill, service_type,
    service_type_at_descriptor, start_limit, tasks_max,
};
pub(super) use process::process;

/// Which program starts the service.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Default,
    clap::ValueEnum,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Launcher {
    /// A POSIX sh program rendered for the service
    #[default]
    Sh,
    /// `/usr/bin/kubelet-unit exec`, which then has to be installed on the target
    Native,
}

/// The command that returns when no process of a service is left, where its launcher is there: for
/// a supervisor whose own stop does not reach what a launcher that was killed has left.
pub(super) fn end(target: &Target<'_>) -> Option<Command> {
    verb(target, "end").ok()
}

/// How a service is asked to read its configuration again, where its init has no word for that:
/// its launcher knows in which way it does.
///
/// # Errors
/// It has no launcher, so that nobody knows.
pub fn reload_steps(target: &Target<'_>) -> Result<Vec<Step>, ControlError> {
    let command = verb(target, "reload").map_err(|launcher| ControlError::ByHand {
        what: format!(
            "it is not known how `{}` reloads: there is no launcher `{}`, as a service has that this program has installed",
            target.name,
            launcher.display()
        ),
        commands: Vec::new(),
    })?;
    Ok(vec![Step::Run(command)])
}

/// A call of a service's launcher, or where that would be if it is not there.
fn verb(target: &Target<'_>, verb: &str) -> Result<Command, PathBuf> {
    let folder = Path::new(target.places.libexec_folder.as_str());
    let launcher = folder.join(target.name.as_str());
    if !target.host.exists(&launcher) {
        return Err(launcher);
    }
    let words = [launcher.display().to_string(), verb.into()];
    let command = Command::new(words).within(target.stop_limit());
    Ok(command.awaits(format!("`{}` to {verb}", target.name)))
}

/// Quoting that only the sh launcher needs.
const QUOTING: &[Quoting] = &[("sh_pattern", pattern)];

/// A pattern of files as a word of sh: what means nothing to it is quoted, and so is what
/// the pattern escapes.
fn pattern(pattern: &str) -> String {
    let mut word = String::new();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => word.extend(chars.next().map(|c| quote::sh(&c.to_string()))),
            // POSIX has `!` alone.
            '[' if chars.next_if_eq(&'^').is_some() => word.push_str("[!"),
            c if c.is_ascii_alphanumeric() || "/._-*?[]!+@:,".contains(c) => word.push(c),
            c => word.push_str(&quote::sh(&c.to_string())),
        }
    }
    word
}

/// Where the launcher of a service is.
///
/// # Errors
/// The folder's path is too long for one more name.
pub fn path(request: &Request<'_>) -> Result<AbsPath, RenderError> {
    Ok(request
        .places
        .libexec_folder
        .join(request.service.name.as_str())?)
}

/// Where the launcher keeps what it knows of the last start.
pub fn state_folder(request: &Request<'_>) -> String {
    format!("/run/kubelet-unit/{}", request.service.name)
}

/// When the launcher has given up on a stop: after the stop timeout came KILL,
/// and after as long again and ten seconds nothing more does. Commands for the stop and
/// after it have as long, each. A supervisor that kills the launcher has to wait for longer.
pub fn gives_up(request: &Request<'_>) -> Span {
    let service = request.service;
    let commands = service.stop.commands.len() + service.life.post_stop.len();
    let times = 2 + 2 * u64::try_from(commands).unwrap_or(u64::MAX);
    // s6 counts milliseconds in 32 bits.
    Span::seconds((times * stop_timeout(service).seconds_up() + 15).min(MOST_SECONDS))
}

/// As many seconds as 32 bits hold milliseconds.
const MOST_SECONDS: u64 = 4_294_967;

/// When KILL follows a stop: never for 0, as `TimeoutStopSec=0` is infinity
/// (systemd.service(5)). Never is 20 days here, since s6 counts milliseconds in 32 bits.
pub(crate) fn stop_timeout(service: &Service) -> Span {
    match service.stop.timeout.milliseconds() {
        0 => Span::seconds(20 * 24 * 60 * 60),
        _ => service.stop.timeout,
    }
}

/// Whether the launcher has to stay the parent of the service: to end that in a way of which
/// no supervisor knows.
pub(crate) fn stays_parent(service: &Service) -> bool {
    let life = &service.life;
    service.stop.kill == Kill::None
        || !service.stop.send_kill
        || !service.stop.commands.is_empty()
        || !life.conditions.is_empty()
        || life.has_commands()
        || life.remain_after_exit
        || matches!(service.service_type, Type::Oneshot | Type::Forking)
}

/// Whether the launcher hears from the service when it is ready, and can pass that on; it
/// then stays the parent.
pub(crate) fn hears(request: &Request<'_>) -> bool {
    request.launcher == Launcher::Native && request.service.service_type == Type::Notify
}

/// Whether it stays the parent for one of the two.
pub(crate) fn is_parent(request: &Request<'_>) -> bool {
    stays_parent(request.service) || hears(request)
}

/// Whether a supervisor that leaves a second between two starts would start the service too late,
/// so that the launcher does it. The sh launcher leaves it to the supervisor.
pub(crate) fn restarts(service: &Service) -> bool {
    let restart = &service.restart;
    let is_ever = restart.policy != Policy::Never || !restart.force_exit_status.is_empty();
    is_ever && restart.delay.milliseconds() < 1000
}

/// Adds the launcher to what an init gets, with a note on what it cannot do, and on what
/// the init does not hear.
///
/// # Errors
/// As for any file of a backend.
pub fn add(request: &Request<'_>, rendered: &mut Rendered) -> Result<(), RenderError> {
    if hears(request) {
        rendered.note("type", expressions::NOT_PASSED_ON);
    }
    add_heard(request, rendered)
}

/// The same for an init that is told when the service is ready.
///
/// # Errors
/// As for any file of a backend.
pub(super) fn add_heard(request: &Request<'_>, rendered: &mut Rendered) -> Result<(), RenderError> {
    let text = match request.launcher {
        Launcher::Sh => sh(request)?,
        Launcher::Native => native(request)?,
    };
    rendered.add(path(request)?, File::program(text))?;
    let directory = &request.service.process.directories.runtime_directory;
    if directory
        .as_ref()
        .is_some_and(|it| it.preserve == Preserve::Restart)
    {
        rendered.note(
            "runtimeDirectory",
            "its folders stay after a stop as well: no init tells a restart from a stop",
        );
    }
    if request.service.service_type == Type::Notify && !hears(request) {
        rendered.note("type", expressions::NOT_NOTIFIED);
    }
    let can_hang = !request.service.life.pre_start.is_empty();
    if request.launcher == Launcher::Sh && can_hang && request.service.start_timeout().is_some() {
        rendered.note(
            "preStart",
            "the sh launcher waits for a command as long as it takes; systemd ends one after 90 s, and so does `--launcher native`",
        );
    }
    if request.launcher == Launcher::Sh {
        rendered.tell(
            Weight::Detail,
            "launcher",
            "a sh program cannot reset a signal that its supervisor ignores or blocks, nor close file descriptors above 9; `--launcher native` does both",
        );
    }
    Ok(())
}

/// The sh launcher: what depends on the service, then what does not.
fn sh(request: &Request<'_>) -> Result<String, RenderError> {
    let program = &request.service.program;
    if program.as_str().contains('=') {
        return Err(RenderError::Unwritable {
            init: "the sh launcher",
            path: program.clone(),
            why: "env(1), through which some shells start it, takes that for a variable; \
                  `--launcher native` has no need of it",
        });
    }
    if let Some((property, why)) = unfit::of(request.service) {
        return Err(RenderError::NotInSh { property, why });
    }
    let data = Data::new(request);
    let mut text = Templates::with(&data.templates(), QUOTING)?.render("service", &data)?;
    text.extend(parts::of(request.service));
    Ok(text)
}

/// The native launcher's file: the service itself, as a script that
/// `kubelet-unit exec` interprets. Whatever calls the launcher calls either alike.
/// It is a spec in JSON, which a start reads in a fraction of the time that YAML takes.
fn native(request: &Request<'_>) -> Result<String, RenderError> {
    let mut service = request.service.clone();
    let path: VarName = "PATH".parse()?;
    // systemd's own PATH is the distribution's; the service may have set another.
    if service.environment.iter().all(|set| set.name != path) {
        let value = request.places.distro.path.parse()?;
        service
            .environment
            .insert(0, Variable { name: path, value });
    }
    let spec = spec::resolved(&service)?;
    Ok(format!(
        "#!{INTERPRETER} exec\n# What `kubelet-unit exec` starts and ends.\n{spec}"
    ))
}
