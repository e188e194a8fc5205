//! The daemons: by what each is described, what it needs in a bed, and what it is asked.

use super::answers;
use crate::bed::Bed;
use crate::error::Result;

/// A daemon of Debian's.
pub(super) struct Daemon {
    /// As its unit and its spec call it.
    pub(super) name: &'static str,
    /// Without it there is nothing to test.
    pub(super) program: &'static str,
    pub(super) spec: &'static str,
    /// Its configuration.
    pub(super) files: &'static [(&'static str, &'static str)],
    pub(super) asked: fn(&Bed) -> Result<()>,
    pub(super) reloads: bool,
    /// Whether it is started again after a KILL.
    pub(super) comes_back: bool,
    /// Whether it stays down after some ends.
    pub(super) may_stay_down: bool,
    /// The fields of its state in which the spec may differ from Debian's unit.
    pub(super) differs: &'static [&'static str],
}

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!(
            "../../../../fixtures/specs/debian/",
            $name,
            ".yaml"
        ))
    };
}

pub(super) static CONTAINERD: Daemon = Daemon {
    name: "containerd",
    program: "/usr/bin/containerd",
    spec: include_str!("../../../../src/spec/containerd.yaml"),
    files: &[],
    asked: answers::containerd,
    reloads: false,
    comes_back: true,
    may_stay_down: false,
    differs: &[],
};

pub(super) static ETCD: Daemon = Daemon {
    name: "etcd",
    program: "/usr/bin/etcd",
    spec: include_str!("../../../../src/spec/etcd.yaml"),
    files: &[],
    asked: answers::etcd,
    reloads: false,
    comes_back: true,
    may_stay_down: true,
    differs: &[
        "$CONFIGURATION_DIRECTORY",
        "$ETCD_NAME",
        "$RUNTIME_DIRECTORY",
        "$STATE_DIRECTORY",
        "Max locked memory",
        "Umask",
        "cwd",
        "nice",
    ],
};

pub(super) static HAPROXY: Daemon = Daemon {
    name: "haproxy",
    program: "/usr/sbin/haproxy",
    spec: fixture!("haproxy"),
    files: &[(
        "/etc/haproxy/haproxy.cfg",
        "global\n\tchroot /var/lib/haproxy\n\tuser haproxy\n\tgroup haproxy\n\tdaemon\n\
         defaults\n\tmode http\n\ttimeout connect 5s\n\ttimeout client 5s\n\ttimeout server 5s\n\
         frontend here\n\tbind 127.0.0.1:8404\n\
         \thttp-request return status 200 content-type text/plain string \"haproxy is here\"\n",
    )],
    asked: answers::haproxy,
    reloads: true,
    comes_back: true,
    may_stay_down: true,
    differs: &[],
};

pub(super) static NGINX: Daemon = Daemon {
    name: "nginx",
    program: "/usr/sbin/nginx",
    spec: fixture!("nginx"),
    files: &[(
        "/etc/nginx/sites-enabled/default",
        "server { listen 127.0.0.1:80; location / { return 200 \"nginx is here\\n\"; } }\n",
    )],
    asked: answers::nginx,
    reloads: true,
    comes_back: false,
    may_stay_down: true,
    differs: &[],
};

pub(super) static REDIS: Daemon = Daemon {
    name: "redis-server",
    program: "/usr/bin/redis-server",
    spec: fixture!("redis-server"),
    files: &[],
    asked: answers::redis,
    reloads: false,
    comes_back: true,
    may_stay_down: true,
    differs: &[],
};

pub(super) static CHRONY: Daemon = Daemon {
    name: "chrony",
    program: "/usr/sbin/chronyd",
    spec: fixture!("chrony"),
    files: &[
        // The clock is the machine's: it is left alone.
        ("/etc/default/chrony", "DAEMON_OPTS=\"-F 1 -x\"\n"),
        (
            "/etc/chrony/chrony.conf",
            "local stratum 10\ndriftfile /var/lib/chrony/chrony.drift\n",
        ),
    ],
    asked: answers::chrony,
    reloads: false,
    comes_back: false,
    may_stay_down: true,
    differs: &[
        "$CONFIGURATION_DIRECTORY",
        "$HOME",
        "$LOGNAME",
        "$LOGS_DIRECTORY",
        "$RUNTIME_DIRECTORY",
        "$STATE_DIRECTORY",
        "$USER",
    ],
};

pub(super) static NODE_EXPORTER: Daemon = Daemon {
    name: "prometheus-node-exporter",
    program: "/usr/bin/prometheus-node-exporter",
    spec: fixture!("prometheus-node-exporter"),
    files: &[],
    asked: answers::node_exporter,
    reloads: true,
    comes_back: true,
    may_stay_down: true,
    differs: &[],
};

pub(super) static DNSMASQ: Daemon = Daemon {
    name: "dnsmasq",
    program: "/usr/sbin/dnsmasq",
    spec: fixture!("dnsmasq"),
    files: &[(
        "/etc/dnsmasq.d/bed.conf",
        "address=/bed.test/192.0.2.7\nlisten-address=127.0.0.1\nbind-interfaces\nno-resolv\n",
    )],
    asked: answers::dnsmasq,
    reloads: true,
    comes_back: false,
    may_stay_down: true,
    differs: &[],
};

pub(super) static CRON: Daemon = Daemon {
    name: "cron",
    program: "/usr/sbin/cron",
    spec: fixture!("cron"),
    files: &[("/etc/cron.d/bed", "@reboot root echo done >/run/cron-job\n")],
    asked: answers::cron,
    reloads: false,
    comes_back: true,
    may_stay_down: true,
    differs: &[],
};

pub(super) static SSH: Daemon = Daemon {
    name: "ssh",
    program: "/usr/sbin/sshd",
    spec: fixture!("ssh"),
    files: &[],
    asked: answers::ssh,
    reloads: true,
    comes_back: true,
    may_stay_down: true,
    differs: &[],
};
