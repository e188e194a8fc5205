//! The `kubelet-unit` command.

use std::process::ExitCode;

use kubelet_unit::backends::Registry;
use kubelet_unit::cli;

fn main() -> ExitCode {
    cli::run(Registry::builtin())
}
