//! What a backend is asked, and why it may refuse.

use std::error::Error;

use thiserror::Error;

use super::Launcher;
use crate::distro::Places;
use crate::rendering::Collision;
use crate::rendering::template::TemplateError;
use crate::service::{AbsPath, Property, Service, ValueError};

/// What a backend is asked to render.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The service.
    pub service: &'a Service,
    /// Where its files go, with what was asked for put in already.
    pub places: &'a Places,
    /// What starts it where systemd does not.
    pub launcher: Launcher,
}

/// Why a service could not be rendered.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RenderError {
    /// Our bug: a template that does not render.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// Our bug: a service that JSON cannot hold.
    #[error("cannot write the service as a spec: {0}")]
    Spec(#[from] serde_json::Error),
    /// Places that collide.
    #[error(transparent)]
    Collision(#[from] Collision),
    /// A path that the format of this init, or the launcher, has no way to write.
    #[error("{init} cannot have the path `{path}`: {why}")]
    Unwritable {
        /// The init's name, or `the sh launcher`.
        init: &'static str,
        /// The path.
        path: AbsPath,
        /// Why not.
        why: &'static str,
    },
    /// A property that a sh program cannot give the service.
    #[error("the sh launcher cannot run a service with `{property}`: {why}")]
    NotInSh {
        /// The property.
        property: Property,
        /// Why not.
        why: &'static str,
    },
    /// A place that is not a valid path.
    #[error(transparent)]
    Place(#[from] ValueError),
    /// What only this init has to say against the service.
    #[error("{init}: {source}")]
    Init {
        /// The init's name.
        init: &'static str,
        /// The backend's own error.
        source: Box<dyn Error + Send + Sync>,
        /// What would be right, if that can be said.
        hint: Option<String>,
    },
}

impl RenderError {
    /// A backend's own error.
    pub fn init(init: &'static str, error: impl Error + Send + Sync + 'static) -> Self {
        Self::Init {
            init,
            source: Box::new(error),
            hint: None,
        }
    }

    /// The same with what would be right, for an error of [`RenderError::init`].
    #[must_use]
    pub fn hint(mut self, text: impl Into<String>) -> Self {
        if let Self::Init { hint, .. } = &mut self {
            *hint = Some(text.into());
        }
        self
    }

    /// Whether the mistake is in this program and not in what it was given.
    pub fn is_bug(&self) -> bool {
        matches!(self, Self::Template(_) | Self::Spec(_))
    }
}
