//! `kubelet-unit packages`: what goes into the five packages of Kubernetes.

use std::fmt::Write;
use std::process::ExitCode;

use crate::backends::Registry;
use crate::order::env_file;
use crate::packages::{Need, Package, packages};

use super::failure::Failure;
use super::format::Format;
use super::json;
use super::service_arguments::ServiceArguments;
use super::text::{self, Columns};

/// Show what goes into the packages of Kubernetes, and what replaces the drop-in
///
/// For maintainers who package kubeadm, kubelet, kubectl, kubernetes-cni and cri-tools for
/// a distribution without systemd, this shows the files of each package, what it needs, and
/// which files take the place of systemd's unit and of kubeadm's drop-in.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kubelet-unit packages --init openrc --distro alpine
  kubelet-unit packages --init runit --format json")]
pub(super) struct Arguments {
    /// The init that the distribution boots with
    #[arg(long, default_value = "openrc")]
    init: String,

    #[command(flatten)]
    service: ServiceArguments,

    /// How to show them
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl Arguments {
    pub(super) fn run(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        let backend = registry
            .find(&self.init)
            .ok_or_else(|| Failure::usage(format!("unknown init `{}`", self.init)))?;
        let placed = self.service.order(registry, None)?.place(backend)?;
        let mut rendered = placed.rendered()?;
        // A service that does not read one has none.
        if let Ok((path, file)) = env_file(&placed) {
            rendered.put(path, file);
        }
        let packages = packages(&placed.request(), &rendered)?;
        match self.format {
            Format::Json => json::print(&packages)?,
            Format::Text => text::print(&shown(&packages, Columns::of_stdout()))?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// A line for each file, or two where there is no room.
fn shown(packages: &[Package], columns: Columns) -> String {
    let paths = packages.iter().flat_map(|package| &package.files);
    let width = paths.map(|file| file.path.len()).max().unwrap_or(0);
    let mut text = String::new();
    // Writing to a String does not fail.
    for (at, package) in packages.iter().enumerate() {
        let apart = if at > 0 { "\n" } else { "" };
        let _ = writeln!(text, "{apart}{}: {}", package.name, package.about);
        if !package.needs.is_empty() {
            let needs: Vec<_> = package.needs.iter().map(needed).collect();
            let _ = writeln!(text, "  needs {}", needs.join(", "));
        }
        for file in &package.files {
            let place = file.in_the_place_of;
            let place = place.map(|there| format!(", in the place of {there}"));
            let about = format!("{}{}", file.about, place.unwrap_or_default());
            let _ = match columns.have_room_for_tables() {
                true => writeln!(text, "  {:width$}  {about}", file.path),
                false => writeln!(text, "  {}\n    {about}", file.path),
            };
        }
    }
    text
}

fn needed(need: &Need) -> String {
    match need.when {
        Some(when) => format!("{} ({when})", need.what),
        None => need.what.into(),
    }
}
