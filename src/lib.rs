//! The kubelet as a service of whatever init a machine has, with exactly the
//! arguments and environment that kubeadm's systemd drop-in gives it.
//!
//! Data flows one way. A [spec] becomes a [`Service`](service::Service);
//! a [backend](backends) makes a [`Rendered`](rendered::Rendered) of it; a
//! [sink] writes that somewhere. From `Service` to `Rendered` everything is
//! pure: no file, no environment, no clock, no process.

#![deny(unsafe_code)]

#[path = "../backends/mod.rs"]
pub mod backends;
pub mod bridge;
pub mod check;
pub mod cli;
pub mod control;
pub mod detect;
pub mod distro;
mod env_file_reader;
pub mod envfile;
mod exec;
pub mod explain;
pub mod fleet;
pub mod host;
pub mod install;
pub mod kubeadm;
pub mod kubelet;
pub mod packages;
pub mod quote;
pub mod rendered;
pub mod root;
#[cfg(test)]
mod scratch;
pub mod service;
pub mod sink;
pub mod spec;
pub mod template;
pub mod yaml;
