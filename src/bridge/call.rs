//! The calls that kubeadm makes, and no others.

use std::str::FromStr;

use thiserror::Error;

use super::NAMES;
use crate::control::Change;
use crate::service::{Name, ValueError};

/// A call of kubeadm's (`OpenRCInitSystem`, `initsystem_unix.go`, 1.11 to 1.36), or
/// the one that it tells people to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// `rc-service NAME status`: is it there, does it run?
    Status(Name),
    /// `rc-service NAME start`, `stop` or `restart`.
    Change(Name, Change),
    /// `rc-update show default`: what starts with the machine?
    Show,
    /// `rc-update add NAME default`.
    Add(Name),
}

/// A call that the bridge does not answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Misuse {
    /// It is none of kubeadm's.
    #[error("`{0}` is not a call that kubeadm makes")]
    NotKubeadms(String),
    /// What stands in the place of a service's name is none.
    #[error(transparent)]
    Name(#[from] ValueError),
}

impl Call {
    /// The call by the name of the command and its arguments.
    ///
    /// # Errors
    /// kubeadm makes no such call.
    pub fn parse(command: &str, arguments: &[String]) -> Result<Self, Misuse> {
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let name = |name: &str| Name::from_str(name).map_err(Misuse::from);
        match (command, words.as_slice()) {
            ("rc-service", [service, "status"]) => Ok(Self::Status(name(service)?)),
            ("rc-service", [service, "start"]) => Ok(Self::Change(name(service)?, Change::Start)),
            ("rc-service", [service, "stop"]) => Ok(Self::Change(name(service)?, Change::Stop)),
            ("rc-service", [service, "restart"]) => {
                Ok(Self::Change(name(service)?, Change::Restart))
            }
            ("rc-update", ["show", "default"]) => Ok(Self::Show),
            ("rc-update", ["add", service, "default"]) => Ok(Self::Add(name(service)?)),
            _ => {
                let mut line = vec![command];
                line.extend(words);
                Err(Misuse::NotKubeadms(
                    line.join(" ").escape_debug().to_string(),
                ))
            }
        }
    }

    /// Whether a program called like this is the bridge.
    pub fn is_name(name: &str) -> bool {
        NAMES.contains(&name)
    }
}
