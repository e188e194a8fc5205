//! What another's service leaves where ours takes its place: which of its arguments ours does
//! not pass by itself, and which of its settings no longer have an effect.
//!
//! Arguments go where the administrator's are, as the last of `KUBELET_EXTRA_ARGS`, so that
//! the kubelet runs with the same flags as before. What cannot be read with certainty is
//! refused: nothing of a service is run.

mod arguments;
mod dropped;
mod effect;
mod env_file;
mod foreign;
mod line;
mod lost;
mod migration;
mod ours;
mod shown;

pub use arguments::{Doubt, Moved, Settled, settle};
pub use dropped::{Dropped, dropped};
pub use effect::Lost;
pub use env_file::{EnvFileError, with_words};
pub use foreign::{foreign, place};
pub use line::command_line;
pub use lost::{Site, lost};
pub use migration::{Elsewhere, Migration, MigrationError};
pub use ours::Ours;

#[cfg(test)]
mod tests;
