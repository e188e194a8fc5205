//! `kubelet-unit completions`: what a shell needs to complete our command line.
//!
//! What is printed has the shell ask the program itself, with [`ASKED`] in the
//! environment: so the words are those of this version, and the services those that are
//! installed. Scripts that hold all the words, which `clap_complete` can print as well,
//! end at the first level in bash, because the program's name has a hyphen: the labels
//! of subcommands are `kubelet__unit__subcmd__…` in one half of its script and
//! `kubelet__subcmd__unit__subcmd__…` in the other (4.6.11).

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Arg;
use clap_complete::Shell;
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use clap_complete::env::{CompleteEnv, Shells};

use crate::backends::Registry;
use crate::install::Record;
use crate::kubeadm::version::KNOWN;
use crate::root::Root;
use crate::sorting;

use super::failure::Failure;
use super::man::PAGES;

/// The variable with the shell's name by which a shell asks for completions.
const ASKED: &str = "KUBELET_UNIT_COMPLETE";

/// Print completions for a shell
///
/// The shell then asks `kubelet-unit` itself what can follow, including the names of the
/// services that are installed, on this machine or in the tree that `--root` names.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kubelet-unit completions bash > /etc/bash_completion.d/kubelet-unit
  kubelet-unit completions zsh > /usr/share/zsh/site-functions/_kubelet-unit
  kubelet-unit completions fish > /etc/fish/completions/kubelet-unit.fish")]
pub(super) struct Arguments {
    /// The shell
    shell: Shell,
}

impl Arguments {
    // Every command has the registry; this one has no use for it.
    #[allow(clippy::unused_self)]
    pub(super) fn run(&self, _registry: &Registry) -> Result<ExitCode, Failure> {
        let name = "kubelet-unit";
        let mut script = Vec::new();
        if let Some(shell) = Shells::builtins().completer(&self.shell.to_string()) {
            shell.write_registration(ASKED, name, name, name, &mut script)?;
        }
        io::stdout().lock().write_all(&script)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Answers a shell that asks what can follow on a command line; `None` where none asks.
pub(super) fn answer(words: &[OsString], registry: &Registry) -> Option<ExitCode> {
    std::env::var_os(ASKED)?;
    let folder = std::env::current_dir().ok();
    let asked = CompleteEnv::with_factory(|| with_candidates(super::command(registry), words))
        .var(ASKED)
        .bin("kubelet-unit")
        .try_complete(words.iter().cloned(), folder.as_deref());
    match asked {
        Ok(true) => Some(ExitCode::SUCCESS),
        Ok(false) => None,
        Err(error) => {
            let _ = error.print();
            Some(ExitCode::FAILURE)
        }
    }
}

/// What can follow where a word is of no fixed list.
fn with_candidates(command: clap::Command, words: &[OsString]) -> clap::Command {
    let pages = pages(&command, words);
    let command = command.mut_subcommands(|sub| match sub.get_name() {
        "man" => sub.mut_arg("command", |argument| {
            let pages = pages.clone();
            argument.add(ArgValueCandidates::new(move || {
                pages.iter().map(CompletionCandidate::new).collect()
            }))
        }),
        _ => sub,
    });
    in_every_command(command, &tree(words))
}

/// The tree that is named by `--root` in the words, else that of this machine.
fn tree(words: &[OsString]) -> PathBuf {
    let words: Vec<_> = words.iter().filter_map(|word| word.to_str()).collect();
    let behind = words.windows(2).find(|pair| pair[0] == "--root");
    let within = words.iter().find_map(|word| word.strip_prefix("--root="));
    let named = behind.map(|pair| pair[1]).or(within);
    named.unwrap_or("/").into()
}

/// What can follow `man` and the words after it, the last of which is being typed.
fn pages(command: &clap::Command, words: &[OsString]) -> Vec<String> {
    let before = words.split_last().map_or(words, |(_, before)| before);
    let typed = before.iter().skip_while(|word| *word != "man").skip(1);
    let (mut command, mut depth) = (command, 0);
    for word in typed {
        if depth == 0 && word == "5" {
            return PAGES.iter().map(|page| page.command.to_owned()).collect();
        }
        let Some(sub) = command.find_subcommand(word) else {
            break;
        };
        (command, depth) = (sub, depth + 1);
    }
    let names = command
        .get_subcommands()
        .map(|sub| sub.get_name().to_owned());
    let section = (depth == 0).then(|| "5".to_owned());
    names.chain(section).collect()
}

fn in_every_command(command: clap::Command, tree: &Path) -> clap::Command {
    command
        .mut_args(|argument| match candidates(&argument, tree) {
            Some(candidates) => argument.add(candidates),
            None => argument,
        })
        .mut_subcommands(|sub| in_every_command(sub, tree))
}

fn candidates(argument: &Arg, tree: &Path) -> Option<ArgValueCandidates> {
    let takes_release = matches!(argument.get_value_names(), Some([name]) if name == "VERSION");
    match argument.get_id().as_str() {
        "name" => {
            let tree = tree.to_owned();
            Some(ArgValueCandidates::new(move || services(&tree)))
        }
        _ => takes_release.then(|| ArgValueCandidates::new(releases)),
    }
}

/// The services that are installed in a tree, and the kubelet.
fn services(tree: &Path) -> Vec<CompletionCandidate> {
    let records = Root::open(tree).map(|root| Record::read_all(&root));
    let records = records.ok().and_then(Result::ok).unwrap_or_default();
    let mut names: Vec<_> = records
        .iter()
        .map(|record| record.service.to_string())
        .collect();
    names.push("kubelet".into());
    sorting::by(&mut names, Ord::cmp);
    names.dedup();
    names.into_iter().map(CompletionCandidate::new).collect()
}

/// The releases of Kubernetes that are known, the newest first.
fn releases() -> Vec<CompletionCandidate> {
    let releases = KNOWN.rev().map(|minor| format!("1.{minor}"));
    releases
        .enumerate()
        .map(|(order, release)| CompletionCandidate::new(release).display_order(Some(order)))
        .collect()
}
