//! What is to be installed.

use super::record::Link;
use crate::backends::Registry;
use crate::order::Choices;
use crate::rendering::Rendered;
use crate::service::Name;

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
    /// What the new version of an edited configuration file is called
    /// ([`Distro::new_config`](crate::distro::Distro::new_config)).
    pub new_config: &'a str,
    /// Tells what other services in the tree are rendered to, with which this one may
    /// share files.
    pub registry: &'a Registry,
}
