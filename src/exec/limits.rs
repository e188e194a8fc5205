//! Resource limits, set as systemd sets them: what is more than may be had becomes
//! as much as may be had (`setrlimit_closest`, `rlimit-util.c`).

use std::fs;

use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit, rlim_t, setrlimit};

use crate::service::{self, Bound, Limit, Service};

use super::log::Log;

/// A soft and a hard limit.
type Pair = (rlim_t, rlim_t);

/// Sets the limits that the service has, and says what could not be had.
pub(super) fn set(service: &Service, log: &Log) {
    let mut limits = service.limits;
    limits.set(service::Resource::Nofile, Some(limits.nofile()));
    for (resource, limit) in limits.said() {
        set_closest(resource.key(), kernels(resource), limit, log);
    }
}

/// The kernel's name for a resource.
const fn kernels(resource: service::Resource) -> Resource {
    use service::Resource as Of;
    match resource {
        Of::Nofile => Resource::RLIMIT_NOFILE,
        Of::Nproc => Resource::RLIMIT_NPROC,
        Of::Core => Resource::RLIMIT_CORE,
        Of::Cpu => Resource::RLIMIT_CPU,
        Of::Fsize => Resource::RLIMIT_FSIZE,
        Of::Data => Resource::RLIMIT_DATA,
        Of::Stack => Resource::RLIMIT_STACK,
        Of::Rss => Resource::RLIMIT_RSS,
        Of::As => Resource::RLIMIT_AS,
        Of::Memlock => Resource::RLIMIT_MEMLOCK,
        Of::Locks => Resource::RLIMIT_LOCKS,
        Of::Sigpending => Resource::RLIMIT_SIGPENDING,
        Of::Msgqueue => Resource::RLIMIT_MSGQUEUE,
        Of::Nice => Resource::RLIMIT_NICE,
        Of::Rtprio => Resource::RLIMIT_RTPRIO,
        Of::Rttime => Resource::RLIMIT_RTTIME,
    }
}

fn set_closest(name: &str, resource: Resource, limit: Limit, log: &Log) {
    let wanted = (number(limit.soft), number(limit.hard));
    if setrlimit(resource, wanted.0, wanted.1).is_ok() {
        return;
    }
    let (_, hard) = getrlimit(resource).unwrap_or(wanted);
    let may_be_had = match resource {
        // Root may have as many as the kernel allows to anybody, whatever the hard limit is now.
        Resource::RLIMIT_NOFILE => [nr_open(), Some(hard)],
        _ => [None, Some(hard)],
    };
    let closest = may_be_had
        .into_iter()
        .flatten()
        .map(|highest| capped(wanted, highest))
        .find(|pair| setrlimit(resource, pair.0, pair.1).is_ok());
    match closest {
        // `infinity` is what the kernel allows.
        Some(_) if wanted.1 == RLIM_INFINITY && resource == Resource::RLIMIT_NOFILE => {}
        Some((soft, hard)) => log.say(format_args!(
            "the limit {name} is {soft} soft, {hard} hard: {} hard was refused",
            shown(wanted.1)
        )),
        None => log.say(format_args!(
            "the limit {name} stays as it was: {} soft, {} hard was refused",
            shown(wanted.0),
            shown(wanted.1)
        )),
    }
}

/// The most open files that any process may have (`proc_sys_fs(5)`).
fn nr_open() -> Option<rlim_t> {
    let text = fs::read_to_string("/proc/sys/fs/nr_open").ok()?;
    text.trim().parse().ok()
}

fn capped((soft, hard): Pair, highest: rlim_t) -> Pair {
    (soft.min(highest), hard.min(highest))
}

/// Infinity is the greatest number.
fn number(bound: Bound) -> rlim_t {
    match bound {
        Bound::At(number) => number,
        Bound::Infinity => RLIM_INFINITY,
    }
}

fn shown(number: rlim_t) -> String {
    match number {
        RLIM_INFINITY => "unlimited".into(),
        number => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_becomes_as_much_as_may_be_had() {
        assert_eq!(capped((1024, 524_288), 4096), (1024, 4096));
        assert_eq!(capped((RLIM_INFINITY, RLIM_INFINITY), 4096), (4096, 4096));
        assert_eq!(capped((1, 2), 3), (1, 2));
    }
}
