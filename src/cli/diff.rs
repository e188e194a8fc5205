//! `kubelet-unit diff`: what an installation or an upgrade would change.

use std::io::{self, Write};
use std::process::ExitCode;

use crate::backends::Registry;
use crate::check::{self, Finding};

use super::check::{BOLD, checked, coloured};
use super::failure::Failure;
use super::service_arguments::ServiceArguments;
use super::target::Target;

/// Show how the files on the disk differ from those that would be rendered
///
/// From the disk to what this version renders, as unified diffs; other
/// differences, such as a wrong mode, are comment lines between them, as is the name
/// of each service that differs, where there are several. Exit codes as for diff(1):
/// 0 no differences, 1 some.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kubelet-unit diff
  kubelet-unit diff --init openrc --distro alpine --root /mnt/rootfs")]
pub(super) struct Arguments {
    #[command(flatten)]
    target: Target,

    #[command(flatten)]
    service: ServiceArguments,
}

impl Arguments {
    pub(super) fn run(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        let site = self.target.site(registry)?;
        let checked = checked(&site, &self.target, &self.service)?;
        let mut out = anstream::stdout().lock();
        let mut differs = false;
        for one in &checked {
            let subject = one.subject(&site, None, None);
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
                show(finding, &mut out)?;
            }
        }
        out.flush()?;
        Ok(ExitCode::from(u8::from(differs)))
    }
}

fn show(finding: &Finding, out: &mut impl Write) -> io::Result<()> {
    match (&finding.diff, &finding.path) {
        (Some(diff), _) => coloured(diff, out),
        (None, Some(path)) => writeln!(out, "# {} {}", path.display(), finding.message),
        (None, None) => Ok(()),
    }
}
