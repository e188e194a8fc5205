//! What is known about the kubelet itself: its versions, its flags, and what each release takes.

pub mod flags;
pub mod takes;
mod version;

pub use version::{Version, VersionError};
