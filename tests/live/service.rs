//! The one place where a service's files come into the beds.

use kubelet_unit::backends::{Launcher, Registry, Request};
use kubelet_unit::distro::{DEBIAN, Overrides, Places};
use kubelet_unit::service::Service;
use kubelet_unit::spec::Spec;

use crate::bed::{File, Init};
use crate::error::{Context, Result, fail};

/// How the kubelet is rendered.
pub(crate) struct Rendering {
    pub(crate) launcher: Launcher,
    /// Changes to the kubelet's own service: a shorter delay, another stop timeout.
    pub(crate) change: fn(&mut Service),
}

impl Default for Rendering {
    fn default() -> Self {
        Self {
            launcher: Launcher::default(),
            change: |_| {},
        }
    }
}

impl Rendering {
    /// The kubelet's files for this init, with Debian's places, as in the machine's packages.
    ///
    /// `None` where the backend gives no file yet that the init itself reads.
    pub(crate) fn files(&self, init: &dyn Init) -> Result<Option<Vec<File>>> {
        let Some(backend) = Registry::builtin().find(init.name()) else {
            fail!("no backend `{}`", init.name());
        };
        let (mut service, places) = Spec::kubelet().service(&DEBIAN, &Overrides::default())?;
        (self.change)(&mut service);
        let rendered = backend
            .render(&Request {
                service: &service,
                places: &places,
                launcher: self.launcher,
            })
            .context(init.name())?;
        if rendered.file(&entry(init, &places)).is_none() {
            return Ok(None);
        }
        let mut files: Vec<_> = rendered
            .files()
            .map(|(path, file)| File::new(path.as_str(), file.mode, file.content.as_slice()))
            .collect();
        if self.launcher == Launcher::Native {
            let program = env!("CARGO_BIN_EXE_kubelet-unit");
            let bytes = std::fs::read(program).context(program)?;
            files.push(File::new("/usr/bin/kubelet-unit", 0o755, bytes));
        }
        Ok(Some(files))
    }
}

/// The file by which the init knows the service.
fn entry(init: &dyn Init, places: &Places) -> String {
    match init.name() {
        "systemd" => format!("{}/kubelet.service", places.unit_folder),
        "openrc" => format!("{}/kubelet", places.openrc_folder),
        "runit" => format!("{}/run", places.runit_service),
        "s6" => format!("{}/run", places.s6_service),
        _ => places.supervisord_file.to_string(),
    }
}

/// The argv of [`bare`].
pub(crate) const BARE_ARGV: [&str; 2] = ["/usr/bin/kubelet", "--bare"];

/// The least that each init starts: tests of the beds themselves, and the proof that a comparison can fail.
pub(crate) fn bare(init: &dyn Init) -> Vec<File> {
    let run = "#!/bin/sh\nexec 2>&1\nexec /usr/bin/kubelet --bare\n";
    let (path, mode, text) = match init.name() {
        "systemd" => (
            "/usr/lib/systemd/system/kubelet.service",
            0o644,
            "[Service]\nExecStart=/usr/bin/kubelet --bare\nRestart=always\nRestartSec=1\nTimeoutStopSec=1\n\n[Unit]\nStartLimitIntervalSec=0\n",
        ),
        "openrc" => (
            "/etc/init.d/kubelet",
            0o755,
            "#!/sbin/openrc-run\nsupervisor=supervise-daemon\ncommand=/usr/bin/kubelet\ncommand_args=--bare\n\
             respawn_delay=1\nrespawn_max=0\nretry=TERM/1/KILL/5\n\
             output_log=/var/log/kubelet.log\nerror_log=/var/log/kubelet.log\n",
        ),
        "runit" => ("/etc/sv/kubelet/run", 0o755, run),
        "s6" => ("/etc/s6/sv/kubelet/run", 0o755, run),
        "supervisord" => (
            "/etc/supervisor/conf.d/kubelet.conf",
            0o644,
            "[program:kubelet]\ncommand=/usr/bin/kubelet --bare\nstartsecs=0\nstopwaitsecs=1\n\
             stdout_logfile=/var/log/supervisor/kubelet.log\nredirect_stderr=true\n",
        ),
        other => unreachable!("no bare service for {other}"),
    };
    let mut files = vec![File::new(path, mode, text)];
    match init.name() {
        "runit" => files.push(File::new("/etc/sv/kubelet/log/run", 0o755, LOG_RUNIT)),
        "s6" => files.push(File::new("/etc/s6/sv/kubelet/log/run", 0o755, LOG_S6)),
        _ => {}
    }
    files
}

const LOG_RUNIT: &str =
    "#!/bin/sh\nexec 2>&1\nmkdir -p /var/log/kubelet\nexec svlogd /var/log/kubelet\n";
const LOG_S6: &str = "#!/bin/sh\nexec 2>&1\nexec s6-log -b n3 s1000000 /var/log/kubelet\n";
