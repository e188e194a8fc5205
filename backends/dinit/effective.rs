//! What a service description runs, whoever wrote it.

use std::path::PathBuf;

use super::control::{FOLDERS, description};
use crate::backends::foreign;
use crate::backends::rivals::Ordered;
use crate::effective::{Asked, Effective, EnvFile, Rival, Standing};
use crate::envfile::Position;
use crate::root::RootError;
use crate::shipped::{Quoting, Reading};

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
        let command = properties(&text).rfind(|it| it.name == "command");
        let words = command.map(|it| QUOTING.words(it.value, it.at));
        let line = reading.words(file.as_str(), &words.unwrap_or_default(), file.as_str(), &[]);
        let mut standing = foreign::standing(asked, "dinit", file.as_str(), line);
        if let Standing::Runs(definition) = &mut standing {
            // The service does not load without it.
            let env_file = properties(&text).rfind(|it| it.name == "env-file");
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
