//! What a `[program:]` section runs, whoever wrote it.

use std::path::{Path, PathBuf};

use super::control::{files, running};
use super::ini::{Ini, Written};
use crate::backends::foreign;
use crate::effective::{Asked, Definition, Effective, Inline, Place, Standing, Unknown};
use crate::host::Host;
use crate::root::RootError;
use crate::service::AbsPath;
use crate::shipped::{LiteralWord, Quoting, Reading};

pub(super) struct Sections;

/// Where supervisord looks for its configuration (`supervisord(1)`, and Debian's).
const MAIN: [&str; 5] = [
    "/etc/supervisor/supervisord.conf",
    "/etc/supervisord.conf",
    "/etc/supervisord/supervisord.conf",
    "/usr/etc/supervisord.conf",
    "/usr/local/etc/supervisord.conf",
];

/// `shlex.split` of Python, by which supervisord splits a command (`options.py`, 4.2).
const QUOTING: Quoting = Quoting {
    single: true,
    comments: false,
    mark: None,
};

impl Effective for Sections {
    fn read(&self, asked: &Asked<'_>) -> Result<Standing, RootError> {
        let target = foreign::target(asked);
        let host = asked.host;
        let [file, aside] = files(&target);
        let main = running(host).or_else(|| {
            let mut usual = MAIN.iter().map(PathBuf::from);
            usual.find(|path| host.exists(path))
        });
        let section = format!("program:{}", asked.name);
        let included = main.iter().flat_map(|main| included(host, main));
        let places = [file.clone(), aside].into_iter().chain(main.clone());
        for path in places.chain(included) {
            let Some(path) = foreign::path(&path).filter(|it| host.exists(it.as_str())) else {
                continue;
            };
            let reading = Reading::new(host.root(), &path, asked.name);
            let text = match reading.text(path.as_str()) {
                Ok(text) => text.unwrap_or_default(),
                Err(why) => {
                    let line = reading.cannot(path.as_str(), &why);
                    return Ok(foreign::standing(asked, "supervisord", path.as_str(), line));
                }
            };
            let ini = Ini::read(&text);
            if ini.has(&section) {
                return Ok(standing(asked, &reading, &ini, &section));
            }
        }
        let looked: Vec<_> = std::iter::once(file).chain(main).collect();
        foreign::absent(asked, "supervisord", &looked)
    }
}

/// The files that a configuration includes: patterns in the last part of a path, from its own
/// folder (`options.py`, `read_include_config`).
fn included(host: &Host, main: &Path) -> Vec<PathBuf> {
    let text = host.text(main).unwrap_or_default();
    let ini = Ini::read(&text);
    let mut found = Vec::new();
    for pattern in ini
        .get("include", "files")
        .unwrap_or_default()
        .split_whitespace()
    {
        let here = main.parent().unwrap_or(Path::new("/"));
        let pattern = here.join(pattern.replace("%(here)s", &here.display().to_string()));
        let name = pattern.file_name().and_then(|name| name.to_str());
        let (Some(folder), Some(name)) = (pattern.parent(), name) else {
            continue;
        };
        let Some((begin, end)) = name.split_once('*') else {
            found.push(pattern);
            continue;
        };
        let fits = |it: &String| {
            let rest = it.strip_prefix(begin);
            rest.is_some_and(|rest| rest.ends_with(end)) && !it.starts_with('.')
        };
        let names = host.list(folder).into_iter().filter(fits);
        found.extend(names.map(|name| folder.join(name)));
    }
    found
}

fn standing(asked: &Asked<'_>, reading: &Reading<'_>, ini: &Ini, section: &str) -> Standing {
    let file = reading.service;
    let expand = |mut word: LiteralWord| {
        match expanded(&word.text, asked.name.as_str(), file) {
            Ok(text) => word.text = text,
            Err(why) => word.unknown = Some(why),
        }
        word
    };
    let command = ini.written(section, "command");
    let words = command.map(|it| QUOTING.words(&it.text, it.at));
    let words = words.into_iter().flatten().map(expand);
    let line = reading.words(file.as_str(), &words.collect::<Vec<_>>());
    let mut standing = foreign::standing(asked, "supervisord", file.as_str(), line);
    if let Standing::Runs(definition) = &mut standing
        && let Some(environment) = ini.written(section, "environment")
    {
        add_environment(definition, environment, asked, file);
    }
    standing
}

/// `KEY="value",KEY2=value` (`datatypes.py`, `dict_of_key_value_pairs`).
fn add_environment(
    definition: &mut Definition,
    environment: &Written,
    asked: &Asked<'_>,
    file: &AbsPath,
) {
    let spaced = spaced(&environment.text);
    for pair in QUOTING.words(&spaced, environment.at) {
        let place = Place::of_line(file.as_str(), pair.at.line);
        let Some((name, value)) = pair.text.split_once('=') else {
            continue;
        };
        let value = match expanded(value, asked.name.as_str(), file) {
            Ok(value) => value,
            Err(why) => {
                let because = format!("it {why}");
                let place = place.clone();
                definition.unknown.push(Unknown { place, because });
                value.to_owned()
            }
        };
        definition.inline.push(Inline {
            name: name.to_owned(),
            value,
            place: Some(place),
        });
    }
}

/// A list with blanks in the place of the commas between its items.
fn spaced(text: &str) -> String {
    let mut quote = None;
    let replace = |c: char| {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None, ',') => return ' ',
            _ => {}
        }
        c
    };
    text.chars().map(replace).collect()
}

/// A value with what supervisord itself puts in (`options.py`, `expand`).
///
/// # Errors
/// Why it cannot be told, as the end of a sentence that begins with the line.
fn expanded(text: &str, name: &str, file: &AbsPath) -> Result<String, String> {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        expanded += &rest[..at];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            expanded.push('%');
            rest = after;
            continue;
        }
        let known = [
            ("(program_name)s", name),
            ("(group_name)s", name),
            ("(here)s", file.parent()),
            ("(process_num)d", "0"),
            ("(numprocs)d", "1"),
        ];
        let found = known
            .iter()
            .find_map(|(key, value)| Some((rest.strip_prefix(key)?, value)));
        let Some((after, value)) = found else {
            let end = rest.find(')').map_or(rest.len(), |end| end + 1);
            return Err(format!(
                "names `%{}`, which supervisord fills in",
                &rest[..end]
            ));
        };
        expanded += value;
        rest = after;
    }
    Ok(expanded + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_supervisord_fills_in_itself_is_known() {
        let file = "/etc/supervisor/conf.d/k.conf".parse().unwrap();
        let of = |text| expanded(text, "k", &file);
        assert_eq!(
            of("%(here)s/%(program_name)s-%(process_num)d 100%%").unwrap(),
            "/etc/supervisor/conf.d/k-0 100%"
        );
        assert_eq!(
            of("--v=%(ENV_V)s").unwrap_err(),
            "names `%(ENV_V)`, which supervisord fills in"
        );
        assert_eq!(spaced("A=1,B=\"a,b\",C='d,'"), "A=1 B=\"a,b\" C='d,'");
    }
}
