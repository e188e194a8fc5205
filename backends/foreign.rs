//! Services that somebody else wrote, as far as their files say what they come to.

use std::path::{Path, PathBuf};

use crate::control::Target;
use crate::effective::{
    Asked, CommandWord, Definition, Elsewhere, Origin, OriginKind, Place, Remark, Standing,
    Unknown, Unset, flags_within,
};
use crate::envfile::Position;
use crate::root::RootError;
use crate::service::{AbsPath, Span};
use crate::shipped::{CommandLine, FoundArgument, Reading, Reason};

/// A service as it is asked for, for what drives services.
pub(super) fn target<'a>(asked: &Asked<'a>) -> Target<'a> {
    Target {
        name: asked.name,
        places: asked.places,
        host: asked.host,
        scan_folder: None,
        patience: Span::seconds(0),
    }
}

/// A service as it is asked for, to be read at its place.
pub(super) fn reading<'a>(asked: &Asked<'a>, place: &'a AbsPath) -> Reading<'a> {
    Reading::new(asked.host.root(), place, asked.name).followed_to(asked.program)
}

/// A path that a service has; none where it is not one that files have here.
pub(super) fn path(path: &Path) -> Option<AbsPath> {
    path.to_str()?.parse().ok()
}

fn origin(asked: &Asked<'_>, init: &'static str, kind: OriginKind) -> Origin {
    Origin {
        service: asked.name.to_string(),
        init: Some(init),
        kind,
    }
}

/// That there is no such service.
///
/// # Errors
/// It may be at one of the places, and nobody may look there.
pub(super) fn absent(
    asked: &Asked<'_>,
    init: &'static str,
    looked: &[PathBuf],
) -> Result<Standing, RootError> {
    let root = asked.host.root();
    for path in looked {
        root.target(path)?;
    }
    let looked: Vec<_> = looked
        .iter()
        .map(|path| format!("`{}`", root.shown(path).display()))
        .collect();
    let looked = format!("of {init} at {}", looked.join(" or "));
    let kind = OriginKind::Nowhere { looked };
    Ok(Standing::Absent(origin(asked, init, kind)))
}

/// A service that is there, of which nobody can tell what it runs.
pub(super) fn stopped(asked: &Asked<'_>, init: &'static str, file: &Path, why: &str) -> Standing {
    let files = vec![file.display().to_string()];
    Standing::Stopped {
        origin: origin(asked, init, OriginKind::Foreign { files }),
        why: why.into(),
    }
}

/// A service whose command line was read. The `main` one of its files is named first.
pub(super) fn standing(
    asked: &Asked<'_>,
    init: &'static str,
    main: &str,
    line: CommandLine,
) -> Standing {
    let mut files = line.files.clone();
    files.retain(|file| file != main);
    files.insert(0, main.to_owned());
    let program = line.arguments.first();
    let unknown = line.unknown.iter().map(|reason| Unknown {
        flags: reason.within.as_deref().and_then(flags_within),
        ..Unknown::of_all(of_reason(reason), format!("it {}", reason.why))
    });
    let remarks = line.remarks.iter().map(|reason| Remark {
        place: of_reason(reason),
        text: format!("it {}", reason.why),
    });
    let unset = line.unset.iter().map(|unset| Unset {
        name: unset.name.clone(),
        comment: unset.comment.as_ref().map(|(path, at)| place(path, *at)),
    });
    let elsewhere = line.elsewhere.iter().map(|flag| Elsewhere {
        text: flag.text.clone(),
        variable: flag.variable.clone(),
        place: place(&flag.path, flag.at),
        replaced: flag.replaced.as_ref().map(|(path, at)| place(path, *at)),
    });
    Standing::Runs(Box::new(Definition {
        origin: origin(asked, init, OriginKind::Foreign { files }),
        source: main.to_owned(),
        command: program.map(|it| place(&it.path, it.at)),
        program: program.map(|it| found(asked, &it.text)).unwrap_or_default(),
        is_script: false,
        words: words(&line),
        unknown: unknown.collect(),
        remarks: remarks.collect(),
        unset: unset.collect(),
        elsewhere: elsewhere.collect(),
        names: line.names,
        inline: Vec::new(),
        env_files: Vec::new(),
        superseded: Vec::new(),
    }))
}

/// A program where it is found, as the init and a shell look for it.
fn found(asked: &Asked<'_>, program: &str) -> String {
    let path = match program.contains('/') {
        true => None,
        false => asked.host.program(program),
    };
    path.map_or_else(|| program.to_owned(), |path| path.display().to_string())
}

/// The words, and between them the variables of which nothing is there.
fn words(line: &CommandLine) -> Vec<CommandWord> {
    let mut words = Vec::new();
    for at in 0..=line.arguments.len() {
        let unset = line.unset.iter();
        let unset = unset.filter(|unset| unset.before == at && unset.alone);
        words.extend(unset.map(|unset| CommandWord::new(format!("${}", unset.name), true)));
        words.extend(line.arguments.get(at).map(word));
    }
    words
}

fn word(argument: &FoundArgument) -> CommandWord {
    CommandWord {
        is_known: argument.is_known,
        place: Some(place(&argument.path, argument.at)),
        variable: argument.variable.clone(),
        ..CommandWord::new(&argument.text, false)
    }
}

fn place(path: &str, at: Position) -> Place {
    Place {
        path: path.to_owned(),
        at: Some(at.into()),
    }
}

fn of_reason(reason: &Reason) -> Place {
    Place::of_line(&reason.path, reason.line)
}
