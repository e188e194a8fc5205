//! What a service is given from before its start until after its end, besides its process.

use serde::{Deserialize, Serialize, Serializer};

use super::{AbsPath, CommandLine, Conditions, Name, Policy, Reload, Service, Span, Type};

/// What a service is given besides its process. In a spec each is a key at the top.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Life {
    /// What has to be so for it to start (`ConditionPathExists=` and others).
    #[serde(skip_serializing_if = "Conditions::is_empty")]
    pub conditions: Conditions,
    /// How it starts.
    #[serde(skip_serializing_if = "Start::is_unsaid")]
    pub start: Start,
    /// Who may say that a service of [`Type::Notify`] is ready (`NotifyAccess=`).
    #[serde(skip_serializing_if = "NotifyAccess::is_main")]
    pub notify_access: NotifyAccess,
    /// The file in which a service of [`Type::Forking`] writes which process it is (`PIDFile=`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid_file: Option<AbsPath>,
    /// Whether it counts as running when all its processes have ended well
    /// (`RemainAfterExit=`).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub remain_after_exit: bool,
    /// Commands before the service starts (`ExecStartPre=`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pre_start: Vec<CommandLine>,
    /// Commands when it has started (`ExecStartPost=`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub post_start: Vec<CommandLine>,
    /// How it is asked to read its configuration again (`ExecReload=`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reload: Option<Reload>,
    /// Commands when it has ended, however it did (`ExecStopPost=`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub post_stop: Vec<CommandLine>,
    /// Services that do not run beside it (`Conflicts=`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<Name>,
}

/// Whose notices a service manager heeds (`systemd.service(5)`, `NotifyAccess=`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NotifyAccess {
    /// Those of the main process.
    #[default]
    Main,
    /// Those of the main process, and of the commands beside it.
    Exec,
    /// Those of every process of the service.
    All,
}

impl NotifyAccess {
    /// The word, which is systemd's.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Exec => "exec",
            Self::All => "all",
        }
    }

    // By reference, as serde asks.
    #[expect(clippy::trivially_copy_pass_by_ref)]
    fn is_main(&self) -> bool {
        *self == Self::Main
    }
}

/// How a service starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Start {
    /// How long its start may take, and each command before and after it; zero is without an
    /// end. Without it, systemd's own time (`TimeoutStartSec=`).
    pub timeout: Option<Span>,
}

impl Start {
    fn is_unsaid(&self) -> bool {
        self.timeout.is_none()
    }
}

impl Serialize for Start {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.timeout.map(|timeout| ("timeout", timeout)))
    }
}

impl Life {
    /// Whether anything comes before the program in a start, and may be the end of it.
    pub fn comes_before(&self) -> bool {
        !self.conditions.is_empty() || !self.pre_start.is_empty()
    }

    /// Whether any command is run when the service starts or ends.
    pub fn has_commands(&self) -> bool {
        let lists = [&self.pre_start, &self.post_start, &self.post_stop];
        lists.iter().any(|list| !list.is_empty())
    }
}

impl Service {
    /// How long a start may take; `None` is without an end. systemd's own time is 90 s, and
    /// for `oneshot` without an end (`systemd.service(5)`, `TimeoutStartSec=`).
    pub fn start_timeout(&self) -> Option<Span> {
        let default = match self.service_type {
            Type::Oneshot => Span::seconds(0),
            _ => Span::seconds(90),
        };
        let timeout = self.life.start.timeout.unwrap_or(default);
        Some(timeout).filter(|timeout| timeout.milliseconds() > 0)
    }

    /// Whether a start consists of more than the program: what comes before it, after it, or
    /// its own end.
    pub(crate) fn start_has_steps(&self) -> bool {
        let life = &self.life;
        self.service_type != Type::Simple
            || !life.pre_start.is_empty()
            || !life.post_start.is_empty()
    }

    /// Whether a time is said for its start, and there is something in it that could take
    /// longer.
    pub(crate) fn start_timeout_counts(&self) -> bool {
        self.start_has_steps() && self.life.start.timeout.is_some()
    }

    /// Whether there is an end of it, without a stop, after which it is not started again.
    pub fn stays_down(&self) -> bool {
        !self.restart.is_always()
            || self.restart.reachable_limit().is_some()
            || !self.life.conditions.is_empty()
            || self.service_type == Type::Oneshot
            || self.life.remain_after_exit
    }
}

/// A oneshot that has succeeded is not started again (`service_verify`, `service.c`).
pub(crate) fn is_wrong(service_type: Type, policy: Policy) -> bool {
    service_type == Type::Oneshot && matches!(policy, Policy::Always | Policy::OnSuccess)
}
