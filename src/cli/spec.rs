//! `kubelet-unit spec`: the built-in specs, to be edited, and what a spec can say.

use std::io::{self, Write};
use std::process::ExitCode;

use crate::backends::Registry;
use crate::hint::Hint;
use crate::service::ValueError;
use crate::spec::{BUILTIN, Builtin, schema};

use super::failure::Failure;

/// Print a spec, commented, ready to edit
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kubelet-unit spec > kubelet.yaml
  kubelet-unit render --init openrc --spec kubelet.yaml
  kubelet-unit spec --schema > spec.schema.json
  kubelet-unit man 5 spec | man -l -")]
pub(super) struct Arguments {
    /// The service: the kubelet, or another daemon of a node
    #[arg(default_value = "kubelet", value_parser = builtin)]
    name: Builtin,

    /// Print the names of the specs instead
    #[arg(long, conflicts_with_all = ["name", "schema"])]
    list: bool,

    /// Print the JSON Schema of specs instead, for editors
    #[arg(long, conflicts_with = "name")]
    schema: bool,
}

fn builtin(name: &str) -> Result<Builtin, String> {
    name.parse().map_err(|error: ValueError| {
        let known = BUILTIN.iter().map(|it| it.name);
        match Hint::nearest(name, known) {
            Some(meant) => format!("{error}; {meant}"),
            None => error.to_string(),
        }
    })
}

impl Arguments {
    pub(super) fn run(&self, _: &Registry) -> Result<ExitCode, Failure> {
        let text = match (self.list, self.schema) {
            (true, _) => {
                let names: Vec<_> = BUILTIN.iter().map(|it| it.name).collect();
                names.join("\n") + "\n"
            }
            (_, true) => schema::text(),
            _ => format!(
                "{}spec.schema.json\n{}",
                schema::FOR_EDITORS,
                self.name.text
            ),
        };
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.flush()?;
        Ok(ExitCode::SUCCESS)
    }
}
