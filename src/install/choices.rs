//! From what a record keeps back to the files of a service.

use thiserror::Error;

use super::record::Choices;
use crate::backends::{Backend, RenderError, Request};
use crate::distro::Distro;
use crate::service::Service;
use crate::sink::Rendering;
use crate::spec::{PlaceError, Spec};
use crate::yaml::YamlError;

/// Choices that give no files.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ChoiceError {
    /// A distribution that this version does not know.
    #[error("unknown distribution `{name}`")]
    Distro {
        /// Its name.
        name: String,
    },
    /// A spec that is none, for this version.
    #[error(transparent)]
    Spec(#[from] YamlError),
    /// A place that is no path.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// The backend refuses.
    #[error(transparent)]
    Render(#[from] RenderError),
}

impl Choices {
    /// Renders the service that was chosen.
    ///
    /// # Errors
    /// A [`ChoiceError`].
    pub fn render(
        &self,
        backend: &'static dyn Backend,
    ) -> Result<(Service, Rendering), ChoiceError> {
        let distro = Distro::find(&self.distro).ok_or_else(|| ChoiceError::Distro {
            name: self.distro.clone(),
        })?;
        let spec = match &self.spec {
            None => Spec::kubelet(),
            Some(text) => Spec::read("<spec>", text.as_bytes())?,
        };
        let (service, places) = spec.service(distro, &self.overrides)?;
        let request = Request {
            service: &service,
            places: &places,
            launcher: self.launcher,
        };
        let rendering = Rendering::new(backend, &request)?;
        Ok((service, rendering))
    }
}
