//! Where the files of one service go.

use serde::{Deserialize, Serialize};

use super::Distro;
use crate::service::{AbsPath, Name, ValueError};

/// Single places asked for by name, each instead of the distribution's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Overrides {
    /// Instead of the spec's program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program: Option<AbsPath>,
    /// Instead of [`Distro::extra_args_file`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extra_args_file: Option<AbsPath>,
    /// The folder in which the service's files are kept, which for runit and s6 is not the
    /// one in which they look for links to services.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_folder: Option<AbsPath>,
    /// Instead of [`Distro::libexec_folder`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub libexec_folder: Option<AbsPath>,
    /// Instead of [`Distro::log_folder`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_folder: Option<AbsPath>,
    /// Which of the ways in which an init can keep a service, where it has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layout: Option<Name>,
}

/// Where an init keeps a service: one path, a file's or a directory's, from which the
/// backend derives whatever else it writes there. `{name}` in it is the service's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A path of the service's own. An asked `--service-folder` takes the stead of the
    /// folder that it is in: `/etc/sv/{name}` becomes `FOLDER/{name}`.
    Own(&'static str),
    /// A path that the init reads there and nowhere else, such as a file that it has in
    /// common with other services. An asked `--service-folder` is refused.
    Fixed(&'static str),
}

/// Where the files of one service go under one init.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The distribution that they come from.
    pub distro: &'static Distro,
    /// The layout that was asked for, by name, one of the backend's own.
    pub layout: Option<Name>,
    /// What the init keeps the service in: its [`Place`] with the name put in, below
    /// the folder that was asked for.
    pub service: AbsPath,
    /// The administrator's env file.
    pub extra_args_file: AbsPath,
    /// The folder for the launcher.
    pub libexec_folder: AbsPath,
    /// The folder for log files.
    pub log_folder: AbsPath,
}

impl Places {
    /// The places of the service called `name` on `distro`, under an init that keeps
    /// services in `place`. Of a [fixed](Place::Fixed) place the service folder that was
    /// asked for is ignored here: [orders](crate::order::Order) with one are refused.
    ///
    /// # Errors
    /// A path can become too long by a long name.
    pub fn new(
        place: Place,
        distro: &'static Distro,
        name: &Name,
        overrides: &Overrides,
    ) -> Result<Self, ValueError> {
        let or = |asked: &Option<AbsPath>, pattern| match asked {
            Some(path) => Ok(path.clone()),
            None => filled(pattern, name),
        };
        Ok(Self {
            distro,
            layout: overrides.layout.clone(),
            service: service(place, name, overrides.service_folder.as_ref())?,
            extra_args_file: extra_args_file(distro, name, overrides)?,
            libexec_folder: or(&overrides.libexec_folder, distro.libexec_folder)?,
            log_folder: or(&overrides.log_folder, distro.log_folder)?,
        })
    }

    /// The folder that [`Places::service`] is in.
    ///
    /// # Errors
    /// Never: the folder of a path is a path.
    pub fn service_folder(&self) -> Result<AbsPath, ValueError> {
        self.service.parent().parse()
    }
}

/// The administrator's env file of a service, which is the same under every init.
///
/// # Errors
/// A long name makes the path too long.
pub(crate) fn extra_args_file(
    distro: &Distro,
    name: &Name,
    overrides: &Overrides,
) -> Result<AbsPath, ValueError> {
    match &overrides.extra_args_file {
        Some(path) => Ok(path.clone()),
        None => filled(distro.extra_args_file, name),
    }
}

fn filled(pattern: &str, name: &Name) -> Result<AbsPath, ValueError> {
    pattern.replace("{name}", name.as_str()).parse()
}

fn service(place: Place, name: &Name, asked: Option<&AbsPath>) -> Result<AbsPath, ValueError> {
    match (place, asked) {
        (Place::Own(pattern), Some(folder)) => folder.join(filled(pattern, name)?.file_name()),
        (Place::Own(pattern) | Place::Fixed(pattern), _) => filled(pattern, name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distro::ALPINE;

    fn at(place: Place) -> String {
        let overrides = Overrides {
            service_folder: Some("/srv".parse().unwrap()),
            ..Overrides::default()
        };
        let name = "kubelet".parse().unwrap();
        let places = Places::new(place, &ALPINE, &name, &overrides).unwrap();
        places.service.to_string()
    }

    #[test]
    fn a_service_folder_that_is_asked_for_takes_the_stead_of_the_folder_alone() {
        assert_eq!(at(Place::Own("/etc/sv/{name}")), "/srv/kubelet");
        assert_eq!(at(Place::Own("/etc/units/{name}.ini")), "/srv/kubelet.ini");
        assert_eq!(at(Place::Fixed("/etc/inittab")), "/etc/inittab");
    }
}
