//! What is tested: each row on every init that it concerns.

mod beds;
mod cleanup;
mod daemons;
mod drive;
mod image;
mod inputs;
mod migrate;
mod process;
mod recording;
mod reload;
mod start;
mod supervision;
mod units;
mod vectors;
mod verdict;

use crate::bed::Init;
use crate::error::Result;
use crate::lanes::Task;
use crate::report::Cell;

pub(crate) use cleanup::victim;
pub(crate) use vectors::References;

/// argv\[1\] of the test binary as the one whose end the rows about cleaning up watch.
pub(crate) const VICTIM: &str = "@victim";

/// One line of the table.
pub(crate) struct Row {
    /// Unique, and what filters match.
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) inits: Inits,
    pub(crate) lane: Lane,
    /// Whether it is about what we render, and so in the table for readers; otherwise it is about the suite.
    pub(crate) shown: bool,
    /// Only with `--slow`.
    pub(crate) slow: bool,
    /// Only where a filter names it: it takes longer than all others together, or needs programs that nothing
    /// else does.
    pub(crate) named: bool,
    /// Rough seconds: long rows begin first.
    pub(crate) weight: u32,
    pub(crate) run: fn(&Task) -> Result<Cell>,
}

/// The rows for an init whose backend is an example: the kubelet's command line and environment, the start after
/// a crash, and that a stop leaves nothing.
const ON_EXAMPLES: [&str; 6] = [
    "bed: enabled",
    "vectors: sh",
    "vectors: native",
    "stop",
    "stop: children",
    "crash: children",
];

/// Beside what a row may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// It computes: a few at a time, as many as there are processors.
    Busy,
    /// It waits most of the time, and neither disturbs others nor is disturbed: beside all other lanes.
    Long,
    /// It measures waits of seconds: all inits side by side, when nothing computes any more.
    Side,
    /// It measures fractions of a second: a processor for each, and nothing beside them.
    Alone,
}

/// Where a row runs.
pub(crate) enum Inits {
    All,
    /// All but systemd, which has nothing to measure there.
    Others,
    /// Those of which this is true.
    Where(fn(&dyn Init) -> bool),
    /// Where a row tests the beds and not an init, one is enough.
    Only(&'static [&'static str]),
}

impl Row {
    pub(crate) fn runs_on(&self, init: &dyn Init) -> bool {
        if init.is_example() {
            return ON_EXAMPLES.contains(&self.name);
        }
        match self.inits {
            Inits::All => true,
            Inits::Others => init.name() != "systemd",
            Inits::Where(is_meant) => is_meant(init),
            Inits::Only(names) => names.contains(&init.name()),
        }
    }

    /// Whether a filter asks for it by its name, or by that of a group that has no row of that name alone.
    pub(crate) fn is_named_by(&self, filter: &str) -> bool {
        let of_group = self.name.split_once(": ").map(|(group, _)| group);
        filter == self.name || (of_group == Some(filter) && all().all(|row| row.name != filter))
    }

    /// Whether another version of an init can change its outcome: not what is about the beds, nor what only has
    /// longer waits than another row.
    pub(crate) fn depends_on_version(&self) -> bool {
        const SAME: [&str; 10] = [
            "bed: files",
            "bed: cgroups",
            "bed: side by side",
            "bed: errors",
            "cleanup: ",
            "delay: 2 s",
            "delay: 10 s",
            "delay: 45 s",
            "delay: 200 crashes",
            "stop: 90 s",
        ];
        !SAME.iter().any(|name| self.name.starts_with(name))
    }

    /// Whether it measures times, which depend on what else the machine does.
    pub(crate) fn measures(&self) -> bool {
        self.slow || matches!(self.lane, Lane::Side | Lane::Alone)
    }
}

/// A row on all inits that takes seconds.
const fn row(name: &'static str, about: &'static str, run: fn(&Task) -> Result<Cell>) -> Row {
    Row {
        name,
        about,
        inits: Inits::All,
        lane: Lane::Busy,
        shown: false,
        slow: false,
        named: false,
        weight: 2,
        run,
    }
}

impl Row {
    const fn only(mut self, inits: &'static [&'static str]) -> Self {
        self.inits = Inits::Only(inits);
        self
    }

    const fn others(mut self) -> Self {
        self.inits = Inits::Others;
        self
    }

    const fn on(mut self, inits: fn(&dyn Init) -> bool) -> Self {
        self.inits = Inits::Where(inits);
        self
    }

    const fn lane(mut self, lane: Lane) -> Self {
        self.lane = lane;
        self
    }

    const fn shown(mut self) -> Self {
        self.shown = true;
        self
    }

    const fn named(mut self) -> Self {
        self.named = true;
        self
    }

    const fn slow(mut self) -> Self {
        self.slow = true;
        self
    }

    const fn weight(mut self, seconds: u32) -> Self {
        self.weight = seconds;
        self
    }
}

/// In the order of the table.
pub(crate) fn all() -> impl Iterator<Item = &'static Row> {
    SUITE
        .iter()
        .chain(VECTORS)
        .chain(inputs::ROWS)
        .chain(process::ROWS)
        .chain(supervision::ROWS)
        .chain(daemons::ROWS)
}

