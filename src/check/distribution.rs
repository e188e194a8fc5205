//! A distribution's own kubelet service in the place of ours.

use serde::Serialize;

use crate::root::RootError;
use crate::service::AbsPath;
use crate::shipped::{self, Point, ShippedFiles, Text, Texts};
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
    let mut points = shipped::common(&texts);
    points.extend(shipped.points(&texts));
    Ok(Some(ServiceReport {
        points,
        files: texts.list.into_iter().map(|text| text.path).collect(),
    }))
}

/// The files of such a service: where the distribution has it, whatever was asked for.
fn files(subject: &Subject<'_>) -> Option<ShippedFiles> {
    let backend = subject.rendering.backend;
    let name = &subject.service.name;
    let place = takeover::place(backend, subject.rendering.distro, name)?;
    backend.shipped()?.files(&place, name).ok()
}
