//! Messages on standard error: coloured on a terminal, plain elsewhere and where
//! `NO_COLOR` is set.

use std::io::{self, Write};

use anstream::adapter::strip_str;
use anstream::{AutoStream, ColorChoice, eprint, eprintln};
use anstyle::{AnsiColor, Style};

use crate::hint::Hint;
use crate::rendering::Weight;
use crate::sink::Rendering;
use crate::yaml::YamlError;

use super::text::Columns;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const NOTE: Style = AnsiColor::Yellow.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();

/// How much is told.
#[derive(Debug, clap::Args)]
pub(super) struct Details {
    /// Also show the notes that apply to every service under that init
    #[arg(short, long)]
    pub(super) verbose: bool,
}

/// What clap has against the command line.
///
/// # Errors
/// Standard error has gone.
pub(super) fn of_command_line(error: &clap::Error) -> io::Result<()> {
    let text = Columns::of_stderr().wrap(&error.render().ansi().to_string());
    anstream::stderr().lock().write_all(text.as_bytes())
}

/// What clap prints for who asks: help, of which it breaks everything but the usage, and the
/// version.
///
/// # Errors
/// Standard output has gone.
pub(super) fn of_help(error: &clap::Error) -> io::Result<()> {
    let text = Columns::of_stdout().wrap(&error.render().ansi().to_string());
    anstream::stdout().lock().write_all(text.as_bytes())
}

/// `error: …` and, under it, the place in the text that it is about.
pub(super) fn error(message: &str, excerpt: Option<&str>) {
    labelled(ERROR, "error", message);
    if let Some(excerpt) = excerpt {
        eprintln!("{excerpt}");
    }
}

/// An error as one line of JSON, for who reads with `--format json`.
pub(super) fn error_as_json(error: &impl serde::Serialize) {
    let line = serde_json::to_string(error).unwrap_or_default() + "\n";
    // Where standard error has gone, there is nobody to tell.
    let _ = io::stderr().lock().write_all(line.as_bytes());
}

/// `warning: …`, of what will not work.
pub(super) fn warning(message: &str) {
    labelled(ERROR, "warning", message);
}

/// `warning: …` of a place in a document, with what may help.
pub(super) fn doubt(doubt: &YamlError) {
    warning(&doubt.to_string());
    if let Some(excerpt) = doubt.excerpt() {
        eprintln!("{excerpt}");
    }
    if let Some(help) = &doubt.hint {
        hint(&help.clone().into());
        eprintln!();
    }
}

/// What was done to something.
pub(super) fn step(action: &str, what: impl std::fmt::Display) {
    let line = format!("{action:<12} {what}\n");
    eprint!("{}", Columns::of_stderr().wrap(&line));
}

/// `note: …`.
pub(super) fn note(message: &str) {
    labelled(NOTE, "note", message);
}

/// The notes of a rendering, each with its init and property; with the details for who asks
/// for them.
pub(super) fn notes(rendering: &Rendering, verbose: bool) {
    for about in rendering.rendered.notes() {
        let init = rendering.backend.name();
        let text = format!("{init}: {}: {}", about.property, about.text);
        told(about.weight, &text, verbose);
    }
}

/// What is to be known, by how much it matters.
pub(super) fn told(weight: Weight, text: &str, verbose: bool) {
    match weight {
        Weight::Warning => warning(text),
        Weight::Note => note(text),
        Weight::Detail if verbose => note(text),
        Weight::Detail => {}
    }
}

/// `hint: …` after an empty line.
pub(super) fn hint(hint: &Hint) {
    eprintln!();
    labelled(HINT, "hint", &hint.to_string());
}

/// Written at once, so that what others write does not come into the midst of it.
fn labelled(style: Style, label: &str, message: &str) {
    let line = format!("{style}{label}:{style:#} {message}\n");
    let line = Columns::of_stderr().wrap(&line);
    let stderr = io::stderr();
    let line = match AutoStream::choice(&stderr) {
        ColorChoice::Never => strip_str(&line).to_string(),
        _ => line,
    };
    // Where standard error has gone, there is nobody to tell.
    let _ = stderr.lock().write_all(line.as_bytes());
}
