//! Every node of an inventory, checked and rendered.

use std::collections::{HashMap, HashSet};
use std::fs::File as SystemFile;
use std::hash::{BuildHasher, RandomState};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::error::{FleetError, NodeProblem};
use super::inventory::{Entry, Inventory};
use super::node::{Node, NodeName};
use crate::backends::{Backend, Launcher, Registry, Request};
use crate::distro::{Distro, Overrides, Places};
use crate::envfile::quote;
use crate::rendering::{File, Rendered};
use crate::service::AbsPath;
use crate::spec::Spec;

/// What holds for every node that does not say otherwise.
#[derive(Debug, Clone)]
pub struct Defaults {
    /// The service.
    pub spec: Spec,
    /// The init's name.
    pub init: Option<String>,
    /// The distribution; without one, that which the init is best known from.
    pub distro: Option<&'static Distro>,
    /// What starts the service where systemd does not.
    pub launcher: Launcher,
    /// Single places.
    pub overrides: Overrides,
}

/// An inventory with all that it takes to render it.
pub struct Fleet<'a> {
    /// The inventory's file.
    pub path: &'a Path,
    /// What holds for every node.
    pub defaults: &'a Defaults,
    /// The inits.
    pub registry: &'a Registry,
}

/// What a node gets.
pub struct RenderedNode {
    /// Its name.
    pub name: NodeName,
    /// Its init.
    pub init: &'static str,
    /// The files and notes that it shares with nodes that are alike.
    pub shared: Rc<Rendered>,
    /// The file with its own arguments.
    pub own: Option<(AbsPath, File)>,
}

impl RenderedNode {
    /// Its files in the order of their paths.
    ///
    /// The own file takes the place of one with the same path.
    pub fn files(&self) -> impl Iterator<Item = (&AbsPath, &File)> {
        let own = self.own.as_ref().map(|(path, file)| (path, file));
        let before = self
            .shared
            .files()
            .filter(move |(path, _)| own.is_none_or(|own| *path < own.0));
        let after = self
            .shared
            .files()
            .filter(move |(path, _)| own.is_some_and(|own| *path > own.0));
        before.chain(own).chain(after)
    }
}

/// What is rendered alike for many nodes.
type Key = (&'static str, &'static str, Launcher, Overrides);

/// So many different renderings are kept. A fleet has a handful of kinds of nodes;
/// one with more renders some of them again.
const MOST_KEPT: usize = 64;

