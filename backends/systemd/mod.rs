//! systemd: the reference. A unit, and for a service that somebody else
//! configures (the kubelet by kubeadm) a drop-in with its arguments.

mod changed;
mod control;
mod effective;
mod evidence;
mod find;
mod life;
mod needs;
mod others;
mod process;
mod properties;
mod quote;
mod started;

use serde::Serialize;

use super::{Activation, Backend, Expression, RenderError, Request, Trouble, command, link};
use crate::control::Control;
use crate::detect::Evidence;
use crate::distro::{self, Distro, PerDistro, Place};
use crate::effective::Effective;
use crate::host::{CgroupDriver, Host, HostInit};
use crate::rendering::template::{Source, Templates};
use crate::rendering::{File, Rendered};
use crate::service::{
    AbsPath, Assignment, Dependency, End, Ends, Kill, Limits, Name, NotifyAccess, Property,
    Resource, Service, Signal, Span, Type,
};

/// systemd, `systemd.service(5)`.
pub struct Systemd;

/// Where the links are that enabling makes.
const FOLDER: &str = "/etc/systemd/system";

/// The target with which services start that say nothing else.
const USUAL: &str = "multi-user.target";

/// The folder of the units that packages bring; elsewhere that of the administrator.
static UNIT: PerDistro<&str> = PerDistro {
    usual: "/etc/systemd/system/{name}.service",
    on: &[
        ("debian", "/usr/lib/systemd/system/{name}.service"),
        ("fedora", "/usr/lib/systemd/system/{name}.service"),
        ("gentoo", "/usr/lib/systemd/system/{name}.service"),
    ],
};

const TEMPLATES: &[Source] = &[
    ("unit", include_str!("unit.service")),
    ("drop-in", include_str!("drop-in.conf")),
    ("execution", include_str!("execution.conf")),
];

/// What systemd does without being told (`systemd.service(5)`,
/// `systemd.kill(5)`, `systemd-system.conf(5)`): such lines are left out.
const DEFAULT_STOP_TIMEOUT: Span = Span::seconds(90);

impl Backend for Systemd {
    fn name(&self) -> &'static str {
        "systemd"
    }

    fn title(&self) -> &'static str {
        "systemd"
    }

    fn default_distro(&self) -> &'static Distro {
        &distro::DEBIAN
    }

    fn cgroup_driver(&self) -> CgroupDriver {
        CgroupDriver::Systemd
    }

    fn place(&self, distro: &Distro, _layout: Option<&str>) -> Place {
        Place::Own(UNIT.of(distro))
    }

    fn seen_by_kubeadm(&self, _host: Option<&Host>) -> HostInit {
        HostInit::Systemd
    }

    fn reads_units(&self) -> bool {
        true
    }

    fn evidence(&self) -> Option<&dyn Evidence> {
        on_a_host!(evidence::Seen)
    }

    fn control(&self) -> Option<&dyn Control> {
        on_a_host!(control::Tools)
    }

    fn effective(&self) -> Option<&dyn Effective> {
        on_a_host!(effective::Units)
    }

    fn unmet(&self, host: &Host, request: &Request<'_>) -> Vec<Trouble> {
        let mut troubles = needs::unmet(host, request);
        troubles.extend(started::in_vain(host, &request.service.name));
        troubles
    }

    fn express(&self, property: Property) -> Expression {
        properties::express(property)
    }

    fn render(&self, request: &Request<'_>) -> Result<Rendered, RenderError> {
        let service = request.service;
        let templates = Templates::with(TEMPLATES, quote::QUOTING)?;
        let data = Data::new(service);
        let mut rendered = Rendered::default();
        let unit = &request.places.service;
        rendered.add(unit.clone(), File::data(templates.render("unit", &data)?))?;
        if let Some(owner) = &service.configured_by {
            rendered.add(
                unit.with_suffix(&format!(".d/10-{owner}.conf"))?,
                File::data(templates.render("drop-in", &data)?),
            )?;
        }
        Ok(rendered)
    }

    fn enabling_links(&self, request: &Request<'_>) -> Vec<(AbsPath, String)> {
        let service = &request.places.service;
        let usual = is_wanted_by_usual(request.service)
            .then(|| format!("{FOLDER}/{USUAL}.wants/{}", service.file_name()));
        let own = request.service.systemd.install.iter();
        let own = own.flat_map(|line| links(line, service.file_name()));
        let all = usual.into_iter().chain(own);
        all.flat_map(|path| link(&path, service)).collect()
    }

    fn activation(&self, request: &Request<'_>) -> Activation {
        let unit = format!("{}.service", request.service.name);
        Activation {
            reload: vec![command(["systemctl", "daemon-reload"])],
            start: vec![command(["systemctl", "enable", "--now", &unit])],
            is_widely_known: true,
        }
    }
}

