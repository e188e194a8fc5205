//! Does a tree hold what this version would render, and will it work?
//!
//! A [`Report`] has findings about the files (missing, changed, wrong mode or
//! owner, left over), about what the service depends on (the kubelet, its env
//! files, its flags, its cgroup driver), and, where a distribution's own service
//! stands in the place of ours, that service's differences from systemd, point
//! by point. Nothing of the tree is executed or written.

mod cgroup;
mod changed;
mod diff;
mod distribution;
mod files;
mod finding;
mod joined;
mod links;
mod lint;
mod lost;
mod needs;
mod overridden;
mod rivals;
mod rule;
mod sarif;
mod settings;
mod shell;
mod takes;

use std::path::{Path, PathBuf};

use crate::backends::Trouble;
use crate::effective::{Changed, Origin, OriginKind, Place, Rival, Standing};
use crate::install::Record;
use crate::kubelet::Version;
use crate::root::{Root, RootError};
use crate::service::{Service, is_kubelet};
use crate::sink::Rendering;
use crate::sorting;

pub use crate::shipped::Point;
pub use diff::unified;
pub use distribution::ServiceReport;
pub use finding::{Finding, Level, Rule};
pub use links::links;
pub use needs::needs;
pub use sarif::write as write_sarif;
pub use settings::{Files, Set, Settings};
pub use shell::{Difference, differences};

/// What is checked.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The tree.
    pub root: &'a Root,
    /// The service.
    pub service: &'a Service,
    /// What this version renders for it.
    pub rendering: &'a Rendering,
    /// What was recorded when it was installed, if it was.
    pub record: Option<&'a Record>,
    /// What its init has of it, where that is read; else it is what is rendered.
    pub standing: Option<&'a Standing>,
    /// What others' files change of it.
    pub changed: &'a [Changed],
    /// Other definitions of it, or the path that may not be looked at to tell.
    pub rivals: Result<&'a [Rival], &'a Path>,
    /// What its init finds in the tree against it.
    pub troubles: &'a [Trouble],
    /// The kubelet's version, if it is known.
    pub kubelet: Option<Version>,
    /// Whether the service starts with the machine, if that is known, or the path that may
    /// not be looked at to tell.
    pub enabled: Result<Option<bool>, &'a Path>,
}

impl Subject<'_> {
    /// Which service it is, in words.
    pub fn title(&self) -> String {
        title(self.service.name.as_str(), self.rendering.backend.name())
    }

    /// The program that its init starts.
    fn program(&self) -> &str {
        match self.standing {
            Some(Standing::Runs(definition)) => &definition.program,
            _ => self.service.program.as_str(),
        }
    }

    /// Whether its files are neither ours nor a unit's.
    fn is_foreign(&self) -> bool {
        let kind = self.standing.map(|standing| &standing.origin().kind);
        matches!(kind, Some(OriginKind::Foreign { .. }))
    }

    /// Whether the service is a kubelet.
    fn is_kubelet(&self) -> bool {
        is_kubelet(self.program())
    }

    /// The file of a place. What stands in the service itself has none that an
    /// administrator would edit, and is shown at its program.
    fn shown(&self, place: &Place) -> PathBuf {
        self.root.shown(match place.path.starts_with('/') {
            true => &place.path,
            false => self.program(),
        })
    }
}

fn title(service: &str, init: &str) -> String {
    format!("{service} under {init}")
}

/// All that was found.
#[derive(Debug, Clone, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The folder of the tree.
    pub root: String,
    /// The service's name.
    pub service: String,
    /// The init's name.
    pub init: &'static str,
    /// The distribution's name.
    pub distro: &'static str,
    /// Which service it is of, and where that comes from, if that was looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// The kubelet's version that it was judged for, if that is known.
    pub kubelet: Option<Version>,
    /// Whether nothing is wrong: notes apart, there are no findings.
    pub clean: bool,
    /// What was found, by path.
    pub findings: Vec<Finding>,
    /// A service that is not ours in the place of ours, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distribution_service: Option<ServiceReport>,
}

