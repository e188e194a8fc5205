//! Commands around a life and conditions, next to systemd in the same run.

use kubelet_unit::backends::Launcher;
use kubelet_unit::service::{CommandLine, Policy, Reload, Service};

use super::super::drive;
use super::crash;
use crate::bed::{Bed, Boot, Init, PATIENCE};
use crate::error::{Result, fail};
use crate::lanes::Task;
use crate::recorder::Behaviour;
use crate::report::Cell;
use crate::service::Rendering;

/// What the commands note.
const LOG: &str = "/root/life";
/// What has to be there.
const WANTED: &str = "/root/wanted";

/// A command that notes what it is and what it is told of the service.
fn noting(what: &str, end: &str) -> CommandLine {
    noting_after("", what, end)
}

/// The same after what has to be over when the note can be read.
fn noting_after(begin: &str, what: &str, end: &str) -> CommandLine {
    let script = format!(
        "{begin} echo {what} $${{MAINPID:+main}} $$SERVICE_RESULT $$EXIT_CODE $$EXIT_STATUS >>{LOG}; {end}"
    );
    let words = ["/bin/sh".to_owned(), "-c".into(), script];
    serde_json::from_value(words.to_vec().into()).unwrap_or_else(|error| panic!("{error}"))
}

fn change(service: &mut Service) {
    let life = &mut service.life;
    let mut ignored = noting("ignored", "exit 1");
    ignored.ignores_failure = true;
    let pre = "[ ! -e /root/slow-pre ] || exec sleep 60; [ ! -e /root/broken ]";
    life.pre_start = vec![ignored, noting("pre", pre)];
    // Once: how soon a `start` returns that comes to nothing differs.
    let post = "$$slow; [ ! -e /root/broken-post ] || ! rm /root/broken-post";
    let look = "slow=; [ ! -e /root/slow-post ] || slow='exec sleep 60';";
    life.post_start = vec![noting_after(look, "post", post)];
    life.post_stop = vec![noting("after", "")];
    life.reload = Some(Reload::Commands(vec![noting("reload", "")]));
    let conditions = serde_json::json!({"pathExists": [WANTED, "!/root/unwanted"]});
    life.conditions = serde_json::from_value(conditions).unwrap_or_default();
    service.stop.commands = vec![noting("stop", "[ ! -e /root/broken-stop ]")];
    service.stop.timeout = kubelet_unit::service::Span::seconds(5);
    service.restart.policy = Policy::OnFailure;
    service.restart.delay = kubelet_unit::service::Span::seconds(1);
}

/// All that the commands noted, from a start that a condition forbids to the last stop.
fn lived(init: &'static dyn Init, launcher: Launcher) -> Result<String> {
    let rendering = Rendering {
        launcher,
        change: &change,
        ..Rendering::default()
    };
    let mut files = rendering.files(init)?;
    files.push(drive::program());
    let mut bed = Bed::boot(init, &files, &Boot::default())?;
    bed.behave(&Behaviour::default())?;
    bed.put_file(LOG, b"")?;
    // Some inits say of a start that comes to nothing that it has failed.
    let _ = bed.start();
    note(&bed, "# a condition was not fulfilled")?;
    bed.put_file(WANTED, b"")?;
    bed.start()?;
    let record = bed.next_start(PATIENCE)?;
    waited(&bed, "post main")?;
    reload(&bed)?;
    note(&bed, "# a crash, and a start that fails before")?;
    bed.put_file("/root/broken", b"")?;
    crash(&bed, &record, &Behaviour::default())?;
    waited(
        &bed,
        "after signal killed KILL\nignored\npre\nafter exit-code",
    )?;
    bed.remove_file("/root/broken")?;
    bed.next_start(PATIENCE)?;
    waited(&bed, "after exit-code\nignored\npre\npost main")?;
    note(&bed, "# a stop")?;
    bed.stop()?;
    waited(&bed, "# a stop\nstop main success\nafter success")?;
    for phase in ["pre", "post"] {
        stopped_in(&mut bed, phase)?;
    }
    note(&bed, "# a command that fails when it has started")?;
    bed.put_file("/root/broken-post", b"")?;
    let _ = bed.start();
    waited(&bed, "post main\nafter exit-code")?;
    bed.next_start(PATIENCE)?;
    waited(&bed, "after exit-code exited 0\nignored\npre\npost main")?;
    note(&bed, "# a command that fails at a stop")?;
    bed.put_file("/root/broken-stop", b"")?;
    let _ = bed.stop();
    waited(&bed, "stop main success\nafter exit-code")?;
    text(&bed)
}

