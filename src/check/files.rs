//! The files on the disk against those that are rendered.

use crate::install::{Record, RecordedFile, checksum, standing};
use crate::rendering::{File, line, quote};
use crate::root::{Kind, Root, RootError, Status};
use crate::service::AbsPath;

use super::Subject;
use super::diff::unified;
use super::finding::{Finding, Level, Rule};

/// The most that is read of a file for a diff.
const LIMIT: usize = 1024 * 1024;

pub(super) fn compare(subject: &Subject<'_>) -> Result<Vec<Finding>, RootError> {
    let mut findings = Vec::new();
    let owner = subject.root.target("/")?;
    for (path, file) in subject.rendering.rendered.files() {
        let compared = standing(subject.root, path, file.aside.as_ref()).and_then(|path| {
            let comparison = Comparison {
                root: subject.root,
                path,
                file,
                recorded: subject.record.and_then(|record| record.file(path)),
            };
            comparison.run(owner.as_ref(), &mut findings)
        });
        if let Err(error) = compared {
            findings.push(Finding::of_denied(error)?);
        }
    }
    match left_over(subject) {
        Ok(left) => findings.extend(left),
        Err(error) => findings.push(Finding::of_denied(error)?),
    }
    Ok(findings)
}

struct Comparison<'a> {
    root: &'a Root,
    path: &'a AbsPath,
    file: &'a File,
    recorded: Option<&'a RecordedFile>,
}

impl Comparison<'_> {
    fn run(&self, owner: Option<&Status>, findings: &mut Vec<Finding>) -> Result<(), RootError> {
        let shown = self.root.shown(self.path.as_str());
        // An administrator's link to a configuration file is as good as the file.
        let status = match self.file.config || self.file.line.is_some() {
            true => self.root.target(self.path.as_str()),
            false => self.root.status(self.path.as_str()),
        };
        if status.as_ref().is_err_and(RootError::is_loop) {
            let message = "cannot be looked at: its links, or those above it, lead in a circle";
            findings.push(Finding::new(Rule::Changed, Level::Error, shown, message));
            return Ok(());
        }
        let Some(status) = status? else {
            findings.push(Finding {
                diff: Some(self.diff(&[], "/dev/null")),
                ..Finding::new(Rule::Missing, Level::Error, shown, "is missing")
            });
            return Ok(());
        };
        if status.kind != Kind::File {
            let message = format!("is {} and not a file", status.kind);
            findings.push(Finding::new(Rule::Changed, Level::Error, shown, message));
            return Ok(());
        }
        self.content(status.size, findings)?;
        if self.file.line.is_some() {
            return Ok(());
        }
        // The administrator may have made configuration private or somebody's, and
        // an upgrade keeps that.
        let level = match self.file.config {
            true => Level::Note,
            false => Level::Warning,
        };
        if status.mode != self.file.mode {
            let (is, wanted) = (status.mode, self.file.mode);
            let message = format!("has mode {is:04o} and not {wanted:04o}");
            findings.push(Finding::new(Rule::Mode, level, shown.clone(), message));
        }
        if let Some(owner) = owner
            && (status.uid, status.gid) != (owner.uid, owner.gid)
        {
            let message = format!(
                "belongs to {}:{} and not to {}:{}, whose the tree is",
                status.uid, status.gid, owner.uid, owner.gid
            );
            findings.push(Finding::new(Rule::Owner, level, shown, message));
        }
        Ok(())
    }

    fn content(&self, size: u64, findings: &mut Vec<Finding>) -> Result<(), RootError> {
        let shown = self.root.shown(self.path.as_str());
        if size > LIMIT as u64 {
            let message = format!("is not ours: it has {size} bytes");
            findings.push(Finding::new(Rule::Changed, Level::Error, shown, message));
            return Ok(());
        }
        let mut content = self.root.read(self.path.as_str(), LIMIT)?;
        if let Some(mark) = &self.file.line {
            let Some(line) = line::find(&content, mark) else {
                findings.push(Finding {
                    diff: Some(self.diff(&[], &shown.display().to_string())),
                    ..Finding::new(
                        Rule::Missing,
                        Level::Error,
                        shown,
                        "has no line for the service",
                    )
                });
                return Ok(());
            };
            content = line;
        }
        if content != self.file.content {
            let edited = self
                .recorded
                .is_none_or(|recorded| recorded.sha256 != checksum(&content));
            let is_foreign = self.recorded.is_none_or(|recorded| recorded.foreign);
            let (rule, level, message) = match (self.file.config, edited, self.recorded) {
                (true, true, _) if is_foreign => (
                    Rule::Foreign,
                    Level::Note,
                    "is not kubelet-unit's; an upgrade keeps it",
                ),
                (true, true, _) => (
                    Rule::EditedConfiguration,
                    Level::Note,
                    "was edited; an upgrade keeps it",
                ),
                (_, false, _) => (
                    Rule::Changed,
                    Level::Error,
                    "is of another version than this one renders",
                ),
                (false, true, Some(_)) => (
                    Rule::Changed,
                    Level::Error,
                    "was changed since it was installed",
                ),
                (false, true, None) => (Rule::Foreign, Level::Error, "is not kubelet-unit's"),
            };
            let diff = self.diff(&content, &shown.display().to_string());
            findings.push(Finding {
                diff: Some(diff),
                ..Finding::new(rule, level, shown, message)
            });
        }
        let beside = self.recorded.and_then(|recorded| recorded.beside.as_ref());
        if let Some(beside) = beside
            && self.root.status(beside.as_str())?.is_some()
        {
            findings.push(
                Finding::new(
                    Rule::NewConfiguration,
                    Level::Warning,
                    self.root.shown(beside.as_str()),
                    format!(
                        "is the new version of `{}`, which {}",
                        self.root.shown(self.path.as_str()).display(),
                        match self.recorded.is_some_and(|recorded| recorded.foreign) {
                            true => "is not kubelet-unit's",
                            false => "was edited",
                        }
                    ),
                )
                .hint("take over what is new, then remove it"),
            );
        }
        Ok(())
    }

    fn diff(&self, content: &[u8], name: &str) -> String {
        let rendered = format!("{} (kubelet-unit {})", self.path, env!("CARGO_PKG_VERSION"));
        unified(name, content, &rendered, &self.file.content)
    }
}

