//! A distribution's own kubelet service in the place of ours.

use serde::Serialize;

use crate::effective::{Place, Standing, Unset};
use crate::root::RootError;
use crate::service::AbsPath;
use crate::shipped::{self, OnLine, Point, Reading, ShippedFiles, Text, Texts, UnsetVariable};
use crate::takeover;

use super::Subject;

/// The most that is read of such a file.
const LIMIT: usize = 256 * 1024;

/// A service that is not ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServiceReport {
    /// Its files, as the user knows them.
    pub files: Vec<String>,
    /// What was looked at.
    pub points: Vec<Point>,
}

/// The files of a service of that name that is not ours, and what its script holds.
///
/// # Errors
/// The tree cannot be read.
pub(super) fn foreign(subject: &Subject<'_>) -> Result<Option<(ShippedFiles, Vec<u8>)>, RootError> {
    let Some(files) = files(subject) else {
        return Ok(None);
    };
    let rendered = &subject.rendering.rendered;
    let content = takeover::foreign(subject.root, &files.script, subject.record, rendered)?;
    Ok(content.map(|content| (files, content)))
}

/// Looks for a service of that name that is not ours.
pub(super) fn report(subject: &Subject<'_>) -> Result<Option<ServiceReport>, RootError> {
    let Some(shipped) = subject.rendering.backend.shipped() else {
        return Ok(None);
    };
    let Some((files, content)) = foreign(subject)? else {
        return Ok(None);
    };
    let text = |path: &AbsPath, content: &[u8]| {
        let shown = subject.root.shown(path.as_str()).display().to_string();
        Text::new(shown, content)
    };
    let mut texts = Texts {
        list: vec![text(&files.script, &content)],
        there: Vec::new(),
    };
    for path in &files.others {
        if let Some(content) = subject.root.read_if_there(path.as_str(), LIMIT)? {
            texts.list.push(text(path, &content));
        }
    }
    for path in files.beside {
        if subject.root.target(path.as_str())?.is_some() {
            texts.there.push(path);
        }
    }
    let line = Line::of(subject);
    let mut points = shipped::common(&texts, &line.on_line());
    points.extend(shipped.points(&texts));
    Ok(Some(ServiceReport {
        points,
        files: texts.list.into_iter().map(|text| text.path).collect(),
    }))
}

/// What is known of the command line, places as the user knows them.
#[derive(Default)]
struct Line {
    names: Vec<String>,
    unknown: Option<(String, usize)>,
    in_comment: Option<(String, (String, usize))>,
}

impl Line {
    fn of(subject: &Subject<'_>) -> Self {
        let root = subject.root;
        let shown = |path: &str, line| (root.shown(path).display().to_string(), line);
        if let Some(Standing::Runs(definition)) = subject.standing {
            let place = |it: &Place| shown(&it.path, it.at.map_or(0, |at| at.line));
            let commented = |it: &Unset| Some((it.name.clone(), place(it.comment.as_ref()?)));
            let mut names = definition.names.clone();
            // What is not sourced sets nothing.
            if !definition.remarks.is_empty() {
                let words = &definition.words;
                let is_set = |name: &String| {
                    let mut words = words.iter();
                    words.any(|word| word.variable.as_ref() == Some(name))
                };
                names.retain(is_set);
            }
            return Self {
                names,
                unknown: definition
                    .unknown
                    .iter()
                    .find(|it| it.flags.is_none())
                    .map(|it| place(&it.place)),
                in_comment: definition.unset.iter().find_map(commented),
            };
        }
        let Some(service) = place(subject) else {
            return Self::default();
        };
        let reading = Reading::new(root, &service, &subject.service.name);
        let shipped = subject.rendering.backend.shipped();
        let Some(line) = shipped.and_then(|it| it.command_line(&reading)) else {
            return Self::default();
        };
        let commented = |it: &UnsetVariable| {
            let (path, at) = it.comment.as_ref()?;
            Some((it.name.clone(), shown(path, at.line)))
        };
        Self {
            unknown: line.unknown.first().map(|it| shown(&it.path, it.line)),
            in_comment: line.unset.iter().find_map(commented),
            names: line.names,
        }
    }

    fn on_line(&self) -> OnLine<'_> {
        fn seen((path, line): &(String, usize)) -> (&str, usize) {
            (path, *line)
        }
        OnLine {
            names: &self.names,
            unknown: self.unknown.as_ref().map(seen),
            in_comment: self
                .in_comment
                .as_ref()
                .map(|(name, at)| (name.as_str(), seen(at))),
        }
    }
}

/// Where the distribution has such a service, whatever was asked for.
fn place(subject: &Subject<'_>) -> Option<AbsPath> {
    let name = &subject.service.name;
    takeover::place(subject.rendering.backend, subject.rendering.distro, name)
}

/// The files of such a service.
fn files(subject: &Subject<'_>) -> Option<ShippedFiles> {
    let backend = subject.rendering.backend;
    let name = &subject.service.name;
    backend.shipped()?.files(&place(subject)?, name).ok()
}
