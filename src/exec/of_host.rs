//! What systemd's specifiers of the host stand for, as they are at this start.

use std::fs;

use crate::service::Service;
use crate::service::specifiers::{HostPart, host_parts, replace};

use super::log::Log;

/// The first line of a file of the host's, if there is one.
fn line(path: &str, log: &Log) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().next().unwrap_or_default();
    if line.is_empty() {
        log.say(format_args!(
            "cannot read `{path}`: what it says is empty here"
        ));
    }
    line.to_owned()
}

/// The values of systemd (`unit-printf.c` of 257).
fn value(specifier: char, log: &Log) -> String {
    match specifier {
        'l' => {
            let name = value('H', log);
            name.split('.').next().unwrap_or_default().to_owned()
        }
        'm' => line("/etc/machine-id", log),
        'b' => line("/proc/sys/kernel/random/boot_id", log).replace('-', ""),
        'v' => line("/proc/sys/kernel/osrelease", log),
        _ => line("/proc/sys/kernel/hostname", log),
    }
}

fn filled(text: &str, log: &Log) -> String {
    let Ok(parts) = host_parts(text) else {
        return text.to_owned();
    };
    let parts = parts.into_iter().map(|part| match part {
        HostPart::Text(text) => text.to_owned(),
        HostPart::Host(specifier) => value(specifier, log),
    });
    parts.collect()
}

/// Fills them in, if the service has any.
pub(super) fn fill(service: &mut Service, log: &Log) {
    if service.specifiers {
        replace(
            &mut service.arguments,
            &mut service.environment,
            &mut service.life,
            &mut service.stop,
            &|text| filled(text, log),
        );
    }
}
