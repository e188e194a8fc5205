//! A distribution's own kubelet service in the place of ours.

use serde::Serialize;

use crate::distro::{Overrides, Places};
use crate::root::RootError;
use crate::service::AbsPath;
use crate::shipped::{self, Point, ShippedFiles, Text, Texts};

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

/// Looks for a service of that name that is not ours.
pub(super) fn report(subject: &Subject<'_>) -> Result<Option<ServiceReport>, RootError> {
    let Some(shipped) = subject.rendering.backend.shipped() else {
        return Ok(None);
    };
    let Some(files) = files(subject) else {
        return Ok(None);
    };
    let Some(content) = subject.root.read_if_there(files.script.as_str(), LIMIT)? else {
        return Ok(None);
    };
    if is_ours(subject, &files.script, &content) {
        return Ok(None);
    }
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
    let distro = subject.rendering.distro;
    let name = &subject.service.name;
    let place = backend.place(distro, None);
    let places = Places::new(place, distro, name, &Overrides::default()).ok()?;
    backend.shipped()?.files(&places.service, name).ok()
}

/// Whether a file is there because we wrote it, or would be the same if we did.
fn is_ours(subject: &Subject<'_>, script: &AbsPath, content: &[u8]) -> bool {
    let recorded = subject.record.is_some_and(|record| {
        let mut files = record.files.iter();
        files.any(|file| file.path == *script && !file.found)
    });
    let rendered = subject.rendering.rendered.file(script.as_str());
    recorded || rendered.is_some_and(|file| file.content == content)
}
