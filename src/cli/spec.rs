//! `kubelet-unit spec`: the built-in spec, to be edited.

use std::io::{self, Write};
use std::process::ExitCode;

use crate::backends::Registry;
use crate::spec::KUBELET;

use super::failure::Failure;

/// Print the kubelet's spec, commented, ready to edit
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  kubelet-unit spec > kubelet.yaml
  kubelet-unit render --init openrc --spec kubelet.yaml")]
pub(super) struct Arguments {}

impl Arguments {
    // It has no options yet, and is called like every other command.
    #[allow(clippy::unused_self)]
    pub(super) fn run(&self, _: &Registry) -> Result<ExitCode, Failure> {
        let mut out = io::stdout().lock();
        out.write_all(KUBELET.as_bytes())?;
        out.flush()?;
        Ok(ExitCode::SUCCESS)
    }
}
