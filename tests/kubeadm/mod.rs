//! The files that kubeadm writes.

mod bad;
mod command;
mod effect;
mod host;
mod vectors;
mod write;
