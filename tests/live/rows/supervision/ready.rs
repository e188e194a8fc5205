//! Whether who waits for the service hears when it is ready.

use std::time::Duration;

use kubelet_unit::backends::Launcher;
use kubelet_unit::service::{Service, Type};

use crate::bed::{Bed, Boot, PATIENCE, ground};
use crate::error::{Result, fail};
use crate::lanes::Task;
use crate::recorder::Behaviour;
use crate::report::Cell;
use crate::service::Rendering;

/// How long the service takes until it says that it is ready.
const TAKES: u64 = 1500;

/// What says whether the service is ready, with exit code 0.
fn asks(init: &str) -> Option<&'static [&'static str]> {
    Some(match init {
        "systemd" => &["systemctl", "is-active", "kubelet"],
        "openrc" => &["rc-service", "kubelet", "status"],
        // `sv check` is content with what is down and is to be.
        "runit" => &[
            "sh",
            "-c",
            "cd /etc/service && sv -w 1 check kubelet && sv status kubelet | grep -q ^run:",
        ],
        "s6" => &[
            "sh",
            "-c",
            "test \"$(s6-svstat -o ready /run/service/kubelet)\" = true",
        ],
        _ => return None,
    })
}

pub(super) fn is_asked(init: &dyn crate::bed::Init) -> bool {
    asks(init.name()).is_some()
}

/// Whether this is an OpenRC that nobody can tell that a service is ready.
fn hears_nothing(task: &Task) -> bool {
    let version = task.init.version(&ground());
    let minor = version.and_then(|it| {
        it.strip_prefix("0.")?
            .split('.')
            .next()?
            .parse::<u32>()
            .ok()
    });
    task.init.name() == "openrc" && minor.is_some_and(|minor| minor < 62)
}

pub(super) fn row(task: &Task) -> Result<Cell> {
    let Some(ask) = asks(task.init.name()) else {
        fail!("nothing says whether it is ready")
    };
    let change = |service: &mut Service| service.service_type = Type::Notify;
    let rendering = Rendering {
        launcher: Launcher::Native,
        change: &change,
        ..Rendering::default()
    };
    let mut bed = Bed::boot(task.init, &rendering.files(task.init)?, &Boot::default())?;
    bed.behave(&Behaviour {
        ready_ms: Some(TAKES),
        ..Behaviour::default()
    })?;
    let script = format!("{} >/dev/null 2>&1 &", task.init.begin());
    let begin = ["sh", "-c", &script];
    bed.expect(&begin.map(str::to_owned))?;
    bed.next_start(PATIENCE)?;
    if bed.run(ask)?.code == 0 {
        if hears_nothing(task) {
            return Ok(Cell::Limit {
                figure: "when the launcher has started".into(),
                because: "OpenRC before 0.62 has no `notify=`.",
            });
        }
        fail!("it was ready before it had said so");
    }
    bed.wait("it to be ready", PATIENCE, || Ok(bed.run(ask)?.code == 0))?;
    bed.stop()?;
    std::thread::sleep(Duration::from_millis(100));
    if bed.run(ask)?.code == 0 {
        fail!("it was ready after a stop");
    }
    Ok(Cell::Passed("when the service says so".into()))
}
