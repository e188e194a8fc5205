//! The `kubelet-unit` command.

use std::process::ExitCode;

use kubelet_unit::backends::Registry;

fn main() -> ExitCode {
    kubelet_unit::cli::main(&Registry::builtin())
}
