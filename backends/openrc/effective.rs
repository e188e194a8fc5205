//! What an init script runs, whoever wrote it.

use std::path::{Path, PathBuf};

use super::FOLDERS;
use super::shipped::{Known, OF_ALL, OF_ALL_FOLDER};
use crate::backends::foreign;
use crate::backends::rivals::{Ordered, others_in};
use crate::effective::{Asked, Effective, Other, Rival, Standing};
use crate::host::Host;
use crate::root::RootError;
use crate::service::{AbsPath, Name};
use crate::shipped::{CommandLine, Shipped};

pub(super) struct Scripts;

/// Variables whose flags are those of what starts the service (openrc-run(8)).
const OF_THE_STARTER: [&str; 2] = ["start_stop_daemon_args", "supervise_daemon_args"];

impl Effective for Scripts {
    fn read(&self, asked: &Asked<'_>) -> Result<Standing, RootError> {
        let script = &script(asked.host, asked.name, &asked.places.service);
        let root = asked.host.root();
        let reading = foreign::reading(asked, script);
        let line = match root.target(script.as_str())? {
            Some(_) => Known.command_line(&reading),
            None => None,
        };
        let Some(mut line) = line else {
            let looked = [PathBuf::from(script.as_str())];
            return foreign::absent(asked, "openrc", &looked);
        };
        line.elsewhere
            .retain(|flag| !OF_THE_STARTER.contains(&flag.variable.as_str()));
        let mut files = std::mem::take(&mut line.files);
        let of_all = |file: &str| file == OF_ALL || file.starts_with(OF_ALL_FOLDER);
        files.retain(|file| !of_all(file) || says_something(&line, file));
        line.files = files;
        Ok(foreign::standing(asked, "openrc", script.as_str(), line))
    }

    fn others(&self, asked: &Asked<'_>, program: &str) -> Result<Vec<Other>, RootError> {
        let conf = |name: &str| asked.host.text(Path::new(super::CONF_FOLDER).join(name));
        others_in(asked, &FOLDERS, |name, text| {
            let first = text.lines().next().unwrap_or_default();
            let is_script = first.contains("openrc-run") || first.contains("runscript");
            let is_in_conf = || conf(name).is_some_and(|conf| conf.contains(program));
            is_script && (text.contains(program) || is_in_conf())
        })
    }

    fn rivals(&self, asked: &Asked<'_>) -> Result<Vec<Rival>, RootError> {
        let ordered = Ordered {
            title: "OpenRC",
            folders: &FOLDERS.map(PathBuf::from),
            end: "",
            masks_by_emptiness: false,
        };
        ordered.rivals(asked)
    }
}

/// The script that OpenRC takes: the first of those that are there, else the one at the
/// service's place.
fn script(host: &Host, name: &Name, place: &AbsPath) -> AbsPath {
    let scripts = FOLDERS
        .iter()
        .map(|folder| Path::new(folder).join(name.as_str()));
    let mut there = scripts.filter(|script| host.exists(script));
    let found = there.next().and_then(|script| foreign::path(&script));
    found.unwrap_or_else(|| place.clone())
}

/// Whether something of a command line comes from a file.
fn says_something(line: &CommandLine, file: &str) -> bool {
    let arguments = line.arguments.iter().map(|it| &it.path);
    let unknown = line.unknown.iter().map(|it| &it.path);
    let elsewhere = line.elsewhere.iter().map(|it| &it.path);
    let mut paths = arguments.chain(unknown).chain(elsewhere);
    paths.any(|path| path == file)
}
