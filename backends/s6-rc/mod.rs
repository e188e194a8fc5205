//! s6-rc: source directories, which a tool compiles into the database that the machine
//! boots from; as Artix has them, as upstream does, and as s6-overlay does in containers.

mod control;
mod effective;
mod enabling;
mod evidence;
mod name;
mod overlay;
mod properties;
mod sources;
mod trouble;

use serde::Serialize;

use super::directory;
use super::{
    Activation, Backend, Expression, Layout, RenderError, Request, Trouble, command, launcher,
    output,
};
use crate::control::Control;
use crate::detect::Evidence;
use crate::distro::{self, Distro, PerDistro, Place};
use crate::effective::Effective;
use crate::host::Host;
use crate::rendering::template::{Source, Templates};
use crate::rendering::{File, Rendered};
use crate::service::{AbsPath, Dependency, LogTo, Property};

pub(super) use evidence::is_there;
pub(super) use sources::compiles;

/// s6-rc, `s6-rc-compile(8)`, and s6-overlay from version 3 on.
pub struct S6Rc;

static DISTROS: &[&Distro] = &[&overlay::OVERLAY];

/// The service and its logger, in a pipeline.
const PIPELINE: &str = "pipeline";
/// The service alone.
const ALONE: &str = "alone";

/// A daemon with a logger is called `NAME-srv` on Artix, and the pipeline NAME.
static SERVICE: PerDistro<&str> = PerDistro {
    usual: "/etc/s6-rc/source/{name}-srv",
    on: &[
        ("artix", "/etc/s6/sv/{name}-srv"),
        (overlay::NAME, overlay::SERVICE),
    ],
};

/// One without a logger has the plain name everywhere.
static SERVICE_ALONE: PerDistro<&str> = PerDistro {
    usual: "/etc/s6-rc/source/{name}",
    on: &[
        ("artix", "/etc/s6/sv/{name}"),
        (overlay::NAME, overlay::SERVICE),
    ],
};

const TEMPLATES: &[Source] = &[
    ("run", include_str!("run.sh")),
    // They are the same under s6-supervise, whoever put them there.
    ("finish", include_str!("../s6/finish.sh")),
    ("log-run", include_str!("../s6/log-run.sh")),
];

/// Enables and starts a service with the tools of either generation of Artix.
const ACTIVATE: &str = "\
if command -v s6 >/dev/null; then \
s6 repository sync && s6 set enable \"$1\" && s6 set commit && s6 live install; \
else s6-service add default \"$1\" && s6-db-reload; fi && s6-rc -u change \"$1\"";

impl Backend for S6Rc {
    fn name(&self) -> &'static str {
        "s6-rc"
    }

    fn title(&self) -> &'static str {
        "s6-rc"
    }

    fn default_distro(&self) -> &'static Distro {
        &distro::ARTIX
    }

    fn distros(&self) -> &'static [&'static Distro] {
        DISTROS
    }

    fn distro_of(&self, host: &Host) -> Option<&'static Distro> {
        overlay::is_there(host).then_some(&overlay::OVERLAY)
    }

    fn layouts(&self) -> &'static [Layout] {
        &[
            Layout {
                name: PIPELINE,
                about: "with a logger of its own, in a pipeline (the default, except in s6-overlay)",
            },
            Layout {
                name: ALONE,
                about: "without a logger: the output goes where that of s6-svscan goes, which in a container is the container's own output",
            },
        ]
    }

    fn place(&self, distro: &Distro, layout: Option<&str>) -> Place {
        let service = match layout {
            Some(ALONE) => &SERVICE_ALONE,
            _ => &SERVICE,
        };
        Place::Own(service.of(distro))
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
        on_a_host!(effective::Sources)
    }

    fn render(&self, request: &Request<'_>) -> Result<Rendered, RenderError> {
        name::check(request)?;
        check_layout(request)?;
        let templates = Templates::new(TEMPLATES)?;
        let launcher = launcher::path(request)?;
        let data = Data::new(request, &launcher);
        let folder = &request.places.service;
        let mut rendered = Rendered::default();
        for name in ["run", "finish"] {
            let text = templates.render(name, &data)?;
            rendered.add(folder.join(name)?, File::program(text))?;
        }
        for (name, value) in [
            ("type", "longrun".into()),
            // The restart delay is in `finish`, which would be killed after 5 s.
            ("timeout-finish", "0".into()),
            // Only for a launcher that hangs: it sends the KILL in time itself,
            // and gives up on what does not end by that after as long again.
            (
                "timeout-kill",
                launcher::gives_up(request).milliseconds().to_string(),
            ),
        ] {
            rendered.add(folder.join(name)?, File::data(value + "\n"))?;
        }
        if launcher::hears(request) {
            rendered.add(folder.join("notification-fd")?, File::data("3\n"))?;
        }
        for need in needed(request) {
            let path = folder.join(&format!("dependencies.d/{need}"))?;
            rendered.add(path, File::data(""))?;
        }
        if is_pipeline(request) {
            logger(request, &templates, &data, &mut rendered)?;
        }
        launcher::add_heard(request, &mut rendered)?;
        directory::notes(request, data.restarts, &mut rendered);
        Ok(rendered)
    }

    fn troubles(&self, host: &Host, request: &Request<'_>) -> Vec<Trouble> {
        trouble::find(host, request)
    }

    fn unmet(&self, host: &Host, request: &Request<'_>) -> Vec<Trouble> {
        trouble::unmet(host, request)
    }

    fn enabling_files(&self, request: &Request<'_>) -> Vec<(AbsPath, File)> {
        let entry = is_overlay(request).then(|| overlay::entry(request));
        entry.flatten().into_iter().collect()
    }

    fn enabled_beyond_files(&self, request: &Request<'_>) -> Option<&'static str> {
        (!is_overlay(request)).then_some("s6-rc boots from a database, which has to be compiled")
    }

    // In a container nothing is to be run: it compiles its services whenever it starts. And
    // elsewhere than on Artix no tool does that which is the same everywhere.
    fn activation(&self, request: &Request<'_>) -> Activation {
        let name = request.service.name.as_str();
        let artix = request.places.distro.name == distro::ARTIX.name;
        let start = artix.then(|| command(["sh", "-c", ACTIVATE, "sh", name]));
        Activation {
            start: start.into_iter().collect(),
            ..Activation::default()
        }
    }
}

