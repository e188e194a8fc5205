//! supervisord.

use super::{Backend, RenderError, Request, launcher};
use crate::distro::{self, Distro};
use crate::rendered::Rendered;

/// supervisord.
pub struct Supervisord;

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

    fn render(&self, request: &Request<'_>) -> Result<Rendered, RenderError> {
        let mut rendered = Rendered::default();
        launcher::add(request, &mut rendered)?;
        Ok(rendered)
    }
}
