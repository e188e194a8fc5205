//! `kubelet-unit list --properties`: what becomes of each property under each init.

use std::process::ExitCode;

use serde::Serialize;

use crate::backends::{Backend, Expression, Registry};
use crate::service::Property;

use super::failure::Failure;
use super::format::Format;
use super::json;
use super::text::{self, Columns};

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
        Format::Text => text::print(&shown(&rows, &registry.names(), Columns::of_stdout()))?,
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

/// A table, or where there is no room for it, a block for each property.
fn shown(rows: &[Row], inits: &[&str], columns: Columns) -> String {
    const HEAD: &str = "property";
    let keys = rows.iter().map(|row| row.property.len());
    let width = keys.chain([HEAD.len()]).max().unwrap_or_default();
    let column = |init: &str| init.len().max("launcher".len());
    let table = width + inits.iter().map(|init| column(init) + 2).sum::<usize>();
    if !columns.have_room_for(table) {
        return rows.iter().map(block).collect();
    }
    let line = |head: &str, words: Vec<String>| {
        let words = words.iter().zip(inits);
        let cells = words.map(|(word, init)| format!("  {word:<0$}", column(init)));
        let line = format!("{head:<width$}{}", cells.collect::<String>());
        line.trim_end().to_owned() + "\n"
    };
    let heads = inits.iter().map(|init| (*init).to_owned()).collect();
    let lines = rows.iter().map(|row| {
        let words = row.inits.iter().map(|cell| cell.expression.how.to_string());
        line(row.property, words.collect())
    });
    [line(HEAD, heads)].into_iter().chain(lines).collect()
}

/// The property, and under it the inits, those that are alike in one line.
fn block(row: &Row) -> String {
    let mut kinds: Vec<(String, Vec<&str>)> = Vec::new();
    for cell in &row.inits {
        let how = cell.expression.how.to_string();
        match kinds.iter_mut().find(|(kind, _)| *kind == how) {
            Some((_, inits)) => inits.push(cell.init),
            None => kinds.push((how, vec![cell.init])),
        }
    }
    let lines = kinds
        .iter()
        .map(|(how, inits)| format!("  {how}: {}\n", inits.join(", ")));
    format!("{}\n{}", row.property, lines.collect::<String>())
}
