//! OpenRC: an init script for `supervise-daemon(8)`, its conf.d file, and a
//! logrotate include.

use serde::Serialize;

mod control;
mod depend;
mod effective;
mod evidence;
mod needs;
mod properties;
mod shipped;

use super::output::Output;
use super::{
    Activation, Backend, Expression, RenderError, Request, Trouble, command, launcher, link,
    logrotate, output,
};
use crate::control::Control;
use crate::detect::Evidence;
use crate::distro::{self, Distro, Place};
use crate::effective::Effective;
use crate::host::{Host, HostInit};
use crate::rendering::template::{Source, Templates};
use crate::rendering::{File, Rendered, Weight};
use crate::service::{AbsPath, Dependency, LogTo, Property, Service};
use crate::shipped::Shipped;

/// `OpenRC`, `openrc-run(8)`.
pub struct OpenRc;

/// The folder of settings, each sourced as shell by `openrc-run(8)`.
const CONF_FOLDER: &str = "/etc/conf.d";

/// Where OpenRC looks for scripts, in its order (`rc_service_resolve`, `librc.c`; measured with
/// 0.45): a script of the administrator's own comes first.
const FOLDERS: [&str; 3] = ["/usr/local/etc/init.d", "/etc/init.d", "/usr/etc/init.d"];

const TEMPLATES: &[Source] = &[
    ("init.d", include_str!("init.d.sh")),
    ("conf.d", include_str!("conf.d.sh")),
];

impl Backend for OpenRc {
    fn name(&self) -> &'static str {
        "openrc"
    }

    fn title(&self) -> &'static str {
        "OpenRC"
    }

    fn default_distro(&self) -> &'static Distro {
        &distro::ALPINE
    }

    fn place(&self, _distro: &Distro, _layout: Option<&str>) -> Place {
        Place::Own("/etc/init.d/{name}")
    }

    fn seen_by_kubeadm(&self, host: Option<&Host>) -> HostInit {
        match host.is_some_and(|host| host.program("rc-service").is_none()) {
            true => HostInit::OpenRcOnly,
            false => HostInit::OpenRc,
        }
    }

    fn evidence(&self) -> Option<&dyn Evidence> {
        on_a_host!(evidence::Seen)
    }

    fn control(&self) -> Option<&dyn Control> {
        on_a_host!(control::Tools)
    }

    fn effective(&self) -> Option<&dyn Effective> {
        on_a_host!(effective::Scripts)
    }

    fn shipped(&self) -> Option<&dyn Shipped> {
        on_a_host!(shipped::Known)
    }

    fn express(&self, property: Property) -> Expression {
        properties::express(property)
    }

    fn render(&self, request: &Request<'_>) -> Result<Rendered, RenderError> {
        let (service, places) = (request.service, request.places);
        let name = service.name.as_str();
        let templates = Templates::new(TEMPLATES)?;
        let conf = CONF_FOLDER.parse::<AbsPath>()?.join(name)?;
        let logrotate = logrotate::path(request)?;
        let launcher = output::starter(request)?;
        let log_file = logrotate::log_file(request)?;
        let data = Data::new(request, &launcher, &log_file, &logrotate);

        let mut rendered = Rendered::default();
        rendered.add(
            places.service.clone(),
            File::program(templates.render("init.d", &data)?),
        )?;
        rendered.add(
            conf.clone(),
            File::config(templates.render("conf.d", &data)?),
        )?;
        logrotate::add(request, &mut rendered)?;
        output::add(request, &mut rendered)?;
        launcher::add_heard(request, &mut rendered)?;
        notes(request, &conf, &mut rendered);
        Ok(rendered)
    }

    fn unmet(&self, host: &Host, request: &Request<'_>) -> Vec<Trouble> {
        needs::unmet(host, request)
    }

    fn enabling_links(&self, request: &Request<'_>) -> Vec<(AbsPath, String)> {
        let service = &request.places.service;
        link(
            &format!("/etc/runlevels/default/{}", request.service.name),
            service,
        )
    }

    fn activation(&self, request: &Request<'_>) -> Activation {
        let name = request.service.name.as_str();
        Activation {
            reload: Vec::new(),
            start: vec![
                command(["rc-update", "add", name, "default"]),
                command(["rc-service", name, "start"]),
            ],
            is_widely_known: true,
        }
    }
}

