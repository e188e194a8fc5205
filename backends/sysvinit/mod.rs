//! sysvinit: an entry of `inittab(5)` in a file of its own, or an init script with an LSB
//! header; and a logrotate include.

mod control;
mod effective;
mod evidence;
mod needs;
mod properties;

use serde::Serialize;
use thiserror::Error;

use super::output::Output;
use super::{
    Activation, Backend, Expression, Layout, RenderError, Request, Trouble, command, launcher,
    link, logrotate, output,
};
use crate::control::Control;
use crate::detect::Evidence;
use crate::distro::{self, Distro, Place};
use crate::effective::Effective;
use crate::host::Host;
use crate::rendering::quote;
use crate::rendering::template::{Quoting, Source, Templates};
use crate::rendering::{File, Rendered};
use crate::service::{AbsPath, Dependency, Name, Property};

/// sysvinit, `init(8)`.
pub struct Sysvinit;

/// `/etc/inittab.d/NAME.tab`, which is read since sysvinit 2.97.
const INITTAB: &str = "inittab";
/// `/etc/init.d/NAME`.
pub(super) const SCRIPT: &str = "script";

/// The end of the name of what an entry starts, beside the launcher.
const RUN: &str = ".run";

/// The runlevels that a machine runs in, and those that end it.
const UP: [&str; 4] = ["2", "3", "4", "5"];
const DOWN: [&str; 3] = ["0", "1", "6"];

/// What an entry is called that init does not read.
const ASIDE: &str = ".disabled";

/// The longest process of an entry, in bytes, that every version takes: 3.06 leaves an
/// entry out whose process is longer than that, without a word to who asked.
const LONGEST: usize = 127;

const TEMPLATES: &[Source] = &[
    ("entry", include_str!("entry.tab")),
    ("run", include_str!("run.sh")),
    ("init.d", include_str!("init.d.sh")),
];

/// A facility's name is of insserv's making, `$network`, or a script's.
const QUOTING: &[Quoting] = &[("facility", str::to_owned)];

/// A process that is too long for inittab.
#[derive(Debug, Error)]
#[error("the entry of `{name}` has a process of {length} bytes; inittab takes {LONGEST}")]
struct TooLong {
    name: Name,
    length: usize,
}

impl Backend for Sysvinit {
    fn name(&self) -> &'static str {
        "sysvinit"
    }

    fn title(&self) -> &'static str {
        "sysvinit"
    }

    fn default_distro(&self) -> &'static Distro {
        &distro::DEVUAN
    }

    fn layouts(&self) -> &'static [Layout] {
        &[
            Layout {
                name: INITTAB,
                about: "an entry in /etc/inittab.d, which init itself respawns (2.97 and newer)",
            },
            Layout {
                name: SCRIPT,
                about: "an init script in /etc/init.d; a launcher that was killed is not started again",
            },
        ]
    }

    fn place(&self, _distro: &Distro, layout: Option<&str>) -> Place {
        Place::Own(match layout {
            Some(SCRIPT) => "/etc/init.d/{name}",
            _ => "/etc/inittab.d/{name}.tab",
        })
    }

    fn express(&self, property: Property) -> Expression {
        properties::express(property)
    }

    fn evidence(&self) -> Option<&dyn Evidence> {
        on_a_host!(evidence::Seen)
    }

    fn control(&self) -> Option<&dyn Control> {
        on_a_host!(control::Tools)
    }

    fn effective(&self) -> Option<&dyn Effective> {
        on_a_host!(effective::Entries)
    }

    fn render(&self, request: &Request<'_>) -> Result<Rendered, RenderError> {
        let templates = Templates::with(TEMPLATES, QUOTING)?;
        let launcher = launcher::path(request)?;
        let log_file = logrotate::log_file(request)?;
        let starter = output::starter(request)?;
        let run = launcher.with_suffix(RUN)?;
        let data = Data::new(request, &starter, &run, &log_file);
        let mut rendered = Rendered::default();
        let place = request.places.service.clone();
        if is_script(request) {
            let text = templates.render("init.d", &data)?;
            rendered.add(place, File::program(text))?;
        } else {
            check_length(request, &data)?;
            let text = templates.render("run", &data)?;
            rendered.add(run.clone(), File::program(text))?;
            let text = templates.render("entry", &data)?;
            let aside = place.with_suffix(ASIDE)?;
            rendered.add(place, File::data(text).or_at(aside))?;
        }
        logrotate::add(request, &mut rendered)?;
        output::add(request, &mut rendered)?;
        launcher::add(request, &mut rendered)?;
        notes(request, &mut rendered);
        Ok(rendered)
    }

    fn unmet(&self, host: &Host, request: &Request<'_>) -> Vec<Trouble> {
        needs::unmet(host, request)
    }

    fn enabling_links(&self, request: &Request<'_>) -> Vec<(AbsPath, String)> {
        if !is_script(request) {
            return Vec::new();
        }
        let links = |levels: &[&str], start: &str| {
            let path = |level: &&str| format!("/etc/rc{level}.d/{start}{}", request.service.name);
            let links = levels.iter().map(path);
            links
                .flat_map(|path| link(&path, &request.places.service))
                .collect::<Vec<_>>()
        };
        [links(&UP, "S99"), links(&DOWN, "K01")].concat()
    }

    fn activation(&self, request: &Request<'_>) -> Activation {
        let name = request.service.name.as_str();
        let start = match is_script(request) {
            true => vec![
                command(["update-rc.d", name, "defaults"]),
                command(["service", name, "start"]),
            ],
            false => vec![command(["telinit", "q"])],
        };
        Activation {
            start,
            is_widely_known: is_script(request),
            ..Activation::default()
        }
    }
}

