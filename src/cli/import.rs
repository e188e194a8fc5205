//! `kubelet-unit import`: a systemd unit as a spec.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Serialize;
use thiserror::Error;

use crate::backends::Registry;
use crate::host::Host;
use crate::import::{Decision, Imported, Outcome, import, messages, specifier};
use crate::root::Root;
use crate::spec::Spec;
use crate::unit::{FindError, Finder, Given, Unit};

use super::failure::Failure;
use super::format::Format;
use super::json;
use super::message;
use super::target::Tree;

/// Print a systemd service as a spec, with a comment for each line that needed a decision
///
/// The unit is read as systemd reads it, with its drop-ins, links and masks. Every line is
/// translated, left out because it has no effect under other inits, noted, or refused; if a
/// line is refused, no spec is printed. A path names a unit's file, and the drop-ins are
/// those in the folder beside it. With `--root`, all paths are paths of that tree. Nothing
/// is run or changed. Exit codes: 0 a spec was made; 1 none can be made, or a line is noted
/// and `--strict` was given; 2 wrong command line.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kubelet-unit import kubelet > kubelet.yaml
  kubelet-unit import ./containerd.service --dropin limits.conf
  kubelet-unit import kubelet --root /mnt/rootfs --format json
  kubelet-unit render --from-unit kubelet --init openrc")]
pub(super) struct Arguments {
    /// The units: names, with or without `.service`, or paths of their files
    #[arg(required = true, value_name = "UNIT")]
    units: Vec<String>,

    /// A further drop-in, which counts as if it were in the unit's own folder; can be repeated
    #[arg(long, value_name = "FILE")]
    dropin: Vec<PathBuf>,

    #[command(flatten)]
    tree: Tree,

    /// Fail if a line is noted: because it is left out, needed a decision, or is ignored by
    /// systemd
    #[arg(long)]
    strict: bool,

    /// The spec for people, or the table of what became of each line for programs
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// A unit of which no spec can be made.
#[derive(Debug, Error)]
enum NoSpec {
    #[error("`{unit}` cannot be imported: systemd or a spec does not take {count} of its lines", count = lines.len())]
    Refused { unit: String, lines: Vec<String> },
    #[error("`{unit}` cannot be imported with `--strict`: {count} of its lines need a note", count = lines.len())]
    Noted { unit: String, lines: Vec<String> },
}

/// What a program gets of a unit.
#[derive(Serialize)]
struct Table<'a> {
    unit: &'a str,
    /// The spec in YAML.
    spec: Option<&'a str>,
    /// What became of each line.
    directives: &'a [Decision],
}

impl Arguments {
    pub(super) fn run(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        let site = self.tree.look(registry)?;
        let host = site.host();
        // A path can name a file in any folder; names are looked for in systemd's.
        if self.units.iter().any(|unit| !unit.contains('/')) {
            host.root().check_tree()?;
        }
        let mut all = Vec::new();
        for unit in &self.units {
            all.push(read(host, unit, &self.dropin)?);
        }
        let checked = all.iter().try_for_each(|it| check(it, self.strict));
        if self.format == Format::Json {
            let tables: Vec<_> = all.iter().map(Table::of).collect();
            json::print(&tables)?;
        }
        checked?;
        if self.format == Format::Text {
            let documents: Vec<_> = all.iter().filter_map(|it| it.yaml.as_deref()).collect();
            let mut out = io::stdout().lock();
            out.write_all(documents.join("---\n").as_bytes())?;
            out.flush()?;
            all.iter().for_each(notes);
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl<'a> Table<'a> {
    fn of(imported: &'a Imported) -> Self {
        Self {
            unit: &imported.unit,
            spec: imported.yaml.as_deref(),
            directives: &imported.decisions,
        }
    }
}

/// The YAML of a unit's spec, for a command that renders it; what is to be known of it goes
/// to standard error.
///
/// # Errors
/// There is no such unit, or no spec of it.
pub(super) fn yaml(host: &Host, unit: &str, drop_ins: &[PathBuf]) -> Result<String, Failure> {
    let imported = read(host, unit, drop_ins)?;
    check(&imported, false)?;
    // What is for systemd alone is told of where the init is known.
    tell(&imported, |it| it.outcome != Outcome::Kept);
    Ok(imported.yaml.unwrap_or_default())
}

fn read(host: &Host, unit: &str, drop_ins: &[PathBuf]) -> Result<Imported, Failure> {
    let root = host.root();
    let unit = match unit.contains('/') {
        true => absolute(root, Path::new(unit))?.display().to_string(),
        false => unit.to_owned(),
    };
    let drop_ins = drop_ins.iter().map(|path| absolute(root, path));
    let drop_ins = drop_ins.collect::<Result<Vec<_>, _>>()?;
    let given = Given {
        unit: &unit,
        drop_ins: &drop_ins,
    };
    let finder = Finder::new(root, host.has_own_run()).with_triggers();
    let found = finder.find(given)?;
    let locate = |program: &str| {
        let path = host.program(program)?;
        Some(path.display().to_string())
    };
    let imported = import(&Unit::of(&found, &specifier), &locate);
    if let Some(yaml) = &imported.yaml {
        // A spec has bounds of its own.
        let name = format!("the spec of `{}`", imported.unit);
        Spec::read(&name, yaml.as_bytes())?;
    }
    Ok(imported)
}

/// A path of the tree; on this machine from the folder that we are in.
fn absolute(root: &Root, path: &Path) -> Result<PathBuf, Failure> {
    Ok(match root.is_machine() {
        true => std::path::absolute(path)?,
        false => Path::new("/").join(path),
    })
}

fn check(imported: &Imported, strict: bool) -> Result<(), Failure> {
    let lines = |wanted: fn(&Decision) -> bool| -> Vec<String> {
        let decisions = imported.decisions.iter();
        decisions
            .filter(|it| wanted(it))
            .map(Decision::message)
            .collect()
    };
    let unit = imported.unit.clone();
    // What systemd ignores may be what is missed, such as a misspelt `ExecStart=`.
    let refused = match imported.decisions.iter().any(Decision::is_refused) {
        true => lines(|it| it.is_refused() || it.outcome == Outcome::Ignored),
        false => Vec::new(),
    };
    let noted = lines(Decision::is_noted);
    let error = match (refused.is_empty(), noted.is_empty()) {
        (false, _) => NoSpec::Refused {
            unit,
            lines: refused,
        },
        (true, false) if strict => NoSpec::Noted { unit, lines: noted },
        _ => return Ok(()),
    };
    let (NoSpec::Refused { lines, .. } | NoSpec::Noted { lines, .. }) = &error;
    Err(Failure::new(&error).excerpt(lines.join("\n")))
}

fn notes(imported: &Imported) {
    tell(imported, |_| true);
}

fn tell(imported: &Imported, is_told: fn(&Decision) -> bool) {
    let noted = imported.decisions.iter().filter(|it| it.is_noted());
    for text in messages(noted.filter(|it| is_told(it))) {
        message::note(&text);
    }
}

impl From<FindError> for Failure {
    fn from(error: FindError) -> Self {
        let failure = Self::new(&error);
        match &error {
            FindError::Template { name } => failure.hint(format!(
                "name an instance: `{}@NAME.service`",
                name.prefix()
            )),
            FindError::NotFound { .. } => {
                failure.hint("a path, with a slash in it, names a unit's file")
            }
            FindError::Masked { .. } => failure.hint("`systemctl unmask` undoes that"),
            _ => failure,
        }
    }
}
