//! The tables of versions in the documentation, between marker lines that stay.

use std::fs;
use std::path::{Path, PathBuf};

use crate::bed::{self, Init};
use crate::error::{Context, Result, fail};
use crate::table::{self, Column};

const BEGIN: &str = "<!-- measured: the live suite's `--docs` writes this table -->\n";
const END: &str = "<!-- end of measured -->\n";

/// Fails where a file has no place for its table: better known before a run of an hour than after it.
pub(crate) fn have_places() -> Result<()> {
    std::iter::once(generations())
        .chain(bed::ALL.iter().map(|init| readme(*init)))
        .try_for_each(|path| read(&path).map(drop))
}

fn generations() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/generations.md")
}

fn readme(init: &dyn Init) -> PathBuf {
    let backends = Path::new(env!("CARGO_MANIFEST_DIR")).join("backends");
    backends.join(init.backend()).join("README.md")
}

/// Writes what these runs have given: all of it into `docs/generations.md`, and what is compared of an init into its
/// README. An init that was in none of them keeps its table.
pub(crate) fn write(columns: &[Column]) -> Result<()> {
    let mut tables = vec![(generations(), table::markdown(columns))];
    for init in bed::ALL {
        let table = table::of_init(columns, *init);
        // What is a layout of another has its table below that of it.
        match tables.iter_mut().find(|(path, _)| *path == readme(*init)) {
            Some((_, before)) if !table.is_empty() => {
                *before = format!("{before}\n{}:\n\n{table}", init.name());
            }
            Some(_) => {}
            None => tables.push((readme(*init), table)),
        }
    }
    for (path, table) in tables.iter().filter(|(_, table)| !table.is_empty()) {
        replace(path, table)?;
    }
    Ok(())
}

/// Puts a table between the marker lines of a file.
fn replace(path: &Path, table: &str) -> Result<()> {
    let (before, after) = read(path)?;
    let whole = format!("{before}{BEGIN}\n{table}\n{END}{after}");
    fs::write(path, whole).context(path.display())
}

/// What stands before and after the place of the table.
fn read(path: &Path) -> Result<(String, String)> {
    let text = fs::read_to_string(path).context(path.display())?;
    let parts = text.split_once(BEGIN).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(END)?;
        Some((before.to_owned(), after.to_owned()))
    });
    match parts {
        Some(parts) => Ok(parts),
        None => fail!(
            "{}: `{}` and `{}` are not there",
            path.display(),
            BEGIN.trim_end(),
            END.trim_end()
        ),
    }
}
