//! What can be wrong with what a configuration says of the cluster that a node joins, and what would be right.

use thiserror::Error;

/// What is wrong with a configuration's discovery.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DiscoveryProblem {
    /// Neither a token nor a file.
    #[error("`bootstrapToken` or `file` is needed, to find the cluster")]
    Nothing,
    /// Both.
    #[error("`bootstrapToken` and `file` cannot both be set")]
    Both,
    /// The API server's address.
    #[error("an API server's host and port are needed, like `10.0.0.1:6443`")]
    Endpoint,
    /// Not a token. Its text may hold a secret, and is not shown.
    #[error("this is not a valid bootstrap token")]
    Token,
    /// No pin, and no word that none is wanted.
    #[error("without `caCertHashes` nothing proves that the cluster is the right one")]
    NoPin,
    /// Not a pin.
    #[error("`{0}` is not a valid hash of a CA's public key")]
    Pin(String),
    /// Not a path and not an https URL.
    #[error("a path or an `https` URL is needed")]
    Location,
}

impl DiscoveryProblem {
    /// What would be right.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Nothing => Some(
                "`discovery.bootstrapToken` with `apiServerEndpoint`, `token` and `caCertHashes`, as `kubeadm token create --print-join-command` prints them, or `discovery.file.kubeConfigPath`",
            ),
            Self::Both => Some("remove one of them"),
            Self::Token => Some(
                "6 lower-case letters or digits, a dot and 16 more, in quotes; `kubeadm token create` makes one",
            ),
            Self::NoPin => Some(
                "`kubeadm token create --print-join-command` prints it; `unsafeSkipCAVerification: true` goes without it, and trusts whoever knows the token",
            ),
            Self::Pin(_) => Some("`sha256:` and 64 hexadecimal digits"),
            Self::Endpoint | Self::Location => None,
        }
    }
}
