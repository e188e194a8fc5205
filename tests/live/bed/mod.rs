//! A bed: a real init, alone in namespaces of its own, on a file tree under an overlay: the machine's own, or another's ([`ground`]).
//!
//! Files are installed at their real paths without touching the machine. Several beds run side by
//! side. Three processes make one: this test process, the [`keeper`] and the [`first`] process,
//! each the test binary itself; commands enter through a fourth kind, [`enter`].

mod busybox;
mod cgroup;
pub(crate) mod disk;
pub(crate) mod enter;
pub(crate) mod first;
mod ground;
mod inits;
pub(crate) mod keeper;
mod loopback;
mod machine;
mod tree;
mod watch;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::error::{Context, Result, fail};
use crate::pace::pause;
use crate::recorder::{self, Behaviour, Event, Record};
use crate::service;

pub(crate) use cgroup::PREFIX as CGROUP_PREFIX;
pub(crate) use first::{BINARY, LOG};
pub(crate) use ground::{Ground, PATH as PROGRAM_FOLDERS, current as ground};
pub(crate) use inits::sysvinit::UNPACKED as SYSVINIT;
pub(crate) use inits::{
    ALL, Absence, EXAMPLES, Gone, Init, NETWORK, ON_BUSYBOX, Process, RUNTIME, Silent, Supervisor,
    by_name, supervisord,
};
pub(crate) use machine::{Machine, Output, close_all};
pub(crate) use tree::File;
use watch::Watch;

/// argv\[1\] of the test binary as keeper.
pub(crate) const KEEPER: &str = "@keeper";
/// argv\[1\] of the test binary as the first process of a bed.
pub(crate) const FIRST: &str = "@first";
/// argv\[1\] of the test binary as the way into a bed.
pub(crate) const ENTER: &str = "@enter";

/// The longest wait for anything that no test measures.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);

/// As many lines of a log go into a message.
const LAST: usize = 10;

/// What `/sys/fs/cgroup` is in a bed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Cgroups {
    /// v2 there.
    #[default]
    Unified,
    /// v2 at `unified`, v1's named hierarchy at `systemd`.
    Hybrid,
    /// v1's named hierarchy at `systemd` alone.
    Legacy,
    /// v2, but read-only, as in an ordinary container.
    ReadOnly,
    /// Nothing.
    Absent,
}

/// What the init itself is started with. It must not show in the kubelet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) umask: u32,
    /// The soft limit; the hard one is the machine's.
    pub(crate) nofile: u64,
}

impl Default for State {
    /// Not a clean state: a supervisor may be started by hand, by a rescue shell or by a container runtime.
    fn default() -> Self {
        let env = [
            (
                "PATH",
                "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            ),
            ("HOME", "/root"),
            ("TERM", "linux"),
            ("PWD", "/"),
            ("LANG", "de_DE.UTF-8"),
            ("KUBELET_EXTRA_ARGS", "--from-the-supervisor"),
            ("LEAKED", "by the supervisor"),
        ];
        let env = env
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        Self {
            env,
            umask: 0o027,
            nofile: 4096,
        }
    }
}

/// What the keeper and the first process need to know.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// Executed as PID 1 itself.
    pub(crate) init: Option<Vec<String>>,
    /// Started by a PID 1 that only reaps.
    pub(crate) supervisor: Option<Vec<String>>,
    /// Folders that hide what the machine has there.
    pub(crate) empty: Vec<String>,
    /// What these and `/run` are on; `None` is a tmpfs.
    pub(crate) empty_on: Option<FileSystem>,
    pub(crate) cgroups: Cgroups,
    pub(crate) state: State,
    /// Nothing but busybox is in PATH, beside the init's own programs.
    pub(crate) busybox: bool,
    /// The root file system below the bed; `None` is the machine's own.
    pub(crate) ground: Option<PathBuf>,
    /// The `kubelet-unit` that is there as [`File::program`].
    pub(crate) program: PathBuf,
}

/// How to boot.
#[derive(Clone, Debug, Default)]
pub(crate) struct Boot {
    pub(crate) cgroups: Cgroups,
    /// The init's own state; `None` is [`State::default`], or a kernel's for an init that is PID 1.
    pub(crate) state: Option<State>,
    /// The service starts with the init. Otherwise it waits for [`Bed::start`].
    pub(crate) enabled: bool,
    /// The files are a layer over an image, and nothing is done to enable the service or to keep it down.
    pub(crate) layer: bool,
    /// What `/run` and the init's own state of the service are on, if not on what they are on in other beds.
    pub(crate) state_on: Option<FileSystem>,
}

