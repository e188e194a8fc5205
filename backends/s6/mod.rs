//! s6.

use super::{Backend, RenderError, Request, launcher};
use crate::distro::{self, Distro};
use crate::rendered::Rendered;

/// s6.
pub struct S6;

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

    fn render(&self, request: &Request<'_>) -> Result<Rendered, RenderError> {
        let mut rendered = Rendered::default();
        launcher::add(request, &mut rendered)?;
        Ok(rendered)
    }
}
