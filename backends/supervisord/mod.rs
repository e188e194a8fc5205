//! supervisord: a `[program:]` section.

use std::path::Path;

use serde::Serialize;

mod control;
mod effective;
mod evidence;
mod expand;
mod includes;
mod ini;
mod properties;
mod quote;
mod refused;
mod rivals;

use super::output::Output;
use super::{
    Activation, Backend, Expression, RenderError, Request, Trouble, command, launcher, output,
};
use crate::control::Control;
use crate::detect::Evidence;
use crate::distro::{self, Distro, PerDistro, Place};
use crate::effective::Effective;
use crate::host::Host;
use crate::rendering::template::{Source, Templates};
use crate::rendering::{File, Rendered};
use crate::service::{AbsPath, Dependency, Property};

/// supervisord, `supervisord.conf(5)`.
pub struct Supervisord;

/// The file that supervisord includes for a service.
static SECTION: PerDistro<&str> = PerDistro {
    usual: "/etc/supervisor/conf.d/{name}.conf",
    on: &[
        ("alpine", "/etc/supervisor.d/{name}.ini"),
        ("artix", "/etc/supervisor.d/{name}.ini"),
        ("fedora", "/etc/supervisord.d/{name}.ini"),
        ("gentoo", "/etc/supervisord.d/{name}.conf"),
        ("void", "/etc/supervisord.d/{name}.conf"),
    ],
};

const TEMPLATES: &[Source] = &[("program", include_str!("program.conf"))];

impl Backend for Supervisord {
    fn name(&self) -> &'static str {
        "supervisord"
    }

    fn title(&self) -> &'static str {
        "supervisord"
    }

    fn default_distro(&self) -> &'static Distro {
        &distro::GENERIC
    }

    fn place(&self, distro: &Distro, _layout: Option<&str>) -> Place {
        Place::Own(SECTION.of(distro))
    }

    fn boots(&self) -> bool {
        false
    }

    fn evidence(&self) -> Option<&dyn Evidence> {
        on_a_host!(evidence::Seen)
    }

    fn control(&self) -> Option<&dyn Control> {
        on_a_host!(control::Tools)
    }

    fn effective(&self) -> Option<&dyn Effective> {
        on_a_host!(effective::Sections)
    }

    fn troubles(&self, host: &Host, request: &Request<'_>) -> Vec<Trouble> {
        // What stands in our own file now is no reason not to write another one.
        let own = Path::new(request.places.service.as_str());
        let mut troubles = unmet(host, request);
        troubles.retain(|trouble| trouble.path != own);
        troubles
    }

    fn unmet(&self, host: &Host, request: &Request<'_>) -> Vec<Trouble> {
        unmet(host, request)
    }

    fn express(&self, property: Property) -> Expression {
        properties::express(property)
    }

    fn render(&self, request: &Request<'_>) -> Result<Rendered, RenderError> {
        let launcher = launcher::path(request)?;
        let log_file = log_file(request)?;
        for path in [&launcher, &log_file] {
            // Everything from ` ;` on is a comment, quoted or not.
            if path.as_str().contains(" ;") {
                return Err(RenderError::Unwritable {
                    init: self.name(),
                    path: path.clone(),
                    why: "` ;` begins a comment in supervisord's file",
                });
            }
        }
        let data = Data::new(request, &launcher, &log_file);
        let text = Templates::with(TEMPLATES, quote::QUOTING)?.render("program", &data)?;
        let mut rendered = Rendered::default();
        let file = &request.places.service;
        let aside = file.with_suffix(control::ASIDE)?;
        rendered.add(file.clone(), File::data(text).or_at(aside))?;
        launcher::add(request, &mut rendered)?;
        notes(request, &mut rendered);
        if output::is_kept(request) {
            note_folder(&log_file, &mut rendered);
        }
        Ok(rendered)
    }

    // supervisord starts what is new in its configuration (`autostart`).
    fn activation(&self, _request: &Request<'_>) -> Activation {
        Activation {
            start: vec![command(["supervisorctl", "update"])],
            ..Activation::default()
        }
    }
}

/// The file of its output. supervisord makes no folders, so without a folder that was asked
/// for it is beside the one that the service would have for itself.
fn log_file(request: &Request<'_>) -> Result<AbsPath, RenderError> {
    let (places, name) = (request.places, &request.service.name);
    let folder = &places.log_folder;
    let usual = places.distro.log_folder.replace("{name}", name.as_str());
    Ok(match folder.as_str() == usual {
        true => folder.with_suffix(".log")?,
        false => folder.join(&format!("{name}.log"))?,
    })
}

/// The folder of the log has to be there, where it is none that every machine has.
fn note_folder(log_file: &AbsPath, rendered: &mut Rendered) {
    let folder = log_file.parent();
    if folder != "/var/log" {
        rendered.note(
            "log",
            format!("supervisord makes no folders: `{folder}` has to be there, or the service does not start"),
        );
    }
}

/// What the template sees.
#[derive(Serialize)]
struct Data<'a> {
    service: &'a str,
    description: &'a str,
    launcher: &'a str,
    always: bool,
    /// Every exit code there is: only a signal is unexpected.
    exit_codes: String,
    stop_timeout: String,
    stopwait: u64,
    output: Output,
    log_file: &'a str,
    max_size: u64,
    keep: u32,
}

impl<'a> Data<'a> {
    fn new(request: &Request<'a>, launcher: &'a AbsPath, log_file: &'a AbsPath) -> Self {
        let service = request.service;
        Self {
            service: service.name.as_str(),
            description: service.description.as_str(),
            launcher: launcher.as_str(),
            always: !service.stays_down(),
            exit_codes: (0..=255)
                .map(|code: u8| code.to_string())
                .collect::<Vec<_>>()
                .join(","),
            stop_timeout: launcher::stop_timeout(service).decimal_seconds(),
            stopwait: launcher::gives_up(request).seconds_up(),
            output: Output::new(request),
            log_file: log_file.as_str(),
            max_size: service.log.max_size.bytes(),
            keep: service.log.keep.count(),
        }
    }
}

/// What keeps supervisord from starting the service, or from starting at all.
fn unmet(host: &Host, request: &Request<'_>) -> Vec<Trouble> {
    let mut troubles = refused::refused(host, request);
    troubles.extend(includes::unmet(host, request));
    troubles
}

fn notes(request: &Request<'_>, rendered: &mut Rendered) {
    let service = request.service;
    let lists = [
        ("needs", &service.needs),
        ("wants", &service.wants),
        ("after", &service.after),
    ];
    for (field, dependencies) in lists {
        let named = dependencies.iter().filter_map(Dependency::service);
        let named: Vec<_> = named.map(|name| format!("`{name}`")).collect();
        if !named.is_empty() {
            rendered.note(
                field,
                format!(
                    "supervisord does not wait for other programs; it starts the service after those with a lower `priority`, which {} may have",
                    named.join(", ")
                ),
            );
        }
    }
}
