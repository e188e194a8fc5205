//! Subnets as kubeadm reads them, and the address that it gives to the cluster's DNS.

mod problem;
mod rules;
mod subnet;

pub use problem::MIN_ADDRESSES;
pub use problem::SubnetProblem;
pub use rules::{pod_subnet, service_subnet};
pub use subnet::Subnet;