impl Fleet<'_> {
    fn entries(&self) -> Result<Inventory<BufReader<SystemFile>>, FleetError> {
        let unreadable = |source| FleetError::Unreadable {
            path: self.path.into(),
            source,
        };
        // Before it is opened: a FIFO would block.
        if !self.path.metadata().map_err(unreadable)?.is_file() {
            return Err(FleetError::NotAFile {
                path: self.path.into(),
            });
        }
        let file = SystemFile::open(self.path).map_err(unreadable)?;
        let name = self.path.display().to_string();
        Ok(Inventory::new(
            name,
            BufReader::with_capacity(64 * 1024, file),
        ))
    }

    /// Checks every node, and counts them.
    ///
    /// # Errors
    /// All that is wrong, at most `most` of it.
    pub fn check(&self, most: usize) -> Result<usize, Vec<FleetError>> {
        let mut errors = Vec::new();
        let mut names = HashSet::new();
        let hasher = RandomState::new();
        let mut count = 0;
        for entry in self.entries().map_err(|error| vec![error])? {
            count += 1;
            let checked = entry.and_then(|entry| {
                let first = names.insert(hasher.hash_one(entry.node.name.as_str()));
                match first {
                    false => Err(self.of_node(&entry, NodeProblem::Twice)),
                    true => self.prepare(&entry).map(|_| ()),
                }
            });
            errors.extend(checked.err());
            if errors.len() >= most {
                break;
            }
        }
        match errors.is_empty() {
            true => Ok(count),
            false => Err(errors),
        }
    }

    /// Renders every node and hands it to `give`.
    ///
    /// # Errors
    /// As for [`Fleet::check`]; or what `give` says.
    pub fn render(
        &self,
        mut give: impl FnMut(&RenderedNode) -> Result<(), FleetError>,
    ) -> Result<(), FleetError> {
        let mut kept: HashMap<Key, Rc<Rendered>> = HashMap::new();
        for entry in self.entries()? {
            let entry = entry?;
            let prepared = self.prepare(&entry)?;
            let problem = |problem| self.of_node(&entry, problem);
            if kept.len() >= MOST_KEPT {
                kept.clear();
            }
            let shared = if let Some(shared) = kept.get(&prepared.key) {
                Rc::clone(shared)
            } else {
                let shared = Rc::new(self.rendered(&prepared).map_err(problem)?);
                kept.insert(prepared.key, Rc::clone(&shared));
                shared
            };
            give(&RenderedNode {
                name: entry.node.name,
                init: prepared.backend.name(),
                shared,
                own: prepared.own,
            })?;
        }
        Ok(())
    }

    fn of_node(&self, entry: &Entry, problem: NodeProblem) -> FleetError {
        FleetError::Node {
            file: self.path.display().to_string(),
            line: entry.line,
            name: entry.node.name.to_string(),
            problem: Box::new(problem),
        }
    }

    /// All about a node short of its files.
    fn prepare(&self, entry: &Entry) -> Result<Prepared, FleetError> {
        let node = &entry.node;
        self.backend(node)
            .and_then(|backend| {
                let distro = node.distro.or(self.defaults.distro);
                let distro = distro.unwrap_or_else(|| backend.default_distro());
                let launcher = node.launcher.unwrap_or(self.defaults.launcher);
                let overrides = node.overrides(&self.defaults.overrides);
                let own = self.own(node, distro, &overrides)?;
                Ok(Prepared {
                    backend,
                    distro,
                    own,
                    key: (backend.name(), distro.name, launcher, overrides),
                })
            })
            .map_err(|problem| self.of_node(entry, problem))
    }

    fn backend(&self, node: &Node) -> Result<&'static dyn Backend, NodeProblem> {
        let init = node.init.as_ref().or(self.defaults.init.as_ref());
        let init = init.ok_or(NodeProblem::NoInit)?;
        self.registry
            .find(init)
            .ok_or_else(|| NodeProblem::UnknownInit {
                init: init.clone(),
                known: self
                    .registry
                    .iter()
                    .map(|backend| format!("`{}`", backend.name()))
                    .collect(),
            })
    }

    /// The administrator's env file, where the node has arguments of its own.
    fn own(
        &self,
        node: &Node,
        distro: &'static Distro,
        overrides: &Overrides,
    ) -> Result<Option<(AbsPath, File)>, NodeProblem> {
        let hostname = node.hostname.as_ref();
        let hostname = hostname.map(|name| format!("--hostname-override={name}"));
        let arguments: Vec<_> = hostname
            .iter()
            .map(String::as_str)
            .chain(node.extra_args.iter().map(AsRef::as_ref))
            .collect();
        if arguments.is_empty() {
            return Ok(None);
        }
        let name = &self.defaults.spec.name;
        let places =
            Places::new(distro, name, overrides).map_err(|source| crate::spec::PlaceError {
                service: name.clone(),
                distro: distro.name,
                source,
            })?;
        let value = quote::words(arguments)?;
        let text = format!("KUBELET_EXTRA_ARGS={}\n", quote::value(&value)?);
        Ok(Some((places.extra_args_file, File::config(text))))
    }

    fn rendered(&self, prepared: &Prepared) -> Result<Rendered, NodeProblem> {
        let (_, _, launcher, overrides) = &prepared.key;
        let spec = self.defaults.spec.clone();
        let (service, places) = spec.service(prepared.distro, overrides)?;
        Ok(prepared.backend.render(&Request {
            service: &service,
            places: &places,
            launcher: *launcher,
        })?)
    }

    /// The inventory as messages call it.
    pub fn path(&self) -> PathBuf {
        self.path.into()
    }
}

struct Prepared {
    backend: &'static dyn Backend,
    distro: &'static Distro,
    own: Option<(AbsPath, File)>,
    key: Key,
}
