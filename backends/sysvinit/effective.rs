//! What an entry of inittab or an init script runs, whoever wrote it.

use std::path::PathBuf;

use super::control::files;
use crate::backends::foreign;
use crate::effective::{Asked, Effective, Standing};
use crate::envfile::Position;
use crate::root::RootError;
use crate::service::AbsPath;
use crate::shipped::{CommandLine, Reading};

pub(super) struct Entries;

/// Where init's own entries are (`inittab(5)`).
const INITTAB: &str = "/etc/inittab";

/// What init puts before a process that it gives to a shell.
const BECOME: &str = "exec ";

impl Effective for Entries {
    fn read(&self, asked: &Asked<'_>) -> Result<Standing, RootError> {
        let target = foreign::target(asked);
        let [entry, script, aside] = files(&target);
        let looked = [entry.clone(), script.clone()];
        let mut places = [&entry, &script, &aside].into_iter();
        let there = places.find(|path| asked.host.exists(path));
        let inittab: PathBuf = INITTAB.into();
        let file = there.unwrap_or(&inittab);
        let Some(path) = foreign::path(file) else {
            return foreign::absent(asked, "sysvinit", &looked);
        };
        let reading = Reading::new(asked.host.root(), &path, asked.name);
        let line = match file == &script {
            true => Some(of_script(&reading, &path)),
            false => of_entries(&reading, &path),
        };
        match line {
            Some(line) => Ok(foreign::standing(asked, "sysvinit", path.as_str(), line)),
            // A file of its own is its own, whatever is in it.
            None if there.is_some() => {
                let line = reading.cannot(path.as_str(), "has no entry that starts it");
                Ok(foreign::standing(asked, "sysvinit", path.as_str(), line))
            }
            None => foreign::absent(asked, "sysvinit", &looked),
        }
    }
}

/// Init calls it with `start`.
fn of_script(reading: &Reading<'_>, path: &AbsPath) -> CommandLine {
    let mut script = reading.sh();
    script.given("1", "start");
    script.follow(path.as_str());
    script.reached()
}

/// The entry that starts the service, or somebody else's of that name.
fn of_entries(reading: &Reading<'_>, path: &AbsPath) -> Option<CommandLine> {
    let text = match reading.text(path.as_str()) {
        Ok(text) => text?,
        Err(why) => return Some(reading.cannot(path.as_str(), &why)),
    };
    let mut lines = text.lines().enumerate();
    lines.find_map(|(at, line)| {
        // `id:runlevels:action:process`
        let mut fields = line.splitn(4, ':');
        let process = fields.nth(3).filter(|_| !line.starts_with('#'))?;
        let process = process.strip_prefix('+').unwrap_or(process);
        let is_it = |word: &str| word.rsplit('/').next() == Some(reading.name.as_str());
        let own = path.as_str() != INITTAB;
        let begins = Position {
            line: at + 1,
            column: (line.len() - process.len() + 1)
                .saturating_sub(BECOME.len())
                .max(1),
        };
        let named = process.split([' ', '\t', '\'', '"']).any(is_it);
        (own || named).then(|| {
            let mut script = reading.sh();
            script.follow_text(path.as_str(), &format!("{BECOME}{process}"), begins);
            script.reached()
        })
    })
}
