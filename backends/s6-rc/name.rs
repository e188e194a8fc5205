//! Names that s6-rc takes for something else.

use thiserror::Error;

use super::overlay;
use crate::backends::{RenderError, Request};
use crate::service::{Dependency, Name};

/// A name that s6-rc takes for something else.
#[derive(Debug, Error)]
#[error("`{name}` is not a name that s6-rc takes for a service of ours: {why}")]
struct BadName {
    name: Name,
    why: &'static str,
}

/// Checks the service's own name and those that it needs.
///
/// # Errors
/// s6-rc-compile would refuse one of them, and with it the whole database.
pub(super) fn check(request: &Request<'_>) -> Result<(), RenderError> {
    let service = request.service;
    let needs = service.needs.iter();
    let needed = needs.filter_map(Dependency::service);
    let own = [&service.name].into_iter();
    let reserved = own.clone().chain(needed).find_map(reserved);
    let wrong = reserved.or_else(|| own.into_iter().find_map(|name| bundle(name, request)));
    match wrong {
        Some(wrong) => Err(RenderError::init("s6-rc", wrong).hint("give it another name")),
        None => Ok(()),
    }
}

/// `check_identifier` in s6-rc-compile.c, 0.5.3.3.
fn reserved(name: &Name) -> Option<BadName> {
    let begins = ["s6rc-", "s6-rc-"]
        .iter()
        .any(|prefix| name.as_str().starts_with(prefix));
    begins.then(|| BadName {
        name: name.clone(),
        why: "names that begin with `s6rc-` or `s6-rc-` are s6-rc's own",
    })
}

/// The bundles that are started at boot would have themselves in them.
fn bundle(name: &Name, request: &Request<'_>) -> Option<BadName> {
    let bundles: &[&str] = match super::is_overlay(request) {
        true => &[overlay::TOP, overlay::USER, overlay::USER2, overlay::BASE],
        false => &["default"],
    };
    bundles.contains(&name.as_str()).then(|| BadName {
        name: name.clone(),
        why: "that is a bundle of what starts at boot",
    })
}
