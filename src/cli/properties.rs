//! `kubelet-unit list --properties`: what becomes of each property under each init.

use std::io::{self, Write};
use std::process::ExitCode;

use serde::Serialize;

use crate::backends::{Backend, Expression, Registry};
use crate::service::Property;

use super::failure::Failure;
use super::format::Format;
use super::json;

#[derive(Serialize)]
struct Row {
    property: &'static str,
    inits: Vec<Cell>,
}

#[derive(Serialize)]
struct Cell {
    init: &'static str,
    #[serde(flatten)]
    expression: Expression,
}

/// Prints the table: a row for each property, a column for each init. For programs, each
/// cell has what it is expressed by as well.
///
/// # Errors
/// The output is closed.
pub(super) fn show(registry: &Registry, format: Format) -> Result<ExitCode, Failure> {
    let rows: Vec<Row> = Property::ALL.iter().map(|it| row(*it, registry)).collect();
    match format {
        Format::Json => json::print(&rows)?,
        Format::Text => text(&rows, &registry.names(), &mut io::stdout().lock())?,
    }
    Ok(ExitCode::SUCCESS)
}

fn row(property: Property, registry: &Registry) -> Row {
    let cell = |backend: &'static dyn Backend| Cell {
        init: backend.name(),
        expression: backend.express(property),
    };
    Row {
        property: property.key(),
        inits: registry.iter().map(cell).collect(),
    }
}

fn text(rows: &[Row], inits: &[&str], out: &mut impl Write) -> io::Result<()> {
    const HEAD: &str = "property";
    let keys = rows.iter().map(|row| row.property.len());
    let width = keys.chain([HEAD.len()]).max().unwrap_or_default();
    let column = |init: &str| init.len().max("launcher".len());
    let line = |head: &str, words: Vec<String>| {
        let words = words.iter().zip(inits);
        let cells = words.map(|(word, init)| format!("  {word:<0$}", column(init)));
        let line = format!("{head:<width$}{}", cells.collect::<String>());
        line.trim_end().to_owned()
    };
    let heads = inits.iter().map(|init| (*init).to_owned()).collect();
    writeln!(out, "{}", line(HEAD, heads))?;
    for row in rows {
        let words = row.inits.iter().map(|cell| cell.expression.how.to_string());
        writeln!(out, "{}", line(row.property, words.collect()))?;
    }
    out.flush()
}
