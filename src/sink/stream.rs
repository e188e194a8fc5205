//! Files one after another under headers, for a person to read.

use std::io::Write;

use super::{Renderings, StreamError};

/// Writes each file under a header with its path and mode, as head(1) and
/// tail(1) head theirs.
///
/// # Errors
/// The stream cannot be written.
pub fn write(renderings: &Renderings, out: &mut impl Write) -> Result<(), StreamError> {
    let mut first = true;
    for rendering in &renderings.list {
        let init = match renderings.apart {
            true => format!("{}: ", rendering.backend.name()),
            false => String::new(),
        };
        for (path, file) in rendering.rendered.files() {
            if !std::mem::take(&mut first) {
                writeln!(out)?;
            }
            writeln!(out, "==> {init}{path} ({:04o}) <==", file.mode)?;
            out.write_all(&file.content)?;
            if !file.content.ends_with(b"\n") {
                writeln!(out)?;
            }
        }
    }
    out.flush()?;
    Ok(())
}
