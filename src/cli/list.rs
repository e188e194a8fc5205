//! `kubelet-unit list`: the inits, and the files that each gets.

use std::process::ExitCode;

use serde::Serialize;

use crate::backends::Registry;
use crate::sink::Rendering;

use super::failure::Failure;
use super::format::Format;
use super::json;
use super::properties;
use super::service_arguments::ServiceArguments;
use super::text;

/// Show the inits and the files that a service has under each
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kubelet-unit list
  kubelet-unit list --distro gentoo --format json
  kubelet-unit list --properties")]
pub(super) struct Arguments {
    #[command(flatten)]
    service: ServiceArguments,

    /// Show instead what becomes of each property of a service under each init: native,
    /// launcher, partial, note, refused, or omitted because it has no effect
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
            Format::Text => text::print(&shown(&entries))?,
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

fn shown(entries: &[Entry<'_>]) -> String {
    let blocks: Vec<String> = entries.iter().map(block).collect();
    blocks.join("\n")
}

fn block(entry: &Entry<'_>) -> String {
    let Entry {
        init,
        title,
        distro,
        files,
    } = entry;
    let lines = files.iter().map(|file| {
        let config = if file.config { "  configuration" } else { "" };
        format!("  {} {}{config}\n", file.mode, file.path)
    });
    let lines: String = lines.collect();
    format!("{init} ({title}, places of {distro})\n{lines}")
}
