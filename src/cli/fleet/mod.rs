//! Every node of an inventory: `kubelet-unit render --nodes`, and `check --nodes`.

mod check;
mod told;

use std::collections::{BTreeMap, HashMap};
use std::io::{self, BufWriter, IsTerminal, Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::rc::Rc;

use serde::Serialize;

use crate::fleet::{Fleet, FleetError, RenderedNode, Shared, TarStream, Tree};
use crate::rendering::File;
use crate::service::AbsPath;
use crate::sink::{self, Document, FormatError, Renderings};

use super::failure::Failure;
use super::message;
use super::text::{counted, step, there_already};

pub(super) use check::check;
use told::Told;

/// So many bad nodes are shown before the rest is left for the next try.
const MOST_ERRORS: usize = 20;

/// More than this is not read from standard input: 10,000 nodes have about 1 MB.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// A tar archive does not go to a terminal.
///
/// # Errors
/// It is about to.
pub(super) fn refuse_terminal(stdout: &io::Stdout) -> Result<(), Failure> {
    match stdout.is_terminal() {
        true => Err(Failure::usage("a tar archive does not go to a terminal")
            .hint("send it to a file: `… --format tar > kubelet.tar`")),
        false => Ok(()),
    }
}

/// The inventory's text, where it comes from standard input: it is read twice.
///
/// # Errors
/// It cannot be read, or is too long.
pub(super) fn text(nodes: &Path) -> Result<Option<Vec<u8>>, Failure> {
    if nodes.as_os_str() != "-" {
        return Ok(None);
    }
    let mut text = Vec::new();
    let stdin = io::stdin().lock();
    stdin.take(MOST_BYTES + 1).read_to_end(&mut text)?;
    match text.len() as u64 > MOST_BYTES {
        true => Err(Failure::usage(
            "the inventory on standard input is larger than 64 MiB",
        )),
        false => Ok(Some(text)),
    }
}

/// What messages call the inventory.
pub(super) fn named(nodes: &Path) -> &Path {
    match nodes.as_os_str() == "-" {
        true => Path::new("<stdin>"),
        false => nodes,
    }
}

/// How nodes are written below a folder.
#[derive(Debug, Clone, Copy)]
pub(super) struct Writing<'a> {
    pub(super) folder: &'a Path,
    pub(super) force: bool,
    /// Whether it is only looked what would be written.
    pub(super) dry_run: bool,
    pub(super) verbose: bool,
}

/// What goes into a node's folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// Its tree.
    Tree,
    /// `user-data` for cloud-init.
    CloudInit,
}

