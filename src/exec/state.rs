//! What the launcher keeps of a service between its starts. The files are those
//! of the sh launcher:
//!
//! | file | content |
//! |---|---|
//! | `pid` | the last start: PID, start time in clock ticks, `cgroup.procs` |
//! | `stop` | when KILL follows a stop that has begun; in a second line, the start that it is for: PID and start time; in a third, who has had its signal |
//! | `supervisor` | the `supervise` that the service is left to: PID and start time; empty where it is left to none |
//! | `finish` | the earliest next start |
//! | `settled` | only its time stamp counts |
//! | `starts` | when the starts began that are counted, and how many there were |
//! | `result` | what came of a start, where its exit code does not tell |
//! | `notify` | the socket at which a service says that it is ready |
//! | `ready` | something once it has |
//! | `ended` | the last [`End`] that nobody asked for |

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use nix::unistd::Pid;

use super::clock::Moment;
use crate::control::End;

use super::ending::Outcome;
use super::log::Log;
use super::members::{Start, Told, started_at};

/// What a supervisor of the runit family writes at a command, from the service's
/// folder: its FIFO, and then its status.
const CONTROL: &str = "supervise/control";
const STATUS: &str = "supervise/status";

/// The folder of one service.
#[derive(Debug)]
pub(super) struct State {
    folder: PathBuf,
    log: Log,
}

impl State {
    pub(super) fn new(service: &str, log: Log) -> Self {
        Self {
            folder: Path::new("/run/kubelet-unit").join(service),
            log,
        }
    }

    /// Makes the folder.
    pub(super) fn prepare(&self) {
        if let Err(error) = fs::create_dir_all(&self.folder) {
            let folder = self.folder.display();
            self.log.say(format_args!(
                "without `{folder}` nothing is known of earlier starts: {error}"
            ));
        }
    }

    /// The last start, unless the service was brought down since.
    pub(super) fn last(&self) -> Option<Start> {
        parse_start(&self.read("pid")?)
    }

    /// Makes this process the last start.
    pub(super) fn note_start(&self, procs: Option<&Path>) {
        let pid = Pid::this();
        let started = started_at(pid).unwrap_or_default();
        let procs = procs.unwrap_or(Path::new("")).display();
        self.write_over("pid", &format!("{pid} {started} {procs}\n"));
    }

    /// Makes another process the main one of the last start.
    pub(super) fn note_main(&self, main: &Start) {
        let procs = main.procs.as_deref().unwrap_or(Path::new("")).display();
        self.write_over("pid", &format!("{} {procs}\n", named(main)));
    }

    pub(super) fn forget_start(&self) {
        self.write("pid", "");
    }

    /// When KILL follows the stop that has begun; `None` if none has since the
    /// last start.
    pub(super) fn deadline(&self) -> Option<Moment> {
        parse_moment(&self.read("stop")?)
    }

    /// Begins a stop, of which nobody has been told yet: of this start, where the
    /// supervisor said which.
    pub(super) fn set_deadline(&self, deadline: Moment, target: Option<&Start>) {
        let target = target.map_or_else(String::new, named);
        self.write("stop", &format!("{deadline}\n{target}\n"));
    }

    /// Whether the stop that has begun is for this start.
    pub(super) fn is_stopped(&self, start: &Start) -> bool {
        let stop = self.read("stop").unwrap_or_default();
        stop.lines().nth(1) == Some(&named(start))
    }

    /// Who has had the signal of the stop that has begun.
    pub(super) fn told(&self) -> Told {
        let stop = self.read("stop").unwrap_or_default();
        Told::parse(stop.lines().nth(2).unwrap_or_default())
    }

    /// Leaves the service to this process.
    pub(super) fn claim(&self, supervisor: &Start) {
        self.write("supervisor", &format!("{}\n", named(supervisor)));
    }

    /// Leaves the service to no `supervise` any more, which would start it too.
    pub(super) fn take_over(&self) {
        if self.read("supervisor").is_some_and(|text| !text.is_empty()) {
            self.write("supervisor", "");
        }
    }

    /// Whether the service is still left to this process.
    pub(super) fn is_left_to(&self, supervisor: &Start) -> bool {
        let owner = self.read("supervisor");
        owner.is_none_or(|text| text.trim_end() == named(supervisor))
    }

    pub(super) fn note_told(&self, told: &Told) {
        let append = OpenOptions::new().append(true).open(self.path("stop"));
        let line = format!("{told}\n");
        let written = append.and_then(|mut file| file.write_all(line.as_bytes()));
        self.complain("stop", written);
    }

    pub(super) fn clear_deadline(&self) {
        if self.read("stop").is_none_or(|text| !text.is_empty()) {
            self.write("stop", "");
        }
    }

    /// The earliest next start.
    pub(super) fn earliest(&self) -> Option<Moment> {
        parse_moment(&self.read("finish")?)
    }

    pub(super) fn set_earliest(&self, earliest: Moment) {
        self.write("finish", &format!("{earliest}\n"));
    }

