//! The verbs: what ends, what stays, and what the next start knows of it.

use std::fs;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use kubelet_unit::service::{Kill, Policy, Service, Span, StartLimit};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::bed::{Bed, Starter, both, no_cgroups, starters, without_limits};
use crate::support::{at_once, is_root, skipped, tool};

/// Says that it runs, and ends a little after it is told to. Each TERM is counted.
const SLOW: &str = "#!/bin/sh
trap 'echo TERM >>\"$0.terms\"; sleep 0.03; exit 0' TERM
echo $$ >\"$0.up\"
while :; do sleep 0.01; done
";

/// Counts its starts and ends with the exit code in a file.
const CRASHING: &str = "#!/bin/sh
echo start >>\"$0.starts\"
read -r code <\"$0.code\"
exit \"$code\"
";

fn bed(script: &str, change: impl FnOnce(&mut Service)) -> Bed {
    let bed = Bed::of(|service| {
        service.stop.timeout = Span::seconds(10);
        service.restart.delay = "100ms".parse().unwrap();
        change(service);
    });
    bed.put_program(script);
    bed
}

/// Waits for the program to be up, forgets that, and gives its PID.
fn up(bed: &Bed) -> Pid {
    let pid = bed.await_file("recorder.up").trim().parse().unwrap();
    fs::remove_file(bed.path("recorder.up")).unwrap();
    Pid::from_raw(pid)
}

/// What has ended and is nobody's to know of any more does not live.
fn lives(pid: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
}

#[test]
fn what_one_launcher_has_started_the_other_ends() {
    for starter in both() {
        for ender in both() {
            let bed = bed(SLOW, |_| {});
            let mut child = bed.spawn(starter, "");
            let pid = up(&bed);
            assert!(bed.state("pid").starts_with(&format!("{pid} ")));
            let output = bed.verb(ender, "end");
            assert!(output.status.success(), "{starter:?} {ender:?}");
            assert_eq!(child.wait().unwrap().code(), Some(0));
            assert_eq!(bed.state("pid"), "", "{starter:?} {ender:?}");
            assert_eq!(bed.await_file("recorder.terms"), "TERM\n");
        }
    }
}

#[test]
fn a_stop_that_one_launcher_has_begun_the_other_goes_on_with() {
    for starter in both() {
        for ender in both() {
            let bed = bed(SLOW, |_| {});
            let mut child = bed.spawn(starter, "");
            let pid = up(&bed);
            bed.verb(starter, &format!("stop {pid}"));
            kill(pid, Signal::SIGTERM).unwrap();
            assert!(bed.verb(ender, "end").status.success());
            child.wait().unwrap();
            // Neither of them told it again what the supervisor had.
            assert_eq!(
                bed.await_file("recorder.terms"),
                "TERM\n",
                "{starter:?} {ender:?}"
            );
        }
    }
}

/// Says that it runs, and does not end when it is told to.
const DEAF: &str = "#!/bin/sh\ntrap '' TERM\necho $$ >\"$0.up\"\nwhile :; do sleep 0.01; done\n";

#[test]
fn what_does_not_end_gets_kill_at_the_stop_timeout() {
    for starter in both() {
        let bed = bed(DEAF, |service| service.stop.timeout = Span::seconds(1));
        let mut child = bed.spawn(starter, "");
        up(&bed);
        bed.verb(starter, "stop");
        assert_eq!(child.wait().unwrap().signal(), Some(9), "{starter:?}");
    }
}

/// Leaves a child in its process group that does not end when it is told to.
const WITH_A_CHILD: &str = "#!/bin/sh
trap '' TERM
sleep 60 &
echo $! >\"$0.child\"
trap 'exit 0' TERM
echo $$ >\"$0.up\"
while :; do sleep 0.01; done
";

