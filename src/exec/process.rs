//! What the process of the service is, beside its program: the order is systemd's
//! (`exec_invoke`, `exec-invoke.c`, 257).

use nix::errno::Errno;
use nix::sys::prctl;
use nix::sys::stat::{Mode, umask};
use nix::unistd::{Uid, chdir, setgroups, setresgid, setresuid};
use thiserror::Error;

use crate::service::process::WorkingDirectory;
use crate::service::{self, Capability, Process, Service};

use super::account::{self, Identity, Unknown};
use super::directories::{self, NotMade};
use super::limits;
use super::log::Log;
use super::unsafe_calls;

/// Why a start failed before there was a program. The exit codes are systemd's
/// (`systemd.exec(5)`, "Process Exit Codes").
#[derive(Debug, Error)]
pub(super) enum NotPrepared {
    #[error(transparent)]
    Account(#[from] Unknown),
    #[error(transparent)]
    Directory(#[from] NotMade),
    #[error("cannot enter the working directory `{path}`: {}", .errno.desc())]
    WorkingDirectory { path: String, errno: Errno },
    #[error("cannot be of the groups of the service: {}", .0.desc())]
    Groups(Errno),
    #[error("cannot become the user of the service: {}", .0.desc())]
    User(Errno),
    #[error("cannot have the nice level {level}: {}", .errno.desc())]
    Nice { level: i8, errno: Errno },
    #[error("cannot have the I/O class {class}: {}", .errno.desc())]
    Io { class: &'static str, errno: Errno },
    #[error("cannot set the capabilities: {}", .0.desc())]
    Capabilities(Errno),
    #[error("cannot give up new privileges: {}", .0.desc())]
    NoNewPrivileges(Errno),
}

impl NotPrepared {
    pub(super) const fn exit_code(&self) -> u8 {
        match self {
            Self::Account(unknown) => unknown.exit_code(),
            Self::Directory(not_made) => not_made.code,
            Self::WorkingDirectory { .. } => 200,
            Self::Nice { .. } => 201,
            Self::Io { .. } => 211,
            Self::Groups(_) => 216,
            Self::User(_) => 217,
            Self::Capabilities(_) => 218,
            Self::NoNewPrivileges(_) => 227,
        }
    }
}

/// A start whose user is known and whose folders are there.
pub(super) struct Prepared<'a> {
    service: &'a Service,
    identity: Identity,
    /// Variables for the service: its user's, and those that name its folders.
    pub(super) variables: Vec<(&'static str, String)>,
}

impl<'a> Prepared<'a> {
    /// All that comes before the env files are read, which root may read alone.
    pub(super) fn new(service: &'a Service) -> Result<Self, NotPrepared> {
        let process = &service.process;
        let identity = account::find(process)?;
        share(process)?;
        let mut variables = identity.variables.clone();
        variables.extend(directories::make(process, identity.owner())?);
        Ok(Self {
            service,
            identity,
            variables,
        })
    }

    /// All that the program is not to be kept from by: the last before it is executed.
    pub(super) fn finish(self, log: &Log) -> Result<(), NotPrepared> {
        // Without `..`: what is added has to be done here, or by one of those that are called.
        let Process {
            user: _,
            group: _,
            supplementary_groups: _,
            working_directory,
            umask: mask,
            nice: _,
            io_class: _,
            no_new_privileges,
            ignore_sigpipe,
            capabilities: _,
            directories: _,
        } = &self.service.process;
        let Identity {
            uid, gid, groups, ..
        } = &self.identity;
        if let Some(groups) = groups {
            setgroups(groups).map_err(NotPrepared::Groups)?;
        }
        if let Some(gid) = *gid {
            setresgid(gid, gid, gid).map_err(NotPrepared::Groups)?;
        }
        let home = self.identity.home.as_deref();
        enter(working_directory.as_ref(), home, log)?;
        limits::set(self.service, log);
        set_capabilities(&self.service.process, *uid)?;
        if *no_new_privileges {
            prctl::set_no_new_privs().map_err(NotPrepared::NoNewPrivileges)?;
        }
        if !ignore_sigpipe {
            unsafe_calls::reset_sigpipe();
        }
        // The last: what is written above is nobody else's to write.
        let mask = mask.map_or(0o022, service::process::Mode::bits);
        umask(Mode::from_bits_truncate(mask));
        Ok(())
    }
}

/// Its share of the processors and of the disks.
fn share(process: &Process) -> Result<(), NotPrepared> {
    if let Some(nice) = process.nice {
        let level = nice.level();
        unsafe_calls::set_nice(level).map_err(|errno| NotPrepared::Nice { level, errno })?;
    }
    if let Some(io) = process.io_class {
        let class = io.class.name();
        unsafe_calls::set_io_priority(io.class.number(), io.priority.number())
            .map_err(|errno| NotPrepared::Io { class, errno })?;
    }
    Ok(())
}

/// Enters the working directory, with the groups of the service and still as root.
fn enter(
    directory: Option<&WorkingDirectory>,
    home: Option<&str>,
    log: &Log,
) -> Result<(), NotPrepared> {
    let Some(directory) = directory else {
        if let Err(error) = chdir("/") {
            log.say(format_args!("the working directory is not `/`: {error}"));
        }
        return Ok(());
    };
    let path = match &directory.path {
        Some(path) => path.as_str(),
        None => home.unwrap_or("/"),
    };
    match chdir(path) {
        Err(_) if directory.optional => {
            let _ = chdir("/");
            Ok(())
        }
        entered => entered.map_err(|errno| NotPrepared::WorkingDirectory {
            path: path.into(),
            errno,
        }),
    }
}

/// Capabilities, and the user whom they are kept for (`capability_ambient_set_apply`,
/// `capability-util.c`; `enforce_user`).
fn set_capabilities(process: &Process, uid: Option<Uid>) -> Result<(), NotPrepared> {
    let failed = NotPrepared::Capabilities;
    let capabilities = &process.capabilities;
    if let Some(bounding) = &capabilities.bounding {
        // The kernel may know more than this program does.
        for number in 0..=last_capability() {
            if !bounding.iter().any(|it| it.number() == number) {
                unsafe_calls::drop_from_bounding_set(number).map_err(failed)?;
            }
        }
    }
    let ambient = &capabilities.ambient;
    let is_kept = !ambient.is_empty();
    if is_kept {
        unsafe_calls::add_to_inheritable(mask(ambient)).map_err(failed)?;
        prctl::set_keepcaps(true).map_err(failed)?;
    }
    if let Some(uid) = uid {
        setresuid(uid, uid, uid).map_err(NotPrepared::User)?;
    }
    for capability in ambient {
        unsafe_calls::raise_ambient(capability.number()).map_err(failed)?;
    }
    Ok(())
}

fn mask(capabilities: &[Capability]) -> u64 {
    let bits = capabilities.iter().map(|it| 1_u64 << it.number());
    bits.fold(0, |mask, bit| mask | bit)
}

/// The highest number that the kernel knows (`proc(5)`, since Linux 3.2).
fn last_capability() -> u8 {
    let text = std::fs::read_to_string("/proc/sys/kernel/cap_last_cap").ok();
    let number = text.and_then(|text| text.trim().parse().ok());
    let known = Capability::all().map(Capability::number).max();
    number.or(known).unwrap_or_default()
}
