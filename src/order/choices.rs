//! An order in the form that a record keeps.

use serde::{Deserialize, Serialize};

use super::{Order, OrderError};
use crate::backends::{Backend, Launcher, Registry};
use crate::distro::Overrides;
use crate::spec::Spec;

/// What a service is rendered from, beside the init.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Choices {
    /// The distribution's name.
    pub distro: String,
    /// What starts the service where systemd does not.
    pub launcher: Launcher,
    /// The text of the spec; none for the built-in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec: Option<String>,
    /// Single values that were said in the place of the spec's, as `KEY=VALUE`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<String>,
    /// Single places that were asked for.
    #[serde(default)]
    pub overrides: Overrides,
}

impl Choices {
    /// The order that was placed with these.
    ///
    /// # Errors
    /// The distribution is not known, or the spec is not one for this version.
    pub fn order(&self, registry: &Registry) -> Result<Order, OrderError> {
        let distros = registry.distros();
        let distro = distros.find(&self.distro);
        let distro = distro.ok_or_else(|| OrderError::Distro {
            name: self.distro.clone(),
            known: distros.iter().map(|distro| distro.name).collect(),
        })?;
        let spec = match &self.spec {
            None => Spec::kubelet(),
            Some(text) => Spec::read("<spec>", text.as_bytes())?,
        };
        Ok(Order {
            spec: spec.with(&self.set)?,
            text: self.spec.clone(),
            settings: self.set.clone(),
            distro: Some(distro),
            launcher: self.launcher,
            overrides: self.overrides.clone(),
        })
    }
}

impl Order {
    /// What a record keeps of it for an init.
    pub fn choices(&self, backend: &dyn Backend) -> Choices {
        Choices {
            distro: self.distro(backend).name.into(),
            launcher: self.launcher,
            spec: self.text.clone(),
            set: self.settings.clone(),
            overrides: self.overrides.clone(),
        }
    }
}