/// What is beside the service, the logger's source directory.
fn logger(
    request: &Request<'_>,
    templates: &Templates,
    data: &Data<'_>,
    rendered: &mut Rendered,
) -> Result<(), RenderError> {
    let service = &request.places.service;
    let log = log_name(request);
    rendered.add(
        service.join("producer-for")?,
        File::data(format!("{log}\n")),
    )?;
    let folder: AbsPath = service.parent().parse()?;
    let folder = folder.join(&log)?;
    let is_kept = output::is_kept(request);
    let text = match is_kept {
        true => templates.render("log-run", data)?,
        false => output::logger(request)?,
    };
    rendered.add(folder.join("run")?, File::program(text))?;
    let bundle = pipeline_name(request);
    let files = [
        ("type", "longrun"),
        ("consumer-for", service.file_name()),
        ("pipeline-name", bundle.as_str()),
    ];
    let ready = is_kept.then_some(("notification-fd", "3"));
    for (name, value) in files.into_iter().chain(ready) {
        rendered.add(folder.join(name)?, File::data(format!("{value}\n")))?;
    }
    if is_overlay(request) {
        let path = folder.join(&format!("dependencies.d/{}", overlay::BASE))?;
        rendered.add(path, File::data(""))?;
    }
    Ok(())
}

/// Only the layout says whether there is a logger: the names of all others are then others.
fn check_layout(request: &Request<'_>) -> Result<(), RenderError> {
    let (has, needs) = match (request.service.log.to, is_pipeline(request)) {
        (LogTo::Inherit, true) => (PIPELINE, ALONE),
        (LogTo::Syslog, false) => (ALONE, PIPELINE),
        _ => return Ok(()),
    };
    let hint = format!("use `--layout {needs}`");
    Err(output::other_layout("s6-rc", request, has, &hint))
}

fn is_overlay(request: &Request<'_>) -> bool {
    request.places.distro.name == overlay::NAME
}

fn is_pipeline(request: &Request<'_>) -> bool {
    match request.places.layout.as_ref().map(AsRef::as_ref) {
        None => !is_overlay(request),
        Some(layout) => layout == PIPELINE,
    }
}

fn log_name(request: &Request<'_>) -> String {
    format!("{}-log", request.service.name)
}

/// The bundle of the service and its logger. In containers the plain name is the
/// daemon's by custom, so that a stop by that name leaves the logger up.
fn pipeline_name(request: &Request<'_>) -> String {
    match is_overlay(request) {
        true => overlay::pipeline_name(request.service.name.as_str()),
        false => request.service.name.to_string(),
    }
}

/// What it depends on: s6-rc starts that first, and stops the service with it.
fn needed<'a>(request: &Request<'a>) -> Vec<&'a str> {
    let mut names = Dependency::services(&request.service.needs);
    names.extend(is_overlay(request).then_some(overlay::BASE));
    names
}

/// What the templates see.
#[derive(Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is what a template asks"
)]
struct Data<'a> {
    launcher: &'a str,
    state_folder: String,
    pipeline: bool,
    hears: bool,
    /// The launcher starts it again itself. What depends on a service waits for its first start
    /// alone under s6-rc, which does not look at it again.
    restarts: bool,
    bundle: &'static str,
    wants: Vec<String>,
    always: bool,
    log_folder: &'a str,
    max_size: u64,
    keep: u32,
}

impl<'a> Data<'a> {
    fn new(request: &Request<'a>, launcher: &'a AbsPath) -> Self {
        let service = request.service;
        Self {
            launcher: launcher.as_str(),
            state_folder: launcher::state_folder(request),
            pipeline: is_pipeline(request),
            hears: launcher::hears(request),
            restarts: directory::restarts(request),
            bundle: match is_overlay(request) {
                true => overlay::TOP,
                false => "default",
            },
            wants: wanted(request),
            always: !service.stays_down(),
            log_folder: request.places.log_folder.as_str(),
            max_size: service.log.max_size.bytes(),
            keep: service.log.keep.count(),
        }
    }
}

/// The names of services that a first start waits for where they are enabled, each as it
/// is called without a logger and with one.
fn wanted(request: &Request<'_>) -> Vec<String> {
    let names = directory::wanted(request);
    let also = names.contains(&"docker").then_some("dockerd");
    let names = names.into_iter().chain(also);
    names
        .flat_map(|name| [name.to_owned(), format!("{name}-srv")])
        .collect()
}

#[cfg(test)]
mod tests;
