//! dinit: a service description, one that makes the folder of its log, and a logrotate
//! include.

mod control;
mod description;
mod effective;
mod env_file;
mod evidence;
mod needs;
mod properties;
mod quote;

use serde::Serialize;
use thiserror::Error;

use super::output::Output;
use super::{
    Activation, Backend, Expression, RenderError, Request, Trouble, command, launcher, link,
    logrotate, output,
};
use crate::control::Control;
use crate::detect::Evidence;
use crate::distro::{self, Distro, PerDistro, Place};
use crate::effective::Effective;
use crate::host::Host;
use crate::rendering::template::{Source, Templates};
use crate::rendering::{File, Rendered};
use crate::root::Kind;
use crate::service::{AbsPath, Dependency, Name, Property};

/// dinit, `dinit-service(5)`.
pub struct Dinit;

/// Where distributions keep the descriptions of their packages' services. dinit looks in
/// the administrator's folder, `/etc/dinit.d`, first.
static SERVICE: PerDistro<&str> = PerDistro {
    usual: "/etc/dinit.d/{name}",
    on: &[("chimera", "/usr/lib/dinit.d/{name}")],
};

/// The folder of links that the service `boot` waits for, on Artix and on Chimera.
const BOOT: &str = "/etc/dinit.d/boot.d";

/// What a service is started after that needs the network. An `after` of a name that is
/// not there is not an error (0.17 and newer).
static NETWORK: PerDistro<&[&str]> = PerDistro {
    usual: &["network.target", "NetworkManager", "connmand", "dhcpcd"],
    on: &[
        ("artix", &["NetworkManager", "connmand", "dhcpcd"]),
        ("chimera", &["network.target"]),
    ],
};

/// The service that mounts the control groups, where it is one of its own: on Chimera it
/// comes before all targets.
static CGROUPS: PerDistro<&[&str]> = PerDistro {
    usual: &["cgroups"],
    on: &[("chimera", &[])],
};

const TEMPLATES: &[Source] = &[
    ("service", include_str!("service")),
    ("log-folder", include_str!("log-folder")),
];

/// A name that dinit takes for something else.
#[derive(Debug, Error)]
#[error("`{name}` is not a name that dinit takes: {why}")]
struct BadName {
    name: Name,
    why: &'static str,
}

impl Backend for Dinit {
    fn name(&self) -> &'static str {
        "dinit"
    }

    fn title(&self) -> &'static str {
        "dinit"
    }

    fn default_distro(&self) -> &'static Distro {
        &distro::CHIMERA
    }

    fn place(&self, distro: &Distro, _layout: Option<&str>) -> Place {
        Place::Own(SERVICE.of(distro))
    }

    fn effective(&self) -> Option<&dyn Effective> {
        on_a_host!(effective::Descriptions)
    }

    fn troubles(&self, host: &Host, _request: &Request<'_>) -> Vec<Trouble> {
        not_a_folder(host).into_iter().collect()
    }

    fn unmet(&self, host: &Host, request: &Request<'_>) -> Vec<Trouble> {
        needs::unmet(host, request)
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

    fn render(&self, request: &Request<'_>) -> Result<Rendered, RenderError> {
        check_names(request)?;
        let templates = Templates::with(TEMPLATES, quote::QUOTING)?;
        let launcher = output::starter(request)?;
        let log_file = logrotate::log_file(request)?;
        let folder_service = log_service(&request.places.service)?;
        let data = Data::new(request, &launcher, &log_file, &folder_service);
        let mut rendered = Rendered::default();
        let text = templates.render("service", &data)?;
        rendered.add(request.places.service.clone(), File::data(text))?;
        if output::is_kept(request) {
            let text = templates.render("log-folder", &data)?;
            rendered.add(folder_service.clone(), File::data(text))?;
        }
        logrotate::add(request, &mut rendered)?;
        output::add(request, &mut rendered)?;
        launcher::add_heard(request, &mut rendered)?;
        notes(request, &mut rendered);
        Ok(rendered)
    }

    fn enabling_links(&self, request: &Request<'_>) -> Vec<(AbsPath, String)> {
        let service = &request.places.service;
        link(&format!("{BOOT}/{}", request.service.name), service)
    }

    fn activation(&self, request: &Request<'_>) -> Activation {
        let name = request.service.name.as_str();
        Activation {
            start: vec![command(["dinitctl", "enable", name])],
            ..Activation::default()
        }
    }
}

