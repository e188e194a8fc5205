//! Files into their places: a tree's or this machine's, or only what that would come to.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::check::unified;
use crate::kubeadm::Output;
use crate::kubeadm::put::{Placing, Step};
use crate::root::Root;

use super::super::check::coloured;
use super::super::failure::Failure;
use super::super::format::Format;
use super::super::json;
use super::super::message;
use super::output::{warn, warnings};

/// Where the files go.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Writing")]
pub(super) struct Destination {
    /// Write below this folder, a rootfs, and use its init, host name and runtime; nothing outside of it is touched
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,

    /// Write into place on this machine
    #[arg(long)]
    write: bool,

    /// Print instead of writing, with the facts of `--root`
    #[arg(long, conflicts_with_all = ["write", "dry_run"])]
    print: bool,

    /// Show what writing would change, and write nothing
    #[arg(long)]
    dry_run: bool,
}

impl Destination {
    /// The tree whose facts count.
    pub(super) fn tree(&self) -> &Path {
        self.root.as_deref().unwrap_or(Path::new("/"))
    }

    /// Whether nothing is written, and only shown.
    pub(super) fn is_dry_run(&self) -> bool {
        self.dry_run
    }

    /// Whether files are written, or shown as if.
    pub(super) fn is_a_place(&self) -> bool {
        !self.print && (self.root.is_some() || self.write || self.dry_run)
    }

    /// Writes the files, or shows what that would change.
    pub(super) fn put(&self, output: &Output, format: Format) -> Result<(), Failure> {
        let root = Root::open(self.tree())?;
        let placing = Placing::look(&root, &output.files)?;
        if format == Format::Text {
            warn(output);
        }
        if !self.dry_run {
            placing
                .carry_out(&root)
                .map_err(|error| Failure::new(&error))?;
        }
        match format {
            Format::Json => json::print(&json!({
                "root": root.path().display().to_string(),
                "dryRun": self.dry_run,
                "changed": !placing.changes_nothing(),
                "files": placing.steps.iter().map(data).collect::<Vec<_>>(),
                "warnings": warnings(output),
            })),
            Format::Text => self.tell(&root, &placing),
        }
    }

    fn tell(&self, root: &Root, placing: &Placing<'_>) -> Result<(), Failure> {
        tell(root, placing);
        if self.dry_run {
            diffs(root, placing)?;
            message::note("nothing was written: this is a dry run");
        }
        Ok(())
    }
}

/// One file as data, without its secrets.
pub(super) fn data(step: &Step<'_>) -> serde_json::Value {
    json!({
        "path": step.file.path,
        "mode": format!("{:04o}", step.mode),
        "content": step.file.shown(&step.file.text),
        "action": step.action,
    })
}

/// Says on standard error what happens to each file.
pub(super) fn tell(root: &Root, placing: &Placing<'_>) {
    for step in &placing.steps {
        let path = root.shown(&*step.file.path);
        message::step(&step.action.to_string(), path.display());
    }
}

/// Prints how the files change, without their secrets.
pub(super) fn diffs(root: &Root, placing: &Placing<'_>) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    for step in &placing.steps {
        let file = step.file;
        let name = root.shown(&*file.path).display().to_string();
        let lossy = |before: &Vec<u8>| String::from_utf8_lossy(before).into_owned();
        let (old_name, before) = match &step.before {
            Some(before) if file.private => (
                name.as_str(),
                file.shown(&lossy(before)).into_owned().into_bytes(),
            ),
            Some(before) => (name.as_str(), before.clone()),
            None => ("/dev/null", Vec::new()),
        };
        let text = file.shown(&file.text);
        let diff = unified(old_name, &before, &name, text.as_bytes());
        coloured(&diff, &mut out)?;
    }
    Ok(())
}
