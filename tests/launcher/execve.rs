//! What the kernel refuses to execute, and the state of what it executes.

use std::fs;
use std::process::{Command, Output};

use kubelet_unit::service::{AbsPath, Argument, Bound, Limit, Resource};

use super::bed::{self, Bed, Starter, starters, without_limits};

/// The longest `NAME=value` that a program can be executed with.
const STRING_MAX: usize = 131_071;

fn arguments(list: &[&str]) -> Vec<Argument> {
    list.iter().map(|word| word.parse().unwrap()).collect()
}

/// The exit code and the log of a start.
fn fails(bed: &Bed, starter: Starter) -> (Option<i32>, String) {
    ended(&bed.start(starter))
}

fn ended(output: &Output) -> (Option<i32>, String) {
    let log = String::from_utf8_lossy(&output.stderr);
    (output.status.code(), without_limits(&log))
}

#[test]
fn a_variable_may_have_as_many_bytes_as_the_kernel_takes_and_no_more() {
    let line = |bytes: usize| format!("LONG={}\n", "x".repeat(bytes - "LONG=".len()));
    for starter in starters() {
        let bed = Bed::new();
        bed.env_file("default", Some(line(STRING_MAX).as_bytes()));
        assert_eq!(bed.record(starter).environment.len(), 6, "{starter:?}");
        bed.env_file("default", Some(line(STRING_MAX + 1).as_bytes()));
        let (code, log) = fails(&bed, starter);
        assert_eq!(code, Some(126), "{starter:?}");
        match starter {
            Starter::Shell(_) => assert!(log.contains("rgument list too long"), "{log}"),
            Starter::Native => assert_eq!(
                log,
                format!(
                    "{}: cannot execute `{}`: the variable `LONG` takes 131072 bytes with its name, the kernel takes 131071\n",
                    bed.name,
                    bed.path("recorder").display()
                )
            ),
        }
    }
}

#[test]
fn an_argument_is_limited_like_a_variable() {
    let bed = Bed::of(|service| {
        let values = "${LONG}".repeat(2);
        service.arguments = arguments(&["--short", &format!("--long={values}")]);
    });
    bed.env_file(
        "default",
        Some(format!("LONG={}\n", "x".repeat(70_000)).as_bytes()),
    );
    assert_eq!(
        fails(&bed, Starter::Native),
        (
            Some(126),
            format!(
                "{}: cannot execute `{}`: argument 2, of `--long=${{LONG}}${{LONG}}`, has 140007 bytes, the kernel takes 131071\n",
                bed.name,
                bed.path("recorder").display()
            )
        )
    );
}

#[test]
fn all_together_may_have_a_quarter_of_the_stack() {
    let variable = |number: usize| format!("V{number:02}={}\n", "x".repeat(100_000));
    let content: String = (0..6).map(variable).collect();
    for starter in starters() {
        let bed = Bed::new();
        // A stack of 2 MiB: the less there is to read.
        let command = || {
            let launcher = bed.command(starter, "");
            let mut command = Command::new("sh");
            command.args(["-c", "ulimit -S -s 2048; exec \"$@\"", "sh"]);
            command
                .arg(launcher.get_program())
                .args(launcher.get_args());
            command
        };
        bed.env_file("default", Some(&content.as_bytes()[..100_005 * 4]));
        let environment = Bed::record_of(&mut command()).environment;
        assert_eq!(environment.len(), 9, "{starter:?}");
        bed.env_file("default", Some(content.as_bytes()));
        let output = command().output().unwrap();
        let (code, log) = ended(&output);
        assert_eq!(code, Some(126), "{starter:?}");
        if starter == Starter::Native {
            let (before, limit) = log.trim_end().rsplit_once(' ').unwrap();
            assert!(limit.parse::<u32>().is_ok(), "{log}");
            let (before, after) = before.split_once(" take ").unwrap();
            let program = bed.path("recorder");
            let what = "the arguments and the environment";
            let expected = format!(
                "{}: cannot execute `{}`: {what}",
                bed.name,
                program.display()
            );
            assert_eq!(before, expected);
            assert!(
                after.ends_with(" bytes together, the kernel takes"),
                "{log}"
            );
        }
    }
}

