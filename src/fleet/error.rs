//! What is wrong with an inventory.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::distro::Named;
use crate::kubelet::takes::Refusal;
use crate::order::{ExtraError, OrderError};
use crate::rendering::Collision;
use crate::service::Name;
use crate::sink::NotByFiles;
use crate::yaml::YamlError;

/// Why a fleet was not rendered.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FleetError {
    /// The inventory cannot be read.
    #[error("cannot read the inventory `{}`: {source}", path.display())]
    Unreadable {
        /// The inventory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The inventory is not a regular file, and so cannot be read twice.
    #[error("the inventory `{}` is not a regular file, which it has to be because it is read twice", path.display())]
    NotAFile {
        /// The inventory.
        path: PathBuf,
    },
    /// A node that is not YAML, or no node.
    #[error("{}{source}", named(.name.as_ref()))]
    Yaml {
        /// The node's name, as far as it can be told.
        name: Option<String>,
        /// What is wrong, and where.
        source: Box<YamlError>,
    },
    /// A node that cannot be rendered.
    #[error("{file}:{line}: node `{name}`: {problem}")]
    Node {
        /// The inventory.
        file: String,
        /// The line on which the node begins.
        line: usize,
        /// The node's name.
        name: String,
        /// What is wrong.
        problem: Box<NodeProblem>,
    },
    /// What was rendered cannot be written.
    #[error("cannot write `{}`: {source}", path.display())]
    Write {
        /// What was written.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A tree of a node is there already and differs.
    #[error("{}", differs(folder, path, *why))]
    Different {
        /// The node's folder.
        folder: PathBuf,
        /// The first file that differs, below it.
        path: PathBuf,
        /// How it differs.
        why: Difference,
    },
    /// The stream cannot be written.
    #[error("cannot write the output: {0}")]
    Stream(io::Error),
}

/// How a file in a node's tree differs from what is rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// Its content, its mode, or that it is no file.
    Content,
    /// It is not there.
    Missing,
    /// Nothing is rendered for its path.
    Unknown,
}

fn differs(folder: &Path, path: &Path, why: Difference) -> String {
    let (whole, folder, path) = (folder.join(path), folder.display(), path.display());
    match why {
        Difference::Content => {
            format!("`{}` already exists and has other content", whole.display())
        }
        Difference::Missing => format!("`{folder}` already exists and has no `{path}`"),
        Difference::Unknown => format!(
            "`{folder}` already exists and has `{path}`, which is not rendered for this node"
        ),
    }
}

fn quoted(words: &[&str]) -> String {
    let quoted: Vec<_> = words.iter().map(|it| format!("`{it}`")).collect();
    quoted.join(", ")
}

fn named(name: Option<&String>) -> String {
    match name {
        Some(name) => format!("node `{name}`: "),
        None => String::new(),
    }
}

/// Why a node cannot be rendered.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NodeProblem {
    /// A name that another node has.
    #[error("an earlier node has the same name")]
    Twice,
    /// An init that nobody knows.
    #[error("unknown init `{init}`; known are {}", quoted(known))]
    UnknownInit {
        /// What was asked for.
        init: String,
        /// Those that are known.
        known: Vec<&'static str>,
    },
    /// An init that exists, and that nothing is rendered for.
    #[error("`{init}` is {title}, which kubelet-unit does not render for")]
    ForeignInit {
        /// What was asked for.
        init: String,
        /// What it calls itself.
        title: &'static str,
    },
    /// A distribution that has the places of another one.
    #[error("`{name}` has the places of {title}")]
    Relative {
        /// Its name.
        name: String,
        /// What the other one calls itself.
        title: &'static str,
        /// The name of that one.
        distro: &'static str,
    },
    /// A distribution that is known by name alone.
    #[error("`{name}` is {}, which has no places of its own here", named.title)]
    Named {
        /// Its name.
        name: String,
        /// What is known of it.
        named: &'static Named,
    },
    /// No init, neither its own nor one for all.
    #[error("it has no `init`, and no `--init` was given for all nodes")]
    NoInit,
    /// What is asked for gives no files.
    #[error(transparent)]
    Order(#[from] OrderError),
    /// Files alone do not enable the service.
    #[error(transparent)]
    Enable(#[from] NotByFiles),
    /// Arguments that the service cannot be given.
    #[error("`extraArgs`: {0}")]
    Argument(#[from] ExtraError),
    /// An argument of the kubelet that is not a flag.
    #[error(
        "`extraArgs`: `{argument}` is not a flag, and the kubelet takes nothing else: flags begin with `--`"
    )]
    NoFlag {
        /// The argument, or its beginning.
        argument: String,
    },
    /// Several words in an item, which only a shell would split.
    #[error("`extraArgs`: `{argument}` is one argument of the kubelet, with its blanks")]
    Several {
        /// The argument, or its beginning.
        argument: String,
    },
    /// A flag that the kubelet does not take.
    #[error("`extraArgs`: {0}")]
    Flag(Refusal),
    /// A host's name for a service that has no flag for one.
    #[error(
        "`hostname` is for the kubelet, which `{service}` is not; `extraArgs` takes any argument"
    )]
    Hostname {
        /// The service.
        service: Name,
    },
    /// A host's name that is given twice.
    #[error(
        "`hostname` and `--hostname-override` in `extraArgs` are one setting: leave one of them out"
    )]
    TwoHostnames,
    /// Two different files for one path.
    #[error(transparent)]
    Collision(#[from] Collision),
}