/// What a folder is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum FileSystem {
    Tmpfs,
    /// As a container has it. It keeps no time of writes to a FIFO.
    Overlay,
    /// An image on a loop device: see [`disk::missing`].
    Ext4,
}

/// A booted init with a tree of files installed.
pub(crate) struct Bed {
    pub(crate) init: &'static dyn Init,
    pub(crate) machine: Machine,
    /// Events that were taken while something else was awaited.
    seen: Vec<Event>,
    watch: Watch,
}

/// The one service of a bed.
pub(crate) const SERVICE: &str = "kubelet";

impl Bed {
    /// Boots `init` with these files. When it returns, the init answers commands.
    pub(crate) fn boot(init: &'static dyn Init, files: &[File], boot: &Boot) -> Result<Self> {
        let mut plan = init.plan();
        plan.cgroups = boot.cgroups;
        if boot.state_on.is_some() {
            plan.empty_on = boot.state_on;
            let services = init.services().map(str::to_owned);
            plan.empty
                .retain(|folder| Some(folder) != services.as_ref());
            plan.empty.extend(services);
        }
        // Without systemd a tree is still compared with it.
        let ground = Some(ground()).filter(|ground| init.missing(ground).is_empty());
        let ground = ground.unwrap_or_else(Ground::machine);
        plan.ground = (!ground.is_machine()).then_some(ground.root);
        service::program().clone_into(&mut plan.program);
        if let Some(state) = &boot.state {
            plan.state = state.clone();
        }
        let mut machine = Machine::build(&plan).context(format_args!("{} bed", init.name()))?;
        let mut tree = init.tree();
        tree.extend_from_slice(files);
        machine.inside(|| -> Result<()> {
            tree.iter().try_for_each(File::install)?;
            match boot.layer {
                true => Ok(()),
                false => init.before_start(boot.enabled),
            }
        })?;
        machine.start(&plan)?;
        let bed = Self {
            init,
            machine,
            seen: Vec::new(),
            watch: Watch::default(),
        };
        // Beside dozens of other beds, an init that is a Python program takes its time.
        bed.wait("the init answers", 4 * PATIENCE, || init.ready(&bed))?;
        Ok(bed)
    }

    /// Starts the service as the init's own command does.
    pub(crate) fn start(&self) -> Result<()> {
        self.init.do_start(self)
    }

    /// Stops the service as the init's own command does with its ordinary waiting option.
    pub(crate) fn stop(&self) -> Result<()> {
        self.init.do_stop(self)
    }

    /// Restarts the service as the init's own command does.
    pub(crate) fn restart(&self) -> Result<()> {
        self.init.do_restart(self)
    }

    /// The kubelet's pid as the init knows it.
    pub(crate) fn main_pid(&self) -> Result<Option<i32>> {
        self.init.main_pid(self)
    }

    /// What the service printed, as that init keeps it.
    pub(crate) fn log(&self) -> Result<String> {
        self.init.log(self)
    }

    /// Runs a command inside, as an administrator's shell would. It fails when the command cannot be run.
    pub(crate) fn run(&self, argv: &[&str]) -> Result<Output> {
        self.machine.run(argv, PATIENCE)
    }

    /// As [`Bed::run`], for a command that waits for its service for as long as its own option says.
    pub(crate) fn run_waiting(&self, argv: &[String]) -> Result<Output> {
        let argv: Vec<&str> = argv.iter().map(String::as_str).collect();
        self.machine.run(&argv, 9 * PATIENCE)
    }

    /// As [`Bed::run_waiting`], and it fails when the command does.
    pub(crate) fn expect(&self, argv: &[String]) -> Result<Output> {
        let output = self.run_waiting(argv)?;
        if output.code != 0 {
            fail!(
                "`{}` exits with {}: {}",
                argv.join(" "),
                output.code,
                output.all()
            );
        }
        Ok(output)
    }

