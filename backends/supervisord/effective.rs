//! What a `[program:]` section runs, whoever wrote it.

use std::path::PathBuf;

use super::control::files;
use super::includes::Configuration;
use super::ini::{Ini, Written};
use super::rivals;
use crate::backends::foreign;
use crate::effective::{Asked, Definition, Effective, Inline, Place, Rival, Standing, Unknown};
use crate::root::RootError;
use crate::service::AbsPath;
use crate::shipped::{LiteralWord, Quoting, Reading};

pub(super) struct Sections;

/// `shlex.split` of Python, by which supervisord splits a command (`options.py`, 4.2).
const QUOTING: Quoting = Quoting {
    single: true,
    comments: false,
    mark: None,
};

impl Effective for Sections {
    /// Of a section that several files have, the key counts that is read last.
    fn read(&self, asked: &Asked<'_>) -> Result<Standing, RootError> {
        let host = asked.host;
        let [file, aside] = files(&foreign::target(asked));
        let configuration = Configuration::of(host);
        let main = configuration.as_ref().map(|it| it.path.clone());
        let included = configuration.map_or_else(Vec::new, |it| it.files(host, &file));
        let is_known = |path: &PathBuf| included.contains(path);
        // A file that nothing includes is looked at where no other has the service.
        let kept = [aside, file.clone()].into_iter().filter(|it| !is_known(it));
        let mut all = Vec::new();
        for path in kept.chain(included.iter().cloned()) {
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
            if ini.has(&section(asked)) {
                all.push((path, ini));
            }
        }
        if all.is_empty() {
            let looked: Vec<_> = std::iter::once(file).chain(main).collect();
            return foreign::absent(asked, "supervisord", &looked);
        }
        Ok(standing(asked, &all))
    }

    fn rivals(&self, asked: &Asked<'_>) -> Result<Vec<Rival>, RootError> {
        Ok(rivals::find(asked))
    }
}

fn section(asked: &Asked<'_>) -> String {
    format!("program:{}", asked.name)
}

/// The service that files come to, in the order in which they are read.
fn standing(asked: &Asked<'_>, all: &[(AbsPath, Ini)]) -> Standing {
    let section = section(asked);
    let last = |key: &str| {
        let mut from = all.iter().rev();
        from.find_map(|(file, ini)| Some((file, ini.written(&section, key)?)))
    };
    let (file, command) = match last("command") {
        Some((file, command)) => (file, Some(command)),
        None => (&all[all.len() - 1].0, None),
    };
    let expand = |mut word: LiteralWord| {
        match expanded(&word.text, asked.name.as_str(), file) {
            Ok(text) => word.text = text,
            Err(why) => word.unknown = Some(why),
        }
        word
    };
    let words = command.map(|it| QUOTING.words(&it.text, it.at));
    let words = words.into_iter().flatten().map(expand);
    let reading = Reading::new(asked.host.root(), file, asked.name);
    let line = reading.words(file.as_str(), &words.collect::<Vec<_>>());
    let mut standing = foreign::standing(asked, "supervisord", file.as_str(), line);
    if let Standing::Runs(definition) = &mut standing
        && let Some((file, environment)) = last("environment")
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
