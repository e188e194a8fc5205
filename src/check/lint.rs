//! What the service depends on beside its own files.

use std::borrow::Cow;
use std::path::Path;

use crate::effective::{Definition, Origin, OriginKind, Place, Standing};
use crate::envfile::Reader;
use crate::explain::{Explanation, Problem, ProblemKind, Severity, explain_definition};
use crate::install::standing;
use crate::kubelet::takes;
use crate::rendering::File;
use crate::root::{Kind, RootError};
use crate::service::AbsPath;
use crate::sorting;

use crate::backends::launcher::INTERPRETER;

use super::Subject;
use super::cgroup::cgroup_driver;
use super::finding::{Finding, Level, Rule};
use super::joined::joined;
use super::lost::lost;
use super::needs::needs;
use super::overridden::overridden_fields;
use super::settings::{Contents, Files, Settings};
use super::shell::{Difference, differences};
use super::takes::{of_configuration, unknown_version};

pub(super) fn lint(subject: &Subject<'_>) -> Result<Vec<Finding>, RootError> {
    let Some(definition) = definition_of(subject) else {
        return Ok(stopped(subject).into_iter().collect());
    };
    let definition = definition.as_ref();
    let mut findings = told(program(subject))?;
    findings.extend(told(interpreter(subject))?);
    let files = Files::of(subject.root);
    let reader = Reader::of(subject.root);
    let env_files = definition.env_files.iter();
    let read: Vec<_> = env_files.map(|file| reader.read(&file.path)).collect();
    let explanation = explain_definition(definition, &read, subject.kubelet);
    let paths = definition.env_files.iter().map(|file| file.path.as_str());
    let contents = sorting::map(paths.zip(read));
    findings.extend(unknown(subject, definition));
    findings.extend(
        explanation
            .problems
            .iter()
            .filter_map(|problem| of_problem(subject, problem)),
    );
    findings.extend(shell_differs(subject, &contents, &explanation));
    findings.extend(told(lost(subject, definition))?);
    if subject.is_kubelet() {
        let settings = Settings::of(subject.service, explanation, &files);
        findings.extend(cgroup_driver(subject, &settings));
        findings.extend(of_configuration(subject, &settings, &files));
        findings.extend(overridden_fields(subject, &settings));
        findings.extend(told(joined(&settings, &files, &definition.unknown))?);
        findings.extend(told(needs(&settings, &files))?);
    }
    findings.extend(unknown_version(subject));
    findings.extend(told(not_enabled(subject))?);
    Ok(findings)
}

/// What was found, or that a file may not be read.
fn told(
    found: Result<impl IntoIterator<Item = Finding>, RootError>,
) -> Result<Vec<Finding>, RootError> {
    match found {
        Ok(found) => Ok(found.into_iter().collect()),
        Err(error) => Ok(vec![Finding::of_denied(error)?]),
    }
}

fn program(subject: &Subject<'_>) -> Result<Option<Finding>, RootError> {
    let path = subject.program();
    // What cannot be told is said elsewhere.
    if path.is_empty() {
        return Ok(None);
    }
    let finding = |message: &str| {
        let shown = subject.root.shown(path);
        Finding::new(Rule::Program, Level::Error, shown, message)
    };
    // What is looked for by its name, and was not found.
    if !path.starts_with('/') {
        let by = match subject.standing {
            Some(Standing::Runs(definition)) => definition.command.as_ref(),
            _ => None,
        };
        return Ok(by.map(|by| Finding {
            line: by.at.map(|at| at.line),
            ..Finding::new(
                Rule::Program,
                Level::Error,
                subject.shown(by),
                format!("starts `{path}`, which is in none of the usual folders of programs"),
            )
        }));
    }
    Ok(match subject.root.target(path)? {
        None => Some(
            finding("is missing, and the service cannot start without it").hint(
                match subject.is_kubelet() {
                    _ if subject.standing.is_some_and(|it| !it.is_installed()) => {
                        "install it there, or change what the service starts"
                    }
                    true => "install the kubelet, or name its place with `--kubelet`",
                    false => "install it, or name its place in the spec",
                },
            ),
        ),
        Some(status) if status.kind != Kind::File => {
            Some(finding(&format!("is {} and not a program", status.kind)))
        }
        Some(status) if status.mode & 0o111 == 0 => Some(finding("is not executable")),
        Some(_) => None,
    })
}

