//! What a service description runs, whoever wrote it.

use std::path::{Path, PathBuf};

use super::control::{FOLDERS, description};
use super::description::Description;
use super::env_file::{self, Line};
use crate::backends::foreign;
use crate::backends::rivals::{Ordered, others_in};
use crate::effective::{
    Asked, Definition, Effective, EnvFile, Other, Place, Rival, Standing, Unknown,
};
use crate::root::RootError;
use crate::shipped::{LiteralWord, Quoting};

pub(super) struct Descriptions;

/// How words are quoted (`dinit-service(5)`, 0.22).
pub(super) const QUOTING: Quoting = Quoting {
    single: false,
    comments: true,
    goes_on: true,
    mark: Some((
        '$',
        "names a variable, which dinit fills in when it loads the service",
    )),
};

impl Effective for Descriptions {
    fn read(&self, asked: &Asked<'_>) -> Result<Standing, RootError> {
        let file = description(&foreign::target(asked));
        let Some(file) = file.as_deref().and_then(foreign::path) else {
            let place = PathBuf::from(asked.places.service.as_str());
            return foreign::absent(asked, "dinit", &[place]);
        };
        let reading = foreign::reading(asked, &file);
        let text = match reading.text(file.as_str()) {
            Ok(text) => text.unwrap_or_default(),
            Err(why) => {
                let line = reading.cannot(file.as_str(), &why);
                return Ok(foreign::standing(asked, "dinit", file.as_str(), line));
            }
        };
        let described = Description::of(file.as_str(), &text, &|path| reading.text(path));
        if let Some(unread) = described.unread.first() {
            let line = reading.cannot(
                &unread.path,
                &match &unread.why {
                    Some(why) => format!("includes `{}`, and {why}", unread.named),
                    None => format!(
                        "includes `{}`, which is not there: dinit does not load the service",
                        unread.named
                    ),
                },
            );
            return Ok(foreign::standing(asked, "dinit", file.as_str(), line));
        }
        let mut line = reading.words(file.as_str(), &command(&described), file.as_str(), &[]);
        let paths = described.properties.iter().map(|it| &it.path);
        for path in paths {
            if !line.files.contains(path) {
                line.files.push(path.clone());
            }
        }
        // The service does not load without it.
        let env_file = described.last("env-file");
        let unset = line.unset.iter().filter(|it| !it.alone);
        let unset: Vec<_> = unset.map(|it| it.name.clone()).collect();
        let mut standing = foreign::standing(asked, "dinit", file.as_str(), line);
        if let Standing::Runs(definition) = &mut standing {
            // What is a part of a word of a shell is not looked up there.
            if let (Some(env_file), [name, ..]) = (env_file, unset.as_slice()) {
                let place = Place::of_line(&env_file.path, env_file.at.line);
                let because = format!("it names the file that may set `{name}`");
                definition.unknown.push(Unknown::of_all(place, because));
            }
            let folder = Path::new(file.as_str()).parent();
            let folder = folder.unwrap_or(Path::new("/"));
            if let Some(env_file) = env_file {
                let path = folder.join(&env_file.value).display().to_string();
                variables(definition, &path, reading.text(&path).ok().flatten());
            }
        }
        Ok(standing)
    }

    fn others(&self, asked: &Asked<'_>, program: &str) -> Result<Vec<Other>, RootError> {
        others_in(asked, &FOLDERS, |_, text| text.contains(program))
    }

    fn rivals(&self, asked: &Asked<'_>) -> Result<Vec<Rival>, RootError> {
        let ordered = Ordered {
            title: "dinit",
            folders: &FOLDERS.map(PathBuf::from),
            end: "",
            masks_by_emptiness: false,
        };
        ordered.rivals(asked)
    }
}

/// The variables of an env file. Of one that is not there, or may not be read, it is said that the
/// service does not start without it.
fn variables(definition: &mut Definition, path: &str, text: Option<String>) {
    let Some(text) = text else {
        definition.env_files.push(EnvFile {
            path: path.to_owned(),
            optional: false,
        });
        return;
    };
    for line in env_file::lines(path, &text) {
        match line {
            Line::Sets(variable) => definition.inline.push(variable),
            Line::Command(unknown) => definition.unknown.push(unknown),
        }
    }
}

/// The words of the command, to which `+=` adds.
fn command(described: &Description) -> Vec<LiteralWord> {
    let mut words = Vec::new();
    let all = described.properties.iter();
    for property in all.filter(|it| it.name == "command") {
        if !property.adds {
            words.clear();
        }
        let added = QUOTING.words(&property.value, property.at).into_iter();
        words.extend(added.map(|word| LiteralWord {
            path: Some(property.path.clone()),
            ..word
        }));
    }
    words
}
