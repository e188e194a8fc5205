//! Running programs: what to run as [data](Command), and [running it](Runner) within its
//! time, without a shell, in the C locale, with its output kept and bounded.
//!
//! Nothing here knows what a program is for.

mod command;
mod error;
mod run;

pub(crate) use command::shown;
pub use command::{Answer, Command, Refusal};
pub use error::ProcessError;
pub(crate) use error::duration;
pub use run::{Processes, Runner, become_it, quietly};

/// Where programs of a system are; `/command` is s6-overlay's.
pub const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/command";

/// The longest argument or `NAME=value` that the kernel takes, in bytes, without its NUL
/// (`MAX_ARG_STRLEN`, 32 pages; `execve(2)`).
pub const STRING_MAX: usize = 32 * 4096 - 1;
