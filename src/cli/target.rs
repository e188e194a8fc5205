//! The arguments that say where a service is installed: which tree, which init.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;

use crate::backends::{Backend, Registry};
use crate::install::Record;
use crate::root::Root;

use super::failure::Failure;

/// Which tree, which init.
#[derive(Debug, clap::Args)]
pub(super) struct Target {
    /// The rootfs; nothing outside of it is touched or read
    #[arg(long, value_name = "DIR", default_value = "/")]
    root: PathBuf,

    /// The init; by default the one that the service is installed for
    #[arg(long)]
    init: Option<String>,
}

impl Target {
    /// Opens the tree.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn open(&self) -> Result<Root, Failure> {
        Ok(Root::open(&self.root)?)
    }

    /// The init that was asked for.
    pub(super) fn init(&self) -> Option<&str> {
        self.init.as_deref()
    }

    /// The init: as asked for, or the only one that something is installed for.
    ///
    /// # Errors
    /// There are several, or none.
    pub(super) fn backend(
        &self,
        registry: &Registry,
        root: &Root,
    ) -> Result<&'static dyn Backend, Failure> {
        if let Some(backend) = self.init().and_then(|name| registry.find(name)) {
            return Ok(backend);
        }
        let mut installed: Vec<_> = Record::read_all(root)?
            .into_iter()
            .filter_map(|record| registry.find(&record.init))
            .collect();
        installed.dedup_by_key(|backend| backend.name());
        match installed.as_slice() {
            [one] => Ok(*one),
            _ => Err(unknown_init(registry)),
        }
    }
}

/// That the init has to be named, and which ones there are.
pub(super) fn unknown_init(registry: &Registry) -> Failure {
    let names: Vec<_> = registry
        .iter()
        .map(|backend| format!("`{}`", backend.name()))
        .collect();
    Failure::usage("the init is not known")
        .hint(format!("add `--init` with one of {}", names.join(", ")))
}

/// Puts the inits of a registry into the help of a command with a [`Target`].
pub(super) fn with_inits(command: clap::Command, registry: &Registry) -> clap::Command {
    let names: Vec<&'static str> = registry.iter().map(Backend::name).collect();
    command.mut_arg("init", |init| {
        init.value_parser(PossibleValuesParser::new(names))
    })
}
