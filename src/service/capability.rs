//! The capabilities that the kernel knows (`capabilities(7)`, `linux/capability.h`, 6.12).

use std::fmt;
use std::str::FromStr;

use super::ValueError;
use super::text::{reads, written_as_shown};

/// Their names without `CAP_`, each at its number.
const NAMES: [&str; 41] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_ADMIN",
    "NET_RAW",
    "IPC_LOCK",
    "IPC_OWNER",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_CHROOT",
    "SYS_PTRACE",
    "SYS_PACCT",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_NICE",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "MKNOD",
    "LEASE",
    "AUDIT_WRITE",
    "AUDIT_CONTROL",
    "SETFCAP",
    "MAC_OVERRIDE",
    "MAC_ADMIN",
    "SYSLOG",
    "WAKE_ALARM",
    "BLOCK_SUSPEND",
    "AUDIT_READ",
    "PERFMON",
    "BPF",
    "CHECKPOINT_RESTORE",
];

/// One of root's privileges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Capability(u8);

impl Capability {
    /// All of them, in the kernel's order.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..).take(NAMES.len()).map(Self)
    }

    /// The kernel's number.
    pub const fn number(self) -> u8 {
        self.0
    }
}

/// systemd does not look at the case of letters (`capability_from_name`, `cap-list.c`).
impl FromStr for Capability {
    type Err = ValueError;

    fn from_str(name: &str) -> Result<Self, ValueError> {
        let wrong = || ValueError::Number {
            what: "a capability such as `CAP_NET_BIND_SERVICE`",
            text: name.into(),
        };
        let upper = name.to_ascii_uppercase();
        let bare = upper.strip_prefix("CAP_").ok_or_else(wrong)?;
        let number = NAMES.iter().position(|it| *it == bare);
        let number = number.and_then(|it| u8::try_from(it).ok());
        number.map(Self).ok_or_else(wrong)
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CAP_{}", NAMES[usize::from(self.0)])
    }
}

reads!(from_string: Capability);
written_as_shown!(Capability);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_kernels_header() {
        let number = |name: &str| name.parse::<Capability>().map(Capability::number);
        assert_eq!(number("CAP_CHOWN"), Ok(0));
        assert_eq!(number("cap_net_bind_service"), Ok(10));
        assert_eq!(number("CAP_SYS_ADMIN"), Ok(21));
        assert_eq!(number("CAP_CHECKPOINT_RESTORE"), Ok(40));
        assert!(number("SYS_ADMIN").is_err() && number("CAP_NONE").is_err());
        for capability in Capability::all() {
            assert_eq!(capability.to_string().parse(), Ok(capability));
        }
    }
}
