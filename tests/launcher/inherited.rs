//! What a supervisor may leave to the launcher, and the launcher not to the program.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use super::bed::{Bed, Starter, starters};

/// What the sh launcher calls by its name.
const CALLED: &[&str] = &[
    "cd", "echo", "env", "kill", "mkdir", "printf", "read", "rmdir", "setsid", "sleep", "true",
    "ulimit", "umask", "wait", "wc",
];

/// bash takes functions from the environment, and prefers them to its builtins.
#[test]
fn a_function_from_outside_replaces_nothing() {
    for starter in starters() {
        let bed = Bed::new();
        bed.env_file("default", Some(b"KUBELET_EXTRA_ARGS=\"--a='b c'\"\n"));
        let mut command = bed.command(starter, "");
        for name in CALLED {
            command.env(format!("BASH_FUNC_{name}%%"), "() { exit 3; }");
        }
        let record = Bed::record_of(&mut command);
        assert_eq!(record.arguments.last().unwrap(), b"--a=b c", "{starter:?}");
        assert!(
            record
                .environment
                .keys()
                .all(|name| !name.starts_with(b"BASH_FUNC_")),
            "{starter:?}"
        );
    }
}

/// Else the next file that the program opens becomes its standard output.
#[test]
fn a_closed_output_becomes_dev_null() {
    for starter in starters() {
        let bed = Bed::new();
        let seen = bed.path("seen");
        bed.put_program(&format!(
            "#!/bin/sh\nall=$(readlink /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2)\necho \"$all\" >'{}'\n",
            seen.display()
        ));
        // A bash whose standard error is closed has the script itself there.
        let closed = match starter {
            Starter::Shell(shell) if shell.name.starts_with("bash") => ">&-",
            _ => ">&- 2>&-",
        };
        let launcher = bed.command(starter, "");
        let mut command = Command::new("sh");
        command
            .args(["-c", &format!("exec \"$@\" {closed}"), "sh"])
            .arg(launcher.get_program())
            .args(launcher.get_args())
            .stdin(Stdio::null())
            .stderr(fs::File::create("/dev/null").unwrap());
        assert!(command.status().unwrap().success(), "{starter:?}");
        let seen = fs::read_to_string(seen).unwrap();
        assert_eq!(seen, "/dev/null\n".repeat(3), "{starter:?}");
    }
}

/// Whoever could write it could have any process killed.
#[test]
fn what_the_launcher_notes_is_nobody_elses_to_write() {
    for starter in starters() {
        let bed = Bed::new();
        let launcher = bed.command(starter, "");
        let status = Command::new("sh")
            .args(["-c", "umask 0; exec \"$@\"", "sh"])
            .arg(launcher.get_program())
            .args(launcher.get_args())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(status.unwrap().success(), "{starter:?}");
        for path in [bed.state_folder(), bed.state_folder().join("pid")] {
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o022, 0, "{starter:?}: {}", path.display());
        }
    }
}
