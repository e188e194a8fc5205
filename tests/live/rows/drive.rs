//! `kubelet-unit detect`, `service` and `bridge` against the real inits.

use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use super::beds::ms;
use crate::bed::{
    Absence, Bed, Boot, File, Gone, Output, PATIENCE, PROGRAM_FOLDERS, Silent, ground,
};
use crate::error::{Result, fail, late};
use crate::lanes::Task;
use crate::recorder::{Behaviour, Child, End, Line, OnTerm, Record, Stream, text};
use crate::report::Cell;
use crate::service::Rendering;

/// The program as an administrator has it.
pub(super) const PROGRAM: &str = "/usr/local/bin/kubelet-unit";
pub(super) const ENV_FILE: &str = "/var/lib/kubelet/kubeadm-flags.env";

/// A bed with the rendered kubelet enabled and started, and with the program.
pub(super) fn driven(task: &Task) -> Result<(Bed, Record)> {
    let rendering = Rendering {
        keeps_log: true,
        change: &|service| {
            service.restart.delay = "1s".parse().expect("a span");
            service.stop.timeout = "5s".parse().expect("a span");
        },
        ..Rendering::default()
    };
    let mut files = rendering.files(task.init)?;
    files.push(program());
    let boot = Boot {
        enabled: true,
        ..Boot::default()
    };
    let mut bed = Bed::boot(task.init, &files, &boot)?;
    let first = bed.next_start(PATIENCE)?;
    // A command within a second of a start can be lost (sv(8) counts in seconds).
    std::thread::sleep(Duration::from_millis(1100));
    Ok((bed, first))
}

/// The program, where [`PROGRAM`] says.
pub(super) fn program() -> File {
    File::program(PROGRAM)
}

/// What `kubelet-unit` gives.
pub(super) fn ask(bed: &Bed, words: &[&str]) -> Result<Output> {
    let mut argv = vec![PROGRAM];
    argv.extend(words);
    bed.machine.run(&argv, 4 * PATIENCE)
}

