//! The table of distributions. Each value is where that distribution's own
//! packages put such a file.

use super::{Distro, PATH_MERGED, PATH_SPLIT};

/// Every distribution that has places of its own, in alphabetical order, `generic` last.
pub static DISTROS: &[&Distro] = &[
    &ALPINE, &ARTIX, &CHIMERA, &DEBIAN, &DEVUAN, &FEDORA, &GENTOO, &VOID, &GENERIC,
];

const RUNTIMES: &[&str] = &["containerd", "crio", "cri-dockerd", "docker"];

const NETWORKS: &[&str] = &["NetworkManager", "connmand", "dhcpcd"];

/// OpenRC sources `/etc/conf.d/NAME` as shell before it starts the service NAME.
/// An env file is not shell, so it stands beside that file under a name that
/// OpenRC does not look for.
const CONF_D_ENV: &str = "/etc/conf.d/{name}.env";

/// Alpine Linux: OpenRC, `/bin` and `/sbin` apart from `/usr`.
pub static ALPINE: Distro = Distro {
    name: "alpine",
    title: "Alpine Linux",
    families: &["postmarketos", "adelie"],
    extra_args_file: CONF_D_ENV,
    new_config: "{file}.apk-new",
    ..UPSTREAM
};

/// Artix Linux: OpenRC, runit or s6, with Arch's places.
pub static ARTIX: Distro = Distro {
    name: "artix",
    title: "Artix Linux",
    families: &["obarun", "hyperbola"],
    extra_args_file: CONF_D_ENV,
    libexec_folder: "/usr/lib/kubelet-unit",
    path: PATH_MERGED,
    new_config: "{file}.pacnew",
    ..UPSTREAM
};

/// Chimera Linux: dinit, with apk as its package manager.
pub static CHIMERA: Distro = Distro {
    name: "chimera",
    title: "Chimera Linux",
    path: PATH_MERGED,
    new_config: "{file}.apk-new",
    ..UPSTREAM
};

/// Debian, and what is made from it.
pub static DEBIAN: Distro = Distro {
    name: "debian",
    title: "Debian",
    families: &[
        "ubuntu",
        "raspbian",
        "linuxmint",
        "pop",
        "kali",
        "parrot",
        "pureos",
        "deepin",
        "elementary",
        "zorin",
        "neon",
        "mx",
        "antix",
        "proxmox",
        "armbian",
        "trisquel",
    ],
    path: PATH_MERGED,
    new_config: "{file}.dpkg-dist",
    ..UPSTREAM
};

/// Devuan: Debian's places, and `/bin` may still be a folder.
pub static DEVUAN: Distro = Distro {
    name: "devuan",
    title: "Devuan",
    new_config: "{file}.dpkg-dist",
    ..UPSTREAM
};

/// Fedora Linux, what is made from it or before it, and the other distributions of RPM
/// packages: on all of them kubeadm's package, the upstream one as well as SUSE's, has the
/// administrator's env file in `/etc/sysconfig` (`kubelet.spec` of kubernetes/release).
pub static FEDORA: Distro = Distro {
    name: "fedora",
    title: "Fedora Linux",
    families: &[
        "rhel",
        "centos",
        "rocky",
        "almalinux",
        "ol",
        "amzn",
        "suse",
        "opensuse",
        "opensuse-leap",
        "opensuse-tumbleweed",
        "opensuse-microos",
        "sles",
        "sle-micro",
        "sl-micro",
        "photon",
        "azurelinux",
        "mariner",
        "openEuler",
        "anolis",
        "opencloudos",
        "mageia",
        "nobara",
        "scientific",
        "eurolinux",
        "virtuozzo",
        "openmandriva",
        "altlinux",
        "pclinuxos",
    ],
    extra_args_file: "/etc/sysconfig/{name}",
    path: PATH_MERGED,
    new_config: "{file}.rpmnew",
    ..UPSTREAM
};

/// Gentoo: OpenRC or systemd.
pub static GENTOO: Distro = Distro {
    name: "gentoo",
    title: "Gentoo",
    families: &["funtoo", "calculate"],
    extra_args_file: CONF_D_ENV,
    new_config: "._cfg{number}_{file}",
    ..UPSTREAM
};

/// Void: runit.
pub static VOID: Distro = Distro {
    name: "void",
    title: "Void",
    path: PATH_MERGED,
    new_config: "{file}.new-{version}",
    ..UPSTREAM
};

/// The databases of package managers, and the distribution whose places a tree has where
/// its `os-release(5)` names none that is known. RPM's alone tell that; those of the
/// others are here because a tool for foreign packages leaves one of RPM's beside them.
pub(crate) static DATABASES: &[(&str, Option<&Distro>)] = &[
    ("/usr/lib/sysimage/rpm/rpmdb.sqlite", Some(&FEDORA)),
    ("/usr/lib/sysimage/rpm/Packages.db", Some(&FEDORA)),
    ("/var/lib/rpm/rpmdb.sqlite", Some(&FEDORA)),
    ("/var/lib/rpm/Packages.db", Some(&FEDORA)),
    ("/var/lib/rpm/Packages", Some(&FEDORA)),
    ("/var/lib/dpkg/status", None),
    ("/var/lib/pacman/local", None),
    ("/lib/apk/db/installed", None),
    ("/usr/lib/apk/db/installed", None),
    ("/var/db/xbps", None),
    ("/var/db/pkg", None),
];

/// Where nothing is known: the upstream places.
pub static GENERIC: Distro = UPSTREAM;

/// The places where nothing is known, for a distribution to begin with that says only
/// what differs: `Distro { name: "mine", ..UPSTREAM }`.
pub const UPSTREAM: Distro = Distro {
    name: "generic",
    title: "no distribution in particular",
    families: &[],
    extra_args_file: "/etc/default/{name}",
    libexec_folder: "/usr/libexec/kubelet-unit",
    new_config: "{file}.new",
    log_folder: "/var/log/{name}",
    path: PATH_SPLIT,
    networks: NETWORKS,
    runtimes: RUNTIMES,
};
