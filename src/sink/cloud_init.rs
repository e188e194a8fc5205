//! A rendering as cloud-init's user data: `write_files` and `runcmd`.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Renderings;
use super::format::{FormatError, headline, only, plain, quoted, write_block};

const FORMAT: &str = "cloud-init";

/// Writes user data that begins with `#cloud-config`.
///
/// # Errors
/// There are several renderings, or the stream cannot be written.
pub fn write(renderings: &Renderings, out: &mut impl Write) -> Result<(), FormatError> {
    let rendering = only(FORMAT, renderings)?;
    writeln!(out, "#cloud-config\n# {}", headline(rendering))?;
    writeln!(out, "write_files:")?;
    for (path, file) in rendering.rendered.files() {
        writeln!(out, "- path: {}", quoted(path.as_str()))?;
        writeln!(out, "  owner: root:root")?;
        if file.line.is_some() {
            writeln!(out, "  append: true")?;
        }
        writeln!(out, "  permissions: '{:04o}'", file.mode)?;
        if let Some(text) = plain(&file.content) {
            write!(out, "  content: ")?;
            write_block(text, 2, out)?;
        } else {
            let encoded = quoted(&STANDARD.encode(&file.content));
            writeln!(out, "  encoding: b64\n  content: {encoded}")?;
        }
    }
    let activation = &rendering.activation;
    let mut commands = activation.reload.iter().chain(&activation.start).peekable();
    if commands.peek().is_some() {
        writeln!(out, "runcmd:")?;
    }
    for command in commands {
        let words: Vec<_> = command.iter().map(|word| quoted(word)).collect();
        writeln!(out, "- [{}]", words.join(", "))?;
    }
    out.flush()?;
    Ok(())
}
