//! `kubelet-unit explain`: why the kubelet runs with the arguments that it has.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;

use crate::backends::Registry;
use crate::distro::GENERIC;
use crate::env_file_reader::Reader;
use crate::explain::{EnvFile, Explanation, Input, Style, Unread, explain};
use crate::host::{Host, OsRelease};
use crate::kubelet::Version;
use crate::service::Service;

use super::failure::Failure;
use super::format::Format;
use super::service_arguments::ServiceArguments;
use super::target::Tree;

/// Show the kubelet's command line and where every argument comes from
///
/// Each argument is shown with the file, line and variable that it is written
/// in, with what overrides it, what is ignored and why, and which flags the
/// kubelet no longer has.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kubelet-unit explain
  kubelet-unit explain node-ip
  kubelet-unit explain --root /mnt/rootfs --kubelet-version 1.35 --format json")]
#[command(mut_arg("launcher", |argument| argument.hide(true)))]
#[command(mut_arg("service_folder", |argument| argument.hide(true)))]
#[command(mut_arg("libexec_folder", |argument| argument.hide(true)))]
#[command(mut_arg("log_folder", |argument| argument.hide(true)))]
pub(super) struct Arguments {
    /// Only this flag: where it is set, and where it is written without effect
    #[arg(value_name = "FLAG")]
    only: Option<String>,

    /// The same, with or without its dashes: `--flag v`, `--flag --node-ip`
    #[arg(
        long,
        value_name = "FLAG",
        allow_hyphen_values = true,
        conflicts_with = "only"
    )]
    flag: Option<String>,

    #[command(flatten)]
    tree: Tree,

    #[command(flatten)]
    service: ServiceArguments,

    /// The kubelet's version, to know which flags it no longer has; by default that of the
    /// installed one
    #[arg(long, value_name = "VERSION")]
    kubelet_version: Option<Version>,

    /// How to show it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl Arguments {
    pub(super) fn run(&self, _: &Registry) -> Result<ExitCode, Failure> {
        let spec = self.service.read_spec()?;
        let host = self.tree.host()?;
        let distro = self.service.chosen_distro();
        let distro = distro.or_else(|| OsRelease::of(&host).distro());
        let service = self.service.service(distro.unwrap_or(&GENERIC), spec)?;
        let explanation = self.explain(&service, &host);
        self.write(&explanation)?;
        Ok(ExitCode::SUCCESS)
    }

    fn explain(&self, service: &Service, host: &Host) -> Explanation {
        let reader = Reader::of(host.root());
        let words = service.exec_words();
        let variables = service.environment.iter();
        let inline: Vec<_> = variables
            .map(|variable| (variable.name.as_str(), variable.value.as_str()))
            .collect();
        let files = service.env_files.iter();
        let contents: Vec<Result<Vec<u8>, Unread>> = files
            .clone()
            .map(|file| reader.read(file.path.as_str()))
            .collect();
        let files: Vec<_> = files
            .zip(&contents)
            .map(|(file, content)| EnvFile {
                path: file.path.as_str(),
                optional: file.optional,
                content: content.as_deref().map_err(Clone::clone),
            })
            .collect();
        explain(&Input {
            service: service.name.as_str(),
            definition: &self.service.definition(),
            words: &words,
            inline: &inline,
            files: &files,
            version: self.kubelet_version.or_else(|| installed(service, host)),
        })
    }

    fn write(&self, explanation: &Explanation) -> Result<(), Failure> {
        let only = self.only.as_ref().or(self.flag.as_ref());
        let answer = only.map(|flag| explanation.answer(flag));
        match (self.format, answer) {
            (Format::Json, Some(answer)) => json(&answer),
            (Format::Json, None) => json(explanation),
            (Format::Text, Some(answer)) => text(&answer.text(Style::Colour)),
            (Format::Text, None) => text(&explanation.text(Style::Colour)),
        }
    }
}

/// The version of the kubelet that the service starts, where it can be told.
fn installed(service: &Service, host: &Host) -> Option<Version> {
    let kubelet = host.kubelet()?;
    (kubelet.path == Path::new(service.program.as_str())).then_some(kubelet.version)?
}

fn json(value: &impl Serialize) -> Result<(), Failure> {
    let json = serde_json::to_string_pretty(value).map_err(|error| Failure::new(&error))?;
    Ok(writeln!(io::stdout().lock(), "{json}")?)
}

/// Text with colours, which are dropped where no terminal shows them.
fn text(text: &impl std::fmt::Display) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    write!(out, "{text}")?;
    Ok(out.flush()?)
}
