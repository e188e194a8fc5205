//! What an entry of inittab or an init script runs, whoever wrote it.

use std::path::{Path, PathBuf};

use super::control::{files, links_of};
use crate::backends::rivals::others_in;
use crate::backends::{foreign, inittab};
use crate::effective::{Asked, Effective, Goes, Other, Rival, Standing};
use crate::host::Host;
use crate::root::RootError;
use crate::service::AbsPath;
use crate::shipped::{CommandLine, Reading};

pub(super) struct Entries;

impl Effective for Entries {
    fn read(&self, asked: &Asked<'_>) -> Result<Standing, RootError> {
        let target = foreign::target(asked);
        let [entry, script, aside] = files(&target);
        let looked = [entry.clone(), script.clone()];
        let mut places = [&entry, &script, &aside].into_iter();
        if let Some(file) = places.find(|path| asked.host.exists(path)) {
            let Some(path) = foreign::path(file) else {
                return foreign::absent(asked, "sysvinit", &looked);
            };
            let reading = foreign::reading(asked, &path);
            let line = match file == &script {
                true => of_script(&reading, &path),
                false => of_own(&reading, &path),
            };
            return Ok(foreign::standing(asked, "sysvinit", path.as_str(), line));
        }
        for file in inittab::files(asked)? {
            let Ok(path) = file.parse::<AbsPath>() else {
                continue;
            };
            let reading = foreign::reading(asked, &path);
            let line = match inittab::found(&reading, &file) {
                Ok(line) => line,
                Err(why) => Some(reading.cannot(&file, &why)),
            };
            if let Some(line) = line {
                return Ok(foreign::standing(asked, "sysvinit", &file, line));
            }
        }
        foreign::absent(asked, "sysvinit", &looked)
    }

    fn others(&self, asked: &Asked<'_>, program: &str) -> Result<Vec<Other>, RootError> {
        others_in(asked, &["/etc/init.d"], |_, text| {
            !is_openrcs(text) && text.contains(program)
        })
    }

    fn rivals(&self, asked: &Asked<'_>) -> Result<Vec<Rival>, RootError> {
        let own = asked.places.service.as_str();
        let mut found = Vec::new();
        for file in inittab::files(asked)?.iter().filter(|file| *file != own) {
            found.extend(inittab::rivals(asked, file, |_| false));
        }
        let [_, script, _] = files(&foreign::target(asked));
        let is_own = script == Path::new(own);
        if !is_own && is_script(asked.host, &script) {
            found.push(of_second_script(asked, &script));
        }
        Ok(found)
    }
}

/// Whether an init script is there that sysvinit could start: it is not one of OpenRC's.
fn is_script(host: &Host, script: &Path) -> bool {
    host.text(script).is_some_and(|text| !is_openrcs(&text))
}

fn is_openrcs(text: &str) -> bool {
    let first = text.lines().next();
    first.is_some_and(|line| line.contains("openrc-run"))
}

fn of_second_script(asked: &Asked<'_>, script: &Path) -> Rival {
    let name = asked.name;
    let links = links_of(&foreign::target(asked));
    let starts = |link: &&PathBuf| {
        let name = link.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.starts_with('S'))
    };
    let what = match links.iter().find(starts) {
        Some(link) => format!(
            "is an init script of `{name}`, which `{}` starts: two of them would run",
            asked.host.root().shown(link).display()
        ),
        None => format!("is an init script of `{name}`: where it is started, two of them run"),
    };
    Rival::new(script.display().to_string(), 0, what, Goes::File(links))
}

/// Init calls it with `start`.
fn of_script(reading: &Reading<'_>, path: &AbsPath) -> CommandLine {
    let mut script = reading.sh();
    script.given("1", "start");
    script.follow(path.as_str());
    script.reached()
}

/// The entry in a file of the service's own, which is its own, whatever is in it.
fn of_own(reading: &Reading<'_>, path: &AbsPath) -> CommandLine {
    let text = match reading.text(path.as_str()) {
        Ok(text) => text.unwrap_or_default(),
        Err(why) => return reading.cannot(path.as_str(), &why),
    };
    let entry = inittab::entries(&text).next();
    entry.map_or_else(
        || reading.cannot(path.as_str(), "has no entry that starts it"),
        |entry| entry.line_of(reading, path.as_str()),
    )
}
