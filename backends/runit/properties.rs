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
        | Property::OomScoreAdjust => Expression::launcher("the launcher, which `run` becomes"),
        Property::RestartPolicy => Expression::native(
            "runsv starts again after every end; for `on-failure` and `never`, `finish` tells it `d` (down) after an end that is not to be followed by a start",
        ),
        Property::SuccessExitStatus | Property::ForceExitStatus | Property::PreventExitStatus => {
            Expression::launcher("the launcher's `finish`")
        }
        Property::RestartDelay => Expression::native(
            "`finish` waits, and looks twice a second whether a command has come; runsv's own floor is 1 s",
        ),
        Property::RestartLimit => {
            Expression::note("there is none here: the service is started again for ever")
        }
        Property::StopSignal => {
            Expression::native("`control/t`; TERM to the main process is runsv's own")
        }
        Property::StopTimeout => Expression::launcher(
            "the launcher's `stop` from `control/t`, which sends KILL when it is over: runsv never does",
        ),
        Property::StopKill => Expression::launcher(
            "the service's own cgroup, emptied in `finish`, which `sv stop` waits for",
        ),
        Property::StopSendKill => Expression::launcher(
            "the native launcher, which stays the parent and lets go of what is left; the sh launcher is refused",
        ),
        Property::Needs => Expression::native(
            "`sv check ../NAME || exit 1`, so runsv tries again a second later; the rest as for `wants`",
        ),
        Property::Wants => Expression::native(
            "a loop at the first start since boot that waits, up to 10 s each, for those that are enabled; `cgroups` is nothing, since stage 1 of the boot mounts them",
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
            "`log/run` with `svlogd`; its `config` is written once and then belongs to the administrator",
        ),
    }
}
