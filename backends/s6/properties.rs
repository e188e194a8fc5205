//! What of a service directory a property becomes.

use crate::backends::{Expression, launcher};
use crate::service::Property;

pub(super) fn express(property: Property) -> Expression {
    match property {
        Property::Name => Expression::native("the name of the service directory"),
        Property::Description | Property::ConfiguredBy | Property::Documentation => {
            Expression::omitted("no place for it")
        }
        Property::Program
        | Property::Arguments
        | Property::Environment
        | Property::EnvFiles
        | Property::Nofile
        | Property::Nproc
        | Property::Core
        | Property::OomScoreAdjust => Expression::launcher("the launcher"),
        Property::RestartPolicy => Expression::native(
            "s6-supervise starts again after every end; for `on-failure` and `never`, `finish` exits 125, s6's word for: not again",
        ),
        Property::SuccessExitStatus | Property::ForceExitStatus | Property::PreventExitStatus => {
            Expression::launcher("the launcher's `finish`")
        }
        Property::RestartDelay => Expression::native(
            "`finish` waits for all but the last second, which is s6-supervise's own; `timeout-finish` is 0, since the default of 5 s would cut it short",
        ),
        Property::RestartLimit => {
            Expression::note("there is none here: the service is started again for ever")
        }
        Property::StopSignal | Property::StopTimeout => Expression::launcher(
            "the launcher stays the parent (`supervise once`): s6-supervise signals one process and has no hook before it does. `timeout-kill` is only for a launcher that hangs",
        ),
        Property::StopKill => {
            Expression::launcher("the service's own cgroup, emptied by the launcher before it ends")
        }
        Property::StopSendKill => Expression::launcher(
            "the native launcher, which stays the parent and lets go of what is left; the sh launcher is refused",
        ),
        Property::Needs => {
            Expression::native("`s6-svwait -u ../NAME || exit 1`; the rest as for `wants`")
        }
        Property::Wants => Expression::native(
            "a loop at the first start since boot that waits, up to 10 s each, for those that are there; `cgroups` is nothing, since stage 1 of the boot mounts them",
        ),
        Property::After => Expression::native("the loop as for `wants`"),
        Property::Before => Expression::note(
            "no other service waits for this one here: name it in the `after` of those that should",
        ),
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
        Property::LogMaxSize | Property::LogKeep => Expression::native(
            "`log/run` with `s6-log`, `n` and `s` from the spec; readiness through descriptor 3",
        ),
    }
}
