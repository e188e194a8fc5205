//! The tables of versions in the documentation, between marker lines that stay.

use std::fs;
use std::path::Path;

use crate::bed;
use crate::error::{Context, Result, fail};
use crate::table::{self, Column};

const BEGIN: &str = "<!-- measured: the live suite's `--docs` writes this table -->\n";
const END: &str = "<!-- end of measured -->\n";

/// Writes what these runs have given: all of it into `docs/generations.md`, and what is compared of an init into its
/// README. An init that was in none of them keeps its table.
pub(crate) fn write(columns: &[Column]) -> Result<()> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tables = vec![(
        repository.join("docs/generations.md"),
        table::markdown(columns),
    )];
    for init in bed::ALL {
        let readme = repository
            .join("backends")
            .join(init.backend())
            .join("README.md");
        tables.push((readme, table::of_init(columns, *init)));
    }
    for (path, table) in tables.iter().filter(|(_, table)| !table.is_empty()) {
        replace(path, table)?;
    }
    Ok(())
}

/// Puts a table between the marker lines of a file.
fn replace(path: &Path, table: &str) -> Result<()> {
    let text = fs::read_to_string(path).context(path.display())?;
    let parts = text.split_once(BEGIN).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(END)?;
        Some((before, after))
    });
    let Some((before, after)) = parts else {
        fail!(
            "{}: `{}` and `{}` are not there",
            path.display(),
            BEGIN.trim_end(),
            END.trim_end()
        );
    };
    let whole = format!("{before}{BEGIN}\n{table}\n{END}{after}");
    fs::write(path, whole).context(path.display())
}
