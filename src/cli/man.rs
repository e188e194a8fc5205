//! `kubelet-unit man`: manual pages from the same definitions as the help, and of the formats
//! of files.

mod format;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap_mangen::Man;
use thiserror::Error;

use crate::backends::Registry;
use crate::hint::{Call, Hint};

use super::failure::Failure;
pub(super) use format::PAGES;
use format::Page;

/// Print a manual page, or write all of them below a folder
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kubelet-unit man | man -l -
  kubelet-unit man service restart | man -l -
  kubelet-unit man 5 spec | man -l -
  kubelet-unit man --output /usr/share/man")]
pub(super) struct Arguments {
    /// The command whose page to print; by default that of `kubelet-unit` itself. `5 spec` and
    /// `5 nodes` are those of the files that `--spec` and `--nodes` take
    #[arg(conflicts_with = "output")]
    command: Vec<String>,

    /// Write every page below this folder, which has to exist, into man1 and man5
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
}

/// A page that cannot be written.
#[derive(Debug, Error)]
#[error("cannot write `{}`: {source}", path.display())]
struct Unwritten {
    path: PathBuf,
    source: io::Error,
}

impl Arguments {
    pub(super) fn run(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        let mut root = without_help(super::command(registry));
        root.build();
        if let Some(folder) = &self.output {
            write_all(&root, folder)?;
            return Ok(ExitCode::SUCCESS);
        }
        let words: Vec<&str> = self.command.iter().map(String::as_str).collect();
        let text = match words.as_slice() {
            ["5", name @ ..] => of_format(name)?.text().into_bytes(),
            ["1", words @ ..] | words => page(find(&root, words)?)?,
        };
        io::stdout().lock().write_all(&text)?;
        Ok(ExitCode::SUCCESS)
    }
}

fn find<'c>(root: &'c clap::Command, words: &[&str]) -> Result<&'c clap::Command, Failure> {
    let mut command = root;
    let mut name = String::from("kubelet-unit");
    for part in words {
        command = command
            .find_subcommand(part)
            .ok_or_else(|| no_command(command, &name, part))?;
        name = format!("{name} {part}");
    }
    Ok(command)
}

/// That a command has no such command below it, and which was meant.
fn no_command(command: &clap::Command, name: &str, part: &str) -> Failure {
    let failure = Failure::usage(format!("`{name}` has no command `{part}`"));
    let known = command.get_subcommands().map(clap::Command::get_name);
    match Hint::nearest(part, known) {
        Some(meant) => failure.hint(meant),
        None if PAGES.iter().any(|page| page.command == part) => {
            let call = Call::new("man 5").word(part);
            failure.hint(Hint::text("did you mean ").and_call(call).and("?"))
        }
        None => failure,
    }
}

fn of_format(words: &[&str]) -> Result<&'static Page, Failure> {
    let name = words.join(" ");
    Page::find(&name).ok_or_else(|| {
        let known: Vec<_> = PAGES
            .iter()
            .map(|page| format!("`{}`", page.command))
            .collect();
        let known = known.join(" and ");
        let failure = Failure::usage(match words {
            [] => format!("section 5 has the pages {known}"),
            _ => format!("section 5 has no page `{name}`; it has {known}"),
        });
        match Hint::nearest(&name, PAGES.iter().map(|page| page.command)) {
            Some(meant) if !words.is_empty() => failure.hint(meant),
            _ => failure,
        }
    })
}

/// Without the commands `help`: what they print is the page of the command.
fn without_help(command: clap::Command) -> clap::Command {
    command
        .disable_help_subcommand(true)
        .mut_subcommands(without_help)
}

fn page(command: &clap::Command) -> Result<Vec<u8>, Failure> {
    let mut text = Vec::new();
    let source = concat!("kubelet-unit ", env!("CARGO_PKG_VERSION"));
    Man::new(command.clone()).source(source).render(&mut text)?;
    let mut text = laid_out(&String::from_utf8_lossy(&text));
    if let Some(format) = Page::find(command.get_name()) {
        text.extend([".SH SEE ALSO\n\\fB", &format.name(), "\\fR(5)\n"]);
    }
    Ok(text.into_bytes())
}

/// What stands after the options, line by line as in the help, and not filled: its
/// lines are commands. `clap_mangen` calls that section EXTRA.
fn laid_out(page: &str) -> String {
    let Some((before, extra)) = page.split_once(".SH EXTRA\n") else {
        return page.to_owned();
    };
    let (extra, after) = extra.split_at(extra.find(".SH ").unwrap_or(extra.len()));
    let (heading, lines) = match extra.split_once('\n') {
        Some(("Example:" | "Examples:", lines)) => ("EXAMPLES", lines),
        _ => ("NOTES", extra),
    };
    let end = if lines.ends_with('\n') { "" } else { "\n" };
    format!("{before}.SH {heading}\n.nf\n{lines}{end}.fi\n{after}")
}

fn write_all(root: &clap::Command, folder: &Path) -> Result<(), Failure> {
    write_commands(root, "kubelet-unit", &made(folder, "man1")?)?;
    let folder = made(folder, "man5")?;
    for page in PAGES {
        write(folder.join(page.name() + ".5"), page.text().as_bytes())?;
    }
    Ok(())
}

/// A folder below another one, which is there already.
fn made(below: &Path, name: &str) -> Result<PathBuf, Failure> {
    let path = below.join(name);
    match fs::create_dir(&path) {
        Err(source) if source.kind() != io::ErrorKind::AlreadyExists => {
            Err(Failure::new(&Unwritten { path, source }))
        }
        _ => Ok(path),
    }
}

fn write_commands(command: &clap::Command, name: &str, folder: &Path) -> Result<(), Failure> {
    write(folder.join(format!("{name}.1")), &page(command)?)?;
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        write_commands(sub, &format!("{name}-{}", sub.get_name()), folder)?;
    }
    Ok(())
}

fn write(path: PathBuf, text: &[u8]) -> Result<(), Failure> {
    fs::write(&path, text).map_err(|source| Failure::new(&Unwritten { path, source }))
}