#[test]
fn a_program_that_cannot_be_executed_is_named() {
    let cases: [(&str, &str, i32, &str); 3] = [
        ("missing", "", 127, "it does not exist"),
        (
            "no-interpreter",
            "#!/nonexistent\n",
            127,
            "the interpreter or the loader that it asks for does not exist",
        ),
        // A shell would run it as a script of its own; systemd does not either.
        ("no-program", "text\n", 126, "Exec format error"),
    ];
    for (name, content, code, reason) in cases {
        let bed = Bed::new();
        fs::remove_file(bed.path("recorder")).unwrap();
        if !content.is_empty() {
            bed.put_program(content);
        }
        let expected = format!(
            "{}: cannot execute `{}`: {reason}\n",
            bed.name,
            bed.path("recorder").display()
        );
        assert_eq!(
            fails(&bed, Starter::Native),
            (Some(code), expected),
            "{name}"
        );
        if name == "missing" {
            for starter in starters() {
                assert_eq!(fails(&bed, starter).0, Some(127), "{starter:?}");
            }
        }
    }
}

/// What a program sees that is started with signals ignored, descriptors open and
/// a core limit.
fn seen(program: &str, words: &[&str]) -> String {
    let bed = Bed::of(|service| {
        service.program = program.parse::<AbsPath>().unwrap();
        service.arguments = arguments(words);
    });
    let launcher = bed.path("launcher.Native");
    let script = "trap '' HUP INT QUIT TERM USR1 XFSZ; umask 077; cd /tmp; \
                  exec 3</dev/null 9</dev/null; exec \"$@\" <&-";
    let output = Command::new("bash")
        .args(["-c", script, "bash"])
        .arg(bed::program())
        .arg("exec")
        .arg(launcher)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_native_launcher_undoes_what_sh_cannot() {
    let status = seen("/bin/cat", &["/proc/self/status"]);
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name));
        line.expect(name).split_whitespace().nth(1).expect(name)
    };
    // Without 32 and 33, the C library's own, which posix_spawn(3) leaves ignored.
    let ignored = u64::from_str_radix(field("SigIgn:"), 16).unwrap() & !(0b11 << 31);
    assert_eq!(ignored, 1 << 12, "SIGPIPE");
    assert_eq!(field("SigBlk:"), "0000000000000000");
    assert_eq!(field("Umask:"), "0022");
    let stat = seen("/bin/cat", &["/proc/self/stat"]);
    let fields: Vec<_> = stat.split(' ').collect();
    assert_eq!([fields[4], fields[5]], [fields[0], fields[0]], "{stat}");
    // The last is that of the listing.
    let descriptors = seen("/bin/ls", &["/proc/self/fd"]);
    assert_eq!(descriptors.lines().count(), 4, "{descriptors}");
    assert_eq!(seen("/bin/readlink", &["/proc/self/fd/0"]), "/dev/null\n");
    assert_eq!(seen("/bin/readlink", &["/proc/self/cwd"]), "/\n");
}

/// A shell cannot undo a redirection when it may open next to nothing, and busybox
/// tried for ever.
#[test]
fn next_to_no_open_files_is_a_limit_like_any_other() {
    for starter in starters() {
        for (soft, hard) in [
            (0, 0),
            (1, 1),
            (3, 9),
            (4, 4),
            (9, 1024),
            (12, 12),
            (19, 20),
        ] {
            let bed = Bed::of(|service| {
                service.program = "/bin/cat".parse::<AbsPath>().unwrap();
                service.arguments = arguments(&["/proc/self/limits"]);
                let [soft, hard] = [soft, hard].map(Bound::At);
                service
                    .limits
                    .set(Resource::Nofile, Some(Limit { soft, hard }));
            });
            let output = bed.start(starter);
            let seen = String::from_utf8_lossy(&output.stdout);
            let mut limits = seen
                .lines()
                .filter(|line| line.starts_with("Max open files"));
            let of_files = limits
                .next()
                .map(|line| line.split_whitespace().collect::<Vec<_>>());
            let log = String::from_utf8_lossy(&output.stderr);
            match of_files {
                Some(words) => assert_eq!(words[3..5], [soft, hard].map(|it| it.to_string())),
                // The loader of a program needs one.
                None => assert!(
                    soft < 4 && log.contains("shared libraries"),
                    "{starter:?} {soft}: {log}"
                ),
            }
        }
    }
}