/// A stop while a command before or after the start goes on, at a restart.
fn stopped_in(bed: &mut Bed, phase: &str) -> Result<()> {
    let title = format!("# a stop in {phase}");
    note(bed, &title)?;
    bed.start()?;
    let record = bed.next_start(PATIENCE)?;
    let begun = format!("{title}\nignored\npre\npost main");
    waited(bed, &begun)?;
    bed.put_file(&format!("/root/slow-{phase}"), b"")?;
    crash(bed, &record, &Behaviour::default())?;
    let line = if phase == "post" { "\npost main" } else { "" };
    waited(
        bed,
        &format!("{begun}\nafter signal killed KILL\nignored\npre{line}"),
    )?;
    // It has begun to sleep when it is stopped.
    std::thread::sleep(std::time::Duration::from_millis(300));
    let _ = bed.stop();
    bed.remove_file(&format!("/root/slow-{phase}"))?;
    bed.wait("the end", PATIENCE, || {
        let text = text(bed)?;
        let since = text.split(&title).nth(1).unwrap_or_default();
        Ok(since.matches("after").count() == 2)
    })
}

fn reload(bed: &Bed) -> Result<()> {
    drive::expect(bed, &["service", "reload"], 0, "")?;
    waited(bed, "reload main")
}

/// The notes, without blanks at the ends of lines, and without the end of an earlier main
/// process, which systemd tells of where there was none in this start. How the recorder ends
/// that is stopped right after its start depends on how far it has come.
fn text(bed: &Bed) -> Result<String> {
    let text = String::from_utf8(bed.read_file(LOG)?)?;
    let text: String = text
        .lines()
        .map(|line| line.trim_end().to_owned() + "\n")
        .collect();
    let text = text.replace("after exit-code killed KILL\n", "after exit-code\n");
    Ok(text.replace(
        "after exit-code killed TERM\n",
        "after exit-code exited 0\n",
    ))
}

fn note(bed: &Bed, line: &str) -> Result<()> {
    let text = String::from_utf8(bed.read_file(LOG)?)?;
    bed.put_file(LOG, format!("{text}{line}\n").as_bytes())
}

fn waited(bed: &Bed, lines: &str) -> Result<()> {
    let what = format!("{lines:?} among the notes");
    let waited = bed.wait(&what, PATIENCE, || Ok(text(bed)?.contains(lines)));
    if let Err(error) = waited {
        fail!("{error}; the notes: {:?}", text(bed)?);
    }
    Ok(())
}

pub(super) fn native(task: &Task) -> Result<Cell> {
    row(task, Launcher::Native)
}

/// busybox's init runs the lines of what may stay down at boot alone.
fn at_boot_alone(task: &Task, launcher: Launcher) -> Result<Cell> {
    let rendering = Rendering {
        launcher,
        change: &change,
        ..Rendering::default()
    };
    let mut bed = Bed::boot(task.init, &rendering.files(task.init)?, &Boot::default())?;
    bed.behave(&Behaviour::default())?;
    bed.put_file(LOG, b"")?;
    bed.put_file(WANTED, b"")?;
    bed.start()?;
    if bed.next_start(std::time::Duration::from_secs(4)).is_ok() {
        fail!("it starts such a line after a HUP too: the README says that it does not");
    }
    Ok(Cell::Limit {
        figure: "no start before the next boot".into(),
        because: "busybox init: it starts again whatever ends, so a line of what may stay down after an end is `once`, and such lines run at boot alone.",
    })
}

fn row(task: &Task, launcher: Launcher) -> Result<Cell> {
    if task.init.name() == "busybox-init" {
        return at_boot_alone(task, launcher);
    }
    let Some(systemd) = crate::bed::by_name("systemd") else {
        fail!("no systemd among the inits")
    };
    let expected = lived(systemd, launcher)?;
    let found = lived(task.init, launcher)?;
    if found != expected {
        fail!("the commands noted {found:?}, and under systemd {expected:?}");
    }
    Ok(Cell::Passed("as systemd".into()))
}
