//! What is known about the kubelet itself: its versions, its flags, and what each release takes.

pub mod defaults;
pub mod flags;
pub mod settings;
pub mod takes;
mod version;

/// The newest release of which the flags are known.
pub const NEWEST: Version = Version::release(takes::NEWEST);
/// The newest release of which that was measured; what is newer is known from its release notes.
pub const MEASURED: Version = Version::release(takes::TABLED[takes::TABLED.len() - 1]);

pub use version::{Version, VersionError};
