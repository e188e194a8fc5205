//! The env files of a start: what they set, and what the log says of them.

use crate::envfile::{
    AssignmentPart, Cause, Finding, Parsed, Reader, Rejected, Unread, glob, parse,
};
use crate::service::EnvFile;

use super::log::Log;

/// The longest name that a message shows.
const NAME_SHOWN: usize = 99;

/// A required file that does not count: the service does not start.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot read the env file `{path}`: {reason}")]
pub(super) struct Required {
    path: String,
    reason: String,
}

/// A file that was read.
pub(super) struct Content {
    path: String,
    optional: bool,
    bytes: Vec<u8>,
}

/// Reads the files that are there, in their order.
///
/// # Errors
/// A required one cannot be read.
pub(super) fn read(files: &[EnvFile], log: &Log) -> Result<Vec<Content>, Required> {
    let mut contents = Vec::with_capacity(files.len());
    for file in files {
        let optional = file.optional;
        for path in paths(file) {
            match Reader::Machine.read(&path) {
                Ok(bytes) => contents.push(Content {
                    path,
                    optional,
                    bytes,
                }),
                // As usual: nothing to say.
                Err(Unread::Missing) if optional => {}
                Err(unread) => refuse(&path, optional, unread_reason(&unread).into(), log)?,
            }
        }
    }
    Ok(contents)
}

/// What a pattern stands for: itself, where that is nothing.
fn paths(file: &EnvFile) -> Vec<String> {
    let found = match file.is_pattern {
        true => glob::expand(file.path.as_str()),
        false => Vec::new(),
    };
    match found.is_empty() {
        true => vec![file.path.to_string()],
        false => found,
    }
}

/// What the files set. What is ignored is told with the file, the line and the
/// reason, but never with a value: values can be secrets.
///
/// # Errors
/// A required one is ignored as a whole.
pub(super) fn parse_all<'a>(
    contents: &'a [Content],
    log: &Log,
) -> Result<Vec<Parsed<'a>>, Required> {
    let mut files = Vec::with_capacity(contents.len());
    for Content {
        path,
        optional,
        bytes,
    } in contents
    {
        match parse(bytes) {
            Ok(parsed) => {
                for finding in &parsed.findings {
                    report(path, finding, log);
                }
                files.push(parsed);
            }
            Err(rejected) => refuse(path, *optional, rejected_reason(&rejected), log)?,
        }
    }
    Ok(files)
}

fn refuse(path: &str, optional: bool, reason: String, log: &Log) -> Result<(), Required> {
    if optional {
        log.say(format_args!("{path}: ignored: {reason}"));
        return Ok(());
    }
    Err(Required {
        path: path.into(),
        reason,
    })
}

fn report(path: &str, finding: &Finding, log: &Log) {
    let what = match &finding.cause {
        Cause::NoEquals => "the line has no `=`".into(),
        Cause::InvalidName { name, .. } if is_shown(name) => {
            format!("`{name}` is not the name of a variable")
        }
        Cause::InvalidName { .. } => {
            "what stands before `=` is not the name of a variable".to_owned()
        }
        Cause::TooLong { name, .. } => format!("the value of `{name}` is longer than 2 MiB"),
        // It counts, though it may look otherwise: `kubelet-unit explain` tells.
        _ => return,
    };
    let line = finding.at.line;
    log.say(format_args!("{path}:{line}: ignored: {what}"));
}

fn is_shown(name: &str) -> bool {
    name.len() <= NAME_SHOWN && name.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

fn unread_reason(unread: &Unread) -> &'static str {
    match unread {
        Unread::Missing => "it does not exist",
        Unread::DanglingLink { .. } => "it is a link to a file that does not exist",
        Unread::Directory => "it is a directory",
        // systemd would wait for a FIFO for ever.
        Unread::NotRegular => "it is not a regular file",
        Unread::TooLarge { .. } => "it has 64 MiB or more",
        Unread::Denied | Unread::Refused { .. } => "it is not readable",
    }
}

fn rejected_reason(rejected: &Rejected) -> String {
    match rejected {
        Rejected::TooLarge { .. } => "it has 64 MiB or more".into(),
        Rejected::Nul { .. } => "it contains a NUL byte".into(),
        Rejected::NotUtf8 { line, part, .. } => match part {
            AssignmentPart::Name => format!("line {line}: the name of the variable is not UTF-8"),
            AssignmentPart::Value => format!("line {line}: the value is not UTF-8"),
        },
    }
}
