//! The keys of a node, what they are for and what they take.

use crate::spec::schema::Shape::{Any, List, Release, Text, Words};
use crate::spec::schema::{Key, NAME, PATH, key};

/// A host's name in lower case (RFC 1123, 2.1).
const HOST: &str = "[a-z0-9](?:-*(?:\\.-+)*\\.?[a-z0-9])*";

/// The keys of a node. What an init or a distribution is called comes from the registry.
pub(super) const NODE: &[Key] = &[
    key(
        "name",
        "What the node is called: a host's name in lower case, which is also that of its folder",
        Text(HOST),
        &["\"edge-1\"", "\"edge-1.example.org\""],
    ),
    key("init", "Its init (--init)", Any, &["\"openrc\""]),
    key(
        "distro",
        "The distribution whose places are used (--distro)",
        Any,
        &["\"alpine\""],
    ),
    key(
        "launcher",
        "What starts the service where systemd does not (--launcher)",
        Words(&["sh", "native"]),
        &["\"sh\"", "\"native\""],
    ),
    key(
        "kubelet",
        "The program, in the place of the spec's (--kubelet)",
        Text(PATH),
        &["\"/usr/local/bin/kubelet\""],
    ),
    key(
        "extraArgsFile",
        "The administrator's env file (--extra-args-file)",
        Text(PATH),
        &["\"/etc/kubelet.env\""],
    ),
    key(
        "serviceFolder",
        "The folder in which the service's files are kept, such as /etc/sv; not the one of links to them (--service-folder)",
        Text(PATH),
        &["\"/etc/sv\""],
    ),
    key(
        "libexecFolder",
        "The folder of the launcher (--libexec-folder)",
        Text(PATH),
        &["\"/usr/libexec/kubelet-unit\""],
    ),
    key(
        "logFolder",
        "The folder of log files (--log-folder)",
        Text(PATH),
        &["\"/srv/log\""],
    ),
    key(
        "layout",
        "The way to keep the service, for an init that has several (--layout)",
        Text(NAME),
        &["\"inittab\""],
    ),
    key(
        "hostname",
        "What the kubelet calls its node: its flag --hostname-override",
        Text(HOST),
        &["\"edge-1.example.org\""],
    ),
    key(
        "kubeletVersion",
        "The release of its kubelet, which has to take the flags in extraArgs",
        Release("v?[0-9]+\\.[0-9]+(?:\\.[0-9]+)?(?:[-+].*)?"),
        &["1.36", "\"1.36\"", "\"v1.36.2\""],
    ),
    key(
        "extraArgs",
        "Further arguments of the service, each of them one; with them and hostname, the administrator's env file is written",
        List(&Any),
        &["[\"--node-ip=10.0.0.1\", \"--v=2\"]"],
    ),
];
