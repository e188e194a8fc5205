//! `kubelet-unit man`: manual pages from the same definitions as the help.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap_mangen::Man;

use crate::backends::Registry;

use super::failure::Failure;

/// Print a manual page, or write those of all commands into a folder
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kubelet-unit man | man -l -
  kubelet-unit man --output /usr/share/man/man1")]
pub(super) struct Arguments {
    /// The command whose page to print; by default that of `kubelet-unit` itself
    #[arg(conflicts_with = "output")]
    command: Vec<String>,

    /// Write every page into this folder, which has to exist
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
}

impl Arguments {
    pub(super) fn run(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        let mut root = without_help(super::command(registry));
        root.build();
        if let Some(folder) = &self.output {
            write_all(&root, "kubelet-unit", folder)?;
            return Ok(ExitCode::SUCCESS);
        }
        let mut command = &root;
        let mut name = String::from("kubelet-unit");
        for part in &self.command {
            command = command
                .find_subcommand(part)
                .ok_or_else(|| Failure::usage(format!("`{name}` has no command `{part}`")))?;
            name = format!("{name}-{part}");
        }
        io::stdout().lock().write_all(&page(command)?)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// A command without `help`, which has nothing to say in a manual.
fn without_help(command: clap::Command) -> clap::Command {
    command
        .disable_help_subcommand(true)
        .mut_subcommands(without_help)
}

fn page(command: &clap::Command) -> Result<Vec<u8>, Failure> {
    let mut text = Vec::new();
    Man::new(command.clone()).render(&mut text)?;
    Ok(text)
}

fn write_all(command: &clap::Command, name: &str, folder: &Path) -> Result<(), Failure> {
    fs::write(folder.join(format!("{name}.1")), page(command)?)?;
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        write_all(sub, &format!("{name}-{}", sub.get_name()), folder)?;
    }
    Ok(())
}
