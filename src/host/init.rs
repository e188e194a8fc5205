//! The init as kubeadm sees it.

/// The init system as kubeadm sees it: by the programs in PATH (`GetInitSystem`,
/// `initsystem_unix.go`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HostInit {
    /// `systemctl` is there.
    Systemd,
    /// `openrc` is there, and `rc-service`.
    OpenRc,
    /// `openrc` is there without `rc-service`.
    OpenRcOnly,
    /// An init that kubeadm does not drive, or none.
    #[default]
    Other,
}