fn is_script(request: &Request<'_>) -> bool {
    let layout = request.places.layout.as_ref();
    layout.is_some_and(|layout| layout.as_str() == SCRIPT)
}

fn check_length(request: &Request<'_>, data: &Data<'_>) -> Result<(), RenderError> {
    let length = quote::sh(&data.run).len();
    if length <= LONGEST {
        return Ok(());
    }
    let name = request.service.name.clone();
    let error = RenderError::init("sysvinit", TooLong { name, length });
    Err(error.hint("shorter folders, or `--layout script`"))
}

/// The name of an entry, which is of one to four characters and must be no other entry's:
/// a letter and three digits of a checksum (FNV-1a) of the service's name.
fn id(name: &Name) -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let sum = name.as_str().bytes().fold(0x811c_9dc5_u32, |sum, byte| {
        (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    let digit = |power: u32| char::from(DIGITS[(sum / 36_u32.pow(power) % 36) as usize]);
    ['k', digit(2), digit(1), digit(0)].iter().collect()
}

/// What the templates see.
#[derive(Serialize)]
struct Data<'a> {
    service: &'a str,
    description: &'a str,
    id: String,
    action: &'static str,
    run: String,
    output: Output,
    entry: &'a str,
    log_folder: &'a str,
    launcher: &'a str,
    process_name: String,
    kill: String,
    reload: bool,
    stop_timeout: u64,
    log_file: &'a str,
    needs: Vec<&'a str>,
    after: Vec<&'a str>,
    before: Vec<&'a str>,
}

impl<'a> Data<'a> {
    fn new(
        request: &Request<'a>,
        launcher: &'a AbsPath,
        run: &AbsPath,
        log_file: &'a AbsPath,
    ) -> Self {
        let service = request.service;
        Self {
            service: service.name.as_str(),
            description: service.description.as_str(),
            id: id(&service.name),
            // The launcher ends with the service, and init starts it no more.
            action: match service.stays_down() {
                false => "respawn",
                true => "once",
            },
            run: run.to_string(),
            output: Output::new(request),
            entry: request.places.service.as_str(),
            log_folder: request.places.log_folder.as_str(),
            launcher: launcher.as_str(),
            // The kernel cuts a process's name (`TASK_COMM_LEN`).
            process_name: service.name.as_str().chars().take(15).collect(),
            kill: launcher::stop_timeout(service).decimal_seconds(),
            reload: service.life.reload.is_some(),
            stop_timeout: launcher::gives_up(request).seconds_up(),
            log_file: log_file.as_str(),
            needs: Dependency::services(&service.needs),
            after: after(request),
            before: service.before.iter().map(AsRef::as_ref).collect(),
        }
    }
}

/// What the script is ordered after, where that is there (`Should-Start`, insserv(8)).
fn after<'a>(request: &Request<'a>) -> Vec<&'a str> {
    let (service, distro) = (request.service, request.places.distro);
    let mut names = Vec::new();
    let before_it = service.needs.iter().chain(&service.wants);
    for dependency in before_it.chain(&service.after) {
        match dependency {
            Dependency::NetworkOnline => names.push("$network"),
            Dependency::Cgroups => names.push("cgroupfs-mount"),
            Dependency::ContainerRuntime => names.extend(distro.runtimes),
            Dependency::Service(name) if !service.needs.contains(dependency) => {
                names.push(name.as_str());
            }
            Dependency::Service(_) => {}
        }
    }
    names
}

fn notes(request: &Request<'_>, rendered: &mut Rendered) {
    let service = request.service;
    let named = |list: &[Dependency]| {
        let names = list.iter().filter_map(Dependency::service);
        let names = names.map(|name| format!("`{name}`"));
        names.collect::<Vec<_>>().join(", ")
    };
    let (needs, wants) = (named(&service.needs), named(&service.wants));
    if is_script(request) {
        if !wants.is_empty() {
            rendered.note(
                "wants",
                format!("the script is started after {wants}, but does not start that"),
            );
        }
        rendered.note(
            "restart",
            "a launcher that was killed is not started again; init does respawn an entry in `/etc/inittab.d`",
        );
    } else if !needs.is_empty() {
        rendered.note(
            "needs",
            format!(
                "init waits for the scripts of the boot, {needs} among them, and starts the service whether or not they succeed"
            ),
        );
    }
    if !is_script(request) && !service.before.is_empty() {
        rendered.note(
            "before",
            "nothing waits for an entry of inittab; with `--layout script` the service is started before them",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_services_have_ids_of_their_own() {
        let of = |name: &str| id(&name.parse().unwrap());
        let mut ids: Vec<_> = ["kubelet", "kube-proxy", "containerd", "crio", "etcd"]
            .map(of)
            .into();
        assert!(ids.iter().all(|id| id.len() == 4 && id.starts_with('k')));
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 5);
    }
}
