//! `--format` of the commands that tell something: to people, or to programs.

use clap::ValueEnum;

/// How something is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}