/// The beds and the recorder.
const SUITE: &[Row] = &[
    row(
        "bed: one life",
        "boot, start, restart and stop by the init's own commands",
        beds::one_life,
    ),
    row(
        "bed: enabled",
        "an enabled service starts with the init",
        beds::enabled,
    ),
    row(
        "bed: files",
        "files, links, folders and FIFOs are seen inside alone",
        beds::files,
    )
    .only(&["s6"]),
    row(
        "bed: cgroups",
        "what /sys/fs/cgroup is in each variant",
        beds::cgroups,
    )
    .only(&["runit"]),
    row(
        "bed: side by side",
        "four beds at once know nothing of each other",
        beds::side_by_side,
    )
    .only(&["s6"]),
    row(
        "bed: errors",
        "a command that fails, hangs or is missing, and an init that ends",
        beds::errors,
    )
    .only(&["s6"]),
    row(
        "recorder: ends",
        "exit codes and signals, as the init sees them",
        recording::ends,
    )
    .only(&["systemd", "s6"]),
    row(
        "recorder: TERM",
        "recorded, obeyed late or ignored",
        recording::term,
    )
    .only(&["systemd", "s6"]),
    row(
        "recorder: children",
        "left behind by a stop where the init does not end them",
        recording::children,
    ),
    row(
        "recorder: lines",
        "10,000 printed lines arrive in the init's log",
        recording::lines,
    ),
    row(
        "recorder: differences",
        "a bare service differs from systemd's in what is known",
        recording::differences,
    ),
    row(
        "cleanup: drop",
        "nothing is left of a dropped bed",
        cleanup::dropped,
    ),
    row(
        "cleanup: panic",
        "nothing is left after a panic",
        cleanup::panicked,
    )
    .only(&["systemd", "s6"]),
    row(
        "cleanup: INT",
        "nothing is left after an interrupt",
        cleanup::interrupted,
    ),
    row(
        "cleanup: TERM",
        "nothing is left after a TERM",
        cleanup::terminated,
    )
    .only(&["systemd", "s6"]),
    row(
        "cleanup: KILL",
        "nothing is left when the tests are killed",
        cleanup::killed,
    ),
    row(
        "cleanup: keeper",
        "a killed keeper leaves cgroups, which the next bed sweeps",
        cleanup::keeper,
    )
    .only(&["systemd", "s6"]),
];

/// What the kubelet gets.
const VECTORS: &[Row] = &[
    row(
        "vectors: sh",
        "argv, environment and initial state for the env-file cases",
        vectors::sh,
    )
    .shown()
    .weight(60),
    row(
        "vectors: native",
        "the same by the native launcher",
        vectors::native,
    )
    .others()
    .shown()
    .weight(50),
    row(
        "units: real",
        "the reader of units against `systemctl show`, for the machine's units and other projects'",
        units::real,
    )
    .only(&["systemd"])
    .weight(10),
    row(
        "units: random",
        "the same for random units with drop-ins",
        units::random,
    )
    .only(&["systemd"])
    .weight(10),
    row(
        "image",
        "an image with this init and a layer of `render --format tar --enable`, nothing else: the first start after the boot",
        image::boots,
    )
    .on(|init| init.boots_layer())
    .shown(),
    row(
        "image: verbs",
        "`detect` and the verbs of `service` in such an image",
        image::driven,
    )
    .on(|init| init.boots_layer())
    .weight(10),
    row(
        "image: stop",
        "a container stopped by a TERM to its first process, the kubelet's timeout 3 s: all has ended after",
        image::stopped,
    )
    .on(|init| init.ends_on_term())
    .lane(Lane::Side)
    .weight(12)
    .shown(),
    row(
        "drive: detect",
        "the init is found while it runs, and its services are known",
        drive::detect,
    ),
    row(
        "drive: verbs",
        "every verb of `service`, checked against the init's own tool",
        drive::verbs,
    )
    .weight(20),
    row(
        "drive: reload",
        "`service reload` gives the service the signal that its spec names, and fails where it is down",
        reload::by_signal,
    )
    .weight(20),
    row(
        "drive: crash loop",
        "`service status` of what ends again and again: how, how often, when it starts next",
        drive::crash_loop,
    )
    .weight(15),
    row(
        "drive: refusals",
        "an unknown service, no permission, a supervisor that is gone or does not answer",
        drive::refusals,
    )
    .weight(25),
    row(
        "drive: kubeadm",
        "the calls of init, join, reset and preflight through the bridge",
        drive::kubeadm,
    )
    .on(|init| !["systemd", "openrc"].contains(&init.name()))
    .weight(10),
    row(
        "start: kubeadm",
        "`kubeadm kubelet-start` gives the running kubelet new flags, or leaves it alone",
        start::init,
    )
    .lane(Lane::Long)
    .weight(30),
    row(
        "start: join",
        "`kubeadm kubelet-start --join` waits for the kubelet's kubeconfig, or says what it printed",
        start::join,
    )
    .lane(Lane::Long)
    .weight(30),
    row(
        "migrate: flags",
        "a distribution's own service is taken over, and the kubelet runs with the same flags",
        migrate::same_flags,
    )
    .only(&["openrc", "runit"])
    .weight(12),
];
