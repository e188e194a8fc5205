//! What a sh program does not give a service, so that rendering one fails.

use super::process;
use crate::service::{Kill, Policy, Property, Reload, Service, Type};

const BESIDE: &str = "it runs no commands beside the service";

/// The first property of the service that is left to the native launcher, and why.
pub(super) fn of(service: &Service) -> Option<(Property, &'static str)> {
    let stop = &service.stop;
    let life = &service.life;
    let asked = [
        (
            stop.kill == Kill::None,
            Property::StopKill,
            "a shell that waits for the service cannot end before it does",
        ),
        (
            !stop.send_kill,
            Property::StopSendKill,
            "a shell that waits for the service cannot end before it does",
        ),
    ];
    let beside = [
        (
            life.conditions.iter().any(|it| !it.check.is_of_a_path()),
            Property::Conditions,
            "it looks at paths alone before a start",
        ),
        (
            life.conditions.iter().any(|it| it.is_trigger),
            Property::Conditions,
            "it asks for all conditions, and knows none of which any is enough (`|`)",
        ),
        (
            service.service_type == Type::Oneshot,
            Property::Type,
            "it does not heed how a `oneshot` has ended",
        ),
        (
            service.service_type == Type::Forking,
            Property::Type,
            "it cannot wait for a process that it has not started",
        ),
        (
            life.remain_after_exit,
            Property::RemainAfterExit,
            "it ends with the service",
        ),
        (
            life.pre_start.iter().any(|command| command.name.is_some()),
            Property::PreStart,
            "no shell can call a program by another name (`@`)",
        ),
        (
            !life.pre_start.is_empty() && tells_signals(service.restart.policy),
            Property::PreStart,
            "a shell does not know whether a command has ended by a signal, as this `restart.policy` has to",
        ),
        (
            service.start_timeout_counts() && service.start_timeout().is_some(),
            Property::StartTimeout,
            "it does not measure how long a start takes",
        ),
        (
            matches!(life.reload, Some(Reload::Commands(_))),
            Property::Reload,
            "it runs no commands beside the service; a signal it can send",
        ),
        (!life.post_start.is_empty(), Property::PostStart, BESIDE),
        (!stop.commands.is_empty(), Property::StopCommands, BESIDE),
        (!life.post_stop.is_empty(), Property::PostStop, BESIDE),
    ];
    asked
        .into_iter()
        .chain(beside)
        .find_map(|(is_asked, property, why)| is_asked.then_some((property, why)))
        .or_else(|| process::unfit(service))
}

/// Whether a policy tells an end by a signal from an exit code.
fn tells_signals(policy: Policy) -> bool {
    matches!(policy, Policy::OnAbnormal | Policy::OnAbort)
}
