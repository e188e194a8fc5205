//! Finding the problems.

use super::input::Input;
use super::model::{Argument, Role, Variable};
use super::problem::{FileProblem, Problem, ProblemKind, Severity, TOTAL_MAX, TooLong};
use crate::effective::{Place, Remark};
use crate::envfile::{Cause, Parsed};
use crate::kubelet::flags;
use crate::kubelet::takes::{self, Kind, Refusal};
use crate::process::STRING_MAX;

pub(super) fn of_files(
    input: &Input<'_>,
    read: &[Result<Parsed<'_>, FileProblem>],
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (file, read) in input.files.iter().zip(read) {
        let place = |at| Place {
            path: file.path.to_owned(),
            at,
        };
        match read {
            Ok(parsed) => problems.extend(parsed.findings.iter().map(|finding| Problem {
                severity: severity_of(&finding.cause),
                place: place(Some(finding.at.into())),
                kind: ProblemKind::Line(finding.cause.clone()),
            })),
            Err(problem) if problem.is_missing() && file.optional => {}
            Err(problem) => problems.push(Problem {
                severity: if file.optional || problem.is_unknown() {
                    Severity::Warning
                } else {
                    Severity::Error
                },
                place: place(problem.at().map(Into::into)),
                kind: ProblemKind::File {
                    problem: problem.clone(),
                    optional: file.optional,
                },
            }),
        }
    }
    problems
}

const fn severity_of(cause: &Cause) -> Severity {
    match cause {
        Cause::BackslashAtEnd | Cause::ContinuedComment => Severity::Note,
        _ => Severity::Warning,
    }
}

pub(super) fn of_arguments(input: &Input<'_>, arguments: &[Argument]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (number, argument) in arguments.iter().enumerate() {
        let mut push = |severity, kind| {
            problems.push(Problem {
                severity,
                place: argument.place.clone(),
                kind,
            });
        };
        if input.is_kubelet() {
            let before = number.checked_sub(1).map(|before| &arguments[before]);
            if let Some((severity, kind)) = of_flag(input, argument, before) {
                push(severity, kind);
            }
            for refusal in of_gates(input, argument) {
                push(refusal.effect().into(), ProblemKind::NotTaken(refusal));
            }
        }
        if argument.variable.is_some() && looks_expandable(&argument.text) {
            push(
                Severity::Warning,
                ProblemKind::Unexpanded {
                    text: argument.text.clone(),
                },
            );
        }
    }
    problems
}

/// The feature gates of an argument that the kubelet does not take.
fn of_gates(input: &Input<'_>, argument: &Argument) -> Vec<Refusal> {
    match &argument.role {
        Role::Flag {
            flag,
            value: Some(value),
        } if flag == "feature-gates" => takes::gates_of_flag(value)
            .filter_map(|(name, value)| Refusal::of_gate(name, value, input.version))
            .collect(),
        _ => Vec::new(),
    }
}

/// How far it is known what the kubelet takes, where that is not all of it.
pub(super) fn of_release(input: &Input<'_>) -> Option<Problem> {
    let version = input.version.filter(|_| input.is_kubelet())?;
    takes::how_known(version).map(|text| Problem {
        severity: match takes::is_beyond_known(version) {
            true => Severity::Warning,
            false => Severity::Note,
        },
        place: Place {
            path: input.definition.to_owned(),
            at: None,
        },
        kind: ProblemKind::Release {
            text,
            meant: takes::meant_release(version),
        },
    })
}

