//! What is known about the kubelet itself: its versions and its flags.

pub mod flags;
mod version;

pub use version::{Version, VersionError};
