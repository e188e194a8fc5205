//! How supervisord shows.

use std::path::{Path, PathBuf};

use super::includes::CONFIGS;
use super::ini::Ini;
use crate::detect::{Evidence, Signs};
use crate::host::Host;

pub(super) struct Seen;

impl Evidence for Seen {
    fn look(&self, signs: &mut Signs<'_>) {
        signs.process(&["supervisord"]);
        if let Some((path, config)) = config(signs.host()) {
            if let Some(socket) = config.get("unix_http_server", "file") {
                signs.socket(Path::new(socket));
            }
            let foreground = config.get("supervisord", "nodaemon");
            if foreground.is_some_and(|value| ["true", "yes", "on", "1"].contains(&value)) {
                signs.foreground(
                    &path,
                    "`nodaemon` is set",
                    "it stays in the foreground, as the one process of a container does",
                );
            }
        }
        signs.inittab(&["supervisord"]);
        signs.installed(&["supervisord"]);
    }
}

fn config(host: &Host) -> Option<(PathBuf, Ini)> {
    CONFIGS.iter().find_map(|path| {
        let text = host.text(path)?;
        Some((PathBuf::from(path), Ini::read(&text)))
    })
}