impl Writing<'_> {
    fn tree<'t>(&self, folder: &'t Path) -> Result<Tree<'t>, Failure> {
        Ok(match self.dry_run {
            true => Tree::looking(folder),
            false => Tree::new(folder, self.force)?,
        })
    }

    /// Writes a folder for each node.
    ///
    /// # Errors
    /// A node is bad, and then nothing was written; or the system refuses.
    pub(super) fn nodes(&self, fleet: &Fleet<'_>, content: Content) -> Result<ExitCode, Failure> {
        let Some(count) = checked(fleet)? else {
            return Ok(ExitCode::FAILURE);
        };
        let mut tree = self.tree(self.folder)?;
        let put = |tree: &mut Tree<'_>, node: &RenderedNode| match content {
            Content::Tree => Ok(tree.add(node)?),
            Content::CloudInit => {
                let (path, file) = user_data(node)?;
                Ok(tree.put(node.name.as_str(), &[(&path, &file)])?)
            }
        };
        if tree.may_refuse() {
            tree.ask(true);
            each(fleet, |node| put(&mut tree, node))?;
            tree.ask(false);
        }
        let mut told = self.told(count);
        told.of_trees = content == Content::Tree;
        each(fleet, |node| {
            told.step(node);
            let written = tree.outcome().written;
            put(&mut tree, node)?;
            self.tell(self.folder, node, tree.outcome().written > written)
        })?;
        self.end(told, tree.outcome());
        tell_others("of no node in the inventory", self.folder, &tree)?;
        Ok(ExitCode::SUCCESS)
    }

    /// Of a dry run every node that would change is told.
    fn told(&self, count: usize) -> Told {
        let mut told = Told::new(count, self.verbose);
        if self.dry_run {
            told.progress.hide();
        }
        told
    }

    /// What would happen to the folder of a node, if anything would.
    fn tell(&self, folder: &Path, node: &RenderedNode, changes: bool) -> Result<(), Failure> {
        if !self.dry_run || !changes {
            return Ok(());
        }
        let place = folder.join(node.name.as_str());
        let action = match place.symlink_metadata() {
            Ok(_) => "replace",
            Err(_) => "create",
        };
        Ok(step(&mut io::stdout(), action, place.display())?)
    }

    fn end(&self, told: Told, outcome: crate::fleet::Outcome) {
        let kinds = told.end();
        message::note(&match self.dry_run {
            true => format!("{kinds}; {} would change", outcome.written),
            false => format!(
                "{} written below `{}`, {}",
                counted(outcome.written, "node"),
                self.folder.display(),
                there_already(outcome.unchanged)
            ),
        });
    }

    /// Writes Ansible's tasks for each kind of node, and the variables of each node.
    ///
    /// # Errors
    /// As for [`Writing::nodes`].
    pub(super) fn ansible(&self, fleet: &Fleet<'_>) -> Result<ExitCode, Failure> {
        let Some(count) = checked(fleet)? else {
            return Ok(ExitCode::FAILURE);
        };
        let (hosts, tasks) = (self.folder.join("host_vars"), self.folder.join("tasks"));
        let mut hosts = self.tree(&hosts)?;
        let mut tree = self.tree(&tasks)?;
        let mut play = self.tree(self.folder)?;
        let mut kinds = Kinds::default();
        hosts.ask(true);
        each(fleet, |node| put_host(&mut kinds, &mut hosts, node))?;
        hosts.ask(false);
        for asking in [true, false] {
            tree.ask(asking);
            play.ask(asking);
            put_play(&kinds, &mut tree, &mut play)?;
        }
        let mut told = self.told(count);
        let folder = self.folder.join("host_vars");
        each(fleet, |node| {
            told.step(node);
            let written = hosts.outcome().written;
            put_host(&mut kinds, &mut hosts, node)?;
            self.tell(&folder, node, hosts.outcome().written > written)
        })?;
        self.end(told, hosts.outcome());
        play.know("host_vars");
        play.know("tasks");
        tell_others("not of this playbook", self.folder, &play)?;
        tell_others(
            "of no node in the inventory",
            &self.folder.join("host_vars"),
            &hosts,
        )?;
        tell_others(
            "of no kind of node in the inventory",
            &self.folder.join("tasks"),
            &tree,
        )?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Hands every node to `give`, until that fails.
fn each(
    fleet: &Fleet<'_>,
    mut give: impl FnMut(&RenderedNode) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut failed = None;
    fleet.render(|node| {
        if failed.is_none() {
            failed = give(node).err();
        }
        Ok(())
    })?;
    failed.map_or(Ok(()), Err)
}

/// Writes the variables of a node.
fn put_host(kinds: &mut Kinds, hosts: &mut Tree<'_>, node: &RenderedNode) -> Result<(), Failure> {
    let (path, file) = variables(&kinds.of(node), node)?;
    Ok(hosts.put(node.name.as_str(), &[(&path, &file)])?)
}

/// Writes the tasks of each kind of node, and what plays them.
fn put_play(kinds: &Kinds, tree: &mut Tree<'_>, play: &mut Tree<'_>) -> Result<(), Failure> {
    for (kind, shared) in kinds.all() {
        let mut text = Vec::new();
        sink::write_for_fleet(&shared.rendering, &mut text)?;
        tree.put(kind, &[(&path("/main.yaml"), &File::data(text))])?;
    }
    let playbook = (&path("/kubelet.yaml"), &File::data(PLAYBOOK));
    Ok(play.put("playbook", &[playbook])?)
}

/// Says which folders are there that this run has not written: of an earlier one, perhaps.
fn tell_others(of: &str, folder: &Path, tree: &Tree<'_>) -> Result<(), Failure> {
    let others = tree.others()?;
    let Some((first, rest)) = others.split_first() else {
        return Ok(());
    };
    let (are, more) = match rest.len() {
        0 => ("is", String::new()),
        more => ("are", format!(" and {}", counted(more, "more folder"))),
    };
    let first = folder.join(first);
    message::note(&format!(
        "`{}`{more} {are} {of}; what is there was left as it is",
        first.display()
    ));
    Ok(())
}

/// Plays the tasks of each node.
const PLAYBOOK: &str = "# ansible-playbook -i INVENTORY playbook/kubelet.yaml\n\
---\n\
- name: The service of the kubelet\n  \
  hosts: all\n  \
  vars_files:\n  \
  - \"../host_vars/{{ inventory_hostname }}/kubelet.yaml\"\n  \
  tasks:\n  \
  - name: The tasks for this kind of node\n    \
    ansible.builtin.include_tasks: \"../tasks/{{ kubelet_unit_kind }}/main.yaml\"\n";

/// A path that is ours.
fn path(text: &str) -> AbsPath {
    text.parse().unwrap_or_else(|_| unreachable!("`{text}`"))
}

fn user_data(node: &RenderedNode) -> Result<(AbsPath, File), FormatError> {
    let renderings = Renderings {
        list: vec![node.rendering()],
        apart: false,
    };
    let mut text = Vec::new();
    sink::write_cloud_init(&renderings, &mut text)?;
    Ok((path("/user-data"), File::data(text)))
}

fn variables(kind: &str, node: &RenderedNode) -> Result<(AbsPath, File), FormatError> {
    let own = node.own.as_ref().map(|(path, file)| (path, file));
    let mut text = Vec::new();
    sink::write_own(kind, own, &mut text)?;
    Ok((path("/kubelet.yaml"), File::data(text)))
}

/// The kinds of nodes, each with what is rendered for it.
#[derive(Default)]
struct Kinds {
    all: BTreeMap<String, Rc<Shared>>,
    known: HashMap<*const Shared, String>,
}

impl Kinds {
    /// The name of a node's kind: `openrc-alpine`, and with a number where that is another's.
    fn of(&mut self, node: &RenderedNode) -> String {
        let key = Rc::as_ptr(&node.shared);
        if let Some(name) = self.known.get(&key) {
            return name.clone();
        }
        let plain = node.kind().replace('/', "-");
        let numbered = (2..).map(|number| format!("{plain}-{number}"));
        let is_same = |shared: &Shared| shared.rendering.rendered == node.shared.rendering.rendered;
        let mut names = std::iter::once(plain.clone()).chain(numbered);
        let name = names
            .find(|name| self.all.get(name).is_none_or(|shared| is_same(shared)))
            .unwrap_or(plain);
        // It is kept, so that no other has its address.
        self.all
            .entry(name.clone())
            .or_insert_with(|| Rc::clone(&node.shared));
        if self
            .all
            .get(&name)
            .is_some_and(|kept| Rc::ptr_eq(kept, &node.shared))
        {
            self.known.insert(key, name.clone());
        }
        name
    }

    fn all(&self) -> impl Iterator<Item = (&str, &Rc<Shared>)> {
        self.all
            .iter()
            .map(|(name, shared)| (name.as_str(), shared))
    }
}

/// Writes all nodes into one archive.
///
/// # Errors
/// A node is bad, and then nothing was written; or the stream is closed.
pub(super) fn write_tar(fleet: &Fleet<'_>, verbose: bool) -> Result<ExitCode, Failure> {
    let stdout = io::stdout();
    refuse_terminal(&stdout)?;
    let Some(count) = checked(fleet)? else {
        return Ok(ExitCode::FAILURE);
    };
    let mut told = Told::new(count, verbose);
    told.of_trees = true;
    told.of_archive = true;
    let mut archive = TarStream::new(BufWriter::with_capacity(256 * 1024, stdout.lock()));
    fleet.render(|node| {
        told.step(node);
        archive.add(node)
    })?;
    archive.finish()?;
    told.end();
    Ok(ExitCode::SUCCESS)
}

/// A node for programs.
#[derive(Serialize)]
struct AsJson<'a> {
    node: &'a str,
    #[serde(flatten)]
    document: Document<'a>,
}

