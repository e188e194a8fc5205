//! Container runtimes: which are there, and who makes the control groups of their containers.
//!
//! The kubelet and its runtime have to agree about that. What a runtime is told on its command line is not seen
//! here, only its configuration at the usual place. Where that leaves a doubt, such as between the releases of a
//! runtime, the answer is that it is not known, and why.

mod containerd;
mod crio;
mod docker;

use std::path::PathBuf;

use serde::{Serialize, Serializer};
use thiserror::Error;

use super::toml::{self, Table, TomlError};
use super::{CgroupDriver, Host};

/// A container runtime that listens, is installed or is configured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Runtime {
    /// `containerd`, `crio` or `docker`.
    pub name: &'static str,
    /// Who makes the control groups, where that is known.
    pub cgroup_driver: Option<CgroupDriver>,
    /// The file that says so; none where it is the runtime's default.
    pub source: Option<PathBuf>,
    /// Why it is not known.
    #[serde(serialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub problem: Option<DriverUnknown>,
}

#[expect(clippy::ref_option, reason = "serde calls it so")]
fn text<S: Serializer>(problem: &Option<DriverUnknown>, to: S) -> Result<S::Ok, S::Error> {
    problem.as_ref().map(ToString::to_string).serialize(to)
}

/// Why the cgroup driver of a runtime is not known. Paths are those of the tree.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DriverUnknown {
    /// A file is there, but it cannot be read, or it is not a file.
    #[error("`{}` cannot be read", .0.display())]
    Unreadable(PathBuf),
    /// A file is no TOML.
    #[error("`{}`, {source}", path.display())]
    NotToml {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: TomlError,
    },
    /// A file is no JSON.
    #[error("`{}`, line {line}, column {column}: this is not valid JSON", path.display())]
    NotJson {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// A key has a value of a wrong type, or one that is not known.
    #[error("`{}` has no known value for `{key}`", path.display())]
    Value {
        /// The file.
        path: PathBuf,
        /// The key.
        key: &'static str,
    },
    /// The plugin that speaks with the kubelet is switched off.
    #[error("`{}` disables the CRI plugin, so no kubelet can use it", .0.display())]
    Disabled(PathBuf),
    /// The default runtime is none whose options are known.
    #[error("`{}` makes `{runtime}` the default, whose options are not known", path.display())]
    OtherRuntime {
        /// The file.
        path: PathBuf,
        /// Its name.
        runtime: String,
    },
    /// A setting that only some releases understand.
    #[error("`{}` has `{key}`, which not all releases read alike", path.display())]
    OldKey {
        /// The file.
        path: PathBuf,
        /// The setting.
        key: &'static str,
    },
    /// Imported files that releases put together in different ways.
    #[error("`{}` and what it imports give one driver or the other, depending on the release", .0.display())]
    Imports(PathBuf),
    /// A file that releases read in different ways.
    #[error("`{}` gives one driver or the other, depending on the release", .0.display())]
    Release(PathBuf),
    /// Files that no release, or not the installed one, starts with.
    #[error("containerd does not start with `{}` and what it imports: their `version`s or plugins are not those of the release", .0.display())]
    Refused(PathBuf),
    /// An import that cannot be followed.
    #[error("`{}` imports `{import}`, which cannot be followed", path.display())]
    Import {
        /// The file.
        path: PathBuf,
        /// What it imports.
        import: String,
    },
    /// The default follows what runs, and this tree does not run.
    #[error("its default follows the init and the cgroups that run")]
    NotRunning,
}

/// A driver, and the file that says so.
type Answer = Result<(CgroupDriver, Option<PathBuf>), DriverUnknown>;

/// How a runtime is known to be there, and how it is asked.
struct Known {
    name: &'static str,
    signs: &'static [&'static str],
    programs: &'static [&'static str],
    driver: fn(&Host) -> Answer,
}

const KNOWN: &[Known] = &[
    Known {
        name: "containerd",
        signs: &["/run/containerd/containerd.sock", containerd::CONFIG],
        programs: &["containerd"],
        driver: containerd::driver,
    },
    Known {
        name: "crio",
        signs: &["/run/crio/crio.sock", crio::CONFIG, crio::DROP_INS],
        programs: &["crio"],
        driver: crio::driver,
    },
    Known {
        name: "docker",
        signs: &["/run/docker.sock", docker::CONFIG],
        programs: &["dockerd"],
        driver: docker::driver,
    },
];

impl Host {
    /// The container runtimes that are there, in kubeadm's order.
    pub fn runtimes(&self) -> Vec<Runtime> {
        let there = |known: &&Known| {
            known.signs.iter().any(|path| self.exists(path))
                || known
                    .programs
                    .iter()
                    .any(|name| self.program(name).is_some())
        };
        KNOWN
            .iter()
            .filter(there)
            .map(|known| {
                let (cgroup_driver, source, problem) = match (known.driver)(self) {
                    Ok((driver, source)) => (Some(driver), source, None),
                    Err(problem) => (None, None, Some(problem)),
                };
                Runtime {
                    name: known.name,
                    cgroup_driver,
                    source,
                    problem,
                }
            })
            .collect()
    }

    /// A file; `None` where there is none.
    fn configuration(&self, path: &std::path::Path) -> Result<Option<String>, DriverUnknown> {
        let read = self.root().read_if_there(path, super::LIMIT);
        let bytes = read.map_err(|_| DriverUnknown::Unreadable(path.into()))?;
        Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// The same as TOML.
    fn toml(&self, path: &std::path::Path) -> Result<Option<Table>, DriverUnknown> {
        let Some(text) = self.configuration(path)? else {
            return Ok(None);
        };
        match toml::read(&text) {
            Ok(table) => Ok(Some(table)),
            Err(source) => Err(DriverUnknown::NotToml {
                path: path.into(),
                source,
            }),
        }
    }
}

#[cfg(test)]
mod tests;
