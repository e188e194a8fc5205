//! How dinit shows: as PID 1, by its control socket, as what `/sbin/init` leads to.

use std::path::Path;

use crate::detect::{Evidence, Signs};

pub(super) struct Seen;

/// Where the system's instance listens: Artix's and Chimera's place, and upstream's old one.
pub(super) const SOCKETS: [&str; 2] = ["/run/dinitctl", "/dev/dinitctl"];

/// The folders that have a service `boot`, from which the system's instance begins.
pub(super) const BOOT_SERVICES: [&str; 4] = [
    "/etc/dinit.d/boot",
    "/usr/lib/dinit.d/boot",
    "/lib/dinit.d/boot",
    "/usr/local/lib/dinit.d/boot",
];

impl Evidence for Seen {
    fn look(&self, signs: &mut Signs<'_>) {
        // A process `dinit` that is not PID 1 may be a user's instance (`dinit -u`), which
        // says nothing about the machine.
        signs.first_process(&["dinit", "dinit-init"]);
        for socket in SOCKETS {
            signs.socket(Path::new(socket));
        }
        signs.boots(&["dinit", "dinit-init"]);
        let host = signs.host();
        if let Some(boot) = BOOT_SERVICES.iter().find(|path| host.exists(path))
            && host.program("dinit").is_some()
        {
            signs.add(
                BOOT_SERVICE,
                format!("`{boot}` is there"),
                boot,
                "dinit begins with the service `boot`",
            );
        }
        signs.usual(&["chimera"]);
        signs.installed(&["dinit"]);
    }
}

/// More than an init that is installed, less than what `/sbin/init` leads to.
const BOOT_SERVICE: u8 = 30;