/// Writes an object for each node, each in a line of its own.
///
/// # Errors
/// As for [`write_tar`].
pub(super) fn write_json(fleet: &Fleet<'_>, verbose: bool) -> Result<ExitCode, Failure> {
    let Some(count) = checked_for(fleet, Reader::Program)? else {
        return Ok(ExitCode::FAILURE);
    };
    let mut told = Told::new(count, verbose);
    let mut out = BufWriter::new(io::stdout().lock());
    fleet.render(|node| {
        told.step(node);
        let rendering = node.rendering();
        let line = AsJson {
            node: node.name.as_str(),
            document: Document::new(&rendering),
        };
        serde_json::to_writer(&mut out, &line)
            .map_err(io::Error::from)
            .and_then(|()| writeln!(out))
            .map_err(FleetError::Stream)
    })?;
    out.flush()?;
    told.end();
    Ok(ExitCode::SUCCESS)
}

/// Who reads what is wrong with the nodes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reader {
    Person,
    /// It gets an object for each error, in a line of its own.
    Program,
}

/// The number of nodes; `None` when something is wrong with them, which was said.
fn checked(fleet: &Fleet<'_>) -> Result<Option<usize>, Failure> {
    let count = checked_for(fleet, Reader::Person)?;
    if count.is_none() {
        message::hint(&"nothing was written".into());
    }
    Ok(count)
}

fn checked_for(fleet: &Fleet<'_>, reader: Reader) -> Result<Option<usize>, Failure> {
    match fleet.check(MOST_ERRORS) {
        Ok(0) => Err(Failure::usage(format!(
            "there are no nodes in `{}`",
            fleet.path.display()
        ))),
        Ok(count) => Ok(Some(count)),
        Err(errors) => {
            for failure in errors.into_iter().map(Failure::from) {
                match reader {
                    Reader::Person => failure.report(),
                    Reader::Program => failure.report_to_program(),
                };
            }
            Ok(None)
        }
    }
}
