//! What the header of an init script requires and is not there: insserv(8), by which
//! update-rc.d(8) enables a script, refuses it then ("FATAL: service X has to be enabled to use
//! service Y", measured with 1.27). A script that is enabled is started all the same.

use std::path::{Path, PathBuf};

use super::control::{files, is_started};
use crate::backends::{Request, Trouble};
use crate::control::Target;
use crate::host::Host;
use crate::service::Span;

/// Where scripts are.
const FOLDER: &str = "/etc/init.d";

/// Headers in the stead of those that scripts have (insserv(8)).
const OVERRIDES: &str = "/etc/insserv/overrides";

/// Runlevels in which a script can be enabled, those of the boot included.
const LEVELS: [&str; 5] = ["S", "2", "3", "4", "5"];

/// Everything that the script of the service requires and insserv does not find enabled.
pub(super) fn unmet(host: &Host, request: &Request<'_>) -> Vec<Trouble> {
    let service = &request.service.name;
    let target = Target {
        name: service,
        places: request.places,
        host,
        scan_folder: None,
        patience: Span::seconds(0),
    };
    let [entry, script, aside] = files(&target);
    if host.exists(entry) || host.exists(aside) || is_started(&target) {
        return Vec::new();
    }
    let header = Path::new(OVERRIDES).join(service.as_str());
    let files = [header, script].into_iter();
    let mut read = files.filter_map(|path| Some((host.text(&path)?, path)));
    let Some((text, by)) = read.next() else {
        return Vec::new();
    };
    let required = values(&text, "Required-Start");
    // `$network` and the like are insserv's own.
    let required = required.filter(|(_, name)| !name.starts_with('$'));
    let missing = required.filter_map(|(line, name)| {
        let why = why_not(host, name)?;
        Some(Trouble {
            path: by.clone(),
            what: format!(
                "requires `{name}` in line {line}, {why}: insserv does not enable `{service}` \
                 without it"
            ),
            hint: Some(format!(
                "install and enable `{name}`, or name it in `Should-Start` (`wants` of a spec), \
                 which does without"
            )),
        })
    });
    missing.collect()
}

/// Why insserv takes a script for one that is not enabled, if it does.
fn why_not(host: &Host, name: &str) -> Option<String> {
    let provider = |file: &String| {
        let text = host.text(Path::new(FOLDER).join(file));
        let text = text.unwrap_or_default();
        values(&text, "Provides").any(|(_, it)| it == name)
    };
    let mut scripts = host.list(FOLDER);
    scripts.retain(|file| !file.starts_with('.'));
    let named = scripts.iter().find(|file| *file == name);
    let Some(script) = named.or_else(|| scripts.iter().find(|file| provider(file))) else {
        return Some(format!("of which there is no script in `{FOLDER}`"));
    };
    let folders = LEVELS.map(|level| PathBuf::from(format!("/etc/rc{level}.d")));
    let links: Vec<_> = folders
        .iter()
        .flat_map(|folder| host.list(folder))
        .collect();
    let starts = |link: &String| link.get(3..) == Some(script) && link.starts_with('S');
    // Where nothing is enabled yet, it is not known what will be.
    (!links.is_empty() && !links.iter().any(starts)).then(|| "which is not enabled".to_owned())
}

/// The words of a key in the header of a script, each with its line (LSB, "Comment Conventions
/// for Init Scripts").
fn values<'a>(text: &'a str, key: &'a str) -> impl Iterator<Item = (usize, &'a str)> {
    let lines = text.lines().enumerate();
    let header = lines
        .skip_while(|(_, line)| !line.contains("### BEGIN INIT INFO"))
        .take_while(|(_, line)| !line.contains("### END INIT INFO"));
    let found = header.filter_map(move |(at, line)| {
        let (name, value) = line.strip_prefix('#')?.split_once(':')?;
        (name.trim() == key).then_some((at + 1, value))
    });
    found.flat_map(|(at, value)| value.split_whitespace().map(move |word| (at, word)))
}
