//! `--init`: which init is meant, by name or by what the host shows.

use crate::backends::{Backend, Registry};
use crate::detect::Table;
use crate::host::Host;

use super::failure::Failure;
use super::table;

/// What the argument is called wherever a command has it.
pub(super) const ID: &str = "init";

/// In the place of an init: find out.
pub(super) const AUTO: &str = "auto";

/// The init of that name, or the one that the host shows.
///
/// # Errors
/// The host does not show one.
pub(super) fn chosen(
    name: &str,
    host: &Host,
    registry: &Registry,
) -> Result<&'static dyn Backend, Failure> {
    match registry.find(name) {
        Some(backend) => Ok(backend),
        None => detected(host, registry, &[]),
    }
}

/// The init that the host shows; `others` is what `--init` takes besides the inits.
///
/// # Errors
/// The host shows none, or several alike. The message has the table and asks for `--init`.
pub(super) fn detected(
    host: &Host,
    registry: &Registry,
    others: &[&'static str],
) -> Result<&'static dyn Backend, Failure> {
    let table = Table::of(host, registry);
    table.backend(registry).map_err(|undecided| {
        let names: Vec<String> = registry
            .iter()
            .map(Backend::name)
            .chain(others.iter().copied())
            .map(|name| format!("`{name}`"))
            .collect();
        let failure = Failure::usage(format!("which init? {undecided}"));
        let failure = match table.signs.is_empty() {
            true => failure,
            false => failure.excerpt(table::of_signs(&table.signs).trim_end()),
        };
        failure.hint(format!("add `--init` with one of {}", names.join(", ")))
    })
}
