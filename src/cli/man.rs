//! `kubelet-unit man`: manual pages from the same definitions as the help.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap_mangen::Man;
use thiserror::Error;

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

/// A page that cannot be written.
#[derive(Debug, Error)]
#[error("cannot write `{}`: {source}", path.display())]
struct Unwritten {
    path: PathBuf,
    source: io::Error,
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

/// Without the commands `help`: what they print is the page of the command.
fn without_help(command: clap::Command) -> clap::Command {
    command
        .disable_help_subcommand(true)
        .mut_subcommands(without_help)
}

fn page(command: &clap::Command) -> Result<Vec<u8>, Failure> {
    let mut text = Vec::new();
    Man::new(command.clone()).render(&mut text)?;
    Ok(laid_out(&String::from_utf8_lossy(&text)).into_bytes())
}

/// What stands after the options, line by line as in the help, and not filled: its
/// lines are commands. `clap_mangen` calls that section EXTRA.
fn laid_out(page: &str) -> String {
    let Some((before, extra)) = page.split_once(".SH EXTRA\n") else {
        return page.to_owned();
    };
    let (extra, after) = extra.split_at(extra.find(".SH ").unwrap_or(extra.len()));
    let (heading, lines) = match extra.split_once('\n') {
        Some(("Example:" | "Examples:", lines)) => ("EXAMPLES", lines),
        _ => ("NOTES", extra),
    };
    let end = if lines.ends_with('\n') { "" } else { "\n" };
    format!("{before}.SH {heading}\n.nf\n{lines}{end}.fi\n{after}")
}

fn write_all(command: &clap::Command, name: &str, folder: &Path) -> Result<(), Failure> {
    let path = folder.join(format!("{name}.1"));
    fs::write(&path, page(command)?).map_err(|source| Failure::new(&Unwritten { path, source }))?;
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        write_all(sub, &format!("{name}-{}", sub.get_name()), folder)?;
    }
    Ok(())
}