/// What the templates see.
#[derive(Serialize)]
struct Data<'a> {
    description: &'a str,
    configured_by: Option<&'a str>,
    /// What else is said in `[Unit]`.
    unit_lines: Vec<Setting>,
    commands: Vec<life::Command>,
    program: &'a str,
    arguments: Vec<String>,
    environment: Vec<String>,
    specifiers: bool,
    env_files: Vec<EnvFile<'a>>,
    /// What is said in `[Service]` besides what is executed and its environment.
    settings: Vec<Setting>,
    /// What the service says to systemd alone.
    own_unit: &'a [Assignment],
    own_service: &'a [Assignment],
    own_install: &'a [Assignment],
    /// Whether it is wanted by the usual target, since it names none.
    wanted: bool,
}

/// A line `key=value`.
#[derive(Serialize)]
struct Setting {
    key: String,
    value: String,
}

impl Setting {
    fn new(key: &str, value: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            value: value.into(),
        }
    }
}

#[derive(Serialize)]
struct EnvFile<'a> {
    path: &'a str,
    is_pattern: bool,
    optional: bool,
    about: Option<&'a str>,
}

impl<'a> Data<'a> {
    fn new(service: &'a Service) -> Self {
        Self {
            description: service.description.as_str(),
            configured_by: service.configured_by.as_ref().map(AsRef::as_ref),
            unit_lines: unit_lines(service),
            commands: life::commands(service),
            program: service.program.as_str(),
            arguments: service.arguments.iter().map(ToString::to_string).collect(),
            environment: service
                .environment
                .iter()
                .map(|variable| format!("{}={}", variable.name, variable.value))
                .collect(),
            specifiers: service.specifiers,
            env_files: service
                .env_files
                .iter()
                .map(|file| EnvFile {
                    path: file.path.as_str(),
                    is_pattern: file.is_pattern,
                    optional: file.optional,
                    about: file.about.as_ref().map(AsRef::as_ref),
                })
                .collect(),
            settings: settings(service),
            own_unit: &service.systemd.unit,
            own_service: &service.systemd.service,
            own_install: &service.systemd.install,
            wanted: is_wanted_by_usual(service),
        }
    }
}

/// Whether the service starts with [`USUAL`], since it names no other.
fn is_wanted_by_usual(service: &Service) -> bool {
    let mut lines = service.systemd.install.iter();
    lines.all(|line| line.key() != "WantedBy")
}

/// The links that enabling makes by a line of `[Install]` (`systemd.unit(5)`).
fn links(line: &Assignment, name: &str) -> Vec<String> {
    let of = |unit: &str| match line.key() {
        "WantedBy" => Some(format!("{FOLDER}/{unit}.wants/{name}")),
        "RequiredBy" => Some(format!("{FOLDER}/{unit}.requires/{name}")),
        "UpheldBy" => Some(format!("{FOLDER}/{unit}.upholds/{name}")),
        "Alias" => Some(format!("{FOLDER}/{unit}")),
        _ => None,
    };
    line.value().split_whitespace().filter_map(of).collect()
}

/// A span as unit files have it: bare seconds, or milliseconds by name.
fn time(span: Span) -> String {
    match span.milliseconds() {
        ms if ms % 1000 == 0 => (ms / 1000).to_string(),
        ms => format!("{ms}ms"),
    }
}

/// The units of services.
fn services(names: &[Name]) -> Vec<String> {
    names.iter().map(|name| format!("{name}.service")).collect()
}

/// The units that stand for dependencies. systemd mounts the control groups
/// itself, and the upstream unit names no container runtime: the kubelet ends
/// without one and comes back.
fn units(dependencies: &[Dependency]) -> Vec<String> {
    dependencies
        .iter()
        .filter_map(|dependency| match dependency {
            Dependency::NetworkOnline => Some("network-online.target".into()),
            Dependency::Service(name) => Some(format!("{name}.service")),
            Dependency::Cgroups | Dependency::ContainerRuntime => None,
        })
        .collect()
}

