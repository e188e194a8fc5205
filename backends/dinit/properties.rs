//! What of a dinit service a property becomes.

use crate::backends::{Expression, launcher};
use crate::service::Property;

pub(super) fn express(property: Property) -> Expression {
    match property {
        Property::Name => Expression::native("the name of the description's file"),
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
            "the launcher. dinit's own `env-file` is read when the service is loaded and not at each start, keeps quotes as characters, and is fatal where it is missing",
        ),
        Property::RestartPolicy => Expression::launcher(
            "the launcher stays the parent (`supervise`); `restart = true` is for a launcher that was killed, and with `restart = false` dinit shows the exit code of a service that is not started again",
        ),
        Property::SuccessExitStatus | Property::ForceExitStatus | Property::PreventExitStatus => {
            Expression::launcher("the launcher, as for `restart.policy`")
        }
        Property::RestartDelay => Expression::launcher(
            "the launcher: dinit counts its own delay from the last start, so that a service that ran for a minute is started again at once",
        ),
        Property::RestartLimit => launcher::start_limit(),
        Property::StopSignal => Expression::launcher(
            "dinit's TERM to the launcher, which sends the signal to the service",
        ),
        Property::StopTimeout => Expression::launcher(
            "the launcher; `stop-timeout` is only for one that hangs, and dinit's default of 10 s would kill it too early",
        ),
        Property::StopKill => {
            Expression::launcher("the service's own cgroup, emptied by the launcher before it ends")
        }
        Property::StopSendKill => launcher::send_kill(),
        Property::Needs => Expression::native(
            "`depends-on`: when the other stops, so does the service; the rest as for `wants`",
        ),
        Property::Wants => Expression::partial(
            "`after`: dinit starts the service after the other one, but does not start that one for it, and a note says so; `waits-for` would start it, and would fail if it is not there. The network is `network.target` on Chimera and the names of its daemons elsewhere; control groups are `cgroups` except on Chimera",
        ),
        Property::After => Expression::native("`after`"),
        Property::Before => Expression::native("`before` (0.17 and newer)"),
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
            "the launcher waits for the end of a `oneshot`, the init does not. That a `notify` service is ready is passed on by the native launcher, through `ready-notification = pipefd:3`; with the sh launcher it gets no `NOTIFY_SOCKET`, and a note says so",
        ),
        Property::TasksMax => launcher::tasks_max(),
        Property::Delegate => launcher::delegate(),
        Property::Systemd => launcher::for_systemd(),
        Property::Process(_) => launcher::process(),
        Property::LogTo => Expression::native(
            "with `inherit`, `options: shares-console`, which is dinit's own output; with `syslog`, `command` names a script that starts the launcher with a pipe to `logger`",
        ),
        Property::LogMaxSize | Property::LogKeep => Expression::native(
            "`logfile`, and a logrotate include that copies and truncates: dinit opens the file again only with the next start",
        ),
    }
}
