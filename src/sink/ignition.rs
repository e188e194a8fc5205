//! A rendering as an Ignition configuration, specification 3.4.0, for hosts that
//! boot with systemd.
//!
//! Units and drop-ins go to `systemd.units`, which Ignition writes below
//! `/etc/systemd/system`: on the hosts that use it, `/usr` is read-only.

use crate::sorting::Few;
use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::format::{FormatError, only};
use super::{Renderings, StreamError};
use crate::rendering::File;
use crate::service::AbsPath;

const FORMAT: &str = "Ignition";
const VERSION: &str = "3.4.0";

#[derive(Serialize)]
struct Config<'a> {
    ignition: Ignition,
    #[serde(skip_serializing_if = "Storage::is_empty")]
    storage: Storage<'a>,
    systemd: Systemd<'a>,
}

#[derive(Serialize)]
struct Ignition {
    version: &'static str,
}

#[derive(Serialize)]
struct Storage<'a> {
    files: Vec<StoredFile<'a>>,
}

impl Storage<'_> {
    fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

#[derive(Serialize)]
struct StoredFile<'a> {
    path: &'a str,
    mode: u32,
    overwrite: bool,
    contents: Contents,
}

#[derive(Serialize)]
struct Contents {
    source: String,
}

#[derive(Serialize)]
struct Systemd<'a> {
    units: Vec<Unit<'a>>,
}

#[derive(Serialize, Default)]
struct Unit<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    enabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contents: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dropins: Vec<DropIn<'a>>,
}

#[derive(Serialize)]
struct DropIn<'a> {
    name: &'a str,
    contents: &'a str,
}

/// Where a file goes in an Ignition configuration.
enum Place<'a> {
    Unit(&'a str),
    DropIn { unit: &'a str, name: &'a str },
    File,
}

fn place(path: &str) -> Place<'_> {
    let below = path.split_once("/systemd/system/").map(|(_, below)| below);
    match below.map(|below| below.split_once('/')) {
        Some(None) => Place::Unit(below.unwrap_or_default()),
        Some(Some((folder, name))) => match folder.strip_suffix(".d") {
            Some(unit) if !name.contains('/') => Place::DropIn { unit, name },
            _ => Place::File,
        },
        None => Place::File,
    }
}

/// Writes a configuration.
///
/// # Errors
/// There are several renderings, none of the files is a unit, a unit is not text,
/// or the stream cannot be written.
pub fn write(renderings: &Renderings, out: &mut impl Write) -> Result<(), FormatError> {
    let rendering = only(FORMAT, renderings)?;
    let mut units: Few<&str, Unit<'_>> = Few::new();
    let mut files = Vec::new();
    for (path, file) in rendering.rendered.files() {
        match place(path.as_str()) {
            Place::Unit(name) => {
                let unit = units.or_insert(name, Unit::default());
                unit.contents = Some(text(path, file)?);
                unit.enabled = Some(true);
            }
            Place::DropIn { unit, name } => {
                let contents = text(path, file)?;
                let unit = units.or_insert(unit, Unit::default());
                unit.dropins.push(DropIn { name, contents });
            }
            Place::File => files.push(stored(path, file)),
        }
    }
    if units.len() == 0 {
        return Err(FormatError::NoUnit {
            format: FORMAT,
            init: rendering.backend.title(),
        });
    }
    let units = units.into_iter().map(|(name, unit)| Unit { name, ..unit });
    let config = Config {
        ignition: Ignition { version: VERSION },
        storage: Storage { files },
        systemd: Systemd {
            units: units.collect(),
        },
    };
    serde_json::to_writer_pretty(&mut *out, &config).map_err(StreamError::from)?;
    writeln!(out)?;
    out.flush()?;
    Ok(())
}

fn text<'a>(path: &AbsPath, file: &'a File) -> Result<&'a str, FormatError> {
    std::str::from_utf8(&file.content).map_err(|_| FormatError::NotText {
        format: FORMAT,
        path: path.clone(),
    })
}

fn stored<'a>(path: &'a AbsPath, file: &File) -> StoredFile<'a> {
    StoredFile {
        path: path.as_str(),
        mode: file.mode,
        // Configuration that an image brings along is kept.
        overwrite: !file.config,
        contents: Contents {
            source: format!("data:;base64,{}", STANDARD.encode(&file.content)),
        },
    }
}
