//! OpenRC.

use super::{Backend, RenderError, Request, launcher};
use crate::distro::{self, Distro};
use crate::rendered::Rendered;

/// OpenRC.
pub struct OpenRc;

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

    fn render(&self, request: &Request<'_>) -> Result<Rendered, RenderError> {
        let mut rendered = Rendered::default();
        launcher::add(request, &mut rendered)?;
        Ok(rendered)
    }
}