/// What interprets a native launcher: without it a supervisor says of the launcher,
/// which is there, that it is not found.
fn interpreter(subject: &Subject<'_>) -> Result<Option<Finding>, RootError> {
    let line = format!("#!{INTERPRETER} ");
    if subject.is_foreign() {
        return Ok(None);
    }
    let mut files = subject.rendering.rendered.files();
    let Some((path, _)) = files.find(|(_, file)| file.content.starts_with(line.as_bytes())) else {
        return Ok(None);
    };
    if subject.root.target(INTERPRETER)?.is_some() {
        return Ok(None);
    }
    let shown = subject.root.shown(path.as_str());
    let message = format!("is interpreted by `{INTERPRETER}`, which is missing");
    Ok(Some(
        Finding::new(Rule::Program, Level::Error, shown, message)
            .hint("install kubelet-unit there, or choose `--launcher sh`"),
    ))
}

/// What the init starts: as it was read, else as it is rendered; none where it starts nothing.
fn definition_of<'a>(subject: &Subject<'a>) -> Option<Cow<'a, Definition>> {
    match subject.standing {
        // What is said of its own words is said of what was installed.
        Some(Standing::Runs(definition)) if !is_of_kubelet_unit(definition) => {
            Some(Cow::Borrowed(definition))
        }
        Some(Standing::Stopped { .. } | Standing::Absent(_)) => None,
        _ => {
            let origin = Origin {
                service: subject.service.name.to_string(),
                init: Some(subject.rendering.backend.name()),
                kind: OriginKind::Installed,
            };
            let mut definition = Definition::of_service(subject.service, origin, "the service");
            // A value that is to be the host's is none that is missing.
            definition.unknown.retain(|it| it.flags.is_none());
            Some(Cow::Owned(definition))
        }
    }
}

/// Whether a service's own files say nothing of its command line, which its launcher has.
fn is_of_kubelet_unit(definition: &Definition) -> bool {
    let kind = &definition.origin.kind;
    matches!(kind, OriginKind::Installed | OriginKind::Rendered { .. })
}

/// A service that is there and that its init does not start.
fn stopped(subject: &Subject<'_>) -> Option<Finding> {
    let Some(Standing::Stopped { origin, why }) = subject.standing else {
        return None;
    };
    let (OriginKind::Unit { path, .. } | OriginKind::Masked { path }) = &origin.kind else {
        // It names its file itself.
        return Some(Finding {
            path: None,
            ..Finding::new(Rule::Unit, Level::Error, "", why)
        });
    };
    let masks = matches!(origin.kind, OriginKind::Masked { .. });
    let why = match masks {
        true => &format!("it masks the unit: {why}"),
        false => why,
    };
    let (line, why) = without_place(why, &subject.root.shown(path));
    let path = match subject.root.is_machine() || !path.starts_with('/') {
        true => path.into(),
        false if Path::new(path).starts_with(subject.root.path()) => path.into(),
        false => subject.root.shown(path),
    };
    Some(Finding {
        line,
        ..Finding::new(Rule::Unit, Level::Error, path, why)
    })
}

/// A sentence without the file and the line that it begins with, and that line.
fn without_place<'w>(why: &'w str, file: &Path) -> (Option<usize>, &'w str) {
    let file = format!("{}:", file.display());
    let Some(rest) = why.strip_prefix(&file) else {
        return (None, why);
    };
    match rest
        .split_once(": ")
        .map(|(line, text)| (line.parse(), text))
    {
        Some((Ok(line), text)) => (Some(line), text),
        _ => (None, rest.trim_start()),
    }
}

/// What of the command line cannot be told.
fn unknown(subject: &Subject<'_>, definition: &Definition) -> Vec<Finding> {
    let unknown = definition.unknown.iter().map(|unknown| {
        let what = match unknown.flags.as_deref() {
            None | Some([]) => "the whole command line".to_owned(),
            Some(flags) => {
                let flags = flags.iter().map(|flag| format!("`--{flag}`"));
                format!("the value of {}", flags.collect::<Vec<_>>().join(" and "))
            }
        };
        Finding {
            line: unknown.place.at.map(|at| at.line),
            ..Finding::new(
                Rule::Unit,
                Level::Warning,
                subject.shown(&unknown.place),
                format!("cannot tell {what}, because {}", unknown.because),
            )
        }
    });
    unknown.collect()
}

