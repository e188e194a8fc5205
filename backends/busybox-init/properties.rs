//! What of a line of inittab a property becomes.

use crate::backends::{Expression, launcher};
use crate::service::Property;

pub(super) fn express(property: Property) -> Expression {
    match property {
        Property::Name => {
            Expression::native("the name of what the line starts, by which it is known")
        }
        Property::Description | Property::ConfiguredBy | Property::Documentation => {
            Expression::omitted("no place for it")
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
        Property::Systemd => launcher::for_systemd(),
        Property::Process(_) => launcher::process(),
        Property::RestartPolicy => Expression::partial(
            "the launcher stays the parent (`supervise`): init starts again whatever ends, a second later. The action is `respawn`, for a launcher that was killed. For what may stay down it is `once`, which init runs at boot alone, as a note says",
        ),
        Property::SuccessExitStatus | Property::ForceExitStatus | Property::PreventExitStatus => {
            Expression::launcher("the launcher, as for `restart.policy`")
        }
        Property::RestartLimit => launcher::start_limit(),
        Property::StopSignal => {
            Expression::launcher("TERM to the launcher, which sends the signal to the service")
        }
        Property::StopTimeout => Expression::launcher(
            "the launcher, whose `end` is waited for. When the machine goes down, init leaves a second between TERM and KILL, whatever it says",
        ),
        Property::StopKill => {
            Expression::launcher("the service's own cgroup, emptied by the launcher before it ends")
        }
        Property::StopSendKill => Expression::launcher(
            "the native launcher, which stays the parent and lets go of what is left; the sh launcher is refused",
        ),
        Property::Needs | Property::Wants | Property::After => Expression::partial(
            "it starts when all `sysinit` and `wait` lines have ended; there is no order among the others, and a note says so where a service is named",
        ),
        Property::Before => Expression::note("nothing waits for a line that is respawned"),
        Property::Conditions
        | Property::PreStart
        | Property::PostStart
        | Property::StopCommands
        | Property::PostStop
        | Property::RemainAfterExit
        | Property::NotifyAccess
        | Property::StartTimeout => launcher::life(),
        Property::Reload => Expression::launcher("the launcher's verb `reload`"),
        Property::Conflicts => launcher::conflicts(),
        Property::PidFile => launcher::pid_file(),
        Property::Type => launcher::service_type(),
        Property::TasksMax => Expression::note(
            "nothing bounds the number of its processes here; `limits.nproc` bounds that of its user",
        ),
        Property::Delegate => Expression::omitted(
            "nobody but systemd keeps control groups from a service, and so none has to be left to it",
        ),
        Property::LogTo => Expression::native(
            "with `inherit` it stays that of init; with `syslog`, a script starts the launcher with a pipe to `logger`",
        ),
        Property::LogMaxSize | Property::LogKeep => {
            Expression::native("a log file, and a logrotate include that copies and truncates")
        }
    }
}
