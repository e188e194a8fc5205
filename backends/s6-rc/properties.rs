//! What of a source directory a property becomes.

use crate::backends::{Expression, launcher};
use crate::service::Property;

pub(super) fn express(property: Property) -> Expression {
    match property {
        Property::Name => Expression::native(
            "the name of the pipeline; the service in it is `NAME-srv`, its logger `NAME-log`. In s6-overlay the service has the plain name",
        ),
        Property::Description | Property::ConfiguredBy | Property::Documentation => {
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
        | Property::OomScoreAdjust => Expression::launcher("the launcher"),
        Property::RestartPolicy => Expression::native(
            "s6-supervise starts again after every end; for `on-failure` and `never`, `finish` exits with 125, which tells s6-supervise not to start it again",
        ),
        Property::SuccessExitStatus | Property::ForceExitStatus | Property::PreventExitStatus => {
            Expression::launcher("the launcher's `finish`")
        }
        Property::RestartDelay => Expression::native(
            "`finish` waits for all but the last second, which is s6-supervise's own; `timeout-finish` is 0, since the default of 5 s would cut it short. With a delay of less than a second the native launcher starts the service again itself",
        ),
        Property::RestartLimit => launcher::start_limit(),
        Property::StopSignal | Property::StopTimeout => Expression::launcher(
            "the launcher stays the parent (`supervise once`): s6-supervise signals one process and has no hook before it does. `timeout-kill` is only for a launcher that hangs; `s6-rc` itself waits for as long as that takes",
        ),
        Property::StopKill => {
            Expression::launcher("the service's own cgroup, emptied by the launcher before it ends")
        }
        Property::StopSendKill => launcher::send_kill(),
        Property::Needs => Expression::native(
            "`dependencies.d/NAME`: s6-rc starts NAME first, and stops the service with it. A name that the sources lack is refused, because the whole database would not compile; the rest as for `wants`",
        ),
        Property::Wants => Expression::native(
            "at the first start since boot, a loop waits up to 10 s for each of them that is enabled (`s6-rc-db contents`); `cgroups` needs nothing, because the boot mounts them",
        ),
        Property::After => Expression::native("the same loop as for `wants`"),
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
        Property::Type => launcher::service_type_at_descriptor(),
        Property::TasksMax => launcher::tasks_max(),
        Property::Delegate => launcher::delegate(),
        Property::Systemd => launcher::for_systemd(),
        Property::Process(_) => launcher::process(),
        Property::LogTo => Expression::native(
            "with `inherit`, which needs the layout `alone`, the output goes where that of s6-svscan does; with `syslog`, `NAME-log` becomes `logger`",
        ),
        Property::LogMaxSize | Property::LogKeep => Expression::native(
            "`NAME-log` with `s6-log`, `n` and `s` from the spec; readiness through descriptor 3. Without a logger, which is the custom in containers and the layout `alone`, the output goes where that of s6-svscan goes",
        ),
    }
}
