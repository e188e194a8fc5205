//! Which service of a site is spoken of: the one that its init starts, with all that counts
//! for it, whoever wrote that.

use crate::effective::{Asked, Definition, Origin, OriginKind, Place, Standing, Unknown};
use crate::install::Record;
use crate::order::Placed;
use crate::root::Root;
use crate::unit::shown;

use super::error::ManageError;
use super::site::Site;

/// The most that is read of a program to see whether it is a script, in bytes.
const MOST_OF_A_SCRIPT: usize = 256 * 1024;

/// What the init has of a service that is placed so, where its services are read, else what was
/// installed. What a record says that kubelet-unit installed is marked so.
///
/// # Errors
/// The tree cannot be read, or what is placed gives no files.
pub fn standing(
    site: &Site<'_>,
    placed: &Placed,
    record: Option<&Record>,
) -> Result<Option<Standing>, ManageError> {
    let Some(reader) = placed.backend.effective() else {
        let installed = record.map(|record| installed(placed, record));
        return Ok(installed.map(|standing| with_script(site, standing)));
    };
    let mut standing = reader.read(&asked(site, placed))?;
    if let Some(record) = record {
        mark(&mut standing, record);
    }
    let standing = ours(site, placed, record, standing)?;
    Ok(Some(with_script(site, standing)))
}

/// A script that is called like a kubelet is none: nobody can tell what it passes on.
fn with_script(site: &Site<'_>, mut standing: Standing) -> Standing {
    if let Standing::Runs(definition) = &mut standing
        && definition.is_kubelet()
        && does_something(site.root(), &definition.program)
    {
        definition.is_script = true;
        let because = format!(
            "`{}` is a script, and what that starts is not followed",
            shown(&definition.program)
        );
        let place = definition.command.clone();
        let place = place.unwrap_or_else(|| Place::of_line(&definition.source, 0));
        definition.unknown.push(Unknown::of_all(place, because));
    }
    standing
}

/// Whether a program is a script with a command in it. One without is nobody's wrapper.
fn does_something(root: &Root, program: &str) -> bool {
    // The kubelet itself is larger, and is not read.
    let there = root.target(program).ok().flatten();
    let is_small = there.is_some_and(|it| it.size <= MOST_OF_A_SCRIPT as u64);
    let content = || root.read_if_there(program, MOST_OF_A_SCRIPT).ok().flatten();
    let content = is_small.then(content).flatten();
    let Some(text) = content.filter(|content| content.starts_with(b"#!")) else {
        return false;
    };
    let text = String::from_utf8_lossy(&text);
    let mut lines = text.lines().map(str::trim);
    lines.any(|line| !line.is_empty() && !line.starts_with('#'))
}

/// What is asked of the init about a service that is placed so.
pub(super) fn asked<'a>(site: &'a Site<'_>, placed: &'a Placed) -> Asked<'a> {
    Asked {
        host: site.host(),
        name: &placed.service.name,
        places: &placed.places,
        program: placed.service.name.as_str(),
    }
}

/// As it was installed.
fn installed(placed: &Placed, record: &Record) -> Standing {
    let source = match record.choices.spec {
        None => "the built-in spec".to_owned(),
        Some(_) => Record::path(&record.service, &record.init)
            .display()
            .to_string(),
    };
    described(placed, OriginKind::Installed, &source)
}

fn described(placed: &Placed, kind: OriginKind, source: &str) -> Standing {
    let origin = Origin {
        service: placed.service.name.to_string(),
        init: Some(placed.backend.name()),
        kind,
    };
    let definition = Definition::of_service(&placed.service, origin, source);
    Standing::Runs(Box::new(definition))
}

/// What starts a launcher of ours is ours, and the launcher alone knows what it runs.
fn ours(
    site: &Site<'_>,
    placed: &Placed,
    record: Option<&Record>,
    mut standing: Standing,
) -> Result<Standing, ManageError> {
    let Standing::Runs(definition) = &mut standing else {
        return Ok(standing);
    };
    let OriginKind::Foreign { files } = &definition.origin.kind else {
        return Ok(standing);
    };
    let root = site.root();
    if let Some(record) = record {
        let mut recorded = record.files.iter();
        let is_launcher = recorded.any(|file| file.path.as_str() == definition.program);
        let main = files.first().map(|main| root.read_if_there(main, 0));
        let denied = matches!(main, Some(Err(error)) if error.is_denied());
        if is_launcher || denied {
            return Ok(installed(placed, record));
        }
    }
    let rendered = placed.rendered()?;
    let Some(file) = rendered.file(&definition.program) else {
        return Ok(standing);
    };
    let there = root.read_if_there(&definition.program, file.content.len());
    if there.is_ok_and(|there| there.is_some_and(|there| there == file.content)) {
        let files = files.clone();
        return Ok(described(
            placed,
            OriginKind::Rendered { files },
            "the built-in spec",
        ));
    }
    let kind = OriginKind::Unrecorded {
        files: files.clone(),
    };
    definition.origin.kind = kind;
    let place = definition.command.clone();
    let place = place.unwrap_or_else(|| Place::of_line(&definition.source, 0));
    definition.unknown.push(Unknown::of_all(
        place,
        "no record says what the launcher runs, and it is not as this version renders it",
    ));
    // Its words are the launcher's own.
    definition.words.truncate(1);
    definition.program.clear();
    Ok(standing)
}

fn mark(standing: &mut Standing, record: &Record) {
    let is_ours = |path: &str| {
        let mut files = record.files.iter();
        files.any(|file| file.path.as_str() == path && !file.found)
    };
    let origin = match standing {
        Standing::Runs(definition) => &mut definition.origin,
        Standing::Stopped { origin, .. } | Standing::Absent(origin) => origin,
    };
    if let OriginKind::Unit {
        path,
        installed,
        drop_ins,
    } = &mut origin.kind
    {
        *installed = is_ours(path);
        for drop_in in drop_ins {
            drop_in.installed = is_ours(&drop_in.path);
        }
    }
}