/// What the kubelet will not like about an argument.
fn of_flag(
    input: &Input<'_>,
    argument: &Argument,
    before: Option<&Argument>,
) -> Option<(Severity, ProblemKind)> {
    let text = || argument.text.clone();
    match &argument.role {
        Role::Flag { flag, value } => {
            let short = !argument.text.starts_with("--");
            if short && flag != "v" && flag != "help" {
                return Some((Severity::Error, ProblemKind::ShortFlag { text: text() }));
            }
            if let Some(removed) = flags::removal(flag) {
                let severity = match input.version {
                    Some(version) if version < removed.since => return None,
                    Some(_) => Severity::Error,
                    None => Severity::Note,
                };
                return Some((severity, ProblemKind::RemovedFlag(removed)));
            }
            if let Some(refusal) = Refusal::of_name(Kind::Flag, flag, input.version) {
                return Some((refusal.effect().into(), ProblemKind::NotTaken(refusal)));
            }
            if let Some(refused) = flags::refused(flag, value.as_deref().unwrap_or_default()) {
                let severity = match input.version {
                    Some(version) if version < refused.since => return None,
                    Some(_) => Severity::Error,
                    None => Severity::Note,
                };
                return Some((severity, ProblemKind::RefusedValue(refused)));
            }
            let separate = value.as_ref().filter(|_| !argument.text.contains('='))?;
            let doubtful = separate.starts_with("--");
            doubtful.then(|| {
                let (flag, value) = (flag.clone(), separate.clone());
                (Severity::Warning, ProblemKind::FlagAsValue { flag, value })
            })
        }
        // Nobody knows what it comes to.
        Role::Operand if !is_known(input, argument) => None,
        Role::Operand => {
            let boolean = match before.map(|before| &before.role) {
                Some(Role::Flag { flag, value: None }) => Some(flag.clone()),
                _ => None,
            };
            let boolean = boolean.filter(|_| matches!(argument.text.as_str(), "true" | "false"));
            Some((
                Severity::Error,
                ProblemKind::Operand {
                    text: text(),
                    boolean,
                },
            ))
        }
        Role::Program | Role::Value => None,
    }
}

fn is_known(input: &Input<'_>, argument: &Argument) -> bool {
    let words = input.read.map(|read| &read.words);
    let word = words.and_then(|words| words.get(argument.word));
    word.is_none_or(|word| word.is_known)
}

/// Whether a shell would expand something in `text`.
fn looks_expandable(text: &str) -> bool {
    let variable = |rest: &str| {
        rest.starts_with(|c: char| c == '{' || c == '(' || c == '_' || c.is_ascii_alphabetic())
    };
    text.contains('`') || text.split('$').skip(1).any(variable)
}

pub(super) fn of_variables(input: &Input<'_>, variables: &[Variable]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for variable in variables {
        let name = || variable.name.clone();
        if let Some(meant) = variable.meant.clone() {
            problems.push(Problem {
                severity: Severity::Warning,
                place: variable.place.clone(),
                kind: ProblemKind::Misspelt {
                    variable: name(),
                    meant,
                },
            });
        }
        // What the built-in spec says is nobody's to mend.
        let files = |place: &Place| {
            place.at.is_some() || input.files.iter().any(|file| file.path == place.path)
        };
        let lost = variable.replaced.iter().filter(|before| {
            variable.used && files(&before.place) && !before.value.trim().is_empty()
        });
        problems.extend(lost.map(|before| Problem {
            severity: Severity::Warning,
            place: before.place.clone(),
            kind: ProblemKind::Replaced {
                variable: name(),
                by: variable.place.clone(),
            },
        }));
    }
    problems
}

/// Lines of the service's files that the init ignores, or reads otherwise than they look.
pub(super) fn of_definition(input: &Input<'_>) -> Vec<Problem> {
    let Some(read) = input.read else {
        return Vec::new();
    };
    let remarks = read.remarks.iter().cloned();
    // One that is set nowhere may be meant to be empty.
    let unset = read.unset.iter().filter_map(|unset| {
        let text = format!(
            "the command line has `{}`, which this comment alone would set",
            unset.name
        );
        let place = unset.comment.clone()?;
        Some(Remark { place, text })
    });
    let problem = |remark: Remark| Problem {
        severity: Severity::Warning,
        place: remark.place,
        kind: ProblemKind::Remark(remark.text),
    };
    remarks.chain(unset).map(problem).collect()
}

pub(super) fn of_sizes(
    input: &Input<'_>,
    arguments: &[Argument],
    variables: &[Variable],
) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut total = 0;
    let mut push = |place: &Place, too_long| {
        problems.push(Problem {
            severity: Severity::Error,
            place: place.clone(),
            kind: ProblemKind::TooLong(too_long),
        });
    };
    // The kernel counts a NUL and a pointer for each string besides its bytes.
    let mut count = |bytes: usize| total += bytes + 1 + size_of::<usize>();
    for argument in arguments {
        let bytes = argument.text.len();
        count(bytes);
        if bytes > STRING_MAX {
            push(&argument.place, TooLong::Argument { bytes });
        }
    }
    for variable in variables {
        let bytes = variable.name.len() + 1 + variable.value.len();
        count(bytes);
        if bytes > STRING_MAX {
            push(
                &variable.place,
                TooLong::Variable {
                    name: variable.name.clone(),
                    bytes,
                },
            );
        }
    }
    if total > TOTAL_MAX {
        let place = Place {
            path: input.definition.to_owned(),
            at: None,
        };
        push(&place, TooLong::Total { bytes: total });
    }
    problems
}
