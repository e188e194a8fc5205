//! The files that kubeadm writes for the kubelet, without kubeadm: `kubeadm-flags.env`, `config.yaml`,
//! `instance-config.yaml` and the ConfigMap, from a kubeadm configuration and facts about the host.
//!
//! It is pure: texts and facts in, files as data out. [`Plan::new`] reads and checks what was given, then
//! [`Plan::flags`], [`Plan::config`] and [`Plan::config_map`] make the files. Only [`put`] touches a disk: it puts
//! them into their places in a tree.
//!
//! kubeadm assumes systemd. Unless [`Request::as_kubeadm`] asks for its very bytes, what would break a host without
//! systemd is put right, each time with a [`Warning`]: `cgroupDriver: systemd` becomes `cgroupfs`, and
//! systemd-resolved's file is only named where it runs.
//!
//! What differs between releases stands in tables: [`behaviour::BEHAVIOURS`] and the fields of
//! [`kubelet_fields::KUBELET`].
//!
//! ```
//! use kubelet_unit::kubeadm::{Host, HostInit, Plan, Request, Version};
//!
//! let host = Host { hostname: "node1".into(), init: HostInit::OpenRc, ..Host::default() };
//! let config = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nnetworking: {serviceSubnet: 10.95.0.0/16}\n";
//! let config = config.into();
//! let request = Request { config: Some(&config), ..Request::new(Version::NEWEST, &host) };
//! let output = Plan::new(request)?.config()?;
//! assert!(output.files[1].text.contains("- 10.95.0.10\n"));
//! assert!(output.files[1].text.contains("cgroupDriver: cgroupfs\n"));
//! # Ok::<(), kubelet_unit::kubeadm::Error>(())
//! ```

pub mod behaviour;
pub mod choice;
pub mod configmap;
pub mod convert;
pub mod cri;
pub mod discovery;
pub mod discovery_problem;
pub mod documents;
pub mod effect;
pub mod error;
pub mod expected;
pub mod flags;
pub mod gotext;
pub mod host;
mod identity;
mod known;
pub mod kubeadm_fields;
pub mod kubelet;
pub mod kubelet_check;
pub mod kubelet_fields;
pub mod model;
pub mod net;
pub mod patch;
pub mod plan;
pub mod put;
pub mod read;
pub mod request;
pub mod schema;
pub mod stream;
pub mod template;
pub mod token;
pub mod upgrade;
pub mod validate;
pub mod version;
mod wanted;
pub mod warning;
pub mod yaml;

pub use error::{Error, Input, Invalid, Place, UnknownVersion};
pub use host::{Host, HostInit, Overrides, RuntimeDriver};
pub use patch::PatchFile;
pub use plan::Plan;
pub use request::{Action, File, Output, Request};
pub use stream::Stream;
pub use token::Token;
pub use version::{Asked, Version};
pub use wanted::{Timeout, cluster_field, wanted_patches, wanted_timeout};
pub use warning::Warning;
