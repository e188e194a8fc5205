//! The places that differ from distribution to distribution.
//!
//! They are data, one [`Distro`] each in [`DISTROS`]: a new distribution is a new
//! entry and no new condition anywhere. [`Places`] is what a backend gets: an
//! entry's patterns with a service's name put in, and the single values that
//! were asked for in their stead.

mod table;

pub use table::{ALPINE, ARTIX, DEBIAN, DEVUAN, DISTROS, FEDORA, GENERIC, GENTOO, VOID};

use serde::{Deserialize, Serialize};

use crate::service::{AbsPath, Name, ValueError};

/// A distribution, or `generic` for none in particular.
#[derive(Debug, PartialEq, Eq)]
pub struct Distro {
    /// What it is called on the command line, which is `ID` in its `os-release(5)`.
    pub name: &'static str,
    /// What it calls itself.
    pub title: &'static str,
    /// The administrator's env file of a service; `{name}` is the service.
    pub extra_args_file: &'static str,
    /// systemd's folder for units of packages.
    pub unit_folder: &'static str,
    /// Where programs live that no one calls by hand.
    pub libexec_folder: &'static str,
    /// runit's folder of service directories.
    pub runit_folder: &'static str,
    /// s6's folder of service directories.
    pub s6_folder: &'static str,
    /// The folder whose links runit starts with every boot.
    pub runit_enabled_folder: &'static str,
    /// The scan directory of the s6 that runs.
    pub s6_scan_folder: &'static str,
    /// The file that supervisord includes for a service.
    pub supervisord_file: &'static str,
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

/// `PATH` as systemd sets it (`DEFAULT_PATH_NORMAL`, `path-util.h`, systemd 257).
const PATH_MERGED: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin";
/// The same for a system with `/bin` and `/sbin` of their own (`DEFAULT_PATH_SPLIT_USR`
/// in systemd up to 254).
const PATH_SPLIT: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

impl Distro {
    /// The entry of that name.
    pub fn find(name: &str) -> Option<&'static Distro> {
        DISTROS.iter().copied().find(|distro| distro.name == name)
    }
}

/// Single places asked for by name, each in the stead of the distribution's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Overrides {
    /// In the stead of the spec's program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program: Option<AbsPath>,
    /// In the stead of [`Distro::extra_args_file`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extra_args_file: Option<AbsPath>,
    /// The folder in which the service's files are kept, which for runit and s6 is not the
    /// one in which they look for links to services.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_folder: Option<AbsPath>,
    /// In the stead of [`Distro::libexec_folder`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub libexec_folder: Option<AbsPath>,
    /// In the stead of [`Distro::log_folder`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_folder: Option<AbsPath>,
}

/// Where the files of one service go on one distribution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The distribution that they come from.
    pub distro: &'static Distro,
    /// The administrator's env file.
    pub extra_args_file: AbsPath,
    /// systemd's unit folder.
    pub unit_folder: AbsPath,
    /// OpenRC's folder of init scripts.
    pub openrc_folder: AbsPath,
    /// OpenRC's folder of settings, each sourced as shell by `openrc-run(8)`.
    pub openrc_conf_folder: AbsPath,
    /// The folder of logrotate's own includes.
    pub logrotate_folder: AbsPath,
    /// The service directory that runit gets.
    pub runit_service: AbsPath,
    /// The service directory that s6 gets.
    pub s6_service: AbsPath,
    /// The file that supervisord includes.
    pub supervisord_file: AbsPath,
    /// The folder for the launcher.
    pub libexec_folder: AbsPath,
    /// The folder for log files.
    pub log_folder: AbsPath,
}

impl Places {
    /// The places of the service called `name` on `distro`.
    ///
    /// # Errors
    /// A path can become too long by a long name.
    pub fn new(
        distro: &'static Distro,
        name: &Name,
        overrides: &Overrides,
    ) -> Result<Self, ValueError> {
        let place = |pattern: &str, instead: &Option<AbsPath>| match instead {
            Some(path) => Ok(path.clone()),
            None => pattern.replace("{name}", name.as_str()).parse(),
        };
        let asked = &overrides.service_folder;
        let service = |folder: &str| place(folder, asked)?.join(name.as_str());
        let supervisord_file = match asked {
            Some(folder) => {
                let (_, extension) = distro.supervisord_file.rsplit_once('.').unwrap_or_default();
                folder.join(&format!("{name}.{extension}"))?
            }
            None => place(distro.supervisord_file, &None)?,
        };
        Ok(Self {
            distro,
            extra_args_file: place(distro.extra_args_file, &overrides.extra_args_file)?,
            unit_folder: place(distro.unit_folder, asked)?,
            openrc_folder: place("/etc/init.d", asked)?,
            openrc_conf_folder: place("/etc/conf.d", &None)?,
            logrotate_folder: place("/etc/logrotate.d", &None)?,
            runit_service: service(distro.runit_folder)?,
            s6_service: service(distro.s6_folder)?,
            supervisord_file,
            libexec_folder: place(distro.libexec_folder, &overrides.libexec_folder)?,
            log_folder: place(distro.log_folder, &overrides.log_folder)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_of_the_table_is_a_path() {
        let name: Name = "kubelet".parse().unwrap();
        for distro in DISTROS {
            let places = Places::new(distro, &name, &Overrides::default());
            assert!(places.is_ok(), "{}: {places:?}", distro.name);
            assert!(!distro.runtimes.is_empty(), "{}", distro.name);
        }
    }

    #[test]
    fn names_are_unique_and_found() {
        for distro in DISTROS {
            assert!(std::ptr::eq(Distro::find(distro.name).unwrap(), *distro));
        }
    }

    #[test]
    fn a_service_folder_that_is_asked_for_holds_for_every_init() {
        let name: Name = "kubelet".parse().unwrap();
        let overrides = Overrides {
            service_folder: Some("/srv".parse().unwrap()),
            ..Overrides::default()
        };
        let places = Places::new(Distro::find("alpine").unwrap(), &name, &overrides).unwrap();
        assert_eq!(
            [
                places.unit_folder.as_str(),
                places.openrc_folder.as_str(),
                places.runit_service.as_str(),
                places.s6_service.as_str(),
                places.supervisord_file.as_str(),
            ],
            [
                "/srv",
                "/srv",
                "/srv/kubelet",
                "/srv/kubelet",
                "/srv/kubelet.ini"
            ]
        );
    }
}
