//! The command line: what was typed, what comes of it, and the exit code.
//!
//! Every command has a file of its own with its arguments and its `run`. The
//! inits that can be chosen come from the [`Registry`], so a program with a
//! backend of its own gets this command line by calling [`main`].

mod bridge;
mod check;
mod completions;
mod detect;
mod diff;
mod enablement;
mod exec;
mod explain;
mod failure;
mod fleet;
mod init;
mod install;
mod kubeadm;
mod list;
mod man;
mod message;
mod packages;
mod progress;
mod render;
mod service;
mod service_arguments;
mod session;
mod spec;
mod subjects;
mod table;
mod target;
mod uninstall;
mod wait;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::builder::{PossibleValue, PossibleValuesParser};
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
    Detect(detect::Arguments),
    Service(service::Arguments),
    Bridge(bridge::Arguments),
    List(list::Arguments),
    Packages(packages::Arguments),
    Spec(spec::Arguments),
    Explain(explain::Arguments),
    Exec(exec::Arguments),
    Kubeadm(kubeadm::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}

/// The whole command line, with the inits of a registry to choose from.
pub fn command(registry: &Registry) -> clap::Command {
    let inits: Vec<&'static str> = registry.iter().map(Backend::name).collect();
    with_inits(Cli::command(), &inits)
}

/// Gives every `--init`, at any depth, the inits to choose from. What else one takes
/// stands in its definition.
fn with_inits(command: clap::Command, inits: &[&'static str]) -> clap::Command {
    command
        .mut_args(|argument| match argument.get_id() == init::ID {
            true => {
                let own = argument.get_possible_values();
                let own: Vec<_> = own.into_iter().collect();
                let inits = inits.iter().copied().map(PossibleValue::new);
                argument.value_parser(PossibleValuesParser::new(inits.chain(own)))
            }
            false => argument,
        })
        .mut_subcommands(|sub| with_inits(sub, inits))
}

/// Runs the command that this process was started with and gives its exit code.
pub fn main(registry: &Registry) -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    exec::shortcut(&words).unwrap_or_else(|| run(registry, words))
}

/// Runs a command, whose first word is the program's name, and gives its exit code.
/// By the name of one of OpenRC's commands it is kubeadm's [bridge](crate::bridge).
pub fn run(registry: &Registry, words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let words: Vec<OsString> = words.into_iter().collect();
    if let Some(command) = bridge::called_as(&words) {
        return bridge::answer(command, &words[1..], registry);
    }
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
            Self::Detect(arguments) => arguments.run(registry),
            Self::Service(arguments) => arguments.run(registry),
            Self::Bridge(arguments) => arguments.run(registry),
            Self::Packages(arguments) => arguments.run(registry),
            Self::List(arguments) => arguments.run(registry),
            Self::Spec(arguments) => arguments.run(),
            Self::Explain(arguments) => arguments.run(),
            Self::Exec(arguments) => arguments.run(),
            Self::Kubeadm(arguments) => arguments.run(registry),
            Self::Completions(arguments) => arguments.run(registry),
            Self::Man(arguments) => arguments.run(registry),
        }
    }
}
