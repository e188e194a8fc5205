//! The one place where a service's files come into the beds.

use kubelet_unit::backends::{Launcher, Registry};
use kubelet_unit::distro::DEBIAN;
use kubelet_unit::order::Order;
use kubelet_unit::service::Service;

use crate::bed::{File, Init};
use crate::error::{Context, Result, fail};

/// How the kubelet is rendered.
pub(crate) struct Rendering<'a> {
    pub(crate) launcher: Launcher,
    /// Changes to the kubelet's own service: a shorter delay, another stop timeout.
    pub(crate) change: &'a dyn Fn(&mut Service),
}

impl Default for Rendering<'_> {
    fn default() -> Self {
        Self {
            launcher: Launcher::default(),
            change: &|_| {},
        }
    }
}

impl Rendering<'_> {
    /// The kubelet's files for this init, with Debian's places, as in the machine's packages.
    pub(crate) fn files(&self, init: &dyn Init) -> Result<Vec<File>> {
        let Some(backend) = Registry::builtin().find(init.name()) else {
            fail!("no backend `{}`", init.name());
        };
        let order = Order {
            distro: Some(&DEBIAN),
            launcher: self.launcher,
            ..Order::kubelet()
        };
        let mut placed = order.place(backend).context(init.name())?;
        (self.change)(&mut placed.service);
        let rendered = placed.rendered().context(init.name())?;
        let mut files: Vec<_> = rendered
            .files()
            .map(|(path, file)| File::new(path.as_str(), file.mode, file.content.as_slice()))
            .collect();
        if self.launcher == Launcher::Native {
            let program = env!("CARGO_BIN_EXE_kubelet-unit");
            let bytes = std::fs::read(program).context(program)?;
            files.push(File::new("/usr/bin/kubelet-unit", 0o755, bytes));
        }
        Ok(files)
    }
}

/// The argv of [`bare`].
pub(crate) const BARE_ARGV: [&str; 2] = ["/usr/bin/kubelet", "--bare"];

/// The least that each init starts: tests of the beds themselves, and the proof that a comparison can fail.
pub(crate) fn bare(init: &dyn Init) -> Vec<File> {
    starting(init, &BARE_ARGV.join(" "))
}

/// The least with which each init starts `command`, restarts it after a second and ends it within one.
fn starting(init: &dyn Init, command: &str) -> Vec<File> {
    let script = |path: &str, text: String| File::new(path, 0o755, text);
    let run = format!("#!/bin/sh\nexec 2>&1\nexec {command}\n");
    match init.name() {
        "systemd" => vec![File::new(
            "/usr/lib/systemd/system/kubelet.service",
            0o644,
            format!(
                "[Unit]\nStartLimitIntervalSec=0\n\n\
                 [Service]\nExecStart={command}\nRestart=always\nRestartSec=1\nTimeoutStopSec=1\n"
            ),
        )],
        "openrc" => {
            let (program, arguments) = command.split_once(' ').unwrap_or((command, ""));
            vec![script(
                "/etc/init.d/kubelet",
                format!(
                    "#!/sbin/openrc-run\nsupervisor=supervise-daemon\n\
                     command={program}\ncommand_args={arguments}\n\
                     respawn_delay=1\nrespawn_max=0\nretry=TERM/1/KILL/5\n\
                     output_log=/var/log/kubelet.log\nerror_log=/var/log/kubelet.log\n"
                ),
            )]
        }
        "runit" => vec![
            // -P makes a session.
            script(
                "/etc/sv/kubelet/run",
                run.replace("exec /", "exec chpst -P /"),
            ),
            script("/etc/sv/kubelet/log/run", logger("svlogd")),
        ],
        "s6" => vec![
            script("/etc/s6/sv/kubelet/run", run),
            script(
                "/etc/s6/sv/kubelet/log/run",
                logger("s6-log -b n3 s1000000"),
            ),
        ],
        "s6-rc" => {
            let source = |path: &str| format!("/etc/s6-rc/source/kubelet-{path}");
            let data = |path: &str, text: &str| File::new(source(path), 0o644, text);
            vec![
                script(&source("srv/run"), run),
                data("srv/type", "longrun\n"),
                data("srv/producer-for", "kubelet-log\n"),
                script(&source("log/run"), logger("s6-log -b n3 s1000000")),
                data("log/type", "longrun\n"),
                data("log/consumer-for", "kubelet-srv\n"),
                data("log/pipeline-name", "kubelet\n"),
            ]
        }
        _ => vec![File::new(
            "/etc/supervisor/conf.d/kubelet.conf",
            0o644,
            format!(
                "[program:kubelet]\ncommand={command}\nstartsecs=0\nstopwaitsecs=1\n\
                 stdout_logfile=/var/log/supervisor/kubelet.log\nredirect_stderr=true\n"
            ),
        )],
    }
}

fn logger(command: &str) -> String {
    format!("#!/bin/sh\nexec 2>&1\nmkdir -p /var/log/kubelet\nexec {command} /var/log/kubelet\n")
}
