//! The command line: what was typed, what comes of it, and the exit code.
//!
//! Every command has a file of its own with its arguments and its `run`. The
//! inits that can be chosen come from the [`Registry`], so a program with a
//! backend of its own gets this command line by calling [`main`].

mod check;
mod completions;
mod diff;
mod env_file_reader;
mod explain;
mod failure;
mod install;
mod list;
mod man;
mod message;
mod render;
mod service_arguments;
mod spec;
mod subjects;
mod target;
mod uninstall;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::builder::PossibleValuesParser;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::backends::{Backend, Registry};
use failure::Failure;

/// Run the kubelet under any init, exactly as kubeadm's systemd drop-in runs it.
#[derive(Debug, Parser)]
#[command(name = "kubelet-unit", version, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 done, 1 failed, 2 wrong command line.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Render(render::Arguments),
    Install(install::Arguments),
    Uninstall(uninstall::Arguments),
    Check(check::Arguments),
    Diff(diff::Arguments),
    List(list::Arguments),
    Spec(spec::Arguments),
    Explain(explain::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}

/// The whole command line, with the inits of a registry to choose from.
pub fn command(registry: &Registry) -> clap::Command {
    let inits: Vec<&'static str> = registry.iter().map(Backend::name).collect();
    let mut command = Cli::command().mut_subcommand("render", |render| {
        render.mut_arg("init", |init| {
            init.value_parser(PossibleValuesParser::new(inits.into_iter().chain(["all"])))
        })
    });
    for name in ["install", "uninstall", "check", "diff"] {
        command = command.mut_subcommand(name, |sub| target::with_inits(sub, registry));
    }
    command
}

/// Runs the command that this process was started with and gives its exit code.
pub fn main(registry: &Registry) -> ExitCode {
    run(registry, std::env::args_os())
}

/// Runs a command, whose first word is the program's name, and gives its exit code.
pub fn run(registry: &Registry, words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let typed = match command(registry).try_get_matches_from(words) {
        Ok(matches) => Cli::from_arg_matches(&matches),
        Err(error) => Err(error),
    };
    let cli = match typed {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way as well, with exit code 0.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match cli.command.run(registry) {
        Ok(code) => code,
        Err(failure) => failure.report(),
    }
}

impl Command {
    fn run(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        match self {
            Self::Render(arguments) => arguments.run(registry),
            Self::Install(arguments) => arguments.run(registry),
            Self::Uninstall(arguments) => arguments.run(registry),
            Self::Check(arguments) => arguments.run(registry),
            Self::Diff(arguments) => arguments.run(registry),
            Self::List(arguments) => arguments.run(registry),
            Self::Spec(arguments) => arguments.run(),
            Self::Explain(arguments) => arguments.run(),
            Self::Completions(arguments) => arguments.run(registry),
            Self::Man(arguments) => arguments.run(registry),
        }
    }
}
