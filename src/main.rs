//! The `kubelet-unit` command.

use std::process::ExitCode;

use kubelet_unit::backends::Registry;

fn main() -> ExitCode {
    // `exec` asks no init for anything, and a program with it alone has none in it.
    let registry = match cfg!(any(feature = "render", feature = "host")) {
        true => Registry::builtin(),
        false => Registry::default(),
    };
    kubelet_unit::cli::main(&registry)
}
