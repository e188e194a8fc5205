//! What a service description runs, whoever wrote it.

use std::path::PathBuf;

use super::control::{FOLDERS, description};
use crate::backends::foreign;
use crate::backends::rivals::Ordered;
use crate::effective::{Asked, Effective, EnvFile, Place, Rival, Standing, Unknown};
use crate::envfile::Position;
use crate::root::RootError;
use crate::shipped::{LiteralWord, Quoting, Reading};

pub(super) struct Descriptions;

/// How words are quoted (`dinit-service(5)`, 0.22).
const QUOTING: Quoting = Quoting {
    single: false,
    comments: true,
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
        let reading = Reading::new(asked.host.root(), &file, asked.name);
        let text = match reading.text(file.as_str()) {
            Ok(text) => text.unwrap_or_default(),
            Err(why) => {
                let line = reading.cannot(file.as_str(), &why);
                return Ok(foreign::standing(asked, "dinit", file.as_str(), line));
            }
        };
        let line = reading.words(file.as_str(), &command(&text), file.as_str(), &[]);
        // The service does not load without it.
        let env_file = properties(&text).rfind(|it| it.name == "env-file");
        let unset = line.unset.iter().filter(|it| !it.alone);
        let unset: Vec<_> = unset.map(|it| it.name.clone()).collect();
        let mut standing = foreign::standing(asked, "dinit", file.as_str(), line);
        if let Standing::Runs(definition) = &mut standing {
            // What is a part of a word of a shell is not looked up there.
            if let (Some(env_file), [name, ..]) = (&env_file, unset.as_slice()) {
                let place = Place::of_line(file.as_str(), env_file.at.line);
                let because = format!("it names the file that may set `{name}`");
                definition.unknown.push(Unknown::of_all(place, because));
            }
            definition.env_files.extend(env_file.map(|it| EnvFile {
                path: it.value.to_owned(),
                optional: false,
            }));
        }
        Ok(standing)
    }

    fn rivals(&self, asked: &Asked<'_>) -> Result<Vec<Rival>, RootError> {
        let ordered = Ordered {
            title: "dinit",
            folders: &FOLDERS.map(PathBuf::from),
            end: "",
        };
        ordered.rivals(asked)
    }
}

/// The words of the command, to which `+=` adds.
fn command(text: &str) -> Vec<LiteralWord> {
    let mut words = Vec::new();
    for property in properties(text) {
        let adds = match property.name.strip_suffix('+') {
            Some(name) => name.trim_end() == "command",
            None => false,
        };
        if property.name == "command" {
            words.clear();
        }
        if adds || property.name == "command" {
            words.extend(QUOTING.words(property.value, property.at));
        }
    }
    words
}

/// A line `name = value` or `name: value`.
struct Property<'a> {
    name: &'a str,
    value: &'a str,
    /// Where the value begins.
    at: Position,
}

fn properties(text: &str) -> impl DoubleEndedIterator<Item = Property<'_>> {
    let lines: Vec<_> = text.lines().enumerate().collect();
    lines.into_iter().filter_map(|(at, line)| {
        let sign = line.find(['=', ':'])?;
        let name = line[..sign].trim();
        let rest = &line[sign + 1..];
        let begins = sign + 1 + (rest.len() - rest.trim_start().len());
        Some(Property {
            name,
            value: rest.trim(),
            at: Position {
                line: at + 1,
                column: begins + 1,
            },
        })
    })
}
