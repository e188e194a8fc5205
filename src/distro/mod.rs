//! The distributions, and the places that every init has in common on them.
//!
//! They are data, one [`Distro`] each in [`DISTROS`]: a new distribution is a new
//! entry and no new condition anywhere. What only one init knows, such as the folder
//! in which it looks for services, is in that init's own folder, in a table by
//! distribution ([`PerDistro`]). [`Places`] is what a backend gets: the places of
//! one service, and the single ones that were asked for instead.

mod named;
mod places;
mod table;

pub use named::{Named, Relation};
pub(crate) use places::extra_args_file;
pub use places::{Overrides, Place, Places};
pub(crate) use table::DATABASES;
pub use table::{
    ALPINE, ARTIX, CHIMERA, DEBIAN, DEVUAN, DISTROS, FEDORA, GENERIC, GENTOO, UPSTREAM, VOID,
};

/// A distribution, or `generic` for none in particular.
#[derive(Debug, PartialEq, Eq)]
pub struct Distro {
    /// What it is called on the command line, which is `ID` in its `os-release(5)`.
    pub name: &'static str,
    /// What it calls itself.
    pub title: &'static str,
    /// The `ID`s of others that have the same places. They, and what names one of
    /// them in `ID_LIKE`, are taken for this one.
    pub families: &'static [&'static str],
    /// The administrator's env file of a service; `{name}` is the service.
    pub extra_args_file: &'static str,
    /// Where programs live that no one calls by hand.
    pub libexec_folder: &'static str,
    /// What the package manager calls the new version of a configuration file that
    /// was edited and therefore kept: `{file}` is the file's name, `{version}` the
    /// version that brings it, `{number}` the first of four digits that is free.
    pub new_config: &'static str,
    /// Where a service's own log files go.
    pub log_folder: &'static str,
    /// `PATH` of a service. Where `/bin` and `/sbin` are folders of their own, and
    /// not links into `/usr`, they come last: the kubelet looks for `mount` and
    /// `iptables` there.
    pub path: &'static str,
    /// The names of services that bring up the network, for inits that have no
    /// name for that.
    pub networks: &'static [&'static str],
    /// The names that container runtimes have as services, the usual one first.
    pub runtimes: &'static [&'static str],
}

impl Distro {
    /// Whether another distribution, by its `ID`, has the places of this one. Capitals do
    /// not count: os-release(5) asks for small letters, and openEuler has a capital.
    pub fn serves(&self, id: &str) -> bool {
        let mut families = self.families.iter();
        families.any(|family| family.eq_ignore_ascii_case(id))
    }
}

/// `PATH` as systemd sets it (`DEFAULT_PATH_NORMAL`, `path-util.h`, systemd 257).
pub const PATH_MERGED: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin";
/// The same for a system with `/bin` and `/sbin` of their own (`DEFAULT_PATH_SPLIT_USR`
/// in systemd up to 254).
pub const PATH_SPLIT: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The distributions to choose from: those of this crate, and those that only one init
/// has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distros(Vec<&'static Distro>);

impl Default for Distros {
    /// Those of this crate.
    fn default() -> Self {
        Self(DISTROS.to_vec())
    }
}

impl Distros {
    /// Adds one, before `generic`, or in the place of the one of the same name.
    pub fn add(&mut self, distro: &'static Distro) {
        if let Some(there) = self.0.iter_mut().find(|it| it.name == distro.name) {
            *there = distro;
            return;
        }
        let last = self.0.len().saturating_sub(1);
        self.0.insert(last, distro);
    }

    /// All of them, `generic` last.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &'static Distro> {
        self.0.iter().copied()
    }

    /// The one of that name.
    pub fn find(&self, name: &str) -> Option<&'static Distro> {
        self.iter().find(|distro| distro.name == name)
    }

    /// The one that an `ID` or a word of `ID_LIKE` in an `os-release(5)` means, which
    /// `generic` is not.
    pub fn of_id(&self, id: &str) -> Option<&'static Distro> {
        let means = |distro: &&Distro| distro.name == id || distro.serves(id);
        self.iter()
            .find(means)
            .filter(|distro| distro.name != GENERIC.name)
    }
}

/// A value that differs from distribution to distribution: what a backend knows about
/// its own places.
#[derive(Debug)]
pub struct PerDistro<T: 'static> {
    /// Where nothing else is known.
    pub usual: T,
    /// The distributions on which it is another one, by [name](Distro::name).
    pub on: &'static [(&'static str, T)],
}

impl<T> PerDistro<T> {
    /// The value on a distribution.
    pub fn of(&self, distro: &Distro) -> &T {
        let own = self.on.iter().find(|(name, _)| *name == distro.name);
        own.map_or(&self.usual, |(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::Name;

    #[test]
    fn every_pattern_of_the_table_is_a_path() {
        let name: Name = "kubelet".parse().unwrap();
        for distro in DISTROS {
            let place = Place::Own("/etc/init/{name}");
            let places = Places::new(place, distro, &name, &Overrides::default());
            assert!(places.is_ok(), "{}: {places:?}", distro.name);
            assert!(!distro.runtimes.is_empty(), "{}", distro.name);
        }
    }

    #[test]
    fn names_are_unique_and_found() {
        let distros = Distros::default();
        for distro in DISTROS {
            assert!(std::ptr::eq(distros.find(distro.name).unwrap(), *distro));
            for family in distro.families {
                assert!(std::ptr::eq(distros.of_id(family).unwrap(), *distro));
            }
        }
    }

    #[test]
    fn one_that_is_added_is_found_and_generic_stays_the_last() {
        static PLAN9: Distro = Distro {
            name: "plan9",
            families: &["inferno"],
            ..UPSTREAM
        };
        let mut distros = Distros::default();
        distros.add(&PLAN9);
        distros.add(&PLAN9);
        assert_eq!(distros.iter().len(), DISTROS.len() + 1);
        assert_eq!(distros.iter().last(), Some(&GENERIC));
        assert_eq!(distros.of_id("inferno"), Some(&PLAN9));
        assert_eq!(distros.of_id("generic"), None);
    }

    #[test]
    fn a_value_for_a_distribution_beats_the_usual_one() {
        static FOLDER: PerDistro<&str> = PerDistro {
            usual: "/a",
            on: &[("alpine", "/b")],
        };
        assert_eq!((*FOLDER.of(&ALPINE), *FOLDER.of(&DEBIAN)), ("/b", "/a"));
    }
}
