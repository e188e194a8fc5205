//! Running commands: each within its time, without a shell, in the C locale, with
//! its output kept and bounded.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::process::{Child, Command as Process, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::memfd::{MFdFlags, memfd_create};

use super::{Answer, Command, PATH, ProcessError};

/// More output than this is not read. What is read here are states and messages.
const LIMIT: u64 = 256 * 1024;

/// How long to sleep between two looks at a process that still runs.
const FIRST_NAP: Duration = Duration::from_millis(1);
const LONGEST_NAP: Duration = Duration::from_millis(50);

/// Something that runs commands.
pub trait Runner {
    /// Runs a command and waits for its end. `waiting` is called now and then with
    /// the time that has passed.
    ///
    /// # Errors
    /// It cannot be started, or takes longer than it may; then it is ended.
    fn run(
        &self,
        command: &Command,
        waiting: &mut dyn FnMut(Duration),
    ) -> Result<Answer, ProcessError>;
}

/// Runs real processes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Processes;

impl Runner for Processes {
    fn run(
        &self,
        command: &Command,
        waiting: &mut dyn FnMut(Duration),
    ) -> Result<Answer, ProcessError> {
        let program = command.argv.first().map_or("", String::as_str);
        let failed = |source| cannot_run(program, source);
        let mut stdout = output().map_err(failed)?;
        let mut stderr = output().map_err(failed)?;
        let mut child = process(&command.argv)
            .stdin(Stdio::null())
            .stdout(stdout.try_clone().map_err(failed)?)
            .stderr(stderr.try_clone().map_err(failed)?)
            .spawn()
            .map_err(failed)?;
        let Some(status) = wait(&mut child, command.within, waiting).map_err(failed)? else {
            return Err(ProcessError::Timeout {
                argv: command.argv.clone(),
                after: command.within,
            });
        };
        Ok(Answer {
            code: status.code(),
            stdout: text(&mut stdout).map_err(failed)?,
            stderr: text(&mut stderr).map_err(failed)?,
        })
    }
}

/// Runs a command without telling anybody that it takes a while.
///
/// # Errors
/// As for [`Runner::run`].
pub fn quietly(command: &Command) -> Result<Answer, ProcessError> {
    Processes.run(command, &mut |_| {})
}

/// Becomes the command, which then has our input and output. Returns only when it
/// cannot be run.
pub fn become_it(argv: &[String]) -> ProcessError {
    use std::os::unix::process::CommandExt;

    let program = argv.first().map_or("", String::as_str);
    cannot_run(program, process(argv).exec())
}

fn process(argv: &[String]) -> Process {
    let mut words = argv.iter();
    let mut process = Process::new(words.next().map_or("", String::as_str));
    // Some logins and cron have no sbin in PATH. What is there keeps its order.
    let path = match std::env::var("PATH") {
        Ok(path) if !path.is_empty() => format!("{path}:{PATH}"),
        _ => PATH.into(),
    };
    process.args(words).env("LC_ALL", "C").env("PATH", path);
    process
}

fn cannot_run(program: &str, source: io::Error) -> ProcessError {
    let program = program.to_owned();
    match source.kind() {
        io::ErrorKind::NotFound => ProcessError::Missing { program },
        _ => ProcessError::Spawn { program, source },
    }
}

/// A file in memory. With a pipe, the end of the output would not come before that
/// of every daemon that the command starts.
fn output() -> io::Result<File> {
    Ok(memfd_create("output", MFdFlags::MFD_CLOEXEC)?.into())
}

fn text(file: &mut File) -> io::Result<String> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.take(LIMIT).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// `None` when the time is over; then the process has been ended.
fn wait(
    child: &mut Child,
    within: Duration,
    waiting: &mut dyn FnMut(Duration),
) -> io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    let mut nap = FIRST_NAP;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        let passed = start.elapsed();
        if passed >= within {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        waiting(passed);
        thread::sleep(nap.min(within.saturating_sub(passed)));
        nap = (nap * 2).min(LONGEST_NAP);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_exit_code_and_output() {
        let command = Command::new(["sh", "-c", "echo out; echo err >&2; exit 3"]);
        let answer = quietly(&command).unwrap();
        let expected = Answer {
            code: Some(3),
            stdout: "out\n".into(),
            stderr: "err\n".into(),
        };
        assert_eq!(answer, expected);
    }

    #[test]
    fn a_daemon_that_keeps_the_output_open_is_not_waited_for() {
        let command = Command::new(["sh", "-c", "sleep 5 & echo started"]);
        let start = Instant::now();
        assert_eq!(quietly(&command).unwrap().stdout, "started\n");
        assert!(start.elapsed() < Duration::from_secs(4));
    }

    #[test]
    fn a_command_that_takes_too_long_is_ended_and_named() {
        let command = Command::new(["sleep", "60"]).within(Duration::from_millis(80));
        let mut looks = 0;
        let error = Processes.run(&command, &mut |_| looks += 1).unwrap_err();
        assert_eq!(error.to_string(), "`sleep 60` did not end within 80 ms");
        assert!(looks > 0);
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = quietly(&Command::new(["no-such-program", "-x"])).unwrap_err();
        assert_eq!(error.to_string(), "`no-such-program` is not installed");
    }
}