    pub(super) fn clear_earliest(&self) {
        self.write("finish", "");
    }

    /// Commands count from now on; see [`State::is_commanded`].
    pub(super) fn begin_finish(&self) {
        self.write("finish", "");
    }

    /// From now on a new status is a command, too.
    pub(super) fn settle(&self) {
        self.write("settled", "");
    }

    /// Whether the supervisor, in whose service folder we are, got a command since
    /// [`State::begin_finish`]: that is a write to its FIFO, and rewrites its
    /// status. (overlayfs keeps no time of the former.)
    pub(super) fn is_commanded(&self) -> bool {
        is_newer(CONTROL.as_ref(), &self.path("finish"))
            || is_newer(STATUS.as_ref(), &self.path("settled"))
    }

    /// Notes an end that nobody asked for: its status where that is known, when the next
    /// start is to be, and the PID where only the supervisor knows the status.
    pub(super) fn note_end(&self, status: Option<u32>, next: Option<Moment>, pid: Option<Pid>) {
        let now = Moment::now().hundredths();
        let before = self.read("ended").and_then(|text| End::parse(&text));
        let end = End {
            status,
            at: now,
            count: before.as_ref().map_or(0, |end| end.count).saturating_add(1),
            since: before.map_or(now, |end| end.since),
            next: next.map(Moment::hundredths),
            pid: pid.map(Pid::as_raw),
        };
        self.write("ended", &end.to_string());
    }

    /// When the starts began that are counted, and how many there were: none are if what came
    /// last was asked for.
    pub(super) fn starts(&self) -> Option<(Moment, u32)> {
        let is_counted = self.read("ended").is_some_and(|text| !text.is_empty());
        let text = self.read("starts").filter(|_| is_counted)?;
        let mut words = text.split_ascii_whitespace();
        Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?))
    }

    pub(super) fn set_starts(&self, begun: Moment, starts: u32) {
        self.write("starts", &format!("{begun} {starts}\n"));
    }

    /// What comes now was asked for.
    pub(super) fn forget_ends(&self) {
        if self.read("ended").is_some_and(|text| !text.is_empty()) {
            self.write("ended", "");
        }
    }

    /// Notes what came of a start, where its exit code does not tell, and whether that is one
    /// of the service's.
    pub(super) fn set_result(&self, outcome: Outcome, main: bool) {
        let main = if main { " main" } else { "" };
        self.write("result", &format!("{}{main}\n", outcome.word()));
    }

    /// What was noted, once.
    pub(super) fn take_result(&self) -> Option<(Outcome, bool)> {
        let text = self.read("result").filter(|text| !text.is_empty())?;
        self.write("result", "");
        let mut words = text.split_ascii_whitespace();
        let outcome = Outcome::of(words.next()?)?;
        Some((outcome, words.next() == Some("main")))
    }

    /// Whether something was noted: before a start becomes the service, that it does not.
    pub(super) fn has_result(&self) -> bool {
        self.read("result").is_some_and(|text| !text.is_empty())
    }

    /// Where the service says that it is ready.
    pub(super) fn notify(&self) -> PathBuf {
        self.path("notify")
    }

    /// Notes whether the service has said that it is ready.
    pub(super) fn set_ready(&self, is_ready: bool) {
        if is_ready {
            self.write("ready", "ready\n");
        } else if self.read("ready").is_some_and(|text| !text.is_empty()) {
            self.write("ready", "");
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn read(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.path(name)).ok()
    }

    /// Writes a file. Its time stamp is new in any case.
    fn write(&self, name: &str, content: &str) {
        self.complain(name, fs::write(self.path(name), content));
    }

    /// Writes a line over what is in a file. Another verb may read it at any time,
    /// and only the first line counts, so the line is written at once, and what is
    /// left of the old one goes afterwards. (To truncate first, or to rename, makes
    /// ext4 write to the disk.)
    fn write_over(&self, name: &str, line: &str) {
        let write = || {
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(false);
            let mut file = options.open(self.path(name))?;
            file.write_all(line.as_bytes())?;
            let length = line.len() as u64;
            match file.metadata()?.len() > length {
                true => file.set_len(length),
                false => Ok(()),
            }
        };
        self.complain(name, write());
    }

    fn complain(&self, name: &str, written: io::Result<()>) {
        if let Err(error) = written {
            let path = self.path(name);
            self.log
                .say(format_args!("cannot write `{}`: {error}", path.display()));
        }
    }
}

/// A start by its PID and its start time.
fn named(start: &Start) -> String {
    format!("{} {}", start.pid, start.started)
}

fn parse_start(text: &str) -> Option<Start> {
    let mut words = text.lines().next()?.split_ascii_whitespace();
    let pid = words.next()?.parse().ok().filter(|&pid| pid > 0)?;
    let started = words.next()?.parse().ok()?;
    Some(Start {
        pid: Pid::from_raw(pid),
        started,
        procs: words.next().map(PathBuf::from),
    })
}

fn parse_moment(text: &str) -> Option<Moment> {
    text.lines().next()?.parse().ok()
}

