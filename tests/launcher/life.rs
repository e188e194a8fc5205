//! What is run beside the service: before it starts, when it has, to stop it, and after.

use std::fs;
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use kubelet_unit::service::{CommandLine, NotifyAccess, Policy, Reload, Service, Type, Variable};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::bed::{Bed, Starter, both, starters};

/// Notes its start, and ends by TERM; by HUP and USR1 it notes that.
const MAIN: &str = "#!/bin/sh
log=${0%/*}/log
trap 'echo reloaded >>\"$log\"' HUP USR1
trap 'echo TERM >>\"$log\"; exit 0' TERM
echo main >>\"$log\"
while :; do sleep 0.01; done
";

/// A command that notes what it is and what it is told of the service.
fn noting(service: &Service, what: &str, end: &str) -> CommandLine {
    let folder = service.program.parent();
    let script = format!(
        "echo {what} ${{MAINPID:+main}} $SERVICE_RESULT $EXIT_CODE $EXIT_STATUS >>{folder}/log; {end}"
    );
    let words = ["/bin/sh".into(), "-c".into(), script.replace('$', "$$")];
    serde_json::from_value(words.to_vec().into()).unwrap()
}

/// All commands, and the end of those before the start and to stop.
fn with_commands(service: &mut Service, pre: &str, stop: &str) {
    service.life.pre_start = vec![noting(service, "pre", pre)];
    service.life.post_start = vec![noting(service, "post", "")];
    service.stop.commands = vec![noting(service, "stop", stop)];
    service.life.post_stop = vec![noting(service, "after", "")];
    service.restart.policy = Policy::Never;
}

fn bed(script: &str, change: impl FnOnce(&mut Service)) -> Bed {
    let bed = Bed::of(|service| {
        service.stop.timeout = "5s".parse().unwrap();
        service.restart.delay = "20ms".parse().unwrap();
        change(service);
    });
    bed.put_program(script);
    bed
}

fn log(bed: &Bed) -> String {
    let text = fs::read_to_string(bed.path("log")).unwrap_or_default();
    text.lines()
        .map(|line| line.trim_end().to_owned() + "\n")
        .collect()
}

fn await_log(bed: &Bed, line: &str) {
    for _ in 0..1000 {
        if log(bed).contains(line) {
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
    panic!("{line} is not in {:?}", log(bed));
}

/// Waits until the command after the start has ended, which its note is not.
fn await_start(bed: &Bed, parent: &Child) {
    await_log(bed, "main\n");
    await_log(bed, "post");
    let path = format!("/proc/{0}/task/{0}/children", parent.id());
    for _ in 0..1000 {
        if fs::read_to_string(&path)
            .unwrap()
            .split_whitespace()
            .count()
            == 1
        {
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
    panic!("the command after the start goes on");
}

fn term(parent: &Child) {
    kill(Pid::from_raw(parent.id().cast_signed()), Signal::SIGTERM).unwrap();
}

/// The order and the variables are systemd's (measured, 257).
#[test]
fn commands_are_run_around_a_life() {
    let bed = bed(MAIN, |service| with_commands(service, "", ""));
    let mut parent = bed.spawn(Starter::Native, "supervise");
    await_start(&bed, &parent);
    term(&parent);
    assert_eq!(parent.wait().unwrap().code(), Some(0));
    let order = log(&bed);
    let order = order.replace("main\npost main\n", "post main\nmain\n");
    assert_eq!(
        order,
        "pre\npost main\nmain\nstop main success\nTERM\nafter success exited 0\n"
    );
}

/// Held by STOP, the launcher finds the stop and the end of the command at one time.
#[test]
fn a_stop_that_comes_with_the_end_of_a_command_is_not_lost() {
    let bed = bed(MAIN, |service| {
        with_commands(service, "", "");
        let held = format!(
            "until grep -qx main {}/log; do sleep 0.01; done; kill -STOP $PPID; \
             kill -TERM $PPID; (sleep 0.3; kill -CONT $PPID) &",
            service.program.parent()
        );
        service.life.post_start = vec![noting(service, "post", &held)];
    });
    let mut parent = bed.spawn(Starter::Native, "supervise");
    assert_eq!(parent.wait().unwrap().code(), Some(0));
    let order = log(&bed).replace("main\npost main\n", "post main\nmain\n");
    assert_eq!(
        order,
        "pre\npost main\nmain\nstop main success\nTERM\nafter success exited 0\n"
    );
}

#[test]
fn a_command_that_fails_before_the_start_is_a_failed_start() {
    for (ending, outcome) in [
        ("exit 3", "exit-code"),
        ("kill -TERM $$", "signal"),
        ("exit 143", "exit-code"),
    ] {
        let bed = bed(MAIN, |service| with_commands(service, ending, ""));
        let output = bed.verb(Starter::Native, "supervise");
        assert_eq!(output.status.code(), Some(1), "{ending}");
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(
            told.contains("command 1 of `preStart` has failed"),
            "{told}"
        );
        // systemd tells no exit code of a main process that there was not.
        assert!(
            log(&bed).starts_with(&format!("pre\nafter {outcome}")),
            "{}",
            log(&bed)
        );
    }
    let again = bed(MAIN, |service| {
        with_commands(service, "exit 3", "");
        service.restart.policy = Policy::OnFailure;
    });
    let mut parent = again.spawn(Starter::Native, "supervise");
    await_log(&again, "pre\nafter exit-code\npre\n");
    term(&parent);
    parent.wait().unwrap();
}

/// What has not started yet is stopped by signals alone, and systemd then tells of the command
/// that they ended (the live suite has the same next to systemd).
#[test]
fn a_stop_before_it_has_started_runs_no_commands_for_it() {
    let slow = "exec sleep 20";
    for (is_pre, has_post, rest) in [
        (true, true, "after signal\n"),
        (true, false, "after signal\n"),
        (false, true, "TERM\nafter signal exited 0\n"),
    ] {
        let bed = bed(MAIN, |service| {
            with_commands(service, if is_pre { slow } else { "" }, "");
            service.life.post_start = match (is_pre, has_post) {
                (false, _) => vec![noting(service, "post", slow)],
                (true, true) => vec![noting(service, "post", "")],
                (true, false) => Vec::new(),
            };
        });
        let mut parent = bed.spawn(Starter::Native, "supervise");
        await_log(&bed, if is_pre { "pre\n" } else { "post main\n" });
        if !is_pre {
            await_log(&bed, "main\n");
        }
        thread::sleep(Duration::from_millis(100));
        term(&parent);
        let code = parent.wait().unwrap().code();
        assert!(log(&bed).ends_with(rest), "{}", log(&bed));
        assert!(!log(&bed).contains("stop"), "{}", log(&bed));
        assert_ne!(code, Some(0), "it has failed");
    }
}

/// There is no service yet that could, and most signals would only end the start.
#[test]
fn what_is_only_starting_does_not_reload() {
    for starter in both() {
        let bed = bed(MAIN, |service| {
            service.life.pre_start = vec![noting(service, "pre", "exec sleep 1")];
            service.life.reload = Some(Reload::Signal("HUP".parse().unwrap()));
        });
        let mut parent = bed.spawn(starter, "supervise");
        await_log(&bed, "pre\n");
        let output = bed.verb(starter, "reload");
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert_eq!(
            String::from_utf8(output.stderr).unwrap(),
            format!("{}: it is only starting, and cannot reload yet\n", bed.name)
        );
        if starter == Starter::Native {
            kill(Pid::from_raw(parent.id().cast_signed()), Signal::SIGHUP).unwrap();
        }
        await_log(&bed, "main\n");
        assert_eq!(bed.verb(starter, "reload").status.code(), Some(0));
        await_log(&bed, "reloaded\n");
        term(&parent);
        parent.wait().unwrap();
        assert_eq!(log(&bed), "pre\nmain\nreloaded\nTERM\n", "{starter:?}");
    }
}

/// A start that comes to nothing has an exit code that is not the service's.
#[test]
fn the_end_of_a_command_is_no_end_of_the_service() {
    for starter in both() {
        let bed = bed(MAIN, |service| {
            service.life.pre_start = vec![noting(service, "pre", "exit 1")];
            service.restart.policy = Policy::OnFailure;
            service.restart.prevent_exit_status = serde_json::from_str("[1]").unwrap();
        });
        assert_eq!(bed.verb(starter, "supervise once").status.code(), Some(1));
        assert_eq!(bed.verb(starter, "finish 0 1").status.code(), Some(0));
        let mut parent = bed.spawn(starter, "supervise");
        await_log(&bed, "pre\npre\npre\n");
        term(&parent);
        parent.wait().unwrap();
    }
}

/// What a command before the start puts there is there for the service, though an earlier start
/// has ended without leaving its folder empty.
#[test]
fn the_folders_of_a_start_are_made_once() {
    for starter in both() {
        let program = "#!/bin/sh\necho main \"$(ls \"$RUNTIME_DIRECTORY\")\" >>\"${0%/*}/log\"\nexec sleep 20\n";
        let bed = bed(program, |service| {
            let names = serde_json::json!({"names": [service.name.as_str()]});
            let folder = serde_json::from_value(names).unwrap();
            service.process.directories.runtime_directory = Some(folder);
            let script =
                "test ! -e $$RUNTIME_DIRECTORY/made || exit 9; echo >$$RUNTIME_DIRECTORY/made";
            let command = serde_json::json!(["/bin/sh", "-c", script]);
            let again = serde_json::json!(["/bin/true"]);
            service.life.pre_start = [command, again]
                .map(|it| serde_json::from_value(it).unwrap())
                .into();
        });
        for count in 1..3 {
            let mut parent = bed.spawn(starter, "supervise");
            await_log(&bed, &"main made\n".repeat(count));
            kill(Pid::from_raw(parent.id().cast_signed()), Signal::SIGKILL).unwrap();
            parent.wait().unwrap();
        }
        bed.verb(starter, "end");
        assert_eq!(log(&bed), "main made\nmain made\n", "{starter:?}");
    }
}

/// However soon it ends.
#[test]
fn the_commands_after_a_start_are_run_for_what_ends_at_once() {
    for (script, rest) in [
        (ONCE, "stop success exited 0\nafter success exited 0\n"),
        ("#!/bin/sh\nexit 3\n", "after exit-code exited 3\n"),
    ] {
        let bed = bed(script, |service| with_commands(service, "", ""));
        bed.verb(Starter::Native, "supervise");
        let log = log(&bed).replace("post main", "post").replace("main\n", "");
        assert_eq!(log, format!("pre\npost\n{rest}"));
    }
}

#[test]
fn the_prefix_lets_a_failure_pass() {
    let bed = bed(MAIN, |service| {
        with_commands(service, "exit 3", "exit 4");
        service.life.pre_start[0].ignores_failure = true;
    });
    let mut parent = bed.spawn(Starter::Native, "supervise");
    await_start(&bed, &parent);
    term(&parent);
    // A command for the stop has failed.
    assert_eq!(parent.wait().unwrap().code(), Some(1));
    assert!(
        log(&bed).ends_with("TERM\nafter exit-code exited 0\n"),
        "{}",
        log(&bed)
    );
}

/// Notes its start, and ends well.
const ONCE: &str = "#!/bin/sh\necho main >>\"${0%/*}/log\"\n";

/// What a sh program does around a start, under each shell.
#[test]
fn a_shell_looks_at_paths_and_runs_commands_before_a_start() {
    for starter in starters() {
        for (there, ending, log_of_it, again) in [
            ("", "", "", 125),
            ("wanted", "", "ignored\npre\nmain\n", 125),
            ("wanted", "exit 3", "ignored\npre\n", 0),
            ("wanted", "kill -TERM $$", "ignored\npre\n", 0),
        ] {
            let bed = bed(ONCE, |service| {
                let folder = service.program.parent().to_owned();
                let mut ignored = noting(service, "ignored", "exit 1");
                ignored.ignores_failure = true;
                service.life.pre_start = vec![ignored, noting(service, "pre", ending)];
                let paths = [format!("{folder}/wanted"), format!("!{folder}/unwanted")];
                let conditions = serde_json::json!({"pathExists": paths});
                service.life.conditions = serde_json::from_value(conditions).unwrap();
                service.restart.policy = Policy::OnFailure;
            });
            if !there.is_empty() {
                fs::write(bed.path(there), "").unwrap();
            }
            let output = bed.verb(starter, "supervise once");
            assert_eq!(
                log(&bed),
                log_of_it,
                "{starter:?} {there} {ending}: {output:?}"
            );
            let status = output.status.code().unwrap().to_string();
            let finish = bed.verb(starter, &format!("finish 0 {status}"));
            assert_eq!(
                finish.status.code(),
                Some(again),
                "{starter:?} {there} {ending}"
            );
        }
    }
}

#[test]
fn nothing_is_begun_where_a_condition_is_not_fulfilled() {
    for (exists, verb) in [
        (false, "supervise"),
        (false, "supervise once"),
        (true, "supervise"),
    ] {
        let bed = bed(ONCE, |service| {
            with_commands(service, "", "");
            let path = Path::new(service.program.parent()).join("wanted");
            let condition = serde_json::json!({"pathExists": [path]});
            service.life.conditions = serde_json::from_value(condition).unwrap();
            service.restart.policy = Policy::Always;
        });
        if exists {
            fs::write(bed.path("wanted"), "").unwrap();
            let mut parent = bed.spawn(Starter::Native, verb);
            await_log(&bed, "stop success exited 0\nafter success exited 0\npre\n");
            term(&parent);
            parent.wait().unwrap();
            continue;
        }
        let output = bed.verb(Starter::Native, verb);
        assert_eq!((output.status.code(), log(&bed)), (Some(0), String::new()));
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains("is not so"), "{told}");
        if verb == "supervise once" {
            let finish = bed.verb(Starter::Native, "finish 0 0");
            assert_eq!(finish.status.code(), Some(125));
        }
    }
}

#[test]
fn a_oneshot_that_remains_is_up_until_it_is_stopped() {
    let oneshot = |remains: bool, script: &str| {
        bed(script, |service| {
            with_commands(service, "", "");
            service.service_type = Type::Oneshot;
            service.life.remain_after_exit = remains;
        })
    };
    let good = "#!/bin/sh\nsleep 0.2\necho main >>\"${0%/*}/log\"\n";
    let bed = oneshot(true, good);
    let mut parent = bed.spawn(Starter::Native, "supervise");
    await_log(&bed, "pre\nmain\npost\n");
    thread::sleep(Duration::from_millis(300));
    assert_eq!(parent.try_wait().unwrap(), None);
    term(&parent);
    assert_eq!(parent.wait().unwrap().code(), Some(0));
    let rest = "stop success exited 0\nafter success exited 0\n";
    assert_eq!(log(&bed), format!("pre\nmain\npost\n{rest}"));

    let bed = oneshot(false, good);
    let output = bed.verb(Starter::Native, "supervise");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(log(&bed), format!("pre\nmain\npost\n{rest}"));

    // A signal is not a clean end of it.
    let bed = oneshot(true, "#!/bin/sh\nkill -TERM $$\nsleep 5\n");
    bed.verb(Starter::Native, "supervise");
    assert_eq!(log(&bed), "pre\nafter signal killed TERM\n");
}

#[test]
fn a_start_that_takes_too_long_is_ended() {
    let bed = bed(MAIN, |service| {
        with_commands(service, "sleep 20", "");
        service.life.start.timeout = Some("300ms".parse().unwrap());
    });
    bed.verb(Starter::Native, "supervise");
    assert!(log(&bed).starts_with("pre\nafter timeout"), "{}", log(&bed));
}

/// For a supervisor that would start it too late. `finish` has the last word, by how it ended.
#[test]
fn a_launcher_that_starts_again_leaves_as_the_service_did() {
    let script = "#!/bin/sh\nlog=\"${0%/*}/log\"\necho start >>\"$log\"\n\
        [ \"$(grep -c start \"$log\")\" -lt 3 ] || kill -TERM $$\nexit 1\n";
    let bed = bed(script, |service| {
        service.restart.policy = Policy::OnFailure;
        service.restart.delay = "100ms".parse().unwrap();
    });
    let output = bed.verb(Starter::Native, "supervise again");
    assert_eq!(log(&bed), "start\nstart\nstart\n", "{output:?}");
    assert_eq!(output.status.signal(), Some(15));
    let finish = bed.verb(Starter::Native, "finish 0 271");
    assert_eq!(finish.status.code(), Some(125));
}

#[test]
fn a_reload_is_a_signal_or_commands() {
    let by_signal = both().map(|starter| (starter, true));
    for (starter, by_signal) in by_signal.chain([(Starter::Native, false)]) {
        let bed = bed(MAIN, |service| {
            let command = r#"["/bin/sh", "-c", "kill -USR1 $$MAINPID"]"#;
            service.life.reload = Some(match by_signal {
                true => Reload::Signal("HUP".parse().unwrap()),
                false => Reload::Commands(vec![serde_json::from_str(command).unwrap()]),
            });
        });
        let mut child = bed.spawn(starter, "");
        await_log(&bed, "main\n");
        let output = bed.verb(starter, "reload");
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        await_log(&bed, "reloaded\n");
        bed.verb(starter, "end");
        child.wait().unwrap();
        let output = bed.verb(starter, "reload");
        assert_eq!(output.status.code(), Some(1));
    }
}

/// Goes into the background after a while, and writes which process that is.
const FORKING: &str = "#!/bin/sh
case ${1-} in
background)
	trap 'echo TERM >>\"${0%/*}/log\"; exit 0' TERM
	sleep 0.1
	echo $$ >\"${0%/*}/some.pid\"
	echo \"$PIDFILE\" >\"${0%/*}/told\"
	echo main >>\"${0%/*}/log\"
	while :; do sleep 0.01; done
	;;
esac
\"$0\" background &
";

fn forking(script: &str) -> Bed {
    bed(script, |service| {
        let folder = service.program.parent().to_owned();
        service.service_type = Type::Forking;
        service.life.pid_file = Some(format!("{folder}/some.pid").parse().unwrap());
        service.life.post_start = vec![noting(service, "post", "")];
        service.life.post_stop = vec![noting(service, "after", "")];
        service.restart.policy = Policy::OnFailure;
    })
}

#[test]
fn what_goes_into_the_background_is_followed() {
    let bed = forking(FORKING);
    let mut parent = bed.spawn(Starter::Native, "supervise");
    await_log(&bed, "main\npost main");
    let first: i32 = bed.await_file("some.pid").trim().parse().unwrap();
    assert!(bed.state("pid").starts_with(&format!("{first} ")));
    let told = bed.await_file("told");
    assert_eq!(Path::new(told.trim()), bed.path("some.pid"));
    kill(Pid::from_raw(first), Signal::SIGKILL).unwrap();
    await_log(&bed, "after signal killed KILL\nmain\npost main");
    await_start(&bed, &parent);
    let second: i32 = bed.await_file("some.pid").trim().parse().unwrap();
    assert_ne!(first, second);
    term(&parent);
    assert_eq!(parent.wait().unwrap().code(), Some(0));
    assert_eq!(
        log(&bed),
        "main\npost main\nafter signal killed KILL\nmain\npost main\nTERM\nafter success exited 0\n"
    );
    assert!(!bed.path("some.pid").exists());
}

/// As under systemd, which calls it a breach of the protocol.
#[test]
fn what_leaves_nothing_behind_has_not_started() {
    let bed = forking("#!/bin/sh\necho start >>\"${0%/*}/log\"\n");
    let mut parent = bed.spawn(Starter::Native, "supervise");
    await_log(&bed, "start\nafter protocol exited 0\nstart\n");
    term(&parent);
    parent.wait().unwrap();
}

/// Says that it is ready after a tenth of a second, if it is told to, and ends by TERM.
const NOTIFYING: &str = "#!/usr/bin/perl
use Socket;
my ($folder) = $0 =~ m{(.*)/};
open(my $log, '>>', \"$folder/log\");
$log->autoflush(1);
$SIG{TERM} = sub { print $log \"TERM\\n\"; exit 0 };
sub say { socket(my $s, AF_UNIX, SOCK_DGRAM, 0); send($s, $_[0], 0, sockaddr_un($ENV{NOTIFY_SOCKET})); }
say('STATUS=starting');
print $log \"main\\n\";
exit 0 if -e \"$folder/ends\";
select(undef, undef, undef, 0.1);
say('READY=1') unless -e \"$folder/mute\";
sleep 1 while 1;
";

fn notifying() -> Bed {
    bed(NOTIFYING, |service| {
        service.service_type = Type::Notify;
        service.life.start.timeout = Some("1s".parse().unwrap());
        service.life.post_start = vec![noting(service, "post", "")];
        service.life.post_stop = vec![noting(service, "after", "")];
        service.restart.policy = Policy::OnAbnormal;
    })
}

/// A supervisor hears of it at descriptor 3.
#[test]
fn that_the_service_is_ready_is_passed_on() {
    let bed = notifying();
    let inner = bed.command(Starter::Native, "supervise ready");
    let mut outer = Command::new("sh");
    outer.args(["-c", "exec \"$@\" 3>&1 >/dev/null", "sh"]);
    outer.arg(inner.get_program()).args(inner.get_args());
    let mut parent = outer.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = [0];
    let mut ready = parent.stdout.take().unwrap();
    ready.read_exact(&mut line).unwrap();
    assert_eq!(line, *b"\n");
    assert_eq!(log(&bed), "main\npost main\n");
    assert_eq!(bed.state("ready"), "ready\n");
    term(&parent);
    assert_eq!(parent.wait().unwrap().code(), Some(0));
    assert_eq!(log(&bed), "main\npost main\nTERM\nafter success exited 0\n");
    assert_eq!(bed.state("ready"), "");
    assert_eq!(ready.read(&mut line).unwrap(), 0);
}

#[test]
fn what_ends_before_it_is_ready_has_not_started() {
    let bed = notifying();
    fs::write(bed.path("ends"), "").unwrap();
    let mut parent = bed.spawn(Starter::Native, "supervise");
    await_log(&bed, "main\nafter protocol exited 0\nmain\n");
    term(&parent);
    parent.wait().unwrap();
}

#[test]
fn what_does_not_say_that_it_is_ready_is_ended() {
    let bed = notifying();
    fs::write(bed.path("mute"), "").unwrap();
    let mut parent = bed.spawn(Starter::Native, "supervise");
    await_log(&bed, "main\nTERM\nafter timeout exited 0\nmain\n");
    term(&parent);
    parent.wait().unwrap();
}

/// With `all`, a process that has lost its parent is heard too.
#[test]
fn who_says_that_the_service_is_ready_has_to_be_heard() {
    for (access, is_heard) in [
        (NotifyAccess::Main, false),
        (NotifyAccess::Exec, false),
        (NotifyAccess::All, true),
    ] {
        let script = NOTIFYING.replace(
            "say('READY=1') unless -e \"$folder/mute\";",
            "unless (fork) { $SIG{TERM} = 'DEFAULT'; exit 0 if fork; select(undef, undef, undef, 0.1); \
             say('READY=1'); select(undef, undef, undef, 0.3); exit 0 } wait;",
        );
        let bed = bed(&script, |service| {
            service.service_type = Type::Notify;
            service.life.notify_access = access;
            service.life.start.timeout = Some("1s".parse().unwrap());
            service.life.post_start = vec![noting(service, "post", "")];
        });
        let mut parent = bed.spawn(Starter::Native, "supervise");
        await_log(
            &bed,
            match is_heard {
                true => "main\npost main\n",
                false => "main\nTERM\nmain\n",
            },
        );
        term(&parent);
        parent.wait().unwrap();
    }
}

/// Nothing of the host's is frozen when the files are rendered.
#[test]
fn specifiers_are_the_hosts_at_the_start() {
    let line = |path| {
        fs::read_to_string(path)
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    let name = line("/proc/sys/kernel/hostname");
    for starter in starters() {
        let bed = Bed::of(|service| {
            service.specifiers = true;
            let arguments = ["--name=%H", "%l/100%%", "%v-%b%%H", "${HERE}"];
            service.arguments = arguments.map(|it| it.parse().unwrap()).into();
            let here = "HERE".parse().unwrap();
            let value = "on %H".parse().unwrap();
            service.environment = vec![Variable { name: here, value }];
        });
        let record = bed.record(starter);
        let arguments: Vec<_> = record
            .arguments
            .iter()
            .map(|it| String::from_utf8_lossy(it).into_owned())
            .collect();
        let short = name.split('.').next().unwrap();
        let boot = line("/proc/sys/kernel/random/boot_id").replace('-', "");
        let kernel = line("/proc/sys/kernel/osrelease");
        assert_eq!(
            arguments,
            [
                format!("--name={name}"),
                format!("{short}/100%"),
                format!("{kernel}-{boot}%H"),
                format!("on {name}"),
            ],
            "{starter:?}"
        );
    }
}
