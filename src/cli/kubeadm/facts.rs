//! Facts about the host: given, or seen on this machine or in a tree.

use crate::manage::{AUTO, Known, NO_INIT, Said, Site};

use super::super::failure::Failure;

/// What may be said about the host in place of looking.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Host facts")]
pub(super) struct Facts {
    /// The host's init; by default the one that is detected, or that the kubelet is installed for
    #[arg(long, value_parser = [AUTO, NO_INIT], default_value = AUTO)]
    init: String,

    /// The host's name; by default its current one
    #[arg(long, value_name = "NAME")]
    hostname: Option<String>,

    /// Whether systemd-resolved runs; by default this is detected
    #[arg(long, value_name = "BOOL")]
    resolved: Option<bool>,
}

impl Facts {
    /// The init as it was named; `None` for no init, or one that we do not know.
    pub(super) fn init_name(&self) -> Option<&str> {
        (self.init != NO_INIT).then_some(self.init.as_str())
    }

    /// Looks at a tree. `as_kubeadm` needs no init: kubeadm goes on without one.
    pub(super) fn known(&self, site: &Site<'_>, as_kubeadm: bool) -> Result<Known, Failure> {
        let said = Said {
            init: &self.init,
            hostname: self.hostname.as_deref(),
            resolved: self.resolved,
        };
        Ok(Known::of(site, &said, as_kubeadm)?)
    }
}
