//! `kubelet-unit diff`: what an installation or an upgrade would change.

use std::io::Write;
use std::process::ExitCode;

use crate::backends::Registry;
use crate::check;

use super::check::coloured;
use super::failure::Failure;
use super::service_arguments::ServiceArguments;
use super::subjects::Checked;
use super::target::Target;

/// Show how the files on the disk differ from those that would be rendered
///
/// From the disk to what this version renders, as unified diffs; other
/// differences, such as a wrong mode, are comment lines before them. Exit codes
/// as for diff(1): 0 no differences, 1 some.
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
        let root = self.target.open()?;
        let checked = Checked::find(registry, &root, &self.target, &self.service)?;
        let mut out = anstream::stdout().lock();
        let mut differs = false;
        for checked in &checked {
            for finding in check::compare(&checked.subject(&root, None, None))? {
                differs = true;
                if let Some(diff) = &finding.diff {
                    coloured(diff, &mut out)?;
                } else if let Some(path) = &finding.path {
                    writeln!(out, "# {} {}", path.display(), finding.message)?;
                }
            }
        }
        out.flush()?;
        Ok(ExitCode::from(u8::from(differs)))
    }
}
