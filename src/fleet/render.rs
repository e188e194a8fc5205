//! Every node of an inventory, checked and rendered.

use std::collections::{HashMap, HashSet};
use std::fs::File as SystemFile;
use std::hash::{BuildHasher, RandomState};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::error::{FleetError, NodeProblem};
use super::inventory::{Entry, Inventory};
use super::judge::judge;
use super::node::{Node, NodeName};
use crate::backends::{Backend, Launcher, Registry};
use crate::detect::Foreign;
use crate::distro::{Distro, Overrides, Relation};
use crate::kubelet::Version;
use crate::kubelet::flags::Flag;
use crate::order::{Order, OrderError, Placed, extra_arguments};
use crate::rendering::File;
use crate::service::{AbsPath, Service};
use crate::sink::{NotByFiles, Rendering};

/// What holds for every node that does not say otherwise.
#[derive(Debug, Clone)]
pub struct Defaults {
    /// The service, and all else that is asked for.
    pub order: Order,
    /// The init's name.
    pub init: Option<String>,
    /// Whether what lets the service start with the machine is added.
    pub enable: bool,
}

/// An inventory with all that it takes to render it.
pub struct Fleet<'a> {
    /// The inventory's file, or what messages call its text.
    pub path: &'a Path,
    /// Its text, where that is not in a file.
    pub text: Option<&'a [u8]>,
    /// What holds for every node.
    pub defaults: &'a Defaults,
    /// The inits.
    pub registry: &'a Registry,
}

/// What a node gets.
pub struct RenderedNode {
    /// Its name.
    pub name: NodeName,
    /// What it shares with nodes that are alike.
    pub shared: Rc<Shared>,
    /// The file with its own arguments.
    pub own: Option<(AbsPath, File)>,
    /// The release of its kubelet, which those were judged by.
    pub kubelet: Option<Version>,
}

/// What is alike for many nodes.
pub struct Shared {
    /// The service.
    pub service: Service,
    /// Its files and notes, and how it is started.
    pub rendering: Rendering,
}

