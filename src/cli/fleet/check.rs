//! `kubelet-unit check --nodes`: the trees of a fleet, compared with what is rendered for them.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Serialize;

use crate::check::{self, Finding, Subject};
use crate::fleet::{Fleet, FleetError, RenderedNode, Tree};
use crate::install::Record;
use crate::root::Root;
use crate::sink::Rendering;

use super::super::failure::Failure;
use super::super::format::Format;
use super::super::message;
use super::super::text::Columns;
use super::{Reader, Told, checked_for, tell_others};

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
pub(in super::super) fn check(
    fleet: &Fleet<'_>,
    folder: &Path,
    format: Format,
) -> Result<ExitCode, Failure> {
    let reader = match format {
        Format::Json => Reader::Program,
        Format::Text => Reader::Person,
    };
    let Some(count) = checked_for(fleet, reader)? else {
        return Ok(ExitCode::FAILURE);
    };
    // A folder that is not there has no trees to compare.
    Root::open(folder)?;
    let enable = fleet.defaults.enable || is_any_enabled(fleet, folder)?;
    let mut tree = Tree::looking(folder);
    let mut told = Told::new(count, false);
    told.progress.hide();
    let mut out = BufWriter::new(io::stdout().lock());
    let (mut differ, mut failed) = (0, None);
    fleet.render(|node| {
        told.step(node);
        tree.know(node.name.as_str());
        let place = folder.join(node.name.as_str());
        match findings(node, &place, enable) {
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
    let differ_shown = match differ {
        1 => "1 differs".to_owned(),
        differ => format!("{differ} differ"),
    };
    message::note(&format!("{kinds}; {differ_shown}"));
    tell_others("of no node in the inventory", folder, &tree)?;
    Ok(ExitCode::from(u8::from(differ > 0)))
}

/// Whether the tree of any node has what lets its service start with the machine: then that of
/// every node has to.
fn is_any_enabled(fleet: &Fleet<'_>, folder: &Path) -> Result<bool, FleetError> {
    let mut found = false;
    fleet.render(|node| {
        found = found || is_enabled(node, &folder.join(node.name.as_str()));
        Ok(())
    })?;
    Ok(found)
}

fn is_enabled(node: &RenderedNode, place: &Path) -> bool {
    let enabling = &node.shared.rendering.enabling;
    let files = enabling.files.iter().map(|(path, _)| path);
    let links = enabling.links.iter().map(|(path, _)| path);
    let mut paths = files.chain(links);
    let is_there = |root: &Root, path: &str| root.status(path).is_ok_and(|it| it.is_some());
    Root::open(place).is_ok_and(|root| paths.any(|path| is_there(&root, path.as_str())))
}

/// What the tree of a node is to have. Where files alone do not let a service start with the
/// machine, none is expected to.
fn expected(node: &RenderedNode, enable: bool) -> Rendering {
    let enabled = enable.then(|| node.rendering().enabled().ok()).flatten();
    enabled.unwrap_or_else(|| node.rendering())
}

fn findings(node: &RenderedNode, place: &Path, enable: bool) -> Result<Vec<Finding>, Failure> {
    let rendering = expected(node, enable);
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
    for (links, expected) in [(&rendering.links, true), (&rendering.enabling.links, false)] {
        findings.extend(check::links(&root, &rendering.service, links, expected)?);
    }
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
        Format::Text => findings.iter().try_for_each(|finding| {
            let line = format!("{}: {}\n", node.name, finding.sentence());
            out.write_all(Columns::of_stdout().wrap(&line).as_bytes())
        }),
    }
}
