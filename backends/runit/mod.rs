//! runit: a service directory with a `run`, a `finish`, a `control/t` and a logger, which is
//! svlogd or Void's vlogger.

mod control;
mod evidence;
mod properties;
mod shipped;

use super::{
    Activation, Backend, Expression, Layout, RenderError, Request, Trouble, command, directory,
    launcher, link, output,
};
use crate::control::Control;
use crate::detect::Evidence;
use crate::distro::{self, Distro, PerDistro, Place};
use crate::effective::Effective;
use crate::host::Host;
use crate::rendering::template::{Source, Templates};
use crate::rendering::{File, Rendered};
use crate::service::{AbsPath, LogTo, Property};
use crate::shipped::Shipped;

/// runit, `runsv(8)`.
pub struct Runit;

/// Where distributions keep service directories.
static SERVICE: PerDistro<&str> = PerDistro {
    usual: "/etc/sv/{name}",
    on: &[("artix", "/etc/runit/sv/{name}")],
};

/// The folder whose links are started with every boot.
static ENABLED_FOLDER: PerDistro<&str> = PerDistro {
    usual: "/etc/service",
    on: &[
        ("artix", "/etc/runit/runsvdir/default"),
        ("void", "/etc/runit/runsvdir/default"),
    ],
};

const TEMPLATES: &[Source] = &[
    ("run", include_str!("run.sh")),
    ("finish", include_str!("finish.sh")),
    ("control/t", include_str!("control-t.sh")),
    ("check", include_str!("check.sh")),
    ("log/run", include_str!("log-run.sh")),
    ("log/config", include_str!("log-config")),
    (VLOGGER, include_str!("log-vlogger.sh")),
];

/// The layout in which svlogd keeps the log in files.
const SVLOGD: &str = "svlogd";

/// The layout in which vlogger passes the log on, with the program's name.
const VLOGGER: &str = "vlogger";

impl Backend for Runit {
    fn name(&self) -> &'static str {
        "runit"
    }

    fn title(&self) -> &'static str {
        "runit"
    }

    fn default_distro(&self) -> &'static Distro {
        &distro::VOID
    }

    fn layouts(&self) -> &'static [Layout] {
        &[
            Layout {
                name: SVLOGD,
                about: "with svlogd, which keeps the log in files (the default)",
            },
            Layout {
                name: VLOGGER,
                about: "with Void's vlogger, which passes the log on to syslog or to /etc/vlogger",
            },
        ]
    }

    fn place(&self, distro: &Distro, _layout: Option<&str>) -> Place {
        Place::Own(SERVICE.of(distro))
    }

    fn evidence(&self) -> Option<&dyn Evidence> {
        on_a_host!(evidence::Seen)
    }

    fn control(&self) -> Option<&dyn Control> {
        on_a_host!(control::Tools)
    }

    fn effective(&self) -> Option<&dyn Effective> {
        on_a_host!(control::SCAN)
    }

    fn shipped(&self) -> Option<&dyn Shipped> {
        on_a_host!(shipped::Known)
    }

    fn unmet(&self, host: &Host, request: &Request<'_>) -> Vec<Trouble> {
        control::unmet(host, request, is_vlogger(request))
    }

    fn express(&self, property: Property) -> Expression {
        properties::express(property)
    }

    fn render(&self, request: &Request<'_>) -> Result<Rendered, RenderError> {
        let templates = Templates::new(TEMPLATES)?;
        let launcher = launcher::path(request)?;
        let data = directory::Data::new(request, &launcher);
        let folder = &request.places.service;
        let mut rendered = Rendered::default();
        // runsv's TERM is the launcher's where that stays, which passes it on.
        let control = (!data.parent).then_some("control/t");
        let check = launcher::hears(request).then_some("check");
        for name in ["run", "finish"].into_iter().chain(control).chain(check) {
            let text = templates.render(name, &data)?;
            rendered.add(folder.join(name)?, File::program(text))?;
        }
        log(request, &templates, &data, &mut rendered)?;
        launcher::add_heard(request, &mut rendered)?;
        directory::notes(request, data.restarts, &mut rendered);
        Ok(rendered)
    }

    // runsvdir looks for new services every 5 seconds and starts them (runsvdir(8)).
    fn enabling_links(&self, request: &Request<'_>) -> Vec<(AbsPath, String)> {
        let service = &request.places.service;
        let folder = ENABLED_FOLDER.of(request.places.distro);
        link(&format!("{folder}/{}", request.service.name), service)
    }

    fn activation(&self, request: &Request<'_>) -> Activation {
        let enabled = format!(
            "{}/{}",
            ENABLED_FOLDER.of(request.places.distro),
            request.service.name
        );
        let service = request.places.service.as_str();
        Activation {
            start: vec![command(["ln", "-sfn", service, &enabled])],
            ..Activation::default()
        }
    }
}

/// The service's logger.
fn log(
    request: &Request<'_>,
    templates: &Templates,
    data: &directory::Data<'_>,
    rendered: &mut Rendered,
) -> Result<(), RenderError> {
    let folder = &request.places.service;
    let run = folder.join("log/run")?;
    let to = request.service.log.to;
    match (to, request.places.layout.as_ref()) {
        (LogTo::Inherit, None) => return Ok(()),
        (LogTo::Inherit, Some(layout)) => return Err(of_another(request, layout.as_str())),
        (LogTo::Syslog, Some(layout)) if layout.as_str() == SVLOGD => {
            return Err(of_another(request, SVLOGD));
        }
        (LogTo::Syslog, None) => {
            let text = output::logger(request)?;
            return Ok(rendered.add(run, File::program(text))?);
        }
        (LogTo::Syslog, Some(_)) | (LogTo::Folder, _) => {}
    }
    if is_vlogger(request) {
        rendered.add(run, File::program(templates.render(VLOGGER, data)?))?;
        if to == LogTo::Folder {
            rendered.note(
                "log.maxSize",
                "vlogger keeps no files: syslog, or the program `/etc/vlogger`, decides how much of the log is kept",
            );
        }
        return Ok(());
    }
    rendered.add(run, File::program(templates.render("log/run", data)?))?;
    let config = File::config(templates.render("log/config", data)?);
    Ok(rendered.add(folder.join("log/config")?, config)?)
}

/// A layout is of a logger, and the spec says another, or none.
fn of_another(request: &Request<'_>, layout: &str) -> RenderError {
    output::other_layout("runit", request, layout, "leave out `--layout`")
}

fn is_vlogger(request: &Request<'_>) -> bool {
    let layout = request.places.layout.as_ref();
    layout.is_some_and(|layout| layout.as_str() == VLOGGER)
}