/// What `boot` waits for cannot hold anything.
fn not_a_folder(host: &Host) -> Option<Trouble> {
    let path = control::boot_folder(host);
    let kind = host.kind(&path).filter(|kind| *kind != Kind::Folder)?;
    Some(Trouble {
        path,
        what: format!("is {kind} and not the folder of what starts at boot"),
        hint: Some("make it a folder, with a link to each service that is in it".into()),
    })
}

/// The service that makes the folder of the log.
fn log_service(service: &AbsPath) -> Result<AbsPath, RenderError> {
    Ok(service.with_suffix("-log-folder")?)
}

/// dinit's own rule (`dinit-service(5)`, "SERVICE DESCRIPTION FILES"; 0.22): an `@` begins
/// an argument, and a name does not begin with a dot.
fn check_names(request: &Request<'_>) -> Result<(), RenderError> {
    let service = request.service;
    let before_it = service.needs.iter().chain(&service.wants);
    let named = before_it
        .chain(&service.after)
        .filter_map(Dependency::service);
    let own = [&service.name].into_iter().chain(&service.before);
    for name in own.chain(named) {
        let text = name.as_str();
        let why = match (text.contains('@'), text.starts_with('.')) {
            (true, _) => "`@` begins an argument of a service",
            (_, true) => "it begins with a dot",
            _ => continue,
        };
        let name = name.clone();
        return Err(RenderError::init("dinit", BadName { name, why }));
    }
    Ok(())
}

/// What the templates see.
#[derive(Serialize)]
struct Data<'a> {
    service: &'a str,
    description: &'a str,
    launcher: &'a str,
    always: bool,
    hears: bool,
    kill: String,
    stop_timeout: u64,
    output: Output,
    log_folder: &'a str,
    log_file: &'a str,
    log_service: &'a str,
    needs: Vec<&'a str>,
    after: Vec<&'a str>,
    before: Vec<&'a str>,
}

impl<'a> Data<'a> {
    fn new(
        request: &Request<'a>,
        launcher: &'a AbsPath,
        log_file: &'a AbsPath,
        log_service: &'a AbsPath,
    ) -> Self {
        let service = request.service;
        Self {
            service: service.name.as_str(),
            description: service.description.as_str(),
            launcher: launcher.as_str(),
            always: !service.stays_down(),
            hears: launcher::hears(request),
            kill: launcher::stop_timeout(service).decimal_seconds(),
            stop_timeout: launcher::gives_up(request).seconds_up(),
            output: Output::new(request),
            log_folder: request.places.log_folder.as_str(),
            log_file: log_file.as_str(),
            log_service: log_service.file_name(),
            needs: Dependency::services(&service.needs),
            after: after(request),
            before: service.before.iter().map(AsRef::as_ref).collect(),
        }
    }
}

/// What it is started after, where that is there. A network and control groups are no
/// more than that where they are needed, because their services have no common names.
fn after<'a>(request: &Request<'a>) -> Vec<&'a str> {
    let (service, distro) = (request.service, request.places.distro);
    let mut names: Vec<&str> = Vec::new();
    let before_it = service.needs.iter().chain(&service.wants);
    for dependency in before_it.chain(&service.after) {
        match dependency {
            Dependency::NetworkOnline => names.extend(*NETWORK.of(distro)),
            Dependency::Cgroups => names.extend(*CGROUPS.of(distro)),
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
    let wanted = service.wants.iter().filter_map(Dependency::service);
    let wanted: Vec<_> = wanted.map(|name| format!("`{name}`")).collect();
    if !wanted.is_empty() {
        rendered.note(
            "wants",
            format!(
                "dinit starts the service after {}, but does not start that for it: `waits-for` would start it, and would fail if it is not there",
                wanted.join(", ")
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::fixture::Fake;
    use crate::order::Order;

    #[test]
    fn what_boot_waits_for_has_to_be_a_folder() {
        let order = Order {
            distro: Some(&distro::CHIMERA),
            ..Order::kubelet()
        };
        let placed = order.place(&Dinit).unwrap();
        let of = |fake: &Fake| Dinit.troubles(&fake.host(), &placed.request());
        let fake = Fake::empty();
        assert!(of(&fake).is_empty());
        fake.file(
            "/usr/lib/dinit.d/boot",
            "waits-for.d = /etc/dinit.d/boot.d\n",
        )
        .file("/etc/dinit.d/boot.d", "");
        let troubles = of(&fake);
        let [Trouble { path, what, .. }] = troubles.as_slice() else {
            panic!("{} troubles", troubles.len());
        };
        assert_eq!(path.to_str(), Some("/etc/dinit.d/boot.d"));
        assert_eq!(what, "is a file and not the folder of what starts at boot");
    }
}
