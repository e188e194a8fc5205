//! The files that kubeadm writes.

mod bad;
mod vectors;