    /// Runs `work` in a thread that sees the bed's files at their own paths.
    pub(crate) fn inside<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        self.machine.inside(work)
    }

    /// Writes a file whole or not at all, with mode 0644, and its folders where they are missing.
    pub(crate) fn put_file(&self, path: &str, bytes: &[u8]) -> Result<()> {
        self.inside(|| File::new(path, 0o644, bytes).install())
    }

    /// Puts a file, a link, a folder or a FIFO there.
    pub(crate) fn put(&self, file: &File) -> Result<()> {
        self.inside(|| file.install())
    }

    pub(crate) fn remove_file(&self, path: &str) -> Result<()> {
        self.inside(|| tree::remove(Path::new(path)))
    }

    pub(crate) fn read_file(&self, path: &str) -> Result<Vec<u8>> {
        self.inside(|| std::fs::read(path)).context(path)
    }

    /// Tells the recorder what to do from its next start on.
    pub(crate) fn behave(&self, behaviour: &Behaviour) -> Result<()> {
        self.put_file(recorder::CONTROL, &serde_json::to_vec(behaviour)?)
    }

    /// The recorder's processes that are there, children and all: by name, whatever cgroup they are in.
    pub(crate) fn recorders(&self) -> Vec<i32> {
        self.processes(|argv| {
            argv.first()
                .is_some_and(|name| recorder::is_called(name.as_ref()))
        })
    }

    /// The processes of the bed whose argv is as wanted, without zombies.
    pub(crate) fn processes(&self, wanted: impl Fn(&[String]) -> bool + Sync) -> Vec<i32> {
        let found = self.inside(|| {
            let mut found = Vec::new();
            for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
                let Some(pid) = entry
                    .file_name()
                    .to_str()
                    .and_then(|name| name.parse().ok())
                else {
                    continue;
                };
                let bytes = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
                let text = String::from_utf8_lossy(&bytes);
                let argv: Vec<_> = text.split_terminator('\0').map(str::to_owned).collect();
                if wanted(&argv) {
                    found.push(pid);
                }
            }
            found
        });
        found
            .into_iter()
            .filter(|&pid| self.is_alive(pid))
            .collect()
    }

    /// Whether a process of the bed is there and no zombie.
    pub(crate) fn is_alive(&self, pid: i32) -> bool {
        let place = self.machine.seen_from_outside(&format!("/proc/{pid}/stat"));
        let stat = std::fs::read_to_string(place);
        stat.is_ok_and(|stat| {
            !stat
                .rsplit_once(") ")
                .is_none_or(|(_, rest)| rest.starts_with(['Z', 'X']))
        })
    }

    /// The next start of the recorder that nobody has seen. Other events stay for [`Bed::events`].
    pub(crate) fn next_start(&mut self, timeout: Duration) -> Result<Record> {
        self.next("start of the kubelet", timeout, |event| match event {
            Event::Start(record) => Some(record.as_ref().clone()),
            _ => None,
        })
    }

    /// What `pick` finds in the first event that has it. That event is taken, others stay.
    pub(crate) fn next<T>(
        &mut self,
        what: &str,
        timeout: Duration,
        pick: impl Fn(&Event) -> Option<T>,
    ) -> Result<T> {
        let end = Instant::now() + timeout;
        loop {
            let mut found = self.seen.iter().enumerate();
            if let Some((at, value)) = found.find_map(|(at, event)| Some((at, pick(event)?))) {
                self.seen.remove(at);
                return Ok(value);
            }
            if Instant::now() > end {
                let log = self.log().unwrap_or_else(|error| error.to_string());
                let last: Vec<_> = log.lines().rev().take(LAST).collect();
                let last: Vec<_> = last.into_iter().rev().collect();
                fail!(
                    "no {what} within {timeout:?}; the last lines of its log:\n{}",
                    last.join("\n")
                );
            }
            let before = self.seen.len();
            self.collect()?;
            if self.seen.len() == before {
                self.watch.sleep();
            }
        }
    }

    /// All events that nobody has seen, in the order of time.
    pub(crate) fn events(&mut self) -> Result<Vec<Event>> {
        self.collect()?;
        Ok(std::mem::take(&mut self.seen))
    }

    fn collect(&mut self) -> Result<()> {
        // Asked many times a second: a thread of its own each time takes longer than all else. A bed whose
        // PID 1 has ended can only be seen from inside.
        let folder = self.machine.seen_from_outside(recorder::EVENTS);
        self.watch.begin(&folder);
        let events = match folder.is_dir() {
            true => recorder::take_events(&folder)?,
            false => self.inside(|| recorder::take_events(Path::new(recorder::EVENTS)))?,
        };
        self.seen.extend(events);
        Ok(())
    }

    /// Waits until `done` is true.
    pub(crate) fn wait(
        &self,
        what: &str,
        timeout: Duration,
        done: impl Fn() -> Result<bool>,
    ) -> Result<()> {
        let began = Instant::now();
        while !done()? {
            self.machine.alive()?;
            if began.elapsed() > timeout {
                let log = self.read_file(first::LOG).unwrap_or_default();
                let log = String::from_utf8_lossy(&log);
                fail!(
                    "{} bed: not within {timeout:?}: {what}; the init says: {}",
                    self.init.name(),
                    log.trim_end()
                );
            }
            pause(began, Duration::from_millis(1), Duration::from_millis(10));
        }
        Ok(())
    }
}
