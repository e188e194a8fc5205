//! The command line: what was typed, what comes of it, and the exit code.
//!
//! Every command has a file of its own with its arguments and its `run`. The
//! inits that can be chosen come from the [`Registry`], so a program with a
//! backend of its own gets this command line by calling [`run`].
//!
//! Which commands there are is a matter of features, so that a machine that only
//! starts the service, or a build that only renders, can do with a smaller program.
//! All are compiled in any case; the linker leaves out what no command calls.

#![cfg_attr(
    not(all(feature = "render", feature = "exec", feature = "host")),
    allow(dead_code, unused_imports)
)]

mod bridge;
mod check;
mod completions;
mod detect;
mod diff;
mod exec;
mod explain;
mod failure;
mod fleet;
mod format;
mod import;
mod inits;
mod install;
mod json;
mod kubeadm;
mod list;
mod man;
mod message;
mod nodes;
mod packages;
mod progress;
mod properties;
mod render;
mod service;
mod service_arguments;
mod spec;
mod table;
mod target;
mod text;
mod uninstall;
mod wait;
mod words;

use std::borrow::Borrow;
use std::ffi::{OsStr, OsString};
use std::fmt::Write;
use std::process::ExitCode;

use clap::builder::PossibleValue;
use clap::error::ErrorKind;
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser};

use crate::backends::Registry;
use failure::Failure;
use inits::{DistroNames, Inits};

/// Run the kubelet under any init, exactly as kubeadm's systemd drop-in runs it.
#[derive(Parser)]
#[command(name = "kubelet-unit", version, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 done, 1 failed, 2 wrong command line.")]
#[command(subcommand_required = true, arg_required_else_help = true)]
struct Cli {}

/// One of our commands.
struct Command {
    name: &'static str,
    /// Adds its help and its arguments.
    define: fn(clap::Command) -> clap::Command,
    run: Run,
}

/// Runs a command with what was typed. The outer error is of clap's: the arguments are
/// not those that were defined.
type Run = fn(&mut ArgMatches, &Registry) -> Result<Result<ExitCode, Failure>, clap::Error>;

macro_rules! commands {
    ($($name:ident: $feature:tt),* $(,)?) => {
        /// Our commands, in the order in which help lists them.
        const COMMANDS: &[Command] = &[$(
            #[cfg(feature = $feature)]
            Command {
                name: stringify!($name),
                define: $name::Arguments::augment_args,
                run: |typed, registry| {
                    $name::Arguments::from_arg_matches_mut(typed)
                        .map(|arguments| arguments.run(registry))
                },
            },
        )*];

        /// Those that this build is without, with the feature that has them.
        const LEFT_OUT: &[(&str, &str)] = &[$(
            #[cfg(not(feature = $feature))]
            (stringify!($name), $feature),
        )*];
    };
}

commands![
    render: "render",
    install: "host",
    uninstall: "host",
    check: "host",
    diff: "host",
    detect: "host",
    service: "host",
    bridge: "host",
    list: "render",
    packages: "render",
    spec: "render",
    nodes: "render",
    import: "host",
    explain: "host",
    exec: "exec",
    kubeadm: "host",
    completions: "render",
    man: "render",
];

impl Command {
    fn find(name: impl AsRef<OsStr>) -> Option<&'static Self> {
        COMMANDS
            .iter()
            .find(|command| name.as_ref() == command.name)
    }
}

/// The whole command line, with the inits of a registry to choose from.
pub fn command(registry: &Registry) -> clap::Command {
    tree(registry, None)
}

/// The command line, of which only one command is needed, or all: to define those
/// that are not called would take a sixth of the time of a `render`.
fn tree(registry: &Registry, only: Option<&Command>) -> clap::Command {
    let commands = COMMANDS.iter().map(|command| {
        let named = clap::Command::new(command.name);
        match only.is_none_or(|only| only.name == command.name) {
            true => with_names((command.define)(named), registry),
            false => named,
        }
    });
    Cli::command().subcommands(commands)
}

/// Gives every `--init` and `--distro`, at any depth, the names to choose from. What else
/// one takes stands in its definition. Without an init that has layouts, `--layout` is not
/// shown.
fn with_names(command: clap::Command, registry: &Registry) -> clap::Command {
    let has_layouts = registry.iter().any(|init| !init.layouts().is_empty());
    command
        .mut_args(|argument| match argument.get_id().as_str() {
            target::INIT => {
                let own = argument.get_possible_values();
                let inits = registry.names().into_iter().map(PossibleValue::new);
                argument.value_parser(Inits::new(inits.chain(own)))
            }
            DISTRO => argument.value_parser(DistroNames::new(registry.distros())),
            LAYOUT if has_layouts => {
                let about = argument.get_help().map(ToString::to_string);
                argument.long_help(about.unwrap_or_default() + &layouts(registry))
            }
            LAYOUT => argument.hide(true),
            _ => argument,
        })
        .mut_subcommands(|sub| with_names(sub, registry))
}

