//! What of an init script a property becomes.

use crate::backends::{Expression, launcher};
use crate::service::Property;

pub(super) fn express(property: Property) -> Expression {
    match property {
        Property::Name => Expression::native("the name of the init script"),
        Property::Description => Expression::native("`description=`"),
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
            "the launcher, which `command=` names; OpenRC itself reads none of it",
        ),
        Property::RestartPolicy => Expression::launcher(
            "`supervisor=supervise-daemon` starts again after every end, which is `always`; for other policies the launcher stays the parent (`supervise tell`), and tells it when the service is to stay down",
        ),
        Property::SuccessExitStatus | Property::ForceExitStatus | Property::PreventExitStatus => {
            Expression::launcher("as for `restart.policy`")
        }
        Property::RestartDelay => Expression::launcher(
            "the launcher's `respawn` verb waits. `respawn_delay=` is not used: from 0.62 on it is at most 30 s and grows by 128 ms with each respawn, and no version lets a `stop` cut it short",
        ),
        Property::RestartLimit => launcher::start_limit(),
        Property::StopSignal | Property::StopTimeout => Expression::native(
            "`retry=\"SIGNAL/TIMEOUT+1/KILL/5\"` for the main process; the launcher's `stop` (from `stop_pre`) for the others, and for KILL at the timeout itself",
        ),
        Property::StopKill => Expression::launcher(
            "the service's own cgroup, emptied by the launcher's `end` in `stop_post`, which returns when nothing is left",
        ),
        Property::StopSendKill => launcher::send_kill(),
        Property::Needs => Expression::native(
            "`need NAME`; `network-online` and `cgroups` become `want` and `after`, because it is not an error if they are absent; `container-runtime` becomes `after` with the names of known runtimes, none of which is started",
        ),
        Property::Wants => {
            Expression::native("`want NAME` and `after NAME`; `container-runtime` as above")
        }
        Property::After => Expression::native("`after NAME`"),
        Property::Before => Expression::native("`before NAME`"),
        Property::Conditions
        | Property::PreStart
        | Property::PostStart
        | Property::StopCommands
        | Property::PostStop
        | Property::RemainAfterExit
        | Property::NotifyAccess
        | Property::StartTimeout => launcher::life(),
        Property::Reload => {
            Expression::launcher("`reload` of the init script, which calls the launcher's")
        }
        Property::Conflicts => launcher::conflicts(),
        Property::PidFile => launcher::pid_file(),
        Property::Type => Expression::partial(
            "the launcher waits for the end of a `oneshot`, the init does not. That a `notify` service is ready is passed on by the native launcher, through `notify=fd:3`, which OpenRC has from 0.62 on; a note says so. With the sh launcher it gets no `NOTIFY_SOCKET`, which another note says",
        ),
        Property::TasksMax => launcher::tasks_max(),
        Property::Delegate => launcher::delegate(),
        Property::Systemd => launcher::for_systemd(),
        Property::Process(_) => launcher::process(),
        Property::LogTo => Expression::native(
            "with `inherit`, `output_log=/proc/1/fd/1` and `error_log=/proc/1/fd/2`, the output of PID 1; with `syslog`, `command=` names a script that starts the launcher with a pipe to `logger`",
        ),
        Property::LogMaxSize | Property::LogKeep => {
            Expression::native("`output_log` and `error_log`, and logrotate with `copytruncate`")
        }
    }
}
