//! A service into a tree and out of it again: a rootfs, or the machine itself.
//!
//! A [`Plan`] says what has to happen to each file before anything does, so a dry
//! run shows it and a conflict stops it whole. Carrying it out begins with a
//! [`Record`] of what is about to be written, and each file appears whole or not
//! at all. So whenever it is killed, what lies on the disk is known as ours, and
//! running it again finishes.
//!
//! Who owns what decides about each file:
//! - what we wrote and nobody changed is replaced and removed freely;
//! - configuration that was edited is kept, and a new version laid beside it as
//!   the distribution's package manager would;
//! - what is not ours, or was changed and is not configuration, is refused,
//!   unless it is forced;
//! - what two services share, or one under two inits, belongs to both: it has to be
//!   the same for them, and goes with the last.
//!
//! Configuration that was edited outlives its service, and so does a record of it:
//! it is purged with that, or taken over by the next installation. While the service
//! is there, its record has edited configuration that is no longer rendered, too.

mod apply;
mod disk;
mod error;
mod lines;
mod moved;
mod offer;
mod others;
mod plan;
mod read;
mod record;
mod remove;
mod taken;
mod wanted;

pub use error::{Conflict, InstallError, Obstacle};
pub use plan::{Action, Plan, Step};
pub use read::RecordError;
pub(crate) use record::standing;
pub use record::{FOLDER, Link, Record, RecordedFile, checksum};
pub use remove::{Removal, Uninstalled, uninstall};
pub use wanted::{Taken, Wanted};

#[cfg(test)]
mod tests;