/// The same, which has to end with this exit code and print this.
pub(super) fn expect(bed: &Bed, words: &[&str], code: i32, out: &str) -> Result<Output> {
    let output = ask(bed, words)?;
    if output.code != code || output.text() != out {
        fail!(
            "`kubelet-unit {}` exits with {} and not {code}, says {:?} and not {out:?}: {}",
            words.join(" "),
            output.code,
            output.text(),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(output)
}

pub(super) fn json(output: &Output) -> Result<Value> {
    Ok(serde_json::from_slice(&output.stdout)?)
}

pub(super) fn detect(task: &Task) -> Result<Cell> {
    let (bed, _) = driven(task)?;
    let output = ask(&bed, &["detect", "--format", "json"])?;
    let found = json(&output)?;
    if found["init"] != task.init.backend() || output.code != 0 {
        fail!("detect says {found:#}");
    }
    let strongest = &found["evidence"][0];
    if strongest["level"] != "running" {
        fail!("the strongest evidence is {strongest:#}");
    }
    let driver = match task.init.name() {
        "systemd" => "systemd",
        _ => "cgroupfs",
    };
    if found["host"]["cgroup"]["driver"] != driver || found["host"]["cgroup"]["version"] != "v2" {
        fail!("cgroups are {:#}", found["host"]["cgroup"]);
    }
    // `auto` is the default of `render`, with the places of this machine.
    let auto = ask(&bed, &["render", "--format", "json"])?;
    let named = ask(
        &bed,
        &[
            "render",
            "--init",
            task.init.backend(),
            "--distro",
            task.init.distro().name,
            "--format",
            "json",
        ],
    )?;
    if auto.code != 0 || auto.stdout != named.stdout {
        fail!("`render` without `--init` differs: {}", auto.all());
    }
    Ok(Cell::Passed(format!("weight {}", strongest["weight"])))
}

pub(super) fn verbs(task: &Task) -> Result<Cell> {
    let (mut bed, first) = driven(task)?;
    expect(&bed, &["service", "exists"], 0, "")?;
    expect(&bed, &["service", "is-active"], 0, "active")?;
    let status = json(&ask(&bed, &["service", "status", "--format", "json"])?)?;
    if status["state"] != "active" || status["mainPid"] != first.pid {
        fail!("status is {status:#}, and the service is {}", first.pid);
    }
    expect(&bed, &["service", "start"], 0, "")?;
    if !bed.events()?.is_empty() || !bed.is_alive(first.pid) {
        fail!("a start of what runs does something");
    }
    let second = restarted(&mut bed, &first)?;
    expect(&bed, &["service", "daemon-reload"], 0, "")?;
    // The kubelet does not say how.
    expect(&bed, &["service", "reload"], 1, "")?;
    if !bed.is_alive(second.pid) {
        fail!("a reload ends the service");
    }
    let stop = stopped(&mut bed, &second)?;
    started_again(&mut bed)?;
    enabled(&mut bed)?;
    logs(&mut bed)?;
    Ok(Cell::Passed(format!("stop {}", ms(stop))))
}

fn restarted(bed: &mut Bed, before: &Record) -> Result<Record> {
    expect(bed, &["service", "restart"], 0, "")?;
    let after = bed.next_start(PATIENCE)?;
    if bed.is_alive(before.pid) || !bed.init.runs(bed)? {
        fail!("{} is there after a restart", before.pid);
    }
    Ok(after)
}

/// With a child in a session of its own that takes no TERM: a stop leaves nothing.
fn stopped(bed: &mut Bed, before: &Record) -> Result<Duration> {
    let child = Child {
        own_session: true,
        ignore_term: true,
    };
    bed.behave(&Behaviour {
        children: vec![child],
        on_term: OnTerm::After(100),
        ..Behaviour::default()
    })?;
    let hard = restarted(bed, before)?;
    // Its child is recorded a moment later.
    std::thread::sleep(Duration::from_millis(300));
    let began = Instant::now();
    expect(bed, &["service", "stop"], 0, "")?;
    let took = began.elapsed();
    let children: Vec<i32> = bed.events()?.iter().filter_map(child_pid).collect();
    if children.is_empty() || children.iter().any(|&pid| bed.is_alive(pid)) {
        fail!("children {children:?} are there after a stop");
    }
    if bed.is_alive(hard.pid) || bed.init.runs(bed)? {
        fail!("it runs after a stop");
    }
    // What systemd had to KILL has failed.
    let state = match bed.init.name() {
        "systemd" => "failed",
        _ => "inactive",
    };
    expect(bed, &["service", "is-active"], 3, state)?;
    if ask(bed, &["service", "status"])?.code != 3 {
        fail!("`status` of what is stopped does not exit with 3");
    }
    expect(bed, &["service", "stop"], 0, "")?;
    bed.behave(&Behaviour::default())?;
    Ok(took)
}

fn child_pid(event: &crate::recorder::Event) -> Option<i32> {
    match event {
        crate::recorder::Event::Child { pid, .. } => Some(*pid),
        _ => None,
    }
}

/// After a stop both `start` and `restart` start it.
fn started_again(bed: &mut Bed) -> Result<()> {
    expect(bed, &["service", "start"], 0, "")?;
    let third = bed.next_start(PATIENCE)?;
    if !bed.is_alive(third.pid) || !bed.init.runs(bed)? {
        fail!("it does not run after a start");
    }
    expect(bed, &["service", "stop"], 0, "")?;
    expect(bed, &["service", "restart"], 0, "")?;
    bed.next_start(PATIENCE)?;
    Ok(())
}

fn enabled(bed: &mut Bed) -> Result<()> {
    expect(bed, &["service", "enable"], 0, "")?;
    expect(bed, &["service", "is-enabled"], 0, "enabled")?;
    if !bed.init.starts_with_machine(bed)? {
        fail!("the init says that it is not enabled");
    }
    expect(bed, &["service", "disable", "--now"], 0, "")?;
    expect(bed, &["service", "is-enabled"], 1, "disabled")?;
    if bed.init.starts_with_machine(bed)? || bed.init.runs(bed)? {
        fail!("the init says that it is enabled, or runs");
    }
    expect(bed, &["service", "exists"], 0, "")?;
    expect(bed, &["service", "is-active"], 3, "inactive")?;
    bed.events()?;
    expect(bed, &["service", "enable", "--now"], 0, "")?;
    bed.next_start(PATIENCE)?;
    if !bed.init.starts_with_machine(bed)? {
        fail!("it is not enabled again");
    }
    Ok(())
}

fn logs(bed: &mut Bed) -> Result<()> {
    bed.behave(&Behaviour {
        print: vec![Line {
            stream: Stream::Err,
            text: "a line of the kubelet".into(),
        }],
        ..Behaviour::default()
    })?;
    std::thread::sleep(Duration::from_millis(1100));
    expect(bed, &["service", "restart"], 0, "")?;
    bed.next_start(PATIENCE)?;
    let printed = || {
        let log = ask(bed, &["service", "logs", "-n", "20"])?;
        Ok(log.code == 0 && log.text().contains("a line of the kubelet"))
    };
    bed.wait("`service logs` has the line", PATIENCE, printed)
}

/// An answer that is not that of the restart delay: late, if the delay was over before the question was.
fn not_in_delay(bed: &mut Bed, what: &str) -> Result<Cell> {
    if bed.next_start(Duration::from_millis(50)).is_ok() {
        late!("the restart delay was over too soon for these questions: {what}");
    }
    fail!("{what}")
}

/// A service that ends with exit code 7 a moment after each start: what is said of it in its
/// restart delay, and once it runs again.
pub(super) fn crash_loop(task: &Task) -> Result<Cell> {
    let rendering = Rendering {
        keeps_log: true,
        change: &|service| {
            service.restart.delay = "4s".parse().expect("a span");
            service.stop.timeout = "5s".parse().expect("a span");
        },
        ..Rendering::default()
    };
    let mut files = rendering.files(task.init)?;
    files.push(program());
    let mut bed = Bed::boot(task.init, &files, &Boot::default())?;
    if bed.init.name() == "openrc" {
        // The exit code is in the system's log alone.
        bed.expect(&["busybox", "syslogd", "-O", "/var/log/messages"].map(str::to_owned))?;
    }
    bed.behave(&Behaviour {
        print: vec![Line {
            stream: Stream::Err,
            text: "a last word of the kubelet".into(),
        }],
        after_ms: 300,
        end: End::Exit(7),
        ..Behaviour::default()
    })?;
    bed.start()?;
    bed.next_start(PATIENCE)?;
    let second = bed.next_start(PATIENCE)?;
    let ended = || Ok(!bed.is_alive(second.pid));
    bed.wait("the second end", PATIENCE, ended)?;
    // s6 and runit have to notice, and the launcher to note it.
    std::thread::sleep(Duration::from_millis(700));
    let text = ask(&bed, &["service", "status"])?.text();
    let init = bed.init.backend();
    let begins = format!("kubelet: activating (crash loop), disabled ({init}); ended ");
    let enabled = begins.replace("disabled", "enabled");
    let since = if init == "systemd" { "" } else { " since " };
    let wanted = [
        format!(" s ago with exit code 7, 2 times{since}"),
        ", next start in ".into(),
        "a last word of the kubelet\n".into(),
    ];
    let missing = wanted.iter().find(|part| !text.contains(part.as_str()));
    if !(text.starts_with(&begins) || text.starts_with(&enabled)) || missing.is_some() {
        let what = format!("`status` of a crash loop says {text:?}, without {missing:?}");
        return not_in_delay(&mut bed, &what);
    }
    if let Err(error) = expect(&bed, &["service", "is-active"], 3, "activating") {
        return not_in_delay(&mut bed, &error.to_string());
    }
    if init == "systemd" && bed.run(&["systemctl", "is-active", "kubelet"])?.code != 3 {
        fail!("systemctl gives another exit code than 3 in the restart delay");
    }
    let status = json(&ask(&bed, &["service", "status", "--format", "json"])?)?;
    if status["state"] != "activating"
        || status["crashLoop"] != true
        || !status["mainPid"].is_null()
        || status["lastExit"]["code"] != 7
        || status["restarts"] != 2
        || !status["nextStart"].is_string()
        || !status["log"].to_string().contains("a last word")
    {
        return not_in_delay(&mut bed, &format!("`status` of a crash loop is {status:#}"));
    }
    bed.behave(&Behaviour::default())?;
    let third = bed.next_start(PATIENCE)?;
    std::thread::sleep(Duration::from_millis(300));
    let status = json(&ask(&bed, &["service", "status", "--format", "json"])?)?;
    if status["state"] != "active" || status["mainPid"] != third.pid || status["restarts"] != 2 {
        fail!("`status` of {} after a crash loop is {status:#}", third.pid);
    }
    // What was asked for is no crash.
    expect(&bed, &["service", "restart"], 0, "")?;
    let fourth = bed.next_start(PATIENCE)?;
    let status = json(&ask(&bed, &["service", "status", "--format", "json"])?)?;
    if status["mainPid"] != fourth.pid || status["restarts"] != 0 {
        fail!("`status` after a restart is {status:#}");
    }
    Ok(Cell::Passed("told".into()))
}

pub(super) fn refusals(task: &Task) -> Result<Cell> {
    let (bed, _) = driven(task)?;
    expect(&bed, &["service", "exists", "no-such"], 4, "")?;
    expect(&bed, &["service", "is-active", "no-such"], 4, "unknown")?;
    expect(&bed, &["service", "is-enabled", "no-such"], 4, "unknown")?;
    for verb in [
        "start", "stop", "restart", "enable", "disable", "logs", "status",
    ] {
        // The journal has nothing of a unit that is not there, and that is no error to it.
        if verb == "logs" && task.init.name() == "systemd" {
            continue;
        }
        let output = ask(&bed, &["service", verb, "no-such"])?;
        // rc-service and supervisorctl stop what is not there only after looking.
        if output.code != 4 || !output.all().contains("`no-such` is not a service of") {
            fail!(
                "`{verb}` of an unknown service: {} {}",
                output.code,
                output.all()
            );
        }
    }
    no_permission(&bed)?;
    let Some(absence) = task.init.absence() else {
        return Ok(Cell::Passed(String::new()));
    };
    let shown = match &absence.silent {
        Some(silent) => format!("silence told after {}", ms(no_answer(&bed, silent)?)),
        None => String::new(),
    };
    gone(&bed, &absence)?;
    // systemctl is there, and systemd is not; where there is nothing but busybox, neither is.
    let without = match ground().busybox {
        true => "`systemctl` is not installed",
        false => "systemd does not answer: ",
    };
    for verb in ["is-active", "is-enabled", "start", "stop"] {
        told(&bed, "systemd", verb, without)?;
    }
    Ok(Cell::Passed(shown))
}

/// An init that does not run is not one without the service.
fn told(bed: &Bed, init: &str, verb: &str, told: &str) -> Result<()> {
    let output = ask(bed, &["service", verb, "--init", init])?;
    if output.code != 1 || !output.all().contains(told) {
        fail!("`{verb}` without {init}: {} {}", output.code, output.all());
    }
    Ok(())
}

/// As nobody, a stop is refused and changes nothing, and a question is answered or refused.
fn no_permission(bed: &Bed) -> Result<()> {
    let before = bed.main_pid()?;
    let init = bed.init.backend();
    let as_nobody = |verb: &str| {
        let words = format!("{PROGRAM} service {verb} --init {init}");
        let nobody: &[&str] = match ground().busybox {
            // Debian's busybox has no applet that only changes the user.
            true => &["su", "-s", "/bin/sh", "nobody", "-c"],
            false => &["setpriv", "--reuid", "65534", "--clear-groups", "sh", "-c"],
        };
        bed.machine
            .run(&[nobody, &[words.as_str()]].concat(), 4 * PATIENCE)
    };
    let output = as_nobody("stop")?;
    // Without a bus, systemd speaks with root alone.
    let told = match init {
        "systemd" => "systemd does not answer: ",
        _ => "no permission: ",
    };
    let said = output.all();
    // What is a file is not the init's to refuse.
    if output.code != 1 || !(said.contains(told) || said.contains("Permission denied")) {
        fail!("nobody's stop: {} {}", output.code, output.all());
    }
    if bed.main_pid()? != before {
        fail!("nobody's stop has done something");
    }
    let output = as_nobody("is-active")?;
    if !bed.init.answers_everybody() {
        if output.code != 1 || !output.all().contains(told) {
            fail!("nobody's question: {} {}", output.code, output.all());
        }
        return match init == "systemd" && ground().has("dbus-daemon") {
            true => over_the_bus(bed, &as_nobody),
            false => Ok(()),
        };
    }
    if output.code != 0 || output.text() != "active" {
        fail!("nobody's question: {} {}", output.code, output.all());
    }
    if init != "openrc" {
        return Ok(());
    }
    // Its state is in files.
    let mode = |mode: &str| ["chmod", mode, "/run/openrc/started"].map(str::to_owned);
    bed.expect(&mode("700"))?;
    let output = as_nobody("is-active")?;
    if output.code != 1 || !output.all().contains("Permission denied") {
        fail!("nobody's blind question: {} {}", output.code, output.all());
    }
    bed.expect(&mode("755")).map(drop)
}

/// With a bus, systemd answers everybody, and lets nobody but root change a service.
fn over_the_bus(bed: &Bed, as_nobody: &dyn Fn(&str) -> Result<Output>) -> Result<()> {
    bed.expect(&["systemctl", "start", "dbus.service"].map(str::to_owned))?;
    let before = bed.main_pid()?;
    for (question, code, answer) in [
        ("is-active", 0, "active"),
        ("is-enabled", 1, "disabled"),
        ("is-active no-such", 4, "unknown"),
    ] {
        let output = as_nobody(question)?;
        if output.code != code || output.text() != answer {
            fail!("nobody's `{question}`: {} {}", output.code, output.all());
        }
    }
    for change in ["start", "stop", "restart", "disable"] {
        let output = as_nobody(change)?;
        if output.code != 1 || !output.all().contains("no permission: ") {
            fail!("nobody's `{change}`: {} {}", output.code, output.all());
        }
    }
    match bed.main_pid()? == before {
        true => Ok(()),
        false => fail!("nobody has done something over the bus"),
    }
}

/// Signals what can stand still.
fn tell(bed: &Bed, silent: &Silent, word: Signal) -> Result<()> {
    match silent {
        // From inside it gets no signal that it has no handler for.
        Silent::First => kill(Pid::from_raw(bed.machine.first_pid()), word).map_err(Into::into),
        Silent::Process(argv) => signal(bed, word, argv),
    }
}

/// The supervisor is there and does nothing.
fn no_answer(bed: &Bed, silent: &Silent) -> Result<Duration> {
    tell(bed, silent, Signal::SIGSTOP)?;
    let began = Instant::now();
    let output = ask(bed, &["service", "stop", "--timeout", "1s"]);
    tell(bed, silent, Signal::SIGCONT)?;
    let output = output?;
    let said = output.all();
    let in_time = said.contains("did not end within") || said.contains(" to end; ");
    if output.code != 1 || !in_time {
        fail!("a stop without an answer: {} {}", output.code, output.all());
    }
    Ok(began.elapsed())
}

/// The init has ended, or cannot be reached.
fn gone(bed: &Bed, absence: &Absence) -> Result<()> {
    match &absence.gone {
        Gone::Removed(path) => bed.remove_file(path)?,
        Gone::Killed { process, above } => {
            if let Some(above) = above {
                tell(bed, above, Signal::SIGSTOP)?;
            }
            signal(bed, Signal::SIGKILL, process)?;
            // `kill` does not wait for the end, and until then its FIFO or socket is open.
            let ended = || {
                bed.processes(|argv| argv.join(" ").contains(process))
                    .is_empty()
            };
            bed.wait("the supervisor's end", PATIENCE, || Ok(ended()))?;
        }
    }
    for verb in absence.verbs {
        told(bed, bed.init.backend(), verb, absence.told)?;
    }
    Ok(())
}

/// Only the bed's own processes are seen inside.
fn signal(bed: &Bed, signal: Signal, command: &str) -> Result<()> {
    let name = signal.as_str().trim_start_matches("SIG");
    let script = format!(
        "for p in /proc/[0-9]*; do case $(tr '\\0' ' ' <$p/cmdline 2>/dev/null) in \
         sh*) ;; *\"{command}\"*) kill -s {name} ${{p#/proc/}} ;; esac; done"
    );
    bed.expect(&["sh", "-c", &script].map(str::to_owned))
        .map(drop)
}

/// kubeadm's calls, in the order in which it makes them, with what it reads.
pub(super) fn kubeadm(task: &Task) -> Result<Cell> {
    let (mut bed, first) = driven(task)?;
    let refused = ask(&bed, &["bridge", "install"])?;
    if refused.code != 1 || !refused.all().contains("systemctl` is there") {
        fail!("a bridge where systemctl is: {}", refused.all());
    }
    bed.remove_file("/usr/bin/systemctl")?;
    let refused = ask(&bed, &["bridge", "install"])?;
    if refused.code != 1 || !refused.all().contains("openrc` is there and is not ours") {
        fail!("a bridge where OpenRC is: {}", refused.all());
    }
    // In sbin with Debian, in bin with others.
    for folder in PROGRAM_FOLDERS {
        for name in ["openrc", "openrc-run", "rc-service", "rc-update"] {
            bed.remove_file(&format!("/{folder}/{name}"))?;
        }
    }
    bed.put_file(ENV_FILE, b"")?;
    let before = trace(&bed)?;
    expect(&bed, &["bridge", "install"], 0, "")?;
    expect(&bed, &["bridge", "install"], 0, "")?;
    preflight(&bed)?;
    let second = init(&mut bed, &first, "--v=2")?;
    let third = join(&mut bed, &second)?;
    reset(&bed, &third)?;
    misuse(&bed)?;
    if ask(&bed, &["bridge", "status"])?.code != 0 {
        fail!("`bridge status` finds something wrong");
    }
    expect(&bed, &["bridge", "remove"], 0, "")?;
    expect(&bed, &["bridge", "status"], 1, "not installed")?;
    let after = trace(&bed)?;
    if before != after {
        fail!("a removed bridge leaves a trace: {before} and {after}");
    }
    Ok(Cell::Passed("init, join, reset, preflight".into()))
}

fn trace(bed: &Bed) -> Result<String> {
    let script = "find /usr /var/lib /etc -xdev | sort | cksum";
    Ok(bed.expect(&["sh", "-c", script].map(str::to_owned))?.text())
}

/// A call as kubeadm makes it: the exit code counts for changes, the output for questions.
fn call(bed: &Bed, words: &[&str]) -> Result<Output> {
    bed.machine.run(words, 4 * PATIENCE)
}

fn says(bed: &Bed, words: &[&str], wanted: &[&str], unwanted: &[&str]) -> Result<()> {
    let text = call(bed, words)?.text();
    if wanted.iter().any(|word| !text.contains(word))
        || unwanted.iter().any(|word| text.contains(word))
    {
        fail!("`{}` says {text:?}", words.join(" "));
    }
    Ok(())
}

fn done(bed: &Bed, words: &[&str]) -> Result<()> {
    let output = call(bed, words)?;
    match output.code {
        0 => Ok(()),
        code => fail!("`{}` exits with {code}: {}", words.join(" "), output.all()),
    }
}

const STATUS: &[&str] = &["rc-service", "kubelet", "status"];
const NEITHER: &[&str] = &["stopped", "does not exist"];

fn preflight(bed: &Bed) -> Result<()> {
    // firewalld is not active.
    let firewalld = ["rc-service", "firewalld", "status"];
    says(
        bed,
        &firewalld,
        &["service `firewalld' does not exist"],
        &[],
    )?;
    says(bed, STATUS, &["status: started"], NEITHER)?;
    says(
        bed,
        &["rc-update", "show", "default"],
        &["kubelet | default"],
        &[],
    )
}

/// `kubelet-start` of `kubeadm init`, 1.36: stop, write, ask, restart.
fn init(bed: &mut Bed, before: &Record, flag: &str) -> Result<Record> {
    says(bed, STATUS, &[], NEITHER)?;
    done(bed, &["rc-service", "kubelet", "stop"])?;
    if bed.is_alive(before.pid) || bed.init.runs(bed)? {
        fail!("it runs after kubeadm's stop");
    }
    let env = format!("KUBELET_KUBEADM_ARGS=\"{flag}\"\n");
    bed.put_file(ENV_FILE, env.as_bytes())?;
    let resolved = ["rc-service", "systemd-resolved", "status"];
    says(bed, &resolved, &["does not exist"], &[])?;
    says(bed, STATUS, &["stopped"], &["does not exist"])?;
    done(bed, &["rc-service", "kubelet", "restart"])?;
    let after = bed.next_start(PATIENCE)?;
    if !after.argv.iter().any(|word| text(word) == flag) {
        let argv: Vec<_> = after.argv.iter().map(|word| text(word)).collect();
        fail!("it was restarted without `{flag}`: {argv:?}");
    }
    says(bed, STATUS, &["started"], NEITHER)?;
    Ok(after)
}

/// A join makes init's calls; the kubelet crash-loops meanwhile, and is active to kubeadm.
fn join(bed: &mut Bed, before: &Record) -> Result<Record> {
    done(bed, &["rc-update", "add", "kubelet", "default"])?;
    init(bed, before, "--node-ip=192.0.2.7")
}

fn reset(bed: &Bed, before: &Record) -> Result<()> {
    says(bed, STATUS, &[], NEITHER)?;
    done(bed, &["rc-service", "kubelet", "stop"])?;
    if bed.is_alive(before.pid) {
        fail!("it runs after `kubeadm reset`");
    }
    says(bed, STATUS, &["stopped"], &["does not exist"])
}

/// A person is told what this is, and nothing happens.
fn misuse(bed: &Bed) -> Result<()> {
    for words in [
        &["openrc"][..],
        &["rc-service", "kubelet", "zap"],
        &["rc-update", "del", "kubelet"],
    ] {
        let output = call(bed, words)?;
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.code != 2 || !told.contains("this is not OpenRC but kubelet-unit's bridge") {
            fail!("`{}` exits with {}: {told}", words.join(" "), output.code);
        }
    }
    Ok(())
}
