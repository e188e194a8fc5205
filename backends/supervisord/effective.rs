//! What a `[program:]` section runs, whoever wrote it.

use std::path::PathBuf;

use super::control::files;
use super::expand::{Assigned, Expansions, QUOTING};
use super::includes::Configuration;
use super::ini::Ini;
use super::rivals;
use crate::backends::foreign;
use crate::effective::{Asked, Effective, Inline, Other, Place, Rival, Standing};
use crate::root::RootError;
use crate::service::AbsPath;

pub(super) struct Sections;

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
        let mut files = Vec::new();
        for path in kept.chain(included.iter().cloned()) {
            let Some(place) = foreign::path(&path).filter(|it| host.exists(it.as_str())) else {
                continue;
            };
            let reading = foreign::reading(asked, &place);
            match reading.text(place.as_str()) {
                Ok(text) => files.push((path, place, Ini::read(&text.unwrap_or_default()))),
                Err(why) => {
                    let line = reading.cannot(place.as_str(), &why);
                    return Ok(foreign::standing(
                        asked,
                        "supervisord",
                        place.as_str(),
                        line,
                    ));
                }
            }
        }
        let mut heads = files
            .iter()
            .filter_map(|(.., ini)| ini.head_of(asked.name.as_str()));
        let section = heads.next().unwrap_or_default().to_owned();
        let having = files.iter().filter(|(.., ini)| ini.has(&section));
        let all: Vec<_> = having.map(|(_, place, ini)| (place, ini)).collect();
        if all.is_empty() {
            let looked: Vec<_> = std::iter::once(file).chain(main).collect();
            return foreign::absent(asked, "supervisord", &looked);
        }
        let of_main = files.iter().find(|(path, ..)| Some(path) == main.as_ref());
        let none = Ini::default();
        let main = of_main.map_or(&none, |(.., ini)| ini);
        let others = files.iter().filter(|(path, ..)| is_known(path));
        let others: Vec<_> = others.map(|(.., ini)| ini).collect();
        Ok(standing(asked, &section, &all, main, &others))
    }

    fn others(&self, asked: &Asked<'_>, program: &str) -> Result<Vec<Other>, RootError> {
        Ok(rivals::others(asked, program))
    }

    fn rivals(&self, asked: &Asked<'_>) -> Result<Vec<Rival>, RootError> {
        Ok(rivals::find(asked))
    }
}

/// The service that files come to, in the order in which they are read.
fn standing(
    asked: &Asked<'_>,
    section: &str,
    all: &[(&AbsPath, &Ini)],
    main: &Ini,
    others: &[&Ini],
) -> Standing {
    let last = |key: &str| {
        let mut from = all.iter().rev();
        from.find_map(|(file, ini)| Some((file, ini.written(section, key)?)))
    };
    let (file, command) = match last("command") {
        Some((file, command)) => (file, Some(command)),
        None => (&all[all.len() - 1].0, None),
    };
    let own: Vec<_> = all.iter().map(|(_, ini)| *ini).collect();
    let name = asked.name.as_str();
    let of = |file: &AbsPath| Expansions::of(name, section, file.parent(), &own, main, others);
    let environment = last("environment");
    let assigned = environment.map(|(file, written)| (file, of(file).environment(written)));
    let (source, assigned) = assigned.unwrap_or((file, Vec::new()));
    let expansions = of(file);
    let words = command.map(|it| QUOTING.words(&it.text, it.at));
    let words = words.into_iter().flatten().map(|it| expansions.word(it));
    let reading = foreign::reading(asked, file);
    let given: Vec<_> = assigned.iter().filter_map(Assigned::given).collect();
    let words: Vec<_> = words.collect();
    let line = reading.words(file.as_str(), &words, source.as_str(), &given);
    let mut standing = foreign::standing(asked, "supervisord", file.as_str(), line);
    if let Standing::Runs(definition) = &mut standing {
        for assigned in assigned {
            let place = Place::of_line(source.as_str(), assigned.at.line);
            let value = assigned.value.unwrap_or_else(|(written, _)| written);
            definition.inline.push(Inline {
                name: assigned.name,
                value,
                place: Some(place),
            });
        }
    }
    standing
}
