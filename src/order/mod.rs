//! From what is asked for to files: the one assembly that every command goes through.
//!
//! An [`Order`] is a spec, a distribution, single places and a launcher. For a backend it
//! is [placed](Order::place): then the service is settled, and so is where its files go,
//! and it can be [rendered](Placed::render). [`Choices`] are an order in the form that a
//! record keeps.

mod choices;
mod error;
mod extra;

pub use choices::Choices;
pub use error::OrderError;
pub use extra::{ExtraError, argument_variable, env_file, extra_arguments};

use crate::backends::{Backend, Expression, How, Launcher, Request, Trouble, output};
use crate::distro::{Distro, Overrides, Place, Places};
use crate::host::Host;
use crate::import::{Elsewhere, elsewhere};
use crate::rendering::Rendered;
use crate::service::{Name, Property, Service};
use crate::sink::Rendering;
use crate::spec::{PlaceError, Spec};
use crate::unit::Section;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Order {
    /// The service.
    pub spec: Spec,
    /// The text that the spec was read from; none for the built-in one.
    pub text: Option<String>,
    /// Single values that were said in the place of the text's, as `KEY=VALUE`; they are in
    /// the spec already.
    pub settings: Vec<String>,
    /// The distribution; without one, that which the init is best known from.
    pub distro: Option<&'static Distro>,
    /// What starts the service where systemd does not.
    pub launcher: Launcher,
    /// Single places.
    pub overrides: Overrides,
}

impl Order {
    /// The kubelet as it comes.
    pub fn kubelet() -> Self {
        Self {
            spec: Spec::kubelet(),
            text: None,
            settings: Vec::new(),
            distro: None,
            launcher: Launcher::default(),
            overrides: Overrides::default(),
        }
    }

    /// The distribution for an init.
    pub fn distro(&self, backend: &dyn Backend) -> &'static Distro {
        self.distro.unwrap_or_else(|| backend.default_distro())
    }

    /// The service alone, which is the same under every init.
    ///
    /// # Errors
    /// A place is not a valid path.
    pub fn service(&self, distro: &'static Distro) -> Result<Service, PlaceError> {
        self.spec.clone().service(distro, &self.overrides)
    }

    /// What is asked for, settled for an init.
    ///
    /// # Errors
    /// A place is not a valid path, or the init does not know what was asked of it.
    pub fn place(&self, backend: &'static dyn Backend) -> Result<Placed, OrderError> {
        let distro = self.distro(backend);
        Ok(Placed {
            backend,
            service: self.service(distro)?,
            places: places(backend, distro, &self.spec.name, &self.overrides)?,
            launcher: self.launcher,
        })
    }
}

/// An order for one init, with a service and places that are settled.
pub struct Placed {
    /// The init.
    pub backend: &'static dyn Backend,
    /// The service.
    pub service: Service,
    /// Where its files go.
    pub places: Places,
    /// What starts it where systemd does not.
    pub launcher: Launcher,
}

impl Placed {
    /// What the backend is asked.
    pub fn request(&self) -> Request<'_> {
        Request {
            service: &self.service,
            places: &self.places,
            launcher: self.launcher,
        }
    }

    /// The files and notes.
    ///
    /// # Errors
    /// As for [`Placed::render`].
    pub fn rendered(&self) -> Result<Rendered, OrderError> {
        Ok(self.render()?.rendered)
    }

    /// The files, and how the service is started with them. What the init does not express
    /// at all has a note, whether or not its backend thought of one.
    ///
    /// # Errors
    /// The backend refuses the service, or something that it says.
    pub fn render(&self) -> Result<Rendering, OrderError> {
        let expressed = self.expressed();
        if let Some((property, Expression { by, .. })) =
            expressed.iter().find(|(_, it)| it.how == How::Refused)
        {
            return Err(OrderError::Refused {
                init: self.backend.name(),
                service: self.service.name.clone(),
                property: *property,
                why: by,
            });
        }
        let lost = self.for_systemd()?;
        let mut rendering = Rendering::new(self.backend, &self.request())?;
        let rendered = &mut rendering.rendered;
        for text in lost {
            rendered.note(Property::Systemd.key(), text);
        }
        for (property, expression) in expressed {
            let key = property.key();
            let is_noted = rendered.notes().iter().any(|note| note.property == key);
            if expression.how == How::Note && !is_noted {
                rendered.note(key, expression.by);
            }
        }
        Ok(rendering)
    }

    /// What is lost of the lines for systemd alone.
    fn for_systemd(&self) -> Result<Vec<String>, OrderError> {
        let mut lost = Vec::new();
        for (section, lines) in self.service.systemd.sections() {
            for line in lines {
                let elsewhere = Section::named(section).map_or(Elsewhere::Nothing, |it| {
                    elsewhere(it, line.key(), line.value())
                });
                let why = match elsewhere {
                    Elsewhere::Said => "a spec has a word of its own for it",
                    _ if self.backend.reads_units() => continue,
                    Elsewhere::Refused(why) => why,
                    Elsewhere::LeftOut(text) => {
                        lost.push(format!("`{}=`: left out: {text}", line.key()));
                        continue;
                    }
                    Elsewhere::Lost(text) => {
                        lost.push(format!("`{}=`: {text}", line.key()));
                        continue;
                    }
                    Elsewhere::Nothing => continue,
                };
                return Err(OrderError::ForSystemd {
                    init: self.backend.name(),
                    service: self.service.name.clone(),
                    key: line.key().to_owned(),
                    why,
                });
            }
        }
        lost.dedup();
        Ok(lost)
    }

    /// What keeps the service from being started on a host, or from being heard.
    pub fn unmet(&self, host: &Host) -> Vec<Trouble> {
        let request = self.request();
        let mut troubles = self.backend.unmet(host, &request);
        if output::lacks_logger(host, &request)
            && let Ok(rendered) = self.backend.render(&request)
        {
            troubles.extend(output::without_logger(&rendered));
        }
        troubles
    }

    /// How the init expresses what the service says.
    fn expressed(&self) -> Vec<(Property, Expression)> {
        let said = self.service.properties().into_iter();
        said.map(|property| (property, self.backend.express(property)))
            .collect()
    }
}

/// Where an init has the files of a service.
///
/// # Errors
/// A place is not a valid path; the init has no such layout, or keeps its services in a
/// place that cannot be chosen.
pub fn places(
    backend: &dyn Backend,
    distro: &'static Distro,
    name: &Name,
    overrides: &Overrides,
) -> Result<Places, OrderError> {
    let layouts = backend.layouts();
    if let Some(asked) = &overrides.layout
        && layouts.iter().all(|layout| layout.name != asked.as_str())
    {
        return Err(OrderError::Layout {
            init: backend.name(),
            asked: asked.clone(),
            known: layouts.iter().map(|layout| layout.name).collect(),
        });
    }
    let layout = overrides.layout.as_ref().map(Name::as_str);
    let place = backend.place(distro, layout);
    if let (Place::Fixed(place), Some(asked)) = (place, &overrides.service_folder) {
        return Err(OrderError::Fixed {
            init: backend.name(),
            place,
            asked: asked.clone(),
        });
    }
    let places = Places::new(place, distro, name, overrides);
    Ok(places.map_err(|source| PlaceError {
        service: name.clone(),
        distro: distro.name,
        source,
    })?)
}

#[cfg(test)]
mod tests;