fn unfinished(root: &Root, record: &Record) -> Finding {
    let finding = Finding::new(
        Rule::Unfinished,
        Level::Error,
        root.shown(Record::path(&record.service, &record.init)),
        "tells of an installation that was interrupted",
    );
    let install = format!("install --init {}", record.init);
    match record.service.as_str() {
        "kubelet" => finding.command(root, &install),
        // `install` finds the choices of the kubelet alone.
        name => finding.hint(format!(
            "install `{name}` again with the same options: \
             `kubelet-unit {install}{} --spec FILE`",
            quote::root_option(root)
        )),
    }
}

fn left_over(subject: &Subject<'_>) -> Result<Vec<Finding>, RootError> {
    let Some(record) = subject.record else {
        return Ok(Vec::new());
    };
    let mut findings = Vec::new();
    if !record.complete {
        findings.push(unfinished(subject.root, record));
    }
    for file in &record.files {
        let rendered = subject.rendering.rendered.file(file.path.as_str());
        let place = file.place(subject.root)?;
        let status = subject.root.status(place.as_str())?;
        if let Some(status) = status
            && rendered.is_none()
            && !file.found
        {
            let (level, message) = match is_edited(subject.root, place, status, file)? {
                true => (Level::Note, "was edited, and the service does not need it"),
                false => (
                    Level::Warning,
                    "was installed by an earlier version and is no longer needed",
                ),
            };
            let shown = subject.root.shown(place.as_str());
            findings.push(Finding::new(Rule::LeftOver, level, shown, message));
        }
    }
    Ok(findings)
}

/// Whether it is configuration that was edited, which an upgrade leaves.
fn is_edited(
    root: &Root,
    place: &AbsPath,
    status: Status,
    file: &RecordedFile,
) -> Result<bool, RootError> {
    Ok(match (file.config, status.kind) {
        (true, Kind::File) if status.size > LIMIT as u64 => true,
        (true, Kind::File) => checksum(&root.read(place.as_str(), LIMIT)?) != file.sha256,
        _ => false,
    })
}
