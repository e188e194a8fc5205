//! The one place where a service's files come into the beds.

use crate::bed::{File, Init};

/// The kubelet as the package renders it for this init; `None` where it does not yet.
pub(crate) fn rendered(init: &dyn Init) -> Option<Vec<File>> {
    (init.name() == "systemd").then(|| {
        vec![
            File::new("/usr/lib/systemd/system/kubelet.service", 0o644, UNIT),
            File::new(
                "/etc/systemd/system/kubelet.service.d/10-kubeadm.conf",
                0o644,
                DROP_IN,
            ),
        ]
    })
}

/// The kubelet package's unit.
const UNIT: &str = "\
[Unit]
Description=kubelet: The Kubernetes Node Agent
Documentation=https://kubernetes.io/docs/
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/usr/bin/kubelet
Restart=always
StartLimitInterval=0
RestartSec=10

[Install]
WantedBy=multi-user.target
";

/// kubeadm's drop-in.
const DROP_IN: &str = r#"[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
EnvironmentFile=-/etc/default/kubelet
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
"#;

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
