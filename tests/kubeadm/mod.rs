//! The files that kubeadm writes.

mod bad;
mod command;
mod host;
mod vectors;
mod write;
