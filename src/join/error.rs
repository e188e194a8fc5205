//! Why a node cannot join, and what helps.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

use super::kubeconfig::KubeconfigProblem;
use super::pin::shown;

/// Why one question has no good answer. Another try may get one.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AskProblem {
    /// No connection, or one that breaks off.
    #[error("{0}")]
    Connection(String),
    /// No address for the host's name.
    #[error("the name `{0}` has no address")]
    Host(String),
    /// No whole answer in time.
    #[error("no whole answer came within {0:?}")]
    Slow(Duration),
    /// The server's certificate does not prove who it is.
    #[error("its certificate {0}")]
    Certificate(String),
    /// TLS fails otherwise.
    #[error("TLS fails: {0}")]
    Tls(String),
    /// An answer that is too long to be one.
    #[error("its answer has more than {0} bytes")]
    TooLarge(u64),
    /// An answer other than 200.
    #[error("it answers {code}{}", explained(message))]
    Status {
        /// The HTTP status.
        code: u16,
        /// What the API server says about it; may be empty.
        message: String,
    },
    /// A redirect.
    #[error("it answers {0}, a redirect, which an API server does not give")]
    Redirect(u16),
    /// An answer that is not what was asked for.
    #[error("its answer is not {0}")]
    Answer(&'static str),
    /// The proxy does not connect.
    #[error("the proxy `{proxy}` does not connect: {reason}")]
    Proxy {
        /// The proxy's host and port.
        proxy: String,
        /// Why not.
        reason: String,
    },
    /// cluster-info has no signature with this token.
    #[error("the cluster-info ConfigMap has no signature for the token `{0}.…`")]
    Unsigned(String),
}

fn explained(message: &str) -> String {
    match message.is_empty() {
        true => String::new(),
        false => format!(": {message}"),
    }
}

/// Why a node cannot join.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum JoinError {
    /// The time is over.
    #[error("cannot get {what} from `{server}` within {within:?}: {problem}")]
    InTime {
        /// What was asked for.
        what: String,
        /// Who was asked.
        server: String,
        /// How long.
        within: Duration,
        /// What the last try came to.
        problem: AskProblem,
    },
    /// An answer that stays.
    #[error("cannot get {what} from `{server}`: {problem}")]
    Refused {
        /// What was asked for.
        what: String,
        /// Who was asked.
        server: String,
        /// The answer.
        problem: AskProblem,
    },
    /// Not an https URL.
    #[error("`{0}` is not a valid https URL of an API server")]
    Server(String),
    /// A proxy that is not known.
    #[error("the proxy `{0}` is not supported: only `http` and `https` ones are")]
    Proxy(String),
    /// A file cannot be read.
    #[error("cannot read `{}`: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A kubeconfig.
    #[error("{origin}: {problem}")]
    Kubeconfig {
        /// Where it comes from.
        origin: String,
        /// What is wrong with it.
        problem: KubeconfigProblem,
    },
    /// The cluster does not know the token's secret.
    #[error(
        "`{server}` is not the cluster of the token `{id}.…`: its cluster-info ConfigMap is not signed with that token"
    )]
    WrongSignature {
        /// Who was asked.
        server: String,
        /// The token's id.
        id: String,
    },
    /// The cluster has another CA.
    #[error("the CA of `{server}` is not pinned: its public key is {}", all(found))]
    WrongCa {
        /// Who was asked.
        server: String,
        /// The hashes of its CA's public keys.
        found: Vec<[u8; 32]>,
    },
    /// cluster-info changed while it was read.
    #[error(
        "the cluster-info ConfigMap of `{0}` was different when it was read again over a connection that the CA vouches for"
    )]
    Changed(String),
    /// The cluster has no CA.
    #[error("{0} does not say which CA the cluster has")]
    NoCa(String),
    /// Two different CAs.
    #[error("the CA in {0} is not that of `--ca`")]
    DifferentCa(String),
    /// Nobody to ask as.
    #[error("{0} has no credentials, and there is no `discovery.tlsBootstrapToken`")]
    NoCredentials(String),
    /// A URL, where there is no network.
    #[error("a discovery file at a URL cannot be read without network")]
    NeedsNetwork,
    /// A node of that name.
    #[error("the cluster already has a node `{0}` that is ready")]
    NodeExists(String),
    /// The client cannot be made.
    #[error("cannot use the client certificate or key of {0}")]
    ClientCertificate(String),
    /// This machine trusts nobody.
    #[error("this machine has no CA certificates to check `{0}` with")]
    NoRoots(String),
}

fn all(hashes: &[[u8; 32]]) -> String {
    let hashes: Vec<_> = hashes.iter().map(|it| format!("`{}`", shown(it))).collect();
    hashes.join(" or ")
}

impl AskProblem {
    /// What would help; `anonymous` says that it was asked without credentials.
    fn hint(&self, anonymous: bool) -> Option<&'static str> {
        match self {
            Self::Status {
                code: 401 | 403, ..
            } if anonymous => Some(
                "the cluster does not let anybody read that without credentials; use a discovery file that has credentials",
            ),
            Self::Unsigned(_) => Some(
                "the token has expired, was deleted, or is not for signing; `kubeadm token create --print-join-command` makes one on a control plane",
            ),
            Self::Certificate(_) => Some(
                "somebody else may be answering in the cluster's stead, or this machine's clock is wrong",
            ),
            Self::Status { code: 401, .. } => Some(
                "the cluster does not know the token or has let it expire; `kubeadm token create` makes one on a control plane",
            ),
            Self::Status { code: 403, .. } => Some(
                "the credentials are not those of a bootstrap token with the group `system:bootstrappers:kubeadm:default-node-token`, or the cluster was not made by kubeadm",
            ),
            Self::Status { code: 404, .. } => {
                Some("the cluster was not made by kubeadm, or this is not its API server")
            }
            Self::Connection(_) | Self::Host(_) | Self::Slow(_) => Some(
                "is the address right, and does no firewall or proxy (`HTTPS_PROXY`, `NO_PROXY`) stand between?",
            ),
            _ => None,
        }
    }
}

impl JoinError {
    /// What would help.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::InTime { what, problem, .. } | Self::Refused { what, problem, .. } => {
                problem.hint(what.contains("cluster-info"))
            }
            Self::WrongSignature { .. } => Some(
                "either the token's secret is wrong, or somebody else answers in the cluster's stead",
            ),
            Self::WrongCa { .. } => Some(
                "compare it with what `kubeadm token create --print-join-command` prints on a control plane; where they differ, somebody else may be answering",
            ),
            Self::Changed(_) => Some(
                "run it again; if that does not help, somebody else may be answering in the cluster's stead",
            ),
            Self::NoCredentials(_) => {
                Some("give `discovery.tlsBootstrapToken`, or a discovery file with credentials")
            }
            Self::NodeExists(_) => Some(
                "`kubectl delete node` removes it, `--node-name` or `nodeRegistration.name` gives this one another name",
            ),
            Self::NoRoots(_) => Some(
                "install the distribution's `ca-certificates`, or name a file with `SSL_CERT_FILE`",
            ),
            _ => None,
        }
    }
}