impl RenderedNode {
    /// Its init.
    pub fn init(&self) -> &'static str {
        self.shared.rendering.backend.name()
    }

    /// Its kind: `openrc/alpine`.
    pub fn kind(&self) -> String {
        format!("{}/{}", self.init(), self.shared.rendering.distro.name)
    }

    /// The links that it gets, with what each holds.
    pub fn links(&self) -> &[(AbsPath, String)] {
        &self.shared.rendering.links
    }

    /// All that is rendered for it, its own file among it.
    pub fn rendering(&self) -> Rendering {
        let mut rendering = self.shared.rendering.clone();
        if let Some((path, file)) = &self.own {
            rendering.rendered.put(path.clone(), file.clone());
        }
        rendering
    }

    /// Its files in the order of their paths.
    ///
    /// The own file takes the place of one with the same path.
    pub fn files(&self) -> impl Iterator<Item = (&AbsPath, &File)> {
        let own = self.own.as_ref().map(|(path, file)| (path, file));
        let shared = &self.shared.rendering.rendered;
        let before = shared
            .files()
            .filter(move |(path, _)| own.is_none_or(|own| *path < own.0));
        let after = shared
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
    fn entries(&self) -> Result<Inventory<Box<dyn BufRead + '_>>, FleetError> {
        let name = self.path.display().to_string();
        if let Some(text) = self.text {
            return Ok(Inventory::new(name, Box::new(text)));
        }
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
        let reader = BufReader::with_capacity(64 * 1024, file);
        Ok(Inventory::new(name, Box::new(reader)))
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
        let mut kept: HashMap<Key, Rc<Shared>> = HashMap::new();
        for entry in self.entries()? {
            let entry = entry?;
            let prepared = self.prepare(&entry)?;
            let key = prepared.key(entry.node.overrides(&self.defaults.order.overrides));
            let problem = |problem| self.of_node(&entry, problem);
            if kept.len() >= MOST_KEPT {
                kept.clear();
            }
            let shared = if let Some(shared) = kept.get(&key) {
                Rc::clone(shared)
            } else {
                let rendering = prepared.placed.render();
                let rendering = rendering.map_err(|error| problem(error.into()))?;
                let rendering = match self.defaults.enable {
                    true => rendering.enabled().map_err(|error| problem(error.into()))?,
                    false => rendering,
                };
                let shared = Rc::new(Shared {
                    rendering,
                    service: prepared.placed.service,
                });
                kept.insert(key, Rc::clone(&shared));
                shared
            };
            give(&RenderedNode {
                name: entry.node.name,
                shared,
                own: prepared.own,
                kubelet: entry.node.kubelet_version,
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
        let prepared = self.backend(node).and_then(|backend| {
            let placed = self.order(node)?.place(backend)?;
            let beyond = backend.enabled_beyond_files(&placed.request());
            if let Some(why) = beyond.filter(|_| self.defaults.enable) {
                let init = backend.name();
                return Err(NotByFiles { init, why }.into());
            }
            Ok(Prepared {
                own: own(node, &placed)?,
                placed,
            })
        });
        prepared.map_err(|problem| self.of_node(entry, problem))
    }

    /// What is asked for on a node.
    fn order(&self, node: &Node) -> Result<Order, NodeProblem> {
        let all = &self.defaults.order;
        let distro = node.distro.as_ref().map(|name| self.distro(name));
        Ok(Order {
            distro: distro.transpose()?.or(all.distro),
            launcher: node.launcher.unwrap_or(all.launcher),
            overrides: node.overrides(&all.overrides),
            ..all.clone()
        })
    }

    fn backend(&self, node: &Node) -> Result<&'static dyn Backend, NodeProblem> {
        let init = node.init.as_ref().or(self.defaults.init.as_ref());
        let init = init.ok_or(NodeProblem::NoInit)?;
        let lower = init.to_ascii_lowercase();
        let found = self.registry.find(&lower);
        found.ok_or_else(|| match Foreign::find(&lower) {
            Some(Foreign { title, .. }) => NodeProblem::ForeignInit { init: lower, title },
            None => NodeProblem::UnknownInit {
                init: init.clone(),
                known: self.registry.iter().map(Backend::name).collect(),
            },
        })
    }

    fn distro(&self, name: &str) -> Result<&'static Distro, NodeProblem> {
        let distros = self.registry.distros();
        let lower = name.to_ascii_lowercase();
        let found = distros.find(&lower);
        found.ok_or_else(|| match distros.relation(&lower) {
            Some(Relation::Named(named)) => NodeProblem::Named { name: lower, named },
            Some(Relation::Served(Distro { name, title, .. })) => NodeProblem::Relative {
                name: lower,
                title,
                distro: name,
            },
            None => NodeProblem::Order(OrderError::Distro {
                name: name.into(),
                known: distros.iter().map(|distro| distro.name).collect(),
            }),
        })
    }

    /// The inventory as messages call it.
    pub fn path(&self) -> PathBuf {
        self.path.into()
    }
}

struct Prepared {
    placed: Placed,
    own: Option<(AbsPath, File)>,
}

impl Prepared {
    fn key(&self, overrides: Overrides) -> Key {
        let Placed {
            backend,
            places,
            launcher,
            ..
        } = &self.placed;
        (backend.name(), places.distro.name, *launcher, overrides)
    }
}

/// The kubelet's flag for the name of its host.
const HOSTNAME: &str = "hostname-override";

/// The administrator's env file, where the node has arguments of its own.
fn own(node: &Node, placed: &Placed) -> Result<Option<(AbsPath, File)>, NodeProblem> {
    let service = &placed.service;
    let hostname = node.hostname.as_ref();
    if hostname.is_some() && !service.is_kubelet() {
        return Err(NodeProblem::Hostname {
            service: service.name.clone(),
        });
    }
    let hostname = hostname.map(|name| format!("--{HOSTNAME}={name}"));
    let arguments: Vec<_> = hostname
        .iter()
        .map(String::as_str)
        .chain(node.extra_args.iter().map(AsRef::as_ref))
        .collect();
    let names = |argument: &&str| Flag::parse(argument).is_some_and(|it| it.name == HOSTNAME);
    if hostname.is_some() && arguments[1..].iter().any(names) {
        return Err(NodeProblem::TwoHostnames);
    }
    if service.is_kubelet() {
        judge(&arguments, node.kubelet_version)?;
    }
    match arguments.is_empty() {
        true => Ok(None),
        false => Ok(Some(extra_arguments(service, &placed.places, &arguments)?)),
    }
}
