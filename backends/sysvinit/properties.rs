//! What of an entry of inittab, or of an init script, a property becomes.

use crate::backends::{Expression, launcher};
use crate::service::Property;

pub(super) fn express(property: Property) -> Expression {
    match property {
        Property::Name => Expression::native("the name of the file; in a script, `Provides`"),
        Property::Description => Expression::native("a comment; in a script, `Short-Description`"),
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
        | Property::OomScoreAdjust
        | Property::RestartDelay => Expression::launcher("the launcher"),
        Property::RestartPolicy => Expression::launcher(
            "the launcher stays the parent (`supervise`): init stops starting an entry for five minutes if it ends ten times within two minutes. The action is `respawn`, for a launcher that was killed, and `once` for the other policies; with a script, a launcher that was killed is not started again",
        ),
        Property::SuccessExitStatus | Property::ForceExitStatus | Property::PreventExitStatus => {
            Expression::launcher("the launcher, as for `restart.policy`")
        }
        Property::RestartLimit => launcher::start_limit(),
        Property::StopSignal => {
            Expression::launcher("TERM to the launcher, which sends the signal to the service")
        }
        Property::StopTimeout => Expression::launcher("the launcher; the stop waits for its `end`"),
        Property::StopKill => {
            Expression::launcher("the service's own cgroup, emptied by the launcher before it ends")
        }
        Property::StopSendKill => launcher::send_kill(),
        Property::Needs => Expression::partial(
            "script: `Required-Start`. Entry: it starts when all scripts of the boot have ended, whether or not they succeeded, and a note says so",
        ),
        Property::Wants => Expression::partial(
            "script: `Should-Start`, which only orders the start, as a note says. Entry: it starts when all scripts of the boot have ended",
        ),
        Property::After => Expression::native(
            "script: `Should-Start`. Entry: it starts when all scripts of the boot have ended",
        ),
        Property::Before => Expression::partial(
            "script: `X-Start-Before`, which insserv(8) reads. Entry: nothing waits for it, and a note says so",
        ),
        Property::Conditions
        | Property::PreStart
        | Property::PostStart
        | Property::StopCommands
        | Property::PostStop
        | Property::RemainAfterExit
        | Property::NotifyAccess
        | Property::StartTimeout => launcher::life(),
        Property::Reload => {
            Expression::launcher("the launcher's verb `reload`, which a script has as well")
        }
        Property::Conflicts => launcher::conflicts(),
        Property::PidFile => launcher::pid_file(),
        Property::Type => launcher::service_type(),
        Property::TasksMax => launcher::tasks_max(),
        Property::Delegate => launcher::delegate(),
        Property::Systemd => launcher::for_systemd(),
        Property::Process(_) => launcher::process(),
        Property::LogTo => Expression::native(
            "with `inherit` the console, which is what init gives to all that it starts; with `syslog`, a script starts the launcher with a pipe to `logger`",
        ),
        Property::LogMaxSize | Property::LogKeep => {
            Expression::native("a log file, and a logrotate include that copies and truncates")
        }
    }
}
