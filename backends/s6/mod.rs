//! s6: a service directory for `s6-svscan`, which `s6-rc-compile` takes as well.

mod control;
mod evidence;
mod properties;

use std::path::Path;

use super::{
    Activation, Backend, Expression, RenderError, Request, Trouble, command, directory, launcher,
    output, s6_rc,
};
use crate::control::Control;
use crate::detect::Evidence;
use crate::distro::{self, Distro, Place};
use crate::effective::Effective;
use crate::host::Host;
use crate::rendering::template::{Source, Templates};
use crate::rendering::{File, Rendered};
use crate::service::{LogTo, Property};

pub(super) use control::{on_service, read_state, says};

/// s6, `s6-supervise(8)` and its servicedir page.
pub struct S6;

/// The scan directory of the s6 that runs.
const SCAN_FOLDER: &str = "/run/service";

const TEMPLATES: &[Source] = &[
    ("run", include_str!("run.sh")),
    ("finish", include_str!("finish.sh")),
    ("log/run", include_str!("log-run.sh")),
];

impl Backend for S6 {
    fn name(&self) -> &'static str {
        "s6"
    }

    fn title(&self) -> &'static str {
        "s6"
    }

    fn default_distro(&self) -> &'static Distro {
        &distro::GENERIC
    }

    fn place(&self, _distro: &Distro, _layout: Option<&str>) -> Place {
        Place::Own("/etc/s6/sv/{name}")
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

    fn unmet(&self, host: &Host, request: &Request<'_>) -> Vec<Trouble> {
        control::unmet(host, request)
    }

    fn express(&self, property: Property) -> Expression {
        properties::express(property)
    }

    fn render(&self, request: &Request<'_>) -> Result<Rendered, RenderError> {
        let templates = Templates::new(TEMPLATES)?;
        let launcher = launcher::path(request)?;
        let mut data = directory::Data::new(request, &launcher);
        // s6 hears once in the life of a launcher that the service is ready, and what waits for it
        // has to wait again after a crash.
        data.restarts &= !launcher::hears(request);
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
        log(request, &templates, &data, &mut rendered)?;
        launcher::add_heard(request, &mut rendered)?;
        directory::notes(request, data.restarts, &mut rendered);
        Ok(rendered)
    }

    fn troubles(&self, host: &Host, request: &Request<'_>) -> Vec<Trouble> {
        let service = Path::new(request.places.service.as_str());
        let folder = service.parent().unwrap_or(Path::new("/"));
        let compiled = s6_rc::compiles(host, folder).then(|| Trouble {
            path: service.to_owned(),
            what: "is a source of s6-rc here, which compiles it without its `log`: what the \
                   service prints is lost"
                .into(),
            hint: Some(
                "use `--init s6-rc`; or name a folder that s6-svscan alone gets, with \
                 `--service-folder`"
                    .into(),
            ),
        });
        compiled.into_iter().collect()
    }

    // Where a distribution's own tools make the scan directory anew at boot, they
    // have to know the service as well.
    fn enabled_beyond_files(&self, _request: &Request<'_>) -> Option<&'static str> {
        Some("s6 watches a folder that is made at every boot")
    }

    fn activation(&self, request: &Request<'_>) -> Activation {
        let enabled = format!("{SCAN_FOLDER}/{}", request.service.name);
        let service = request.places.service.as_str();
        Activation {
            start: vec![
                command(["ln", "-sfn", service, &enabled]),
                command(["s6-svscanctl", "-a", SCAN_FOLDER]),
            ],
            ..Activation::default()
        }
    }
}

/// The service's logger, in a folder of its own below it.
fn log(
    request: &Request<'_>,
    templates: &Templates,
    data: &directory::Data<'_>,
    rendered: &mut Rendered,
) -> Result<(), RenderError> {
    let folder = request.places.service.join("log")?;
    let text = match request.service.log.to {
        // What s6-svscan starts has its own output where there is no logger.
        LogTo::Inherit => return Ok(()),
        LogTo::Syslog => output::logger(request)?,
        LogTo::Folder => {
            let ready = folder.join("notification-fd")?;
            rendered.add(ready, File::data("3\n"))?;
            templates.render("log/run", data)?
        }
    };
    rendered.add(folder.join("run")?, File::program(text))?;
    Ok(rendered.add(folder.join("type")?, File::data("longrun\n"))?)
}
