//! The kubelet as a service of whatever init a machine has, with exactly the
//! arguments and environment that kubeadm's systemd drop-in gives it.

pub mod envfile;
