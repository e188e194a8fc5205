//! `kubelet-unit render --nodes`: every node of an inventory.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{self, BufWriter, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;

use serde::Serialize;

use crate::check::{self, Finding, Subject};
use crate::fleet::{Fleet, FleetError, RenderedNode, Shared, TarStream, Tree};
use crate::install::Record;
use crate::kubelet::takes::{how_known, is_newer_than_known};
use crate::rendering::{File, Weight};
use crate::root::Root;
use crate::service::AbsPath;
use crate::sink::{self, Document, FormatError, Renderings};

use super::failure::Failure;
use super::format::Format;
use super::message;
use super::progress::Progress;

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
        let mut told = Told::new(count, self.verbose);
        told.of_trees = content == Content::Tree;
        let mut failed = None;
        fleet.render(|node| {
            told.step(node);
            match content {
                Content::Tree => tree.add(node),
                Content::CloudInit => match user_data(node) {
                    Ok((path, file)) => tree.put(node.name.as_str(), &[(&path, &file)]),
                    Err(error) => {
                        failed.get_or_insert(error);
                        Ok(())
                    }
                },
            }
        })?;
        if let Some(error) = failed {
            return Err(error.into());
        }
        self.end(told, tree.outcome());
        tell_others("node", self.folder, &tree)?;
        Ok(ExitCode::SUCCESS)
    }

    fn end(&self, told: Told, outcome: crate::fleet::Outcome) {
        let kinds = told.end();
        message::note(&match self.dry_run {
            true => format!("{kinds}; {} would change", outcome.written),
            false => format!(
                "{} written below `{}`, {} were there already",
                nodes(outcome.written),
                self.folder.display(),
                outcome.unchanged
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
        let mut kinds = Kinds::default();
        let mut told = Told::new(count, self.verbose);
        let mut failed = None;
        fleet.render(|node| {
            told.step(node);
            let kind = kinds.of(node);
            match variables(&kind, node) {
                Ok((path, file)) => hosts.put(node.name.as_str(), &[(&path, &file)]),
                Err(error) => {
                    failed.get_or_insert(error);
                    Ok(())
                }
            }
        })?;
        let mut tree = self.tree(&tasks)?;
        for (kind, shared) in kinds.all() {
            let mut text = Vec::new();
            if let Err(error) = sink::write_for_fleet(&shared.rendering, &mut text) {
                failed.get_or_insert(error);
            }
            tree.put(kind, &[(&path("/main.yaml"), &File::data(text))])?;
        }
        if let Some(error) = failed {
            return Err(error.into());
        }
        let mut play = self.tree(self.folder)?;
        play.put(
            "playbook",
            &[(&path("/kubelet.yaml"), &File::data(PLAYBOOK))],
        )?;
        self.end(told, hosts.outcome());
        tell_others("node", &self.folder.join("host_vars"), &hosts)?;
        tell_others("kind of node", &self.folder.join("tasks"), &tree)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Says which folders are there that this run has not written: of an earlier one, perhaps.
fn tell_others(of: &str, folder: &Path, tree: &Tree<'_>) -> Result<(), Failure> {
    let others = tree.others()?;
    let Some((first, rest)) = others.split_first() else {
        return Ok(());
    };
    let (are, more) = match rest.len() {
        0 => ("is", String::new()),
        more => ("are", format!(" and {more} more folders")),
    };
    let first = folder.join(first);
    message::note(&format!(
        "`{}`{more} {are} of no {of} in the inventory; what is there was left as it is",
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

/// How a node's tree differs, for programs.
#[derive(Serialize)]
struct Differs<'a> {
    node: &'a str,
    clean: bool,
    findings: &'a [Finding],
}

/// Compares the tree of each node, which lies below `folder` under its name, with what is
/// rendered for it.
///
/// # Errors
/// A node is bad, or a tree cannot be read.
pub(super) fn check(fleet: &Fleet<'_>, folder: &Path, format: Format) -> Result<ExitCode, Failure> {
    let reader = match format {
        Format::Json => Reader::Program,
        Format::Text => Reader::Person,
    };
    let Some(count) = checked_for(fleet, reader)? else {
        return Ok(ExitCode::FAILURE);
    };
    // A folder that is not there has no trees to compare.
    Root::open(folder)?;
    let mut told = Told::new(count, false);
    let mut out = BufWriter::new(io::stdout().lock());
    let (mut differ, mut failed) = (0, None);
    fleet.render(|node| {
        told.step(node);
        let place = folder.join(node.name.as_str());
        match findings(node, &place) {
            Ok(findings) => {
                differ += usize::from(!findings.is_empty());
                show(node, &findings, format, &mut out).map_err(FleetError::Stream)
            }
            Err(error) => {
                failed.get_or_insert(error);
                Ok(())
            }
        }
    })?;
    out.flush()?;
    drop(out);
    if let Some(error) = failed {
        return Err(error);
    }
    let kinds = told.end();
    message::note(&format!("{kinds}; {differ} differ"));
    Ok(ExitCode::from(u8::from(differ > 0)))
}

fn findings(node: &RenderedNode, place: &Path) -> Result<Vec<Finding>, Failure> {
    let rendering = node.rendering();
    let root = match Root::open(place) {
        Err(error) if error.is_not_found() => {
            return Ok(vec![Finding::new(
                check::Rule::Missing,
                check::Level::Error,
                PathBuf::from(place),
                "is missing",
            )]);
        }
        root => root?,
    };
    // One that `install` wrote has a record, one of `render` has none.
    let record = Record::read(&root, &node.shared.service.name, node.init())?;
    let subject = Subject {
        root: &root,
        service: &node.shared.service,
        rendering: &rendering,
        record: record.as_ref(),
        standing: None,
        changed: &[],
        rivals: Ok(&[]),
        troubles: &[],
        kubelet: None,
        enabled: Ok(None),
    };
    let mut findings = check::compare(&subject)?;
    for finding in &mut findings {
        if record.is_none() && finding.rule == check::Rule::Foreign {
            finding.rule = check::Rule::Changed;
            finding.message = "is not as it is rendered for this node".into();
        }
    }
    Ok(findings)
}

fn show(
    node: &RenderedNode,
    findings: &[Finding],
    format: Format,
    out: &mut impl Write,
) -> io::Result<()> {
    match format {
        Format::Json => {
            let line = Differs {
                node: node.name.as_str(),
                clean: findings.is_empty(),
                findings,
            };
            serde_json::to_writer(&mut *out, &line)?;
            writeln!(out)
        }
        Format::Text => findings
            .iter()
            .try_for_each(|finding| writeln!(out, "{}: {}", node.name, finding.sentence())),
    }
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
    checked_for(fleet, Reader::Person)
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
            if reader == Reader::Person {
                message::hint(&"nothing was written".into());
            }
            Ok(None)
        }
    }
}

/// What a person is told meanwhile and afterwards.
struct Told {
    count: usize,
    progress: Progress,
    kinds: BTreeMap<String, usize>,
    notes: BTreeSet<(Weight, String)>,
    verbose: bool,
    /// Whether a note says what lets the service start with the machine.
    of_trees: bool,
}

impl Told {
    fn new(count: usize, verbose: bool) -> Self {
        Self {
            count,
            progress: Progress::new(count, "nodes"),
            kinds: BTreeMap::new(),
            notes: BTreeSet::new(),
            verbose,
            of_trees: false,
        }
    }

    fn step(&mut self, node: &RenderedNode) {
        self.progress.step();
        *self.kinds.entry(node.kind()).or_default() += 1;
        for note in node.shared.rendering.rendered.notes() {
            let text = format!("{}: {}: {}", node.init(), note.property, note.text);
            self.notes.insert((note.weight, text));
        }
        let not_enabled = node.shared.rendering.not_enabled();
        if let Some(note) = not_enabled.filter(|_| self.of_trees) {
            self.notes.insert((Weight::Note, note));
        }
        // Where there is nothing to judge, the release plays no part.
        let judged = node.kubelet.filter(|_| node.own.is_some());
        if let Some((version, text)) = judged.and_then(|it| Some((it, how_known(it)?))) {
            let weight = match is_newer_than_known(version) {
                true => Weight::Warning,
                false => Weight::Note,
            };
            self.notes.insert((weight, text));
        }
    }

    /// Tells the notes, and gives how many nodes there are of each kind.
    fn end(self) -> String {
        drop(self.progress);
        for (weight, text) in &self.notes {
            message::told(*weight, text, self.verbose);
        }
        let kinds = self
            .kinds
            .iter()
            .map(|(kind, count)| format!("{count} {kind}"));
        let kinds: Vec<_> = kinds.collect();
        format!("{}: {}", nodes(self.count), kinds.join(", "))
    }
}

fn nodes(count: usize) -> String {
    match count {
        1 => "1 node".into(),
        count => format!("{count} nodes"),
    }
}