fn of_problem(subject: &Subject<'_>, problem: &Problem) -> Option<Finding> {
    let rule = match &problem.kind {
        ProblemKind::NotTaken(refusal) if refusal.kind == takes::Kind::Gate => Rule::FeatureGate,
        ProblemKind::NotTaken(_)
        | ProblemKind::RemovedFlag(_)
        | ProblemKind::RefusedValue(_)
        | ProblemKind::ShortFlag { .. }
        | ProblemKind::Operand { .. }
        | ProblemKind::FlagAsValue { .. } => Rule::Flag,
        ProblemKind::Release { .. } => Rule::Release,
        ProblemKind::File { problem: file, .. } if file.is_unknown() => {
            return Some(Finding::unreadable(subject.shown(&problem.place)));
        }
        ProblemKind::Remark(_) => Rule::Unit,
        // A file that may be missing and is missing is no finding.
        _ if problem.severity == Severity::Note && problem.place.at.is_none() => return None,
        _ => Rule::EnvFile,
    };
    let level = match problem.severity {
        Severity::Error => Level::Error,
        Severity::Warning => Level::Warning,
        Severity::Note => Level::Note,
    };
    let path = subject.shown(&problem.place);
    let message = match &problem.kind {
        // As `explain` shows that path.
        ProblemKind::Replaced { variable, by } => {
            let by = Place {
                path: subject.shown(by).display().to_string(),
                at: by.at,
            };
            let variable = variable.clone();
            ProblemKind::Replaced { variable, by }.to_string()
        }
        kind => kind.to_string(),
    };
    Some(Finding {
        line: problem.place.at.map(|at| at.line),
        hint: problem.kind.hint(),
        ..Finding::new(rule, level, path, message)
    })
}

/// Where a shell would read an env file otherwise. Of a `$` that reaches the kubelet
/// it was said already that nobody expands it.
fn shell_differs(
    subject: &Subject<'_>,
    contents: &Contents<'_>,
    explanation: &Explanation,
) -> Vec<Finding> {
    let problems = explanation.problems.iter();
    let places = problems
        .filter(|problem| matches!(problem.kind, ProblemKind::Unexpanded { .. }))
        .filter_map(|problem| Some((problem.place.path.as_str(), problem.place.at?.line)));
    let unexpanded = sorting::set(places);
    let mut findings = Vec::new();
    for (path, content) in contents {
        let found = content.as_deref().map(differences).unwrap_or_default();
        for (lines, difference) in found {
            let said = (*path, *lines.start())..=(*path, *lines.end());
            if difference == Difference::Expands && unexpanded.range(said).next().is_some() {
                continue;
            }
            let (shown, message) = (subject.root.shown(path), difference.to_string());
            findings.push(
                Finding::new(Rule::ShellDiffers, Level::Warning, shown, message)
                    .line(*lines.start())
                    .hint(difference.hint()),
            );
        }
    }
    findings
}

/// A service that is there and does not start at boot.
fn not_enabled(subject: &Subject<'_>) -> Result<Option<Finding>, RootError> {
    let Some((path, file)) = definition(subject) else {
        return Ok(None);
    };
    let path = standing(subject.root, path, file.aside.as_ref())?;
    let there = subject.record.is_some() || subject.root.status(path.as_str())?.is_some();
    match subject.enabled {
        _ if !there => return Ok(None),
        Ok(Some(true) | None) => return Ok(None),
        Err(denied) => return Ok(Some(Finding::unreadable(denied))),
        Ok(Some(false)) => {}
    }
    let (name, init) = (&subject.service.name, subject.rendering.backend.name());
    let message = format!("is installed and not enabled: `{name}` does not start with the machine");
    let shown = subject.root.shown(path.as_str());
    Ok(Some(
        Finding::new(Rule::NotEnabled, Level::Warning, shown, message).command(
            subject.root,
            &format!("service enable {name} --init {init}"),
        ),
    ))
}

/// The file that an administrator takes for the service: a service directory's `run`,
/// else the first that is not configuration.
fn definition<'a>(subject: &Subject<'a>) -> Option<(&'a AbsPath, &'a File)> {
    let run = format!("/{}/run", subject.service.name);
    let mut files = subject.rendering.rendered.files();
    let mut others = subject.rendering.rendered.files();
    files
        .find(|(path, _)| path.as_str().ends_with(&run))
        .or_else(|| others.find(|(_, file)| !file.config))
}
