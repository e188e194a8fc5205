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
        Property::RestartLimit => Expression::partial(
            "`respawn_max=` and `respawn_period=`; `respawn_max=0` is for no limit. If the launcher starts the service again, there is no limit, and a note says so",
        ),
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
        | Property::StartTimeout => launcher::life(),
        Property::Reload => {
            Expression::launcher("`reload` of the init script, which calls the launcher's")
        }
        Property::Conflicts => launcher::conflicts(),
        Property::Type => launcher::service_type(),
        Property::TasksMax => launcher::tasks_max(),
        Property::Delegate => launcher::delegate(),
        Property::Process(_) => launcher::process(),
        Property::LogMaxSize | Property::LogKeep => {
            Expression::native("`output_log` and `error_log`, and logrotate with `copytruncate`")
        }
    }
}
