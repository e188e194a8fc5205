//! `kubelet-unit diff`: what an installation or an upgrade would change.

use std::io::{self, Write};
use std::process::ExitCode;

use serde::Serialize;

use crate::backends::Registry;
use crate::check::{self, Finding, Rule};
use crate::effective::Origin;
use crate::manage::{Checked, Site};

use super::check::{BOLD, checked, coloured};
use super::failure::Failure;
use super::format::Format;
use super::json;
use super::service_arguments::ServiceArguments;
use super::target::Target;

/// Show how the files on the disk differ from those that would be rendered
///
/// This prints unified diffs from the files on the disk to those that this version renders.
/// Other differences, such as a wrong mode or a new file, are comment lines between them.
/// If there are several services, the name of each one that differs is a comment line as
/// well. Exit codes are those of diff(1): 0 no differences, 1 some.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kubelet-unit diff
  kubelet-unit diff --init openrc --distro alpine --root /mnt/rootfs")]
pub(super) struct Arguments {
    #[command(flatten)]
    target: Target,

    #[command(flatten)]
    service: ServiceArguments,

    /// Show the text of new files as well, so that the output is a complete patch
    #[arg(long)]
    new_files: bool,

    /// How to show them
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// How a service differs, for programs.
#[derive(Serialize)]
struct Differs<'a> {
    service: &'a str,
    init: &'a str,
    /// Which service it is, and where it comes from, if that was looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<Origin>,
    differences: &'a [Finding],
}

impl Arguments {
    pub(super) fn run(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        let site = self.target.site(registry)?;
        let checked = checked(&site, &self.target, &self.service)?;
        if self.format == Format::Json {
            return as_json(&site, &checked);
        }
        let mut out = anstream::stdout().lock();
        let mut differs = false;
        for one in &checked {
            let subject = one.subject(&site, None, Ok(None));
            let findings = check::compare(&subject)?;
            if checked.len() > 1 && !findings.is_empty() {
                // A comment, so that all of it stays one patch.
                let apart = if differs { "\n" } else { "" };
                writeln!(out, "{apart}{BOLD}# {}:{BOLD:#}", subject.title())?;
            }
            if let (false, Some(origin)) = (findings.is_empty(), one.origin(&site)) {
                writeln!(out, "{BOLD}# {origin}{BOLD:#}")?;
            }
            differs |= !findings.is_empty();
            for finding in &findings {
                self.show(finding, &mut out)?;
            }
        }
        out.flush()?;
        Ok(ExitCode::from(u8::from(differs)))
    }

    fn show(&self, finding: &Finding, out: &mut impl Write) -> io::Result<()> {
        match (&finding.diff, &finding.path) {
            (Some(diff), Some(path)) if finding.rule == Rule::Missing && !self.new_files => {
                let lines = diff.lines().filter(|line| is_added(line)).count();
                let path = path.display();
                writeln!(
                    out,
                    "# {path} is new, {lines} lines: --new-files shows them"
                )
            }
            (Some(diff), _) => coloured(diff, out),
            (None, Some(path)) => writeln!(out, "# {} {}", path.display(), finding.message),
            (None, None) => Ok(()),
        }
    }
}

/// All differences of all services, with the texts of new files too.
fn as_json(site: &Site<'_>, checked: &[Checked]) -> Result<ExitCode, Failure> {
    let findings = checked
        .iter()
        .map(|one| check::compare(&one.subject(site, None, Ok(None))))
        .collect::<Result<Vec<_>, _>>()?;
    let services: Vec<_> = checked
        .iter()
        .zip(&findings)
        .map(|(one, differences)| {
            let subject = one.subject(site, None, Ok(None));
            Differs {
                service: subject.rendering.service.as_str(),
                init: subject.rendering.backend.name(),
                origin: one.origin(site),
                differences,
            }
        })
        .collect();
    json::print(&services)?;
    let differs = findings.iter().any(|findings| !findings.is_empty());
    Ok(ExitCode::from(u8::from(differs)))
}

/// Whether a line of a diff is one of the new file's.
fn is_added(line: &str) -> bool {
    line.starts_with('+') && !line.starts_with("+++ ")
}
