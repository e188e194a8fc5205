//! `kubelet-unit completions`: what a shell needs to complete our command line.

use std::io::{self, Write};
use std::process::ExitCode;

use clap_complete::Shell;

use crate::backends::Registry;

use super::failure::Failure;

/// Print completions for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  kubelet-unit completions bash > /etc/bash_completion.d/kubelet-unit")]
pub(super) struct Arguments {
    /// The shell
    shell: Shell,
}

impl Arguments {
    pub(super) fn run(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        let mut script = Vec::new();
        let mut command = super::command(registry);
        clap_complete::generate(self.shell, &mut command, "kubelet-unit", &mut script);
        io::stdout().lock().write_all(&script)?;
        Ok(ExitCode::SUCCESS)
    }
}
