//! JSON on standard output, the same for every command.

use std::io::{self, BufWriter, Write};

use serde::Serialize;

use crate::sink::StreamError;

use super::failure::Failure;

/// Prints a value, indented, with a newline at its end.
pub(super) fn print(value: &impl Serialize) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    serde_json::to_writer_pretty(&mut out, value).map_err(StreamError::from)?;
    writeln!(out)?;
    Ok(out.flush()?)
}