/// The lines of `[Unit]` below the description.
fn unit_lines(service: &Service) -> Vec<Setting> {
    let (needs, wants) = (units(&service.needs), units(&service.wants));
    let documentation = service.documentation.iter().map(ToString::to_string);
    let mut lines = Vec::new();
    for (key, values) in [
        ("Documentation", documentation.collect()),
        ("Requires", needs.clone()),
        ("Wants", wants.clone()),
        ("After", [needs, wants, units(&service.after)].concat()),
        ("Before", services(&service.before)),
        ("Conflicts", services(&service.life.conflicts)),
    ] {
        lines.extend(
            values
                .into_iter()
                .map(|value: String| Setting::new(key, value)),
        );
    }
    lines.extend(life::conditions(service));
    if let Some(limit) = service.restart.limit {
        lines.push(Setting::new("StartLimitIntervalSec", time(limit.within)));
        lines.push(Setting::new("StartLimitBurst", limit.starts.to_string()));
    }
    lines
}

/// Exit codes and signals as `SuccessExitStatus=` has them (`systemd.service(5)`).
fn statuses(ends: &Ends) -> String {
    let one = |end: End| match end {
        End::Code(code) => code.to_string(),
        End::Signal(_) => format!("SIG{end}"),
    };
    ends.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// The lines of `[Service]`: when it is started again, and what is other than systemd's default.
fn settings(service: &Service) -> Vec<Setting> {
    let mut lines = Vec::new();
    let mut set = |key: &str, value: String| lines.push(Setting::new(key, value));
    set("Restart", service.restart.policy.systemd().into());
    if service.restart.limit.is_none() {
        set("StartLimitInterval", "0".into());
    }
    set("RestartSec", time(service.restart.delay));
    match service.service_type {
        Type::Simple => {}
        Type::Notify => set("Type", "notify".into()),
        Type::Oneshot => set("Type", "oneshot".into()),
        Type::Forking => set("Type", "forking".into()),
    }
    if let Some(path) = &service.life.pid_file {
        set("PIDFile", path.to_string());
    }
    if service.life.notify_access != NotifyAccess::Main {
        set("NotifyAccess", service.life.notify_access.name().into());
    }
    if service.life.remain_after_exit {
        set("RemainAfterExit", "yes".into());
    }
    match service.life.start.timeout {
        None => {}
        Some(timeout) if timeout.milliseconds() == 0 => set("TimeoutStartSec", "infinity".into()),
        Some(timeout) => set("TimeoutStartSec", time(timeout)),
    }
    if service.stop.signal != Signal::Term {
        set("KillSignal", format!("SIG{}", service.stop.signal));
    }
    if service.stop.timeout != DEFAULT_STOP_TIMEOUT {
        set("TimeoutStopSec", time(service.stop.timeout));
    }
    if service.stop.kill != Kill::Group {
        set("KillMode", service.stop.kill.systemd().into());
    }
    if !service.stop.send_kill {
        set("SendSIGKILL", "no".into());
    }
    let restart = &service.restart;
    for (key, ends) in [
        ("SuccessExitStatus", &restart.success_exit_status),
        ("RestartForceExitStatus", &restart.force_exit_status),
        ("RestartPreventExitStatus", &restart.prevent_exit_status),
    ] {
        if !ends.is_empty() {
            set(key, statuses(ends));
        }
    }
    let limits = &service.limits;
    for (resource, limit) in limits.said() {
        if resource != Resource::Nofile || limit != Limits::NOFILE {
            set(
                resource.directive(),
                format!("{}:{}", limit.soft, limit.hard),
            );
        }
    }
    if let Some(score) = limits.oom_score_adjust {
        set("OOMScoreAdjust", score.to_string());
    }
    if let Some(max) = service.tasks_max {
        set("TasksMax", max.to_string());
    }
    if service.delegate {
        set("Delegate", "yes".into());
    }
    let of_process = process::settings(&service.process);
    let of_process = of_process.into_iter();
    lines.extend(of_process.map(|(key, value)| Setting { key, value }));
    lines
}
