//! What is to be installed.

use super::record::Link;
use crate::backends::Registry;
use crate::order::Choices;
use crate::rendering::Rendered;
use crate::service::{AbsPath, Name};

/// Another's service that is taken over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// Its files. What they hold is kept beside them, and then ours take their places or
    /// nothing does.
    pub files: Vec<AbsPath>,
    /// Links that lead to it, and go before its files do.
    pub links: Vec<AbsPath>,
    /// The administrator's env file as it is to be. It is no part of the service, and stays
    /// when that is removed.
    pub env_file: Option<(AbsPath, Vec<u8>)>,
}

/// What is to be installed.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    /// The service's name.
    pub service: &'a Name,
    /// The init's name.
    pub init: &'a str,
    /// What the files were rendered from.
    pub choices: Choices,
    /// The files.
    pub rendered: &'a Rendered,
    /// The links that enable the service, where it is to be enabled.
    pub links: Vec<Link>,
    /// Links to the service that are there, whoever made them, each with the path that it
    /// leads to: where the service moves they move with it.
    pub found: Vec<Link>,
    /// What is taken over from another's service.
    pub taken: Taken,
    /// What the new version of an edited configuration file is called
    /// ([`Distro::new_config`](crate::distro::Distro::new_config)).
    pub new_config: &'a str,
    /// Tells what other services in the tree are rendered to, with which this one may
    /// share files.
    pub registry: &'a Registry,
}
