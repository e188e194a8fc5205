//! Joining a cluster without kubeadm: finding the cluster, proving that it is the right one, and asking it for what
//! the kubelet's files are made from.
//!
//! What is done, in kubeadm's order (`cmd/kubeadm/app/discovery` and `phases/join/kubelet.go` of 1.36):
//!
//! 1. [`discover()`] reads the cluster-info ConfigMap or a discovery file, and proves who speaks: the signature made
//!    with the token, the pin of the CA's public key, a second read over TLS that this CA vouches for.
//! 2. [`cluster`] asks for the kubeadm-config and kubelet-config ConfigMaps with the node's credentials, and whether
//!    a node of that name is there already.
//! 3. [`files()`] makes bootstrap-kubelet.conf and ca.crt, which [`put`](crate::kubeadm::put) writes.
//!
//! [`offline()`] does the first and the third from files alone.
//!
//! Nothing waits without end: each question has [`ATTEMPT`] for a whole answer, all tries together have the time
//! that the configuration gives, and an answer has at most [`LIMIT`] bytes. Messages name a token's id, never its
//! secret. Proxies come from the environment ([`proxy`]). Redirects are followed only for a discovery file.

mod client;
pub mod cluster;
mod discover;
mod error;
pub mod kubeconfig;
pub mod pin;
pub mod proxy;
mod retry;
mod roots;
mod server;

pub use client::{ATTEMPT, Client, LIMIT, Trust};
pub use discover::{discover, files, offline};
pub use error::{AskProblem, JoinError};
pub use kubeconfig::{Credentials, Kubeconfig};
pub use retry::Watch;
pub use server::Server;

/// The kubeconfig with which the kubelet asks to be taken in.
pub const BOOTSTRAP_FILE: &str = "/etc/kubernetes/bootstrap-kubelet.conf";
