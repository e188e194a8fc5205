//! A node of an inventory.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};
use thiserror::Error;

use crate::backends::Launcher;
use crate::distro::Overrides;
use crate::kubelet::takes::{OLDEST, meant_release};
use crate::kubelet::{Version, VersionError};
use crate::service::text::{from_text, reads};
use crate::service::{AbsPath, Name, VarValue};

/// A node as it is written. What it leaves out is as for all nodes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(
    deny_unknown_fields,
    rename_all = "camelCase",
    expecting = "a mapping with the keys of a node"
)]
pub struct Node {
    /// Its name, which is that of its folder.
    pub name: NodeName,
    /// Its init.
    pub init: Option<String>,
    /// Its distribution.
    pub distro: Option<String>,
    /// What starts the service where systemd does not.
    pub launcher: Option<Launcher>,
    /// The program to run, instead of the spec's.
    pub kubelet: Option<AbsPath>,
    /// The administrator's env file.
    pub extra_args_file: Option<AbsPath>,
    /// The folder in which the service's files are kept.
    pub service_folder: Option<AbsPath>,
    /// The folder for the launcher.
    pub libexec_folder: Option<AbsPath>,
    /// The folder for log files.
    pub log_folder: Option<AbsPath>,
    /// The way to keep the service, for an init that has several.
    pub layout: Option<Name>,
    /// `--hostname-override` of the kubelet.
    pub hostname: Option<NodeName>,
    /// The release of its kubelet, which its flags are judged by.
    #[serde(default, deserialize_with = "release")]
    pub kubelet_version: Option<Version>,
    /// Further arguments of the service, each of them one. With them and the hostname the
    /// administrator's env file is written.
    #[serde(default)]
    pub extra_args: Vec<VarValue>,
}

impl Node {
    /// Its places, and those for all where it has none of its own.
    pub(super) fn overrides(&self, all: &Overrides) -> Overrides {
        let own = |own: &Option<AbsPath>, all: &Option<AbsPath>| own.clone().or(all.clone());
        Overrides {
            program: own(&self.kubelet, &all.program),
            extra_args_file: own(&self.extra_args_file, &all.extra_args_file),
            service_folder: own(&self.service_folder, &all.service_folder),
            libexec_folder: own(&self.libexec_folder, &all.libexec_folder),
            log_folder: own(&self.log_folder, &all.log_folder),
            layout: self.layout.clone().or(all.layout.clone()),
        }
    }
}

/// A release as it stands there: in YAML, `1.30` without quotes is a number.
fn release<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Version>, D::Error> {
    struct Release(Version);

    impl<'de> Deserialize<'de> for Release {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            from_text(deserializer, read_release).map(Self)
        }
    }

    Ok(Option::<Release>::deserialize(deserializer)?.map(|release| release.0))
}

/// A program that took `1.30` for a number has written `1.3`, which is a release of 2016.
fn read_release(text: &str) -> Result<Version, String> {
    let version: Version = text
        .parse()
        .map_err(|error: VersionError| error.to_string())?;
    match version {
        Version {
            major: 1,
            minor: 2..10,
            patch: None,
        } => {
            let meant = meant_release(version).map(|meant| {
                format!(
                    "\nis `\"{meant}\"` meant? A program that takes `{meant}` for a number writes `{version}`"
                )
            });
            Err(format!(
                "kubelet {version} is older than 1.{OLDEST}, the oldest release that is known{}",
                meant.unwrap_or_default()
            ))
        }
        version => Ok(version),
    }
}

/// The name of a node: that of a host (RFC 1123, 2.1), in lower case as Kubernetes
/// has it. It is a folder's name, too.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NodeName(String);

/// A text that is not a name of a node.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "`{name}` is not a node's name: lower-case letters, digits, `-` and `.`, \
     at most 253, beginning and ending with a letter or a digit"
)]
pub struct NodeNameError {
    /// The text.
    pub name: String,
}

impl NodeName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for NodeName {
    type Err = NodeNameError;

    fn from_str(name: &str) -> Result<Self, NodeNameError> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let good = name.len() <= 253
            && name.chars().all(|c| plain(c) || matches!(c, '-' | '.'))
            && name.starts_with(plain)
            && name.ends_with(plain)
            && !name.contains("..");
        match good {
            true => Ok(Self(name.into())),
            false => Err(NodeNameError { name: name.into() }),
        }
    }
}

reads!(from_string: NodeName);