impl Report {
    /// Which service it is of, in words.
    pub fn title(&self) -> String {
        title(&self.service, self.init)
    }
}

/// Compares the files alone, as before an upgrade.
///
/// # Errors
/// The tree cannot be read.
pub fn compare(subject: &Subject<'_>) -> Result<Vec<Finding>, RootError> {
    files::compare(subject)
}

/// Checks before an upgrade whether the kubelet of another release, that of the subject, takes
/// what this node sets: flags, fields and feature gates, wherever they are written. What
/// concerns the service's own files is left out.
///
/// # Errors
/// The tree cannot be read.
pub fn upgrade(subject: &Subject<'_>) -> Result<Report, RootError> {
    let mut findings = lint::lint(subject)?;
    findings.retain(|finding| finding.rule.is_of_an_upgrade());
    if let Some(Standing::Absent(origin)) = subject.standing {
        let program = subject.root.shown(subject.program());
        let message = origin.shown(subject.root).to_string();
        findings.push(Finding::new(Rule::Unit, Level::Error, program, message));
    }
    Ok(report(subject, findings, None))
}

/// Checks the files and all that the service depends on.
///
/// # Errors
/// The tree cannot be read.
pub fn check(subject: &Subject<'_>) -> Result<Report, RootError> {
    let mut findings = files::compare(subject)?;
    findings.extend(
        subject
            .troubles
            .iter()
            .map(|it| of_trouble(subject.root, it)),
    );
    findings.extend(rivals::rivals(subject));
    findings.extend(changed::changed(subject));
    findings.extend(displaced(subject, &findings));
    findings.extend(lint::lint(subject)?);
    let distribution_service = match distribution::report(subject) {
        Ok(service) => service,
        Err(error) => {
            findings.push(Finding::of_denied(error)?);
            None
        }
    };
    Ok(report(subject, findings, distribution_service))
}

/// That the init starts another's service in the place of what was installed, where nothing that
/// was found says why.
fn displaced(subject: &Subject<'_>, found: &[Finding]) -> Option<Finding> {
    let record = subject.record?;
    let Some(OriginKind::Foreign { files }) = subject.standing.map(|it| &it.origin().kind) else {
        return None;
    };
    let rules = [Rule::Missing, Rule::Changed, Rule::Foreign, Rule::Init];
    let mut errors = found.iter().filter(|it| it.level == Level::Error);
    if errors.any(|it| rules.contains(&it.rule)) {
        return None;
    }
    let path = subject.root.shown(files.first()?);
    let (name, init) = (&subject.service.name, &record.init);
    let message = format!("is what {init} starts as `{name}`, and not what was installed");
    let finding = Finding::new(Rule::Init, Level::Error, path, message);
    Some(finding.hint("`kubelet-unit install` names what stands in the way"))
}

fn of_trouble(root: &Root, trouble: &Trouble) -> Finding {
    let finding = Finding::new(
        Rule::Init,
        Level::Error,
        root.shown(&trouble.path),
        &trouble.what,
    );
    match &trouble.hint {
        Some(hint) => finding.hint(hint),
        None => finding,
    }
}

fn report(
    subject: &Subject<'_>,
    mut findings: Vec<Finding>,
    distribution_service: Option<ServiceReport>,
) -> Report {
    // Several rules look at one file; that it may not be read is said once.
    let mut unreadable = Vec::new();
    findings.retain(|it| {
        it.rule != Rule::Unreadable || sorting::is_new(&mut unreadable, it.path.clone())
    });
    let differs = distribution_service
        .as_ref()
        .is_some_and(|service| service.points.iter().any(|point| point.same != Some(true)));
    Report {
        root: subject.root.path().display().to_string(),
        service: subject.service.name.to_string(),
        init: subject.rendering.backend.name(),
        distro: subject.rendering.distro.name,
        origin: subject
            .standing
            .map(|standing| standing.origin().shown(subject.root)),
        kubelet: subject.kubelet,
        clean: !differs && findings.iter().all(|finding| finding.level == Level::Note),
        findings,
        distribution_service,
    }
}

#[cfg(test)]
mod tests;
