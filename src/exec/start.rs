//! The end of this process as a launcher: it becomes the service.

use std::ffi::CString;

use nix::unistd::execve;
use thiserror::Error;

use crate::distro::GENERIC;
use crate::envfile::{Environment, ExecWord};
use crate::service::{CommandLine, Service};

use super::argv::Argv;
use super::env_files;
use super::initial_state;
use super::log::Log;
use super::process::{NotPrepared, Prepared};

/// Exit code where the service cannot be configured, `EX_CONFIG` of sysexits(3).
pub(super) const NOT_CONFIGURED: u8 = 78;

/// What systemd sets by itself, except for its own sake (`systemd.exec(5)`,
/// "Environment Variables in Spawned Processes").
const MANAGER: [(&str, &str); 3] = [
    ("PATH", GENERIC.path),
    ("LANG", "C.UTF-8"),
    ("USER", "root"),
];

/// Executes the program of the service in this process, with variables besides its own;
/// returns an exit code only if that fails.
pub(super) fn replace(service: &Service, variables: &[(&str, &str)], log: &Log) -> u8 {
    let program = service.program.as_str();
    by(program, &service.exec_words(), service, variables, log)
}

/// The same with a command beside the service, which gets variables of its own.
pub(super) fn become_command(
    service: &Service,
    command: &CommandLine,
    variables: &[(&str, &str)],
    log: &Log,
) -> u8 {
    let program = command.program.as_str();
    by(program, &command.exec_words(), service, variables, log)
}

fn by(
    program: &str,
    words: &[ExecWord<'_>],
    service: &Service,
    variables: &[(&str, &str)],
    log: &Log,
) -> u8 {
    initial_state::set(service, log);
    match try_replace(program, words, service, variables, log) {
        Ok(code) => code,
        Err(failed) => {
            log.say(&failed);
            failed.exit_code()
        }
    }
}

/// Why there was nothing to execute.
#[derive(Debug, Error)]
enum Failed {
    #[error(transparent)]
    Required(#[from] env_files::Required),
    #[error(transparent)]
    NotPrepared(#[from] NotPrepared),
}

impl Failed {
    const fn exit_code(&self) -> u8 {
        match self {
            Self::Required(_) => NOT_CONFIGURED,
            Self::NotPrepared(failed) => failed.exit_code(),
        }
    }
}

fn try_replace(
    program: &str,
    words: &[ExecWord<'_>],
    service: &Service,
    variables: &[(&str, &str)],
    log: &Log,
) -> Result<u8, Failed> {
    let prepared = Prepared::new(service)?;
    let contents = env_files::read(&service.env_files, log)?;
    let files = env_files::parse_all(&contents, log)?;
    let own = service.environment.iter();
    let own = own.map(|set| (set.name.as_str(), set.value.as_str()));
    let prepared_variables = prepared.variables.clone();
    let of_process = prepared_variables.iter();
    let of_process = of_process.map(|(name, value)| (*name, value.as_str()));
    let beside = variables.iter().copied();
    // As systemd has it of `PIDFile=`, for the service and for each command beside it.
    let pid_file = service.life.pid_file.as_ref();
    let pid_file = pid_file.map(|path| ("PIDFILE", path.as_str()));
    let set = MANAGER
        .into_iter()
        .chain(pid_file)
        .chain(of_process)
        .chain(own)
        .chain(beside);
    let environment = Environment::merge(set, &files);
    let argv = match Argv::new(words, &environment) {
        Ok(argv) => argv,
        Err(error) => {
            log.say(error);
            return Ok(NOT_CONFIGURED);
        }
    };
    prepared.finish(log)?;
    // systemd looks nothing up in PATH, and calls the program by its path.
    let path = match CString::new(program) {
        Ok(path) => path,
        Err(error) => {
            log.say(error);
            return Ok(NOT_CONFIGURED);
        }
    };
    let Err(errno) = execve(&path, &argv.arguments, &argv.environment);
    let refused = argv.refused(program, errno);
    let code = refused.exit_code();
    log.say(refused);
    Ok(code)
}
