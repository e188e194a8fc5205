//! Which services of a tree are checked: those that are installed, or the one
//! that was asked for.

use std::path::PathBuf;

use thiserror::Error;

use crate::backends::Registry;
use crate::check::Subject;
use crate::install::{Choices, Record};
use crate::kubelet::Version;
use crate::root::Root;
use crate::service::{Name, Service};
use crate::sink::Rendering;

use super::enablement;
use super::failure::Failure;
use super::service_arguments::ServiceArguments;
use super::target::{Target, name_option, unknown_init};

/// A service, what is rendered for it, and what was recorded of it.
pub(super) struct Checked {
    choices: Choices,
    service: Service,
    rendering: Rendering,
    record: Option<Record>,
}

impl Checked {
    /// Finds them.
    ///
    /// # Errors
    /// Nothing is installed and no init is named, or only what is left of a service
    /// that was removed is there; a record or a spec cannot be used.
    pub(super) fn find(
        registry: &Registry,
        root: &Root,
        target: &Target,
        arguments: &ServiceArguments,
    ) -> Result<Vec<Self>, Failure> {
        let records = Record::read_all(root)?;
        let named = target.named(registry).is_some();
        if !named && !records.is_empty() {
            return Self::installed(registry, records);
        }
        let removed = Record::read_removed(root)?;
        if let (false, Some(removed)) = (named, removed.first()) {
            return Err(only_left(root, removed));
        }
        let backend = target.backend(registry)?;
        let choices = arguments.choices_in(root, backend, target.distro()?)?;
        let (service, rendering) = choices.render(backend)?;
        let record = Record::read(root, &service.name, backend.name())?;
        Ok(vec![Self {
            choices,
            service,
            rendering,
            record,
        }])
    }

    fn installed(registry: &Registry, records: Vec<Record>) -> Result<Vec<Self>, Failure> {
        let mut all = Vec::new();
        for record in records {
            let Some(backend) = registry.find(&record.init) else {
                continue;
            };
            let (service, rendering) = record.choices.render(backend)?;
            all.push(Self {
                choices: record.choices.clone(),
                service,
                rendering,
                record: Some(record),
            });
        }
        match all.is_empty() {
            true => Err(unknown_init(registry)),
            false => Ok(all),
        }
    }

    /// Whether it starts with the machine, where that can be told.
    pub(super) fn is_enabled(&self, root: &Root, registry: &Registry) -> Option<bool> {
        let init = self.rendering.backend.name();
        let session =
            enablement::session(root, &self.service.name, init, &self.choices, registry).ok()?;
        enablement::is_enabled(&session)
    }

    /// What a check gets to see.
    pub(super) fn subject<'a>(
        &'a self,
        root: &'a Root,
        kubelet: Option<Version>,
        enabled: Option<bool>,
    ) -> Subject<'a> {
        Subject {
            root,
            service: &self.service,
            rendering: &self.rendering,
            record: self.record.as_ref(),
            kubelet,
            enabled,
        }
    }
}

/// A service that was removed on purpose misses nothing, and is not clean either.
fn only_left(root: &Root, removed: &Record) -> Failure {
    let Record { service, init, .. } = removed;
    Failure::new(&NothingInstalled {
        root: root.path().to_owned(),
        service: service.clone(),
        init: init.clone(),
    })
    .hint(format!(
        "`--init {init}` compares with what would be installed; \
         `kubelet-unit uninstall{{root}} --init {init}{} --purge` removes that",
        name_option(service)
    ))
    .in_root(root)
}

/// What is there is left of a service that was removed.
#[derive(Debug, Error)]
#[error(
    "nothing is installed in `{}`: only edited configuration of `{service}` for {init} is left",
    root.display()
)]
struct NothingInstalled {
    root: PathBuf,
    service: Name,
    init: String,
}
