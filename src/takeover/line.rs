//! The command line of a service as its init reads it, whoever wrote that.

use crate::effective::{Definition, Place};
use crate::envfile::{Position, Reader};
use crate::explain::explain_definition;
use crate::root::Root;
use crate::shipped::{CommandLine, FoundArgument, Reason};

/// What a definition comes to with its env files as they are. What cannot be read makes it
/// unknown.
pub fn command_line(root: &Root, definition: &Definition) -> CommandLine {
    let reader = Reader::of(root);
    let files = definition.env_files.iter();
    let contents: Vec<_> = files.map(|file| reader.read(&file.path)).collect();
    let explanation = explain_definition(definition, &contents, None);
    let line = |place: &Place| place.at.map_or(0, |at| at.line);
    let unknown = explanation.unknown.iter().map(|it| Reason {
        within: None,
        path: it.place.path.clone(),
        line: line(&it.place),
        why: match it.because.strip_prefix("it ") {
            Some(why) => why.to_owned(),
            None => format!("is not known: {}", it.because),
        },
    });
    let unreadable = explanation.unreadable().map(|path| Reason {
        within: None,
        path: path.to_owned(),
        line: 0,
        why: "may not be read".into(),
    });
    let arguments = explanation.arguments.iter().map(|it| FoundArgument {
        text: it.text.clone(),
        is_known: true,
        path: it.place.path.clone(),
        at: Position {
            line: line(&it.place),
            column: it.place.at.and_then(|at| at.column).unwrap_or(1),
        },
        variable: it.variable.clone(),
    });
    CommandLine {
        arguments: arguments.collect(),
        unknown: unknown.chain(unreadable).collect(),
        ..CommandLine::default()
    }
}
