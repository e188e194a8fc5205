//! Distributions that are known by name alone: which of the table serves each, or why none
//! does. What boots with systemd and has no places of its own is served by `generic`, which
//! has those of upstream's packages.

use super::{Distro, Distros};

/// A distribution that is not in the table.
#[derive(Debug, PartialEq, Eq)]
pub struct Named {
    /// What it calls itself.
    pub title: &'static str,
    /// What to ask for instead, or why that helps little, with the distributions in braces.
    advice: &'static str,
    /// What people call it.
    names: &'static [&'static str],
}

/// What a name that is not in the table stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// A distribution with the places of this one.
    Served(&'static Distro),
    /// One of which more has to be said.
    Named(&'static Named),
}

const ARCH: &str = "with systemd, {generic} serves it; with another init, {artix} does, which has \
                    Arch's places";
const SYSTEMD: &str = "it boots with systemd, and {generic} serves it";
const SYSVINIT: &str = "its init is sysvinit, and {generic} serves it";
const DECLARED: &str = "it makes its files anew from its own configuration, so a service has to \
                        be declared there; {generic} shows what would have to be in it";
const OWN: &str = "it brings a kubelet of its own and takes no other service";
const BUILT: &str = "it has the places that its builder chose; {generic} has the usual ones";
const NO_LINUX: &str = "no kubelet runs on it as a service of one of these inits";

/// Each with the `ID` of its `os-release(5)`, and with what people call it besides.
const NAMED: &[Named] = &[
    named("Amazon Bottlerocket", OWN, &["bottlerocket"]),
    named("Android", NO_LINUX, &["android"]),
    named(
        "Arch Linux",
        ARCH,
        &["arch", "blackarch", "arcolinux", "parabola"],
    ),
    named("Buildroot", BUILT, &["buildroot"]),
    named("CachyOS", ARCH, &["cachyos"]),
    named("Clear Linux", SYSTEMD, &["clear-linux-os", "clearlinux"]),
    named("CRUX", SYSVINIT, &["crux"]),
    named("EndeavourOS", ARCH, &["endeavouros", "endeavour"]),
    named("Flatcar", SYSTEMD, &["flatcar", "coreos-container"]),
    named("Garuda Linux", ARCH, &["garuda"]),
    named("GNU Guix", DECLARED, &["guix", "guixsd"]),
    named("macOS", NO_LINUX, &["macos", "darwin", "osx"]),
    named("Manjaro", ARCH, &["manjaro"]),
    named("NixOS", DECLARED, &["nixos", "nix"]),
    named(
        "one of the BSDs",
        NO_LINUX,
        &["freebsd", "openbsd", "netbsd", "dragonfly", "bsd"],
    ),
    named(
        "OpenWrt",
        "its init is procd, which kubelet-unit does not render for",
        &["openwrt"],
    ),
    named("Slackware", SYSVINIT, &["slackware"]),
    named("Solus", SYSTEMD, &["solus"]),
    named("SteamOS", ARCH, &["steamos"]),
    named("Talos Linux", OWN, &["talos"]),
    named("Windows", NO_LINUX, &["windows"]),
    named(
        "Wolfi",
        "its images have no init; {generic} serves what brings one along",
        &["wolfi", "chainguard"],
    ),
    named("Yocto", BUILT, &["yocto", "poky"]),
];

/// What people call those that have an entry in the table, or the places of one.
const SPOKEN: &[(&str, &str)] = &[
    ("alma", "fedora"),
    ("amazon", "fedora"),
    ("centos-stream", "fedora"),
    ("coreos", "fedora"),
    ("fcos", "fedora"),
    ("fedora-coreos", "fedora"),
    ("mint", "debian"),
    ("opensuse-slowroll", "fedora"),
    ("oracle", "fedora"),
    ("raspberrypi", "debian"),
    ("redhat", "fedora"),
    ("rhcos", "fedora"),
    ("s6overlay", "s6-overlay"),
];

const fn named(title: &'static str, advice: &'static str, names: &'static [&'static str]) -> Named {
    Named {
        title,
        advice,
        names,
    }
}

impl Named {
    /// What to ask for instead, or why that helps little, as a sentence. `option` says how a distribution is asked for.
    pub fn advice(&self, option: impl Fn(&str) -> String) -> String {
        let mut parts = self.advice.split(['{', '}']);
        let mut advice = parts.next().unwrap_or_default().to_owned();
        while let (Some(distro), Some(text)) = (parts.next(), parts.next()) {
            advice += &option(distro);
            advice += text;
        }
        advice
    }
}

impl Distros {
    /// What a name in lower case stands for that is not in the table, with or without `linux`
    /// behind it.
    pub fn relation(&self, name: &str) -> Option<Relation> {
        let short = ["-linux", "_linux", "linux"]
            .into_iter()
            .find_map(|end| name.strip_suffix(end));
        let mut names = std::iter::once(name).chain(short.filter(|it| !it.is_empty()));
        names.find_map(|name| self.relation_of(name))
    }

    fn relation_of(&self, name: &str) -> Option<Relation> {
        if let Some(distro) = self.of_id(name) {
            return Some(Relation::Served(distro));
        }
        let spoken = SPOKEN.iter().find(|(spoken, _)| *spoken == name);
        if let Some(distro) = spoken.and_then(|(_, distro)| self.find(distro)) {
            return Some(Relation::Served(distro));
        }
        let named = NAMED.iter().find(|it| it.names.contains(&name));
        named.map(Relation::Named)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distro::DISTROS;

    #[test]
    fn no_name_stands_for_two() {
        let distros = Distros::default();
        for named in NAMED {
            for name in named.names {
                assert_eq!(distros.of_id(name), None, "{name}");
                assert_eq!(distros.relation(name), Some(Relation::Named(named)));
            }
        }
        for (spoken, _) in SPOKEN {
            assert_eq!(distros.of_id(spoken), None, "{spoken}");
        }
        for distro in DISTROS {
            assert_ne!(distro.name, "s6-overlay");
        }
    }

    #[test]
    fn linux_behind_a_name_makes_no_difference() {
        let served = |name: &str| match Distros::default().relation(name) {
            Some(Relation::Served(distro)) => distro.name,
            Some(Relation::Named(named)) => named.title,
            None => "nothing",
        };
        for (name, expected) in [
            ("chimera-linux", "chimera"),
            ("voidlinux", "void"),
            ("archlinux", "Arch Linux"),
            ("almalinux", "fedora"),
            ("amazonlinux", "fedora"),
            ("funtoo", "gentoo"),
            ("postmarketos", "alpine"),
            ("linux", "nothing"),
            ("plan9", "nothing"),
        ] {
            assert_eq!(served(name), expected, "{name}");
        }
    }
}
