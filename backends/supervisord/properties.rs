//! What of a program section a property becomes.

use crate::backends::{Expression, launcher};
use crate::service::Property;

pub(super) fn express(property: Property) -> Expression {
    match property {
        Property::Name => Expression::native("the name of the section"),
        Property::Description => Expression::native("a comment"),
        Property::ConfiguredBy | Property::Documentation => {
            Expression::omitted("there is no place for it")
        }
        Property::Program
        | Property::Arguments
        | Property::Environment
        | Property::EnvFiles
        | Property::Specifiers
        | Property::Nofile
        | Property::Nproc
        | Property::Core
        | Property::OomScoreAdjust => Expression::launcher(
            "the launcher; supervisord's `environment=` expands `%(…)s` and cuts at ` ;`, so nothing of the service goes through it",
        ),
        Property::RestartPolicy
        | Property::RestartDelay
        | Property::SuccessExitStatus
        | Property::ForceExitStatus
        | Property::PreventExitStatus => Expression::launcher(
            "the launcher stays the parent (`supervise`) and starts the program again itself: supervisord has no delay, and with `startsecs` of 1 or more it gives up (FATAL)",
        ),
        Property::RestartLimit => launcher::start_limit(),
        Property::StopSignal => Expression::launcher(
            "supervisord's TERM to the launcher, which sends the signal to the service",
        ),
        Property::StopTimeout => {
            Expression::launcher("the launcher; `stopwaitsecs` is only for a launcher that hangs")
        }
        Property::StopKill => Expression::launcher(
            "the service's own cgroup, emptied by the launcher before it ends. `stopasgroup` and `killasgroup` stay off: the launcher signals",
        ),
        Property::StopSendKill => launcher::send_kill(),
        Property::Needs | Property::Wants => Expression::partial(
            "`priority=999` starts it after the others; supervisord does not wait for another program, and a note names those that the service should wait for",
        ),
        Property::After => Expression::partial("as for `needs`, with a note"),
        Property::Before => launcher::before(),
        Property::Conditions
        | Property::PreStart
        | Property::PostStart
        | Property::StopCommands
        | Property::PostStop
        | Property::RemainAfterExit
        | Property::NotifyAccess
        | Property::StartTimeout => launcher::life(),
        Property::Reload => launcher::reload(),
        Property::Conflicts => launcher::conflicts(),
        Property::PidFile => launcher::pid_file(),
        Property::Type => launcher::service_type(),
        Property::TasksMax => launcher::tasks_max(),
        Property::Delegate => launcher::delegate(),
        Property::Systemd => launcher::for_systemd(),
        Property::Process(_) => launcher::process(),
        Property::LogTo => Expression::native(
            "with `inherit`, `stdout_logfile=/dev/fd/1` and `stderr_logfile=/dev/fd/2`, its own output; with `syslog`, `stdout_logfile=syslog`",
        ),
        Property::LogMaxSize | Property::LogKeep => Expression::native(
            "`stdout_logfile` with `redirect_stderr`, `stdout_logfile_maxbytes`, `stdout_logfile_backups`",
        ),
    }
}