#[test]
fn without_a_cgroup_the_process_group_is_ended() {
    if !is_root() {
        return;
    }
    at_once(starters(), |starter| {
        let bed = bed(WITH_A_CHILD, |service| {
            service.stop.timeout = "300ms".parse().unwrap();
        });
        no_cgroups();
        let mut command = bed.command(starter, "");
        let mut main = command.process_group(0).spawn().unwrap();
        let pid = up(&bed);
        let child = bed.await_file("recorder.child").trim().parse().unwrap();
        assert!(lives(Pid::from_raw(child)), "{starter:?}");
        bed.verb(starter, &format!("stop {pid}"));
        kill(pid, Signal::SIGTERM).unwrap();
        main.wait().unwrap();
        assert!(bed.verb(starter, "end").status.success());
        assert!(!lives(Pid::from_raw(child)), "{starter:?}");
    });
}

/// `TimeoutStopSec=0` is infinity (systemd.service(5)).
#[test]
fn a_stop_timeout_of_0_is_none() {
    for starter in both() {
        let bed = bed(DEAF, |service| service.stop.timeout = Span::seconds(0));
        let mut child = bed.spawn(starter, "");
        up(&bed);
        bed.verb(starter, "stop");
        thread::sleep(Duration::from_millis(700));
        assert_eq!(child.try_wait().unwrap(), None, "{starter:?}");
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

#[test]
fn a_stop_that_is_asked_for_again_keeps_its_timeout() {
    for first in both() {
        for again in starters() {
            let bed = bed(DEAF, |_| {});
            let mut child = bed.spawn(first, "");
            up(&bed);
            bed.verb(first, "stop");
            let deadline = |state: &str| state.lines().next().map(str::to_owned);
            let begun = deadline(&bed.state("stop"));
            assert!(begun.is_some());
            thread::sleep(Duration::from_millis(50));
            bed.verb(again, "stop");
            assert_eq!(deadline(&bed.state("stop")), begun, "{first:?} {again:?}");
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

/// A start forgets the stop of the last one before it notes itself. What waits to send KILL, since something is left of
/// that, does not take it for the start that its stop is for.
#[test]
fn a_stop_that_the_next_start_has_forgotten_is_over() {
    if !is_root() {
        return;
    }
    for starter in both() {
        let bed = bed(WITH_A_CHILD, |service| {
            service.stop.timeout = Span::seconds(2);
        });
        let mut first = bed.spawn(starter, "");
        let pid = up(&bed);
        bed.await_file("recorder.child");
        bed.verb(starter, &format!("stop {pid}"));
        kill(pid, Signal::SIGTERM).unwrap();
        first.wait().unwrap();
        fs::write(bed.state_folder().join("stop"), "").unwrap();
        thread::sleep(Duration::from_millis(400));
        assert_eq!(bed.state("stop"), "", "{starter:?}");
    }
}

#[test]
fn a_stop_does_not_reach_the_next_start() {
    for starter in both() {
        let bed = bed(SLOW, |service| service.stop.timeout = Span::seconds(1));
        let mut first = bed.spawn(starter, "");
        let pid = up(&bed);
        bed.verb(starter, &format!("stop {pid}"));
        kill(pid, Signal::SIGTERM).unwrap();
        first.wait().unwrap();
        let mut second = bed.spawn(starter, "");
        let pid = up(&bed);
        // Longer than the stop timeout: what the stop left behind has nobody to kill.
        thread::sleep(Duration::from_millis(1500));
        assert_eq!(second.try_wait().unwrap(), None, "{starter:?}: {pid}");
        bed.verb(starter, "end");
        second.wait().unwrap();
    }
}

#[test]
fn finish_says_whether_there_is_a_next_start() {
    for starter in both() {
        for (policy, status, code) in [
            (Policy::Always, "", 0),
            (Policy::Always, "0", 0),
            (Policy::OnFailure, "1", 0),
            (Policy::OnFailure, "256", 0),
            (Policy::OnFailure, "0", 125),
            (Policy::OnFailure, "143", 0),
            (Policy::OnFailure, "271", 125),
            (Policy::OnFailure, "265", 0),
            (Policy::OnSuccess, "0", 0),
            (Policy::OnSuccess, "271", 0),
            (Policy::OnSuccess, "1", 125),
            (Policy::OnSuccess, "265", 125),
            (Policy::OnAbnormal, "1", 125),
            (Policy::OnAbnormal, "271", 125),
            (Policy::OnAbnormal, "267", 0),
            (Policy::OnAbort, "0", 125),
            (Policy::OnAbort, "143", 125),
            (Policy::OnAbort, "262", 0),
            (Policy::Never, "1", 125),
        ] {
            let bed = bed(SLOW, |service| service.restart.policy = policy);
            let output = bed.verb(starter, &format!("finish 0 {status}"));
            assert_eq!(
                output.status.code(),
                Some(code),
                "{starter:?} {policy:?} {status}"
            );
        }
    }
}

/// What is prevented counts before what is forced, and that before what is clean
/// (`service_shall_restart`, `service.c` of systemd 257).
#[test]
fn ends_that_are_named_count_before_the_policy() {
    for starter in both() {
        let ends = |text: &str| serde_json::from_str(text).unwrap();
        for (policy, again) in [
            (Policy::Always, &["0", "1", "143", "265", "7", "269"][..]),
            (Policy::OnFailure, &["1", "265", "7", "269"]),
            (Policy::OnSuccess, &["0", "143", "267", "7", "269"]),
            (Policy::Never, &["7", "269"]),
        ] {
            let bed = bed(SLOW, |service| {
                service.restart.policy = policy;
                service.restart.delay = Span::seconds(0);
                service.restart.success_exit_status = ends("[143, \"SEGV\"]");
                service.restart.force_exit_status = ends("[7, 9, \"PIPE\"]");
                service.restart.prevent_exit_status = ends("[9, \"ABRT\"]");
            });
            for status in ["0", "1", "143", "265", "267", "7", "269", "9", "262"] {
                let always = policy == Policy::Always && !["9", "262"].contains(&status);
                let code = if always || again.contains(&status) {
                    0
                } else {
                    125
                };
                let output = bed.verb(starter, &format!("finish 0 {status}"));
                assert_eq!(
                    output.status.code(),
                    Some(code),
                    "{starter:?} {policy:?} {status}"
                );
            }
        }
    }
}

/// Leaves a child that does not end by TERM, and notes who got one.
const MIXED: &str = "#!/bin/sh
trap 'echo main >>\"$0.terms\"; exit 0' TERM
(
	trap 'echo child >>\"$0.terms\"' TERM
	sh -c 'echo $PPID' >\"$0.up\"
	while :; do sleep 0.01; done
) &
while :; do sleep 0.01; done
";

#[test]
fn mixed_is_the_signal_for_the_main_process_and_kill_for_the_rest() {
    for starter in both() {
        let bed = bed(MIXED, |service| service.stop.kill = Kill::Mixed);
        let mut parent = bed.spawn(starter, "supervise");
        let child = up(&bed);
        let began = Instant::now();
        kill(Pid::from_raw(parent.id().cast_signed()), Signal::SIGTERM).unwrap();
        assert_eq!(parent.wait().unwrap().code(), Some(0), "{starter:?}");
        assert!(!lives(child), "{starter:?}");
        assert!(began.elapsed() < Duration::from_secs(5), "{starter:?}");
        assert_eq!(bed.await_file("recorder.terms"), "main\n", "{starter:?}");
    }
}

/// dash can take the end of the program in a `wait` that the stop itself breaks off.
#[test]
fn a_busy_machine_does_not_change_how_a_service_ended() {
    at_once(0..24, |_| {
        for starter in both() {
            let bed = bed(MIXED, |service| service.stop.kill = Kill::Mixed);
            let mut parent = bed.spawn(starter, "supervise");
            up(&bed);
            kill(Pid::from_raw(parent.id().cast_signed()), Signal::SIGTERM).unwrap();
            assert_eq!(parent.wait().unwrap().code(), Some(0), "{starter:?}");
        }
    });
}

/// `SendSIGKILL=no`, and `KillMode=none`.
#[test]
fn what_is_not_to_be_killed_is_left_alone() {
    for (kill_mode, send_kill) in [(Kill::Group, false), (Kill::None, true)] {
        let bed = bed(DEAF, |service| {
            service.stop.timeout = "300ms".parse().unwrap();
            (service.stop.kill, service.stop.send_kill) = (kill_mode, send_kill);
        });
        let mut parent = bed.spawn(Starter::Native, "supervise");
        let service = up(&bed);
        kill(Pid::from_raw(parent.id().cast_signed()), Signal::SIGTERM).unwrap();
        parent.wait().unwrap();
        assert!(lives(service), "{kill_mode:?}");
        kill(service, Signal::SIGKILL).unwrap();
    }
}

#[test]
fn finish_leaves_the_earliest_start_to_the_next() {
    for starter in both() {
        let bed = bed(SLOW, |_| {});
        bed.verb(starter, "finish 5");
        assert!(
            bed.state("finish").trim().parse::<u64>().is_ok(),
            "{starter:?}"
        );
        let mut child = bed.spawn(starter, "");
        up(&bed);
        assert_eq!(bed.state("finish"), "", "{starter:?}");
        bed.verb(starter, "end");
        child.wait().unwrap();
    }
}

/// The exit code, how often, and whether there is a next start, of the file `ended`.
fn ended(bed: &Bed) -> (String, u64, bool) {
    let text = bed.state("ended");
    let words: Vec<&str> = text.split_whitespace().collect();
    assert!(words.len() >= 5, "{text:?}");
    let number = |at: usize| words[at].parse::<u64>().unwrap();
    assert!(number(3) <= number(1), "{text:?}");
    (words[0].into(), number(2), number(4) > number(1))
}

#[test]
fn an_end_that_nobody_asked_for_is_noted() {
    for starter in both() {
        let bed = bed(SLOW, |service| service.restart.policy = Policy::OnFailure);
        bed.verb(starter, "finish 5 1");
        assert_eq!(ended(&bed), ("1".into(), 1, true), "{starter:?}");
        bed.verb(starter, "finish 5 265");
        assert_eq!(ended(&bed), ("265".into(), 2, true), "{starter:?}");
        bed.verb(starter, "finish 5 0");
        assert_eq!(ended(&bed), ("0".into(), 3, false), "{starter:?}");
        bed.verb(starter, "end");
        assert_eq!(
            bed.state("ended"),
            "",
            "{starter:?}: what follows was asked for"
        );
    }
}

#[test]
fn a_common_start_notes_no_end() {
    for starter in starters() {
        for verb in ["", "respawn"] {
            let bed = Bed::new();
            Bed::record_of(&mut bed.command(starter, verb));
            let path = bed.state_folder().join("ended");
            assert!(!path.exists(), "{starter:?} {verb:?}");
        }
    }
}

/// As OpenRC's supervise-daemon leaves it, which ends at a stop just after it has started this (0.45): PID 1 is the
/// parent. That of an init which starts by itself is PID 1 always.
#[test]
fn a_start_that_its_supervisor_has_left_does_not_become_the_service() {
    if tool("unshare").is_none() || !is_root() {
        skipped("only root can make another PID 1, with unshare");
        return;
    }
    for starter in starters() {
        let bed = Bed::new();
        let under_pid_1 = |verb| {
            let own = bed.command(starter, verb);
            let mut first = Command::new("unshare");
            first.args(["--pid", "--fork", "--mount-proc", "sh", "-c"]);
            first.args(["\"$@\"; exit $?", "sh"]);
            first.arg(own.get_program()).args(own.get_args());
            let output = first.stdin(Stdio::null()).output().unwrap();
            (output.status.code(), output.stdout.is_empty())
        };
        assert_eq!(under_pid_1("respawn"), (Some(143), true), "{starter:?}");
        assert_eq!(under_pid_1(""), (Some(0), false), "{starter:?}");
    }
}

#[test]
fn a_respawn_after_a_crash_notes_whose_end_it_was() {
    for starter in both() {
        let bed = Bed::of(|service| service.restart.delay = "200ms".parse().unwrap());
        for count in 1..3 {
            Bed::record_of(&mut bed.command(starter, "respawn"));
            let pid = bed.state("pid").split(' ').next().unwrap().to_owned();
            Bed::record_of(&mut bed.command(starter, "respawn"));
            let text = bed.state("ended");
            // One start of each round follows the crash of the other round's.
            assert_eq!(
                ended(&bed),
                ("-".into(), 2 * count - 1, true),
                "{starter:?}"
            );
            assert_eq!(text.split_whitespace().nth(5), Some(&*pid), "{starter:?}");
        }
    }
}

#[test]
fn supervise_notes_how_the_service_ended() {
    for starter in both() {
        let bed = bed(SLOW, |_| {});
        let mut parent = bed.spawn(starter, "supervise");
        kill(up(&bed), Signal::SIGKILL).unwrap();
        let second = up(&bed);
        assert_eq!(ended(&bed), ("265".into(), 1, true), "{starter:?}");
        kill(second, Signal::SIGKILL).unwrap();
        up(&bed);
        assert_eq!(ended(&bed), ("265".into(), 2, true), "{starter:?}");
        let supervisor = Pid::from_raw(parent.id().cast_signed());
        kill(supervisor, Signal::SIGTERM).unwrap();
        parent.wait().unwrap();
        assert_eq!(bed.state("ended"), "", "{starter:?}: it was stopped");
    }
}

#[test]
fn supervise_starts_again_until_it_is_told_to_end() {
    for starter in both() {
        let bed = bed(SLOW, |_| {});
        let mut parent = bed.spawn(starter, "supervise");
        let first = up(&bed);
        kill(first, Signal::SIGKILL).unwrap();
        let second = up(&bed);
        assert_ne!(first, second);
        let supervisor = Pid::from_raw(parent.id().cast_signed());
        kill(supervisor, Signal::SIGTERM).unwrap();
        assert_eq!(parent.wait().unwrap().code(), Some(0), "{starter:?}");
        assert!(!lives(second), "{starter:?}");
        assert_eq!(bed.await_file("recorder.terms"), "TERM\n", "{starter:?}");
        assert_ne!(bed.state("stop"), "", "{starter:?}: `finish` has to know");
    }
}

#[test]
fn supervise_gives_the_exit_code_where_nothing_follows() {
    for starter in both() {
        for (verb, policy, code) in [
            ("supervise once", Policy::Always, 3),
            ("supervise", Policy::Never, 3),
            ("supervise", Policy::OnFailure, 0),
        ] {
            let bed = bed(CRASHING, |service| service.restart.policy = policy);
            fs::write(bed.path("recorder.code"), format!("{code}\n")).unwrap();
            let output = bed.verb(starter, verb);
            assert_eq!(output.status.code(), Some(code), "{starter:?} {verb}");
            assert_eq!(
                bed.await_file("recorder.starts"),
                "start\n",
                "{starter:?} {verb}"
            );
        }
    }
}

fn limited(starts: u32, within: &str, delay: &str) -> Bed {
    bed(CRASHING, |service| {
        let within = within.parse().unwrap();
        service.restart.limit = Some(StartLimit { starts, within });
        service.restart.delay = delay.parse().unwrap();
    })
}

/// `StartLimitBurst=` counts the first start too (`systemd.unit(5)`).
#[test]
fn a_limit_of_starts_is_counted_as_systemd_counts() {
    for starter in both() {
        for starts in [1, 3] {
            let bed = limited(starts, "1min", "10ms");
            fs::write(bed.path("recorder.code"), "3\n").unwrap();
            let output = bed.verb(starter, "supervise");
            assert_eq!(output.status.code(), Some(3), "{starter:?} {starts}");
            let expected = "start\n".repeat(starts as usize);
            assert_eq!(bed.await_file("recorder.starts"), expected, "{starter:?}");
            let log = String::from_utf8_lossy(&output.stderr).into_owned();
            let line = format!("{}: started too often, and not again\n", bed.name);
            assert_eq!(without_limits(&log), line, "{starter:?} {starts}");
            assert_eq!(ended(&bed), ("3".into(), u64::from(starts), false));
            // What is asked for begins a new count.
            bed.verb(starter, "supervise");
            let expected = "start\n".repeat(2 * starts as usize);
            assert_eq!(bed.await_file("recorder.starts"), expected, "{starter:?}");
        }
    }
}

/// A supervisor that starts again itself is told by `finish`.
#[test]
fn finish_says_when_there_have_been_too_many_starts() {
    for starter in both() {
        let bed = limited(3, "1min", "10ms");
        fs::write(bed.path("recorder.code"), "3\n").unwrap();
        for code in [0, 0, 125] {
            bed.verb(starter, "");
            let output = bed.verb(starter, "finish 0 3");
            assert_eq!(output.status.code(), Some(code), "{starter:?}");
        }
        assert!(bed.verb(starter, "end").status.success(), "{starter:?}");
        bed.verb(starter, "");
        let output = bed.verb(starter, "finish 0 3");
        assert_eq!(output.status.code(), Some(0), "{starter:?}: a new count");
    }
}

#[test]
fn the_first_start_after_the_interval_begins_a_new_count() {
    for starter in both() {
        let bed = limited(2, "700ms", "200ms");
        fs::write(bed.path("recorder.code"), "3\n").unwrap();
        bed.verb(starter, "");
        assert_eq!(bed.verb(starter, "finish 0 3").status.code(), Some(0));
        thread::sleep(Duration::from_millis(800));
        bed.verb(starter, "");
        assert_eq!(
            bed.verb(starter, "finish 0 3").status.code(),
            Some(0),
            "{starter:?}"
        );
        assert_eq!(
            bed.state("starts").split(' ').nth(1),
            Some("1\n"),
            "{starter:?}"
        );
    }
}

#[test]
fn what_is_no_verb_is_refused() {
    for starter in starters() {
        for verb in [
            "restart",
            "stopp 1",
            "stop x",
            "stop 1 2",
            "end now",
            "finish",
            "finish soon",
            "finish 0 -1",
            "finish 0 0 0",
            "respawn 1",
            "supervise 1",
            "supervise twice",
            "supervise once more",
        ] {
            let output = Bed::new().verb(starter, verb);
            assert_eq!(output.status.code(), Some(2), "{starter:?} {verb}");
            assert_ne!(output.stderr, b"", "{starter:?} {verb}");
        }
    }
    let output = Bed::new().verb(Starter::Native, "finish soon");
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "error: `finish soon` is not a verb\n\nhint: a start has none; the others are `stop [PID]`, `end`, `finish FLOOR [STATUS]`, `respawn`, `supervise [once | again | tell] [ready]`, `reload`, `start PARENT`\n"
    );
}

/// Ends by a signal, or with an exit code that a shell has for one.
const ENDING: &str = "#!/bin/sh
echo start >>\"$0.starts\"
read -r end <\"$0.end\"
case $end in exit*) exit \"${end#exit }\" ;; esac
kill -s \"$end\" $$
sleep 5
";

/// systemd takes an end by HUP, INT, PIPE or TERM for clean, and no exit code but 0
/// (`systemd.service(5)`, measured: exit 143 is started again, TERM is not).
#[test]
fn an_exit_code_is_not_a_signal() {
    for starter in starters() {
        for (end, starts_again) in [
            ("exit 0", false),
            ("exit 129", true),
            ("exit 130", true),
            ("exit 141", true),
            ("exit 143", true),
            ("HUP", false),
            ("TERM", false),
            ("SEGV", true),
            ("KILL", true),
        ] {
            let bed = bed(ENDING, |service| {
                service.restart.policy = Policy::OnFailure;
                service.restart.delay = "20ms".parse().unwrap();
            });
            fs::write(bed.path("recorder.end"), format!("{end}\n")).unwrap();
            let mut parent = bed.spawn(starter, "supervise");
            let supervisor = Pid::from_raw(parent.id().cast_signed());
            if starts_again {
                while bed.await_file("recorder.starts").lines().count() < 2 {
                    assert_eq!(parent.try_wait().unwrap(), None, "{starter:?} {end}");
                    thread::sleep(Duration::from_millis(10));
                }
                kill(supervisor, Signal::SIGTERM).unwrap();
                parent.wait().unwrap();
            } else {
                parent.wait().unwrap();
                assert_eq!(
                    bed.await_file("recorder.starts"),
                    "start\n",
                    "{starter:?} {end}"
                );
            }

            // `once` ends as the service did, for the supervisor's own `finish`.
            let status = bed.spawn(starter, "supervise once").wait().unwrap();
            let expected = if let Some(code) = end.strip_prefix("exit ") {
                (Some(code.parse().unwrap()), None)
            } else {
                let signal: Signal = format!("SIG{end}").parse().unwrap();
                (None, Some(signal as i32))
            };
            assert_eq!(
                (status.code(), status.signal()),
                expected,
                "{starter:?} {end}"
            );
        }
    }
}

#[test]
fn a_starter_that_goes_away_takes_no_restart_with_it() {
    for starter in both() {
        let bed = bed(SLOW, |_| {});
        let launcher = bed.command(starter, "supervise");
        // A shell starts it, and ends.
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", "\"$@\" >/dev/null 2>&1 & echo $!; sleep 0.1", "sh"]);
        shell.arg(launcher.get_program()).args(launcher.get_args());
        let output = shell.output().unwrap();
        let supervisor: i32 = String::from_utf8(output.stdout)
            .unwrap()
            .trim()
            .parse()
            .unwrap();
        let first = up(&bed);
        kill(first, Signal::SIGKILL).unwrap();
        let second = up(&bed);
        assert_ne!(first, second, "{starter:?}");
        kill(Pid::from_raw(supervisor), Signal::SIGTERM).unwrap();
        gone(second, starter);
        gone(Pid::from_raw(supervisor), starter);
    }
}

fn gone(pid: Pid, starter: Starter) {
    for _ in 0..500 {
        if !lives(pid) {
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
    panic!("{starter:?}: {pid} is still there");
}

#[test]
fn of_two_supervising_launchers_the_later_has_the_service() {
    for first in both() {
        for next in both() {
            let bed = bed(SLOW, |_| {});
            let mut old = bed.spawn(first, "supervise");
            let old_service = up(&bed);
            let mut new = bed.spawn(next, "supervise");
            let service = up(&bed);
            assert!(!lives(old_service), "{first:?} {next:?}");
            assert_eq!(old.wait().unwrap().code(), Some(1), "{first:?} {next:?}");
            // Longer than the delay.
            thread::sleep(Duration::from_millis(300));
            assert!(lives(service), "{first:?} {next:?}");
            kill(Pid::from_raw(new.id().cast_signed()), Signal::SIGTERM).unwrap();
            new.wait().unwrap();
            assert!(!lives(service), "{first:?} {next:?}");
        }
    }
}

/// A stop that comes while `supervise` asks what it can use, or right after: the program
/// must not be there afterwards, though it does not end when it is told to.
#[test]
fn a_stop_that_comes_with_a_start_is_not_lost() {
    let all =
        both().flat_map(|starter| ["supervise", "supervise once"].map(|verb| (starter, verb)));
    at_once(all, |(starter, verb)| {
        for step in 0..12 {
            let bed = bed(DEAF, |service| {
                service.stop.timeout = "300ms".parse().unwrap();
            });
            // One tool takes its time.
            let tools = bed.path("tools");
            fs::create_dir(&tools).unwrap();
            let slow = "#!/bin/sh\nsleep 0.03\nexec /usr/bin/env \"$@\"\n";
            fs::write(tools.join("env"), slow).unwrap();
            let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            fs::set_permissions(tools.join("env"), executable).unwrap();
            let mut command = bed.command(starter, verb);
            command.env("PATH", format!("{}:/usr/bin:/bin", tools.display()));
            command.stdout(std::process::Stdio::null());
            command.stderr(std::process::Stdio::null());
            let mut parent = command.spawn().unwrap();
            thread::sleep(Duration::from_millis(10 * step));
            kill(Pid::from_raw(parent.id().cast_signed()), Signal::SIGTERM).unwrap();
            parent.wait().unwrap();
            let pid = fs::read_to_string(bed.path("recorder.up")).unwrap_or_default();
            if let Ok(pid) = pid.trim().parse() {
                gone(Pid::from_raw(pid), starter);
            }
        }
    });
}
