//! Why the kubelet runs with the arguments that it has: from the service's
//! definition and the content of its environment files to every argument with
//! the file, line and variable that it came from, what was overridden, what is
//! ignored and why, and what the kubelet will not accept.
//!
//! Everything here is pure. The caller reads the files, says which could not
//! be read, and prints what comes out as text or JSON.

mod answer;
mod arguments;
mod input;
mod judge;
mod lost;
mod model;
mod problem;
mod question;
mod setting;
mod shown;
mod sources;
mod style;
mod text;
mod variables;

pub use crate::effective::Place;
pub use crate::envfile::Unread;
pub use input::{EnvFile, Input};
pub use lost::{Lost, LostBecause};
pub use model::{Argument, Explanation, FileReport, FileState, Replaced, Role, Variable, Word};
pub use problem::{FileProblem, Problem, ProblemKind, Severity, TooLong};
pub use question::{Answer, Refused};
pub use setting::{Document, Left, Setting};
pub use style::Style;

use crate::effective::Definition;
use crate::envfile::{Environment, Parsed, expand, parse};
use crate::kubelet::Version;
use crate::sorting;
use sources::Sources;

/// Explains a service as its init reads it; `contents` are those of its env files.
pub fn explain_definition(
    definition: &Definition,
    contents: &[Result<Vec<u8>, Unread>],
    version: Option<Version>,
) -> Explanation {
    let inline = definition.inline.iter();
    let inline: Vec<_> = inline
        .map(|it| (it.name.as_str(), it.value.as_str()))
        .collect();
    let files = definition.env_files.iter().zip(contents);
    let files: Vec<_> = files
        .map(|(file, content)| EnvFile {
            path: &file.path,
            optional: file.optional,
            content: content.as_deref().map_err(Clone::clone),
        })
        .collect();
    explain(&Input {
        service: &definition.origin.service,
        definition: &definition.source,
        words: &definition.exec_words(),
        inline: &inline,
        files: &files,
        read: Some(definition),
        version,
    })
}

/// Explains a service.
pub fn explain(input: &Input<'_>) -> Explanation {
    let read: Vec<_> = input.files.iter().map(read).collect();
    let parsed: Vec<&Parsed<'_>> = read.iter().filter_map(|file| file.as_ref().ok()).collect();
    let environment = Environment::merge(input.inline.iter().copied(), parsed.iter().copied());
    let sources = Sources::new(input, &read);
    let expanded = expand(input.words, &environment);

    let mut problems = judge::of_files(input, &read);
    let arguments = arguments::explain(input, &environment, &sources, &expanded);
    let variables = variables::explain(input, &environment, &sources);
    problems.extend(judge::of_arguments(input, &arguments));
    problems.extend(judge::of_release(input));
    problems.extend(judge::of_variables(input, &variables));
    problems.extend(judge::of_definition(input));
    problems.extend(judge::of_sizes(input, &arguments, &variables));
    let file = |place: &Place| input.files.iter().position(|file| file.path == place.path);
    sorting::by_key(&mut problems, |it| {
        (it.severity, file(&it.place), it.place.at)
    });

    let files = model::files(input, &read);
    let lost = question::lost(input, &read, &variables, &environment, &sources);
    Explanation {
        origin: input.read.map(|read| read.origin.clone()),
        unknown: input
            .read
            .map(|read| read.unknown.clone())
            .unwrap_or_default(),
        service: input.service.to_owned(),
        is_kubelet: input.is_kubelet(),
        definition: input.definition.to_owned(),
        kubelet_version: input.version,
        starts: problems
            .iter()
            .all(|problem| problem.severity != Severity::Error),
        complete: input.read.is_none_or(|read| read.unknown.is_empty())
            && files.iter().all(|file| file.state != FileState::Unreadable),
        words: arguments::words(input, &environment),
        arguments,
        variables,
        files,
        problems,
        lost,
    }
}

/// A file as systemd reads it.
fn read<'a>(file: &EnvFile<'a>) -> Result<Parsed<'a>, FileProblem> {
    let content = file.content.clone().map_err(FileProblem::Unread)?;
    parse(content).map_err(FileProblem::Rejected)
}
