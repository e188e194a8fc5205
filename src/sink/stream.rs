//! Files one after another under headers, for a person to read.

use std::io::Write;

use super::{Renderings, StreamError};
use crate::rendering::File;
use crate::rendering::launcher::is_launcher;

/// Writes each file under a header with its path and mode, as head(1) and
/// tail(1) head theirs. Where it is `folded`, for a terminal, launchers come at the end, and a
/// line stands for each: they are far longer than all else, and the same everywhere.
///
/// # Errors
/// The stream cannot be written.
pub fn write(
    renderings: &Renderings,
    folded: bool,
    out: &mut impl Write,
) -> Result<(), StreamError> {
    let mut first = true;
    let mut left = Vec::new();
    for rendering in &renderings.list {
        let init = match renderings.apart {
            true => format!("{}: ", rendering.backend.name()),
            false => String::new(),
        };
        for (path, file) in rendering.rendered.files() {
            let folded_away = folded.then(|| lines_of_launcher(file)).flatten();
            if let Some(lines) = folded_away {
                let only = match renderings.apart {
                    true => format!("--init {} --only launcher", rendering.backend.name()),
                    false => "--only launcher".to_owned(),
                };
                left.push(format!("… {init}{path}, {} lines: {only}", grouped(lines)));
                continue;
            }
            if !std::mem::take(&mut first) {
                writeln!(out)?;
            }
            let part = file.line.as_ref().map_or("", |_| "one line of ");
            writeln!(out, "==> {part}{init}{path} ({:04o}) <==", file.mode)?;
            out.write_all(&file.content)?;
            if !file.content.ends_with(b"\n") {
                writeln!(out)?;
            }
        }
        for (path, target) in &rendering.links {
            writeln!(out, "\n==> {init}{path} -> {target} <==")?;
        }
    }
    if !left.is_empty() {
        writeln!(out)?;
    }
    for line in left {
        writeln!(out, "{line}")?;
    }
    out.flush()?;
    Ok(())
}

/// How long a file is that is a launcher.
fn lines_of_launcher(file: &File) -> Option<usize> {
    let text = std::str::from_utf8(&file.content).ok()?;
    is_launcher(text).then(|| text.lines().count())
}

/// With a comma between thousands.
fn grouped(number: usize) -> String {
    match number / 1000 {
        0 => number.to_string(),
        thousands => format!("{},{:03}", grouped(thousands), number % 1000),
    }
}

/// Writes the names alone, with modes.
///
/// # Errors
/// The stream cannot be written.
pub fn write_list(renderings: &Renderings, out: &mut impl Write) -> Result<(), StreamError> {
    for (path, file) in renderings.files() {
        let path = if renderings.apart {
            path
        } else {
            format!("/{path}")
        };
        let config = if file.config { "  configuration" } else { "" };
        writeln!(out, "{:04o} {path}{config}", file.mode)?;
    }
    for (path, target) in renderings.links() {
        let top = if renderings.apart { "" } else { "/" };
        writeln!(out, "link {top}{path} -> {target}")?;
    }
    out.flush()?;
    Ok(())
}

/// The file at a path, or the launcher by that word. The error has what there is.
///
/// # Errors
/// There is no such file.
pub fn only<'r>(renderings: &'r Renderings, asked: &str) -> Result<&'r File, Vec<String>> {
    let wanted = |path: &str, file: &File| match asked {
        "launcher" => lines_of_launcher(file).is_some(),
        asked => path == asked.trim_start_matches('/'),
    };
    let mut files = renderings.files();
    files
        .find(|(path, file)| wanted(path, file))
        .map(|(_, file)| file)
        .ok_or_else(|| {
            let paths = renderings.files();
            paths.map(|(path, _)| format!("/{path}")).collect()
        })
}