/// What the templates see.
#[derive(Serialize)]
struct Data<'a> {
    service: &'a str,
    description: &'a str,
    launcher: &'a str,
    restart_delay: String,
    /// The launcher stays the parent, and its verb.
    parent: bool,
    hears: bool,
    reload: bool,
    gives_up: u64,
    stop_signal: &'static str,
    stop_timeout: String,
    retry_timeout: u64,
    need: Vec<&'a str>,
    want: Vec<&'a str>,
    after: Vec<&'a str>,
    before: Vec<&'a str>,
    env_files: Vec<EnvFile<'a>>,
    output: Output,
    log_file: &'a str,
    logrotate: &'a str,
}

#[derive(Serialize)]
struct EnvFile<'a> {
    path: &'a str,
    about: Option<&'a str>,
}

impl<'a> Data<'a> {
    fn new(
        request: &Request<'a>,
        launcher: &'a AbsPath,
        log_file: &'a AbsPath,
        logrotate: &'a AbsPath,
    ) -> Self {
        let service = request.service;
        let runtimes = request.places.distro.runtimes;
        Self {
            service: service.name.as_str(),
            description: service.description.as_str(),
            launcher: launcher.as_str(),
            restart_delay: service.restart.delay.decimal_seconds(),
            parent: stays_parent(request),
            hears: launcher::hears(request),
            reload: service.life.reload.is_some(),
            gives_up: launcher::gives_up(request).seconds_up(),
            stop_signal: service.stop.signal.name(),
            stop_timeout: launcher::stop_timeout(service).decimal_seconds(),
            retry_timeout: launcher::stop_timeout(service).seconds_up() + 1,
            need: Dependency::services(&service.needs),
            want: wanted(&service.needs, &service.wants),
            after: after(service, runtimes),
            before: service.before.iter().map(AsRef::as_ref).collect(),
            env_files: service
                .env_files
                .iter()
                .map(|file| EnvFile {
                    path: file.path.as_str(),
                    about: file.about.as_ref().map(AsRef::as_ref),
                })
                .collect(),
            output: Output::new(request),
            log_file: log_file.as_str(),
            logrotate: logrotate.as_str(),
        }
    }
}

/// Whether the launcher stays the parent, as supervise-daemon starts again after every end.
///
/// A pipe to syslog lasts as long as the launcher that has it for its output.
fn stays_parent(request: &Request<'_>) -> bool {
    let service = request.service;
    service.stays_down() || service.log.to == LogTo::Syslog || launcher::is_parent(request)
}

/// What is started first where it exists. A network and control groups are
/// wanted even where they are needed, because not every system has a service
/// of that name: a container's may be its host's.
fn wanted<'a>(needs: &'a [Dependency], wants: &'a [Dependency]) -> Vec<&'a str> {
    let mut names = Vec::new();
    for dependency in needs.iter().chain(wants) {
        match dependency {
            Dependency::NetworkOnline => names.push("net"),
            Dependency::Cgroups => names.push("cgroups"),
            Dependency::Service(name) if wants.contains(dependency) => names.push(name.as_str()),
            Dependency::Service(_) | Dependency::ContainerRuntime => {}
        }
    }
    names
}

/// What it is ordered after, whether or not that is there.
fn after<'a>(service: &'a Service, runtimes: &[&'static str]) -> Vec<&'a str> {
    let mut names = vec!["firewall"];
    let before_it = service.needs.iter().chain(&service.wants);
    for dependency in before_it.chain(&service.after) {
        match dependency {
            Dependency::NetworkOnline => names.push("net"),
            Dependency::Cgroups => names.push("cgroups"),
            Dependency::ContainerRuntime => names.extend(runtimes),
            Dependency::Service(name) => names.push(name.as_str()),
        }
    }
    names
}

fn notes(request: &Request<'_>, conf: &AbsPath, rendered: &mut Rendered) {
    let service = request.service;
    if launcher::hears(request) {
        rendered.note(
            "type",
            "before OpenRC 0.62, services after it start as soon as the launcher has started: `notify=` is newer",
        );
    }
    for file in service.env_files.iter().filter(|file| file.path == *conf) {
        rendered.tell(
            Weight::Warning,
            "envFiles",
            format!(
                "OpenRC runs `{}` as shell before the service starts; keep the variables in another file, such as `{}.env`",
                file.path, file.path
            ),
        );
    }
}