/// The ways in which inits can keep a service, an init a line.
fn layouts(registry: &Registry) -> String {
    let mut text = "\n".to_owned();
    for init in registry.iter().filter(|init| !init.layouts().is_empty()) {
        let all = init.layouts().iter();
        let all: Vec<_> = all
            .map(|it| format!("`{}` {}", it.name, it.about))
            .collect();
        // Writing to a String does not fail.
        let _ = write!(text, "\n{}: {}", init.name(), all.join("; "));
    }
    text
}

/// What the arguments that name a distribution or a layout are called everywhere.
const DISTRO: &str = "distro";
const LAYOUT: &str = "layout";

/// Runs the command that this process was started with and gives its exit code: the whole
/// program. A program of your own with one more init has this as its `main`:
///
/// ```no_run
/// use kubelet_unit::{backends::Registry, cli};
///
/// fn main() -> std::process::ExitCode {
///     cli::run(Registry::builtin())
/// }
/// ```
pub fn run(registry: impl Borrow<Registry>) -> ExitCode {
    let registry = registry.borrow();
    let words: Vec<OsString> = std::env::args_os().collect();
    if cfg!(feature = "exec")
        && let Some(code) = exec::shortcut(&words)
    {
        return code;
    }
    if cfg!(feature = "render")
        && let Some(code) = completions::answer(&words, registry)
    {
        return code;
    }
    run_words(registry, words)
}

/// Runs a command, whose first word is the program's name, and gives its exit code.
/// By the name of one of OpenRC's commands it is kubeadm's [bridge](crate::bridge).
pub fn run_words(registry: &Registry, words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let words: Vec<OsString> = words.into_iter().collect();
    if cfg!(feature = "host")
        && let Some(command) = bridge::called_as(&words)
    {
        return bridge::answer(command, &words[1..], registry);
    }
    let words = words::usual(words);
    if let Some(failure) = left_out(words.get(1)) {
        return failure.report();
    }
    let only = words.get(1).and_then(Command::find);
    let for_program = asks_for_json(&words);
    let mut tree = tree(registry, only);
    let called = match words::of_service(&words) {
        Some(failure) if cfg!(feature = "host") => Ok(Err(failure)),
        _ => call(&mut tree, &words, registry),
    };
    let called = match called {
        Err(error) => match words::of(&error, &tree, &words) {
            Some(failure) => Ok(Err(failure)),
            None => Err(words::without_wrong_tip(error)),
        },
        called => called,
    };
    match called {
        Ok(Ok(code)) => code,
        Ok(Err(failure)) if for_program => failure.report_to_program(),
        Ok(Err(failure)) => failure.report(),
        Err(error) if for_program && error.use_stderr() => {
            Failure::of_command_line(&error).report_to_program()
        }
        Err(error) => {
            // Help and version come this way as well, with exit code 0.
            let _ = match error.use_stderr() {
                true => message::of_command_line(&error),
                false => message::of_help(&error),
            };
            ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
        }
    }
}

/// The words as they were meant, where one of them was not understood.
fn read_again(error: &clap::Error, words: &[OsString]) -> Option<Vec<OsString>> {
    #[cfg(feature = "host")]
    let again = explain::with_flag(error, words);
    #[cfg(not(feature = "host"))]
    let again = {
        let _ = (error, words);
        None
    };
    again
}

/// Whether `--format json` was typed, so that errors are for a program as well.
fn asks_for_json(words: &[OsString]) -> bool {
    let pairs = words.windows(2);
    let mut pairs = pairs.filter(|pair| pair[0] == "--format");
    pairs.any(|pair| pair[1] == "json") || words.iter().any(|word| word == "--format=json")
}

/// What is said of a command that this build is without.
fn left_out(word: Option<&OsString>) -> Option<Failure> {
    let (name, feature) = LEFT_OUT
        .iter()
        .find(|(name, _)| word.is_some_and(|it| it == name))?;
    Some(
        Failure::usage(format!("this kubelet-unit was built without `{name}`")).hint(format!(
            "build it with the feature `{feature}`, or with the default features, which are all"
        )),
    )
}

fn call(
    tree: &mut clap::Command,
    words: &[OsString],
    registry: &Registry,
) -> Result<Result<ExitCode, Failure>, clap::Error> {
    let mut matches = match tree.try_get_matches_from_mut(words) {
        Err(error) => match read_again(&error, words) {
            Some(words) => tree.try_get_matches_from_mut(words)?,
            None => return Err(error),
        },
        matches => matches?,
    };
    let called = matches.remove_subcommand();
    match called.and_then(|(name, typed)| Some((Command::find(name)?, typed))) {
        Some((command, mut typed)) => (command.run)(&mut typed, registry),
        None => Err(clap::Error::new(ErrorKind::MissingSubcommand)),
    }
}
