//! What of a service directory a property becomes.

use crate::backends::{Expression, launcher};
use crate::service::Property;

pub(super) fn express(property: Property) -> Expression {
    match property {
        Property::Name => Expression::native("the name of the service directory"),
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
        | Property::OomScoreAdjust => Expression::launcher("the launcher, which `run` becomes"),
        Property::RestartPolicy => Expression::native(
            "runsv starts again after every end; for `on-failure` and `never`, `finish` sends it `d` (down) after an end that no start should follow",
        ),
        Property::SuccessExitStatus | Property::ForceExitStatus | Property::PreventExitStatus => {
            Expression::launcher("the launcher's `finish`")
        }
        Property::RestartDelay => Expression::native(
            "`finish` waits, and looks twice a second whether a command has come; runsv's own floor is 1 s, and with a shorter delay the native launcher starts the service again itself",
        ),
        Property::RestartLimit => launcher::start_limit(),
        Property::StopSignal => {
            Expression::native("`control/t`; TERM to the main process is runsv's own")
        }
        Property::StopTimeout => Expression::launcher(
            "the launcher's `stop` from `control/t`, which sends KILL at the timeout: runsv never does",
        ),
        Property::StopKill => Expression::launcher(
            "the service's own cgroup, emptied in `finish`, which `sv stop` waits for",
        ),
        Property::StopSendKill => launcher::send_kill(),
        Property::Needs => Expression::native(
            "`sv check ../NAME || exit 1`, so runsv tries again a second later; the rest as for `wants`",
        ),
        Property::Wants => Expression::native(
            "at the first start since boot, a loop waits up to 10 s for each of them that is enabled; `cgroups` needs nothing, because stage 1 of the boot mounts them",
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
        Property::Type => Expression::partial(
            "the launcher waits for the end of a `oneshot`, the init does not. That a `notify` service is ready is passed on by the native launcher, through a script `check`, which `sv check` asks; with the sh launcher it gets no `NOTIFY_SOCKET`, and a note says so",
        ),
        Property::TasksMax => launcher::tasks_max(),
        Property::Delegate => launcher::delegate(),
        Property::Systemd => launcher::for_systemd(),
        Property::Process(_) => launcher::process(),
        Property::LogTo => Expression::native(
            "with `inherit` there is no `log` directory, so that the output goes where that of runsvdir does; with `syslog`, `log/run` becomes `logger`, or `vlogger` with that layout",
        ),
        Property::LogMaxSize | Property::LogKeep => Expression::native(
            "`log/config`, which `log/run` links into the log's folder for `svlogd`; with the layout `vlogger`, what vlogger passes the log on to decides",
        ),
    }
}
