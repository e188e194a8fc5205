//! Which services of a tree are checked: those that are installed, or the one
//! that was asked for.

use std::collections::BTreeSet;
use std::path::PathBuf;

use thiserror::Error;

use crate::backends::Registry;
use crate::check::Subject;
use crate::install::{Choices, Record};
use crate::kubelet::Version;
use crate::root::Root;
use crate::service::Service;
use crate::sink::Rendering;

use super::enablement;
use super::failure::Failure;
use super::init;
use super::service_arguments::ServiceArguments;
use super::target::{Target, name_option};

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
        if !named && !removed.is_empty() {
            return Err(only_left(root, &removed));
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
            true => Err(init::unknown(registry)),
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
fn only_left(root: &Root, removed: &[Record]) -> Failure {
    let left = removed
        .iter()
        .map(|record| format!("`{}` for `{}`", record.service, record.init));
    let inits: BTreeSet<_> = removed.iter().map(|record| record.init.as_str()).collect();
    let inits: Vec<_> = inits.into_iter().collect();
    let option = match inits.as_slice() {
        [init] => format!("`--init {init}`"),
        inits => init::one_of(inits.iter().copied()),
    };
    let purges = removed.iter().map(|record| {
        let Record { service, init, .. } = record;
        let name = name_option(service);
        format!("`kubelet-unit uninstall{{root}} --init {init}{name} --purge`")
    });
    Failure::new(&NothingInstalled {
        root: root.path().to_owned(),
        left: left.collect::<Vec<_>>().join(", "),
    })
    .hint(format!(
        "{option} compares with what would be installed; {} {} that",
        purges.collect::<Vec<_>>().join(", "),
        match removed.len() {
            1 => "removes",
            _ => "remove",
        }
    ))
    .in_root(root)
}

/// What is there is left of services that were removed.
#[derive(Debug, Error)]
#[error("nothing is installed in `{}`: only edited configuration of {left} is left", root.display())]
struct NothingInstalled {
    root: PathBuf,
    /// The services and inits.
    left: String,
}