/// Whether `path` is there and newer than `than`, or that is not there: `-nt` of
/// `test(1)`.
fn is_newer(path: &Path, than: &Path) -> bool {
    let changed = |path: &Path| -> Option<SystemTime> { fs::metadata(path).ok()?.modified().ok() };
    match (changed(path), changed(than)) {
        (Some(path), Some(than)) => path > than,
        (path, _) => path.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Scratch;

    fn state(scratch: &Scratch) -> State {
        let state = State {
            folder: scratch.path().join("kubelet"),
            log: Log::new("kubelet"),
        };
        state.prepare();
        state
    }

    #[test]
    fn what_the_sh_launcher_wrote_is_read() {
        let start = |pid, started, procs: Option<&str>| Start {
            pid: Pid::from_raw(pid),
            started,
            procs: procs.map(PathBuf::from),
        };
        let procs = "/sys/fs/cgroup/kubelet-unit.kubelet/cgroup.procs";
        assert_eq!(
            parse_start(&format!("12 3456 {procs}\n")),
            Some(start(12, 3456, Some(procs)))
        );
        assert_eq!(parse_start("12 3456 \n"), Some(start(12, 3456, None)));
        assert_eq!(parse_start("12 34\n6 /a\n"), Some(start(12, 34, None)));
        for nothing in ["", "\n", "x 1\n", "12\n", "0 1\n", "-12 1\n"] {
            assert_eq!(parse_start(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn a_start_and_a_stop_are_kept() {
        let scratch = Scratch::new();
        let state = state(&scratch);
        assert_eq!((state.last(), state.deadline()), (None, None));
        state.note_start(Some(Path::new("/a/cgroup.procs")));
        let start = state.last().unwrap();
        assert_eq!(start.pid, Pid::this());
        assert_eq!(Some(start.started), started_at(Pid::this()));
        assert_eq!(start.procs, Some("/a/cgroup.procs".into()));
        let line = fs::read_to_string(state.path("pid")).unwrap();
        assert_eq!(
            line,
            format!("{} {} /a/cgroup.procs\n", start.pid, start.started)
        );
        state.forget_start();
        assert_eq!(state.last(), None);

        let deadline = Moment::now();
        assert!(!state.is_stopped(&start));
        state.set_deadline(deadline, Some(&start));
        assert!(state.is_stopped(&start));
        assert_eq!(state.deadline(), Some(deadline));
        assert_eq!(state.told(), Told::default());
        let told: Told = [Pid::from_raw(12), Pid::this()].into_iter().collect();
        state.note_told(&told);
        assert_eq!((state.deadline(), state.told()), (Some(deadline), told));
        state.clear_deadline();
        assert_eq!(state.deadline(), None);
        state.set_earliest(deadline);
        assert_eq!(state.earliest(), Some(deadline));
        state.clear_earliest();
        assert_eq!(state.earliest(), None);

        assert!(state.is_left_to(&start), "nobody has said otherwise");
        state.claim(&start);
        assert!(state.is_left_to(&start));
        state.take_over();
        assert!(!state.is_left_to(&start));

        state.forget_ends();
        assert!(!state.path("ended").exists(), "nothing was to be forgotten");
        state.note_end(Some(1), Some(deadline), None);
        state.note_end(None, None, Some(start.pid));
        let end = End::parse(&state.read("ended").unwrap()).unwrap();
        assert_eq!(
            (end.status, end.count, end.next, end.pid),
            (None, 2, None, Some(start.pid.as_raw()))
        );
        assert!(end.since <= end.at);
        state.forget_ends();
        assert_eq!(state.read("ended").as_deref(), Some(""));
        assert!(!state.has_result());
        for main in [true, false] {
            state.set_result(Outcome::Timeout, main);
            assert!(state.has_result());
            assert_eq!(state.take_result(), Some((Outcome::Timeout, main)));
            assert_eq!(state.take_result(), None);
        }

        state.note_start(Some(Path::new("/a/much/longer/path/cgroup.procs")));
        state.note_start(None);
        let line = fs::read_to_string(state.path("pid")).unwrap();
        assert_eq!(line, format!("{} {} \n", start.pid, start.started));
        let mut names: Vec<_> = fs::read_dir(&state.folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        assert_eq!(
            names,
            ["ended", "finish", "pid", "result", "stop", "supervisor"]
        );
    }

    #[test]
    fn newer_is_as_test_has_it() {
        let scratch = Scratch::new();
        let [old, new, none] = ["old", "new", "none"].map(|name| scratch.path().join(name));
        let time = SystemTime::UNIX_EPOCH;
        for (path, seconds) in [(&old, 1), (&new, 2)] {
            let file = fs::File::create(path).unwrap();
            file.set_modified(time + std::time::Duration::from_secs(seconds))
                .unwrap();
        }
        assert!(is_newer(&new, &old) && is_newer(&old, &none));
        assert!(!is_newer(&old, &new) && !is_newer(&old, &old));
        assert!(!is_newer(&none, &old) && !is_newer(&none, &none));
    }
}
