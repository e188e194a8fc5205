//! `kubelet-unit nodes`: an inventory to be edited, and what one can say.

use std::io::{self, Write};
use std::process::ExitCode;

use crate::backends::Registry;
use crate::fleet::schema;

use super::failure::Failure;

/// Print an inventory of nodes, commented, ready to edit
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kubelet-unit nodes > nodes.yaml
  kubelet-unit render --init runit --nodes nodes.yaml --output nodes
  kubelet-unit nodes --schema > nodes.schema.json
  kubelet-unit man 5 nodes | man -l -")]
pub(super) struct Arguments {
    /// Print the JSON Schema of inventories instead, for editors
    #[arg(long)]
    schema: bool,
}

impl Arguments {
    pub(super) fn run(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        let text = match self.schema {
            true => schema::text(registry),
            false => schema::SAMPLE.to_owned(),
        };
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.flush()?;
        Ok(ExitCode::SUCCESS)
    }
}
