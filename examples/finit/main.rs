//! `kubelet-unit` with one more init: every command knows finit.
//!
//! ```console
//! $ cargo run --example finit -- render --init finit
//! ```

mod backend;

use std::process::ExitCode;

use kubelet_unit::backends::Registry;
use kubelet_unit::cli;

fn main() -> ExitCode {
    cli::run(Registry::builtin().with(&backend::Finit))
}
