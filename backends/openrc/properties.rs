//! What of an init script a property becomes.

use crate::backends::{Expression, launcher};
use crate::service::Property;

pub(super) fn express(property: Property) -> Expression {
    match property {
        Property::Name => Expression::native("the name of the init script"),
        Property::Description => Expression::native("`description=`"),
        Property::ConfiguredBy | Property::Documentation => Expression::omitted("no place for it"),
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
            "the launcher's `respawn` verb waits. `respawn_delay=` is not used: versions after 0.54 cap it at 30 s and add 128 ms for each respawn, and none lets a `stop` cut it short",
        ),
        Property::RestartLimit => Expression::partial(
            "`respawn_max=` and `respawn_period=`; none is `respawn_max=0`. Where the launcher starts again, there is none, and a note says so",
        ),
        Property::StopSignal | Property::StopTimeout => Expression::native(
            "`retry=\"SIGNAL/TIMEOUT+1/KILL/5\"` for the main process; the launcher's `stop` (from `stop_pre`) for the others, and for KILL at the timeout itself",
        ),
        Property::StopKill => Expression::launcher(
            "the service's own cgroup, emptied by the launcher's `end` in `stop_post`, which returns when nothing is left",
        ),
        Property::StopSendKill => Expression::launcher(
            "the native launcher, which stays the parent and lets go of what is left; the sh launcher is refused",
        ),
        Property::Needs => Expression::native(
            "`need NAME`; `network-online` and `cgroups` are `want` and `after`, since it is not an error where they are absent; `container-runtime` is `after` with the names that runtimes have, and none is started",
        ),
        Property::Wants => {
            Expression::native("`want NAME` and `after NAME`; `container-runtime` as above")
        }
        Property::After => Expression::native("`after NAME`"),
        Property::Before => Expression::native("`before NAME`"),
        Property::Type => Expression::note(
            "the service gets no `NOTIFY_SOCKET`: what comes after it starts as soon as its process has, and may be early",
        ),
        Property::TasksMax => Expression::note(
            "nothing bounds the number of its processes here; `limits.nproc` bounds that of its user",
        ),
        Property::Delegate => Expression::omitted(
            "nobody but systemd keeps control groups from a service, and so none has to be left to it",
        ),
        Property::Process(_) => launcher::process(),
        Property::LogMaxSize | Property::LogKeep => {
            Expression::native("`output_log` and `error_log`, and logrotate with `copytruncate`")
        }
    }
}
