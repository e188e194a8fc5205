//! What a sh program cannot give a service, so that rendering one fails.

use super::process;
use crate::service::{Kill, Property, Service};

/// The first property of the service that is left to the native launcher, and why.
pub(super) fn of(service: &Service) -> Option<(Property, &'static str)> {
    let stop = &service.stop;
    let asked = [
        (
            stop.kill == Kill::None,
            Property::StopKill,
            "a shell that waits for the service cannot end before it does",
        ),
        (
            !stop.send_kill,
            Property::StopSendKill,
            "a shell that waits for the service cannot end before it does",
        ),
    ];
    asked
        .into_iter()
        .find_map(|(is_asked, property, why)| is_asked.then_some((property, why)))
        .or_else(|| process::unfit(service))
}
