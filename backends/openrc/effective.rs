//! What an init script runs, whoever wrote it.

use std::path::PathBuf;

use super::shipped::Known;
use crate::backends::foreign;
use crate::effective::{Asked, Effective, Standing};
use crate::root::RootError;
use crate::shipped::{CommandLine, Reading, Shipped};

pub(super) struct Scripts;

/// The settings of all services, which seldom say something of one.
const SETTINGS: &str = "/etc/rc.conf";

/// Variables whose flags are those of what starts the service (openrc-run(8)).
const OF_THE_STARTER: [&str; 2] = ["start_stop_daemon_args", "supervise_daemon_args"];

impl Effective for Scripts {
    fn read(&self, asked: &Asked<'_>) -> Result<Standing, RootError> {
        let script = &asked.places.service;
        let root = asked.host.root();
        let reading = Reading::new(root, script, asked.name);
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
        if !says_something(&line) {
            line.files.retain(|file| file != SETTINGS);
        }
        Ok(foreign::standing(asked, "openrc", script.as_str(), line))
    }
}

/// Whether something of a command line comes from the settings of all services.
fn says_something(line: &CommandLine) -> bool {
    let arguments = line.arguments.iter().map(|it| &it.path);
    let unknown = line.unknown.iter().map(|it| &it.path);
    let elsewhere = line.elsewhere.iter().map(|it| &it.path);
    let mut paths = arguments.chain(unknown).chain(elsewhere);
    paths.any(|path| path == SETTINGS)
}
