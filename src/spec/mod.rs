//! Specs: a [`Service`] as a YAML file that people write.
//!
//! A spec may leave out what has a sensible default, and may say
//! `{extra-args-file}` in the place of an env file's path for the file in which
//! this distribution keeps the administrator's settings. [`Spec::service`]
//! turns it into a `Service`, for which all of that is settled.
//!
//! JSON is YAML, too, and is read in a fraction of the time: [`resolved`] writes
//! it for `kubelet-unit exec`, which reads it at every start.

mod builtin;
mod fault;
mod json;
mod layer;
mod limits;
pub mod schema;
mod setting;
mod shape;
mod systemd;

use thiserror::Error;

use crate::distro::{self, Distro, Overrides};
use crate::service::{EnvFile, Name, Service, ValueError};
use crate::yaml::{self, Bounds, YamlError};

pub use builtin::{BUILTIN, Builtin};
pub use shape::{Spec, SpecEnvFile};
pub use systemd::hint as hint_of_systemd;

/// The kubelet as kubeadm's packages run it, commented and ready to edit.
pub const KUBELET: &str = include_str!("kubelet.yaml");

/// What a spec may measure. The kubelet's has 3 KiB.
pub const BOUNDS: Bounds = Bounds {
    size: 16 * 1024,
    depth: 16,
};

/// The most that is read of a spec in JSON, in bytes. What [`resolved`] makes of the
/// largest YAML has less: a word of one character takes two bytes there, and nine here.
pub const MOST_JSON: usize = 16 * BOUNDS.size;

/// Places of a spec on a distribution that are none, such as a path that became too long.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the places of `{service}` on {distro}: {source}")]
pub struct PlaceError {
    /// The service's name.
    pub service: Name,
    /// The distribution's name.
    pub distro: &'static str,
    /// What is wrong.
    pub source: ValueError,
}

impl Spec {
    /// Reads a spec; `source_name` is what messages call it.
    ///
    /// # Errors
    /// It is larger than [`BOUNDS`], or than [`MOST_JSON`] in JSON, not YAML, or not a
    /// spec. Of JSON it is told what is wrong with it as such.
    pub fn read(source_name: &str, bytes: &[u8]) -> Result<Self, YamlError> {
        let read = || yaml::read(source_name, bytes, BOUNDS);
        let spec: Self = match json::is_begun(bytes) {
            // YAML allows more than JSON, such as a comma at the end of a list.
            true => json::read(source_name, bytes).or_else(|error| read().map_err(|_| error)),
            false => read(),
        }?;
        match spec.fault() {
            Some(fault) => Err(fault.located(source_name, &String::from_utf8_lossy(bytes))),
            None => Ok(spec),
        }
    }

    /// What in a spec is probably not meant so, with its place in the text that it was
    /// read from.
    pub fn doubts_in(&self, source_name: &str, bytes: &[u8]) -> Vec<YamlError> {
        let text = String::from_utf8_lossy(bytes);
        let doubts = self.doubts().into_iter();
        doubts
            .map(|doubt| doubt.located(source_name, &text))
            .collect()
    }

    /// That the administrator's env file was asked for at a place, and the spec reads no
    /// such file. `source_name` is what the spec is called, `bytes` is its text.
    pub fn lacks_extra_args_file(&self, source_name: &str, bytes: &[u8]) -> Option<YamlError> {
        let has_it = self.env_files.iter().any(|file| file.path.is_none());
        let fault = (!has_it).then(|| fault::no_extra_args_file(self))?;
        Some(fault.located(source_name, &String::from_utf8_lossy(bytes)))
    }

    /// The built-in spec of the kubelet.
    ///
    /// # Panics
    /// Never: a test reads it.
    pub fn kubelet() -> Self {
        // The same as KUBELET, without what the YAML library takes, which is most of what
        // a `render` of one init takes by itself.
        let json = include_bytes!("kubelet.json");
        json::read("kubelet.json", json).expect("the built-in spec is a spec")
    }

    /// The service that this spec describes on a distribution.
    ///
    /// # Errors
    /// A place is not a path.
    pub fn service(
        mut self,
        distro: &'static Distro,
        overrides: &Overrides,
    ) -> Result<Service, PlaceError> {
        let extra = distro::extra_args_file(distro, &self.name, overrides);
        let extra = extra.map_err(|source| PlaceError {
            service: self.name.clone(),
            distro: distro.name,
            source,
        })?;
        if let Some(program) = &overrides.program {
            self.program = program.clone();
        }
        let env_files = std::mem::take(&mut self.env_files)
            .into_iter()
            .map(|mut file| {
                let path = file.path.take();
                file.at(path.unwrap_or_else(|| extra.clone()))
            });
        let env_files = env_files.collect();
        Ok(self.with_env_files(env_files))
    }

    /// The service, if this is a spec in which nothing is left to the distribution,
    /// as [`resolved`] writes it.
    pub fn resolve(mut self) -> Option<Service> {
        let env_files = std::mem::take(&mut self.env_files)
            .into_iter()
            .map(|mut file| file.path.take().map(|path| file.at(path)));
        let env_files = env_files.collect::<Option<_>>()?;
        Some(self.with_env_files(env_files))
    }

    fn with_env_files(self, env_files: Vec<EnvFile>) -> Service {
        Service {
            name: self.name,
            configured_by: self.configured_by,
            description: self.description,
            documentation: self.documentation,
            program: self.program,
            arguments: self.arguments,
            environment: self.environment,
            specifiers: self.specifiers,
            env_files,
            service_type: self.service_type,
            restart: self.restart,
            stop: self.stop,
            needs: self.needs,
            wants: self.wants,
            after: self.after,
            before: self.before,
            limits: self.limits,
            tasks_max: self.tasks_max,
            delegate: self.delegate,
            process: self.process,
            log: self.log,
            life: self.life,
            systemd: self.systemd,
        }
    }
}

/// A service as a spec in which nothing is left open, in JSON: read again, on
/// whatever distribution, it gives the same service.
///
/// # Errors
/// Our bug: a service that JSON cannot hold.
pub fn resolved(service: &Service) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(service).map(|json| json + "\n")
}

#[cfg(test)]
mod tests;
