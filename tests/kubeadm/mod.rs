//! The files that kubeadm writes.

mod vectors;
