//! Renderings as JSON, for programs.

use std::io::Write;

use serde::Serialize;

use super::{Rendering, Renderings, StreamError};
use crate::rendering::Note;

/// A rendering for programs.
#[derive(Serialize)]
pub(crate) struct Document<'a> {
    init: &'a str,
    distro: &'a str,
    files: Vec<File<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    links: Vec<Link<'a>>,
    notes: &'a [Note],
}

#[derive(Serialize)]
struct File<'a> {
    path: &'a str,
    mode: String,
    config: bool,
    /// How it ends, where it is one line of a file that is others' too.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<&'a str>,
    content: String,
}

#[derive(Serialize)]
struct Link<'a> {
    path: &'a str,
    target: &'a str,
}

impl<'a> Document<'a> {
    pub(crate) fn new(rendering: &'a Rendering) -> Self {
        Self {
            init: rendering.backend.name(),
            distro: rendering.distro.name,
            files: rendering
                .rendered
                .files()
                .map(|(path, file)| File {
                    path: path.as_str(),
                    mode: format!("{:04o}", file.mode),
                    config: file.config,
                    line: file.line.as_deref(),
                    // What a spec holds is UTF-8, and so is every template.
                    content: String::from_utf8_lossy(&file.content).into_owned(),
                })
                .collect(),
            links: rendering
                .links
                .iter()
                .map(|(path, target)| Link {
                    path: path.as_str(),
                    target,
                })
                .collect(),
            notes: rendering.rendered.notes(),
        }
    }
}

/// Writes one object for a rendering alone, and a list of such objects for several.
///
/// # Errors
/// The stream cannot be written.
pub fn write(renderings: &Renderings, out: &mut impl Write) -> Result<(), StreamError> {
    let documents: Vec<_> = renderings.list.iter().map(Document::new).collect();
    match documents.as_slice() {
        [one] if !renderings.apart => serde_json::to_writer_pretty(&mut *out, one)?,
        all => serde_json::to_writer_pretty(&mut *out, all)?,
    }
    writeln!(out)?;
    out.flush()?;
    Ok(())
}
