//! runit.

use super::{Backend, RenderError, Request, launcher};
use crate::distro::{self, Distro};
use crate::rendered::Rendered;

/// runit.
pub struct Runit;

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

    fn render(&self, request: &Request<'_>) -> Result<Rendered, RenderError> {
        let mut rendered = Rendered::default();
        launcher::add(request, &mut rendered)?;
        Ok(rendered)
    }
}
