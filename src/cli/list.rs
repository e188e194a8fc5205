//! `kubelet-unit list`: the inits, and the files that each gets.

use std::io::{self, Write};
use std::process::ExitCode;

use serde::Serialize;

use crate::backends::Registry;
use crate::sink::Rendering;

use super::failure::Failure;
use super::format::Format;
use super::json;
use super::properties;
use super::service_arguments::ServiceArguments;

/// Show the inits and the files that a service has under each
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kubelet-unit list
  kubelet-unit list --distro gentoo --format json
  kubelet-unit list --properties")]
pub(super) struct Arguments {
    #[command(flatten)]
    service: ServiceArguments,

    /// Show what becomes of each property of a service under each init instead: native,
    /// by the launcher, in part, with a note, refused, or omitted without an effect
    #[arg(long)]
    properties: bool,

    /// How to show them
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Serialize)]
struct Entry<'a> {
    init: &'a str,
    title: &'a str,
    distro: &'a str,
    files: Vec<EntryFile<'a>>,
}

#[derive(Serialize)]
struct EntryFile<'a> {
    path: &'a str,
    mode: String,
    config: bool,
}

impl Arguments {
    pub(super) fn run(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        if self.properties {
            return properties::show(registry, self.format);
        }
        let order = self.service.order(registry, None)?;
        let renderings = registry
            .iter()
            .map(|backend| order.place(backend)?.render())
            .collect::<Result<Vec<_>, _>>()?;
        let entries: Vec<Entry> = renderings.iter().map(entry).collect();
        match self.format {
            Format::Json => json::print(&entries)?,
            Format::Text => text(&entries, &mut io::stdout().lock())?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn entry(rendering: &Rendering) -> Entry<'_> {
    Entry {
        init: rendering.backend.name(),
        title: rendering.backend.title(),
        distro: rendering.distro.name,
        files: rendering
            .rendered
            .files()
            .map(|(path, file)| EntryFile {
                path: path.as_str(),
                mode: format!("{:04o}", file.mode),
                config: file.config,
            })
            .collect(),
    }
}

fn text(entries: &[Entry<'_>], out: &mut impl Write) -> io::Result<()> {
    for (at, entry) in entries.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        writeln!(
            out,
            "{} ({}, places of {})",
            entry.init, entry.title, entry.distro
        )?;
        for file in &entry.files {
            let config = if file.config { "  configuration" } else { "" };
            writeln!(out, "  {} {}{config}", file.mode, file.path)?;
        }
    }
    Ok(())
}
