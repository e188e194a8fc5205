//! Which services of a tree are checked: those that are installed, or the one
//! that was asked for.

use crate::backends::Registry;
use crate::check::Subject;
use crate::install::Record;
use crate::kubelet::Version;
use crate::root::Root;
use crate::service::Service;
use crate::sink::Rendering;

use super::failure::Failure;
use super::service_arguments::ServiceArguments;
use super::target::{Target, unknown_init};

/// A service, what is rendered for it, and what was recorded of it.
pub(super) struct Checked {
    service: Service,
    rendering: Rendering,
    record: Option<Record>,
}

impl Checked {
    /// Finds them.
    ///
    /// # Errors
    /// Nothing is installed and no init is named; a record or a spec cannot be used.
    pub(super) fn find(
        registry: &Registry,
        root: &Root,
        target: &Target,
        arguments: &ServiceArguments,
    ) -> Result<Vec<Self>, Failure> {
        if let Some(backend) = target.named(registry) {
            let choices = arguments.choices_in(root, backend, target.distro()?)?;
            let (service, rendering) = choices.render(backend)?;
            let record = Record::read(root, &service.name, backend.name())?;
            return Ok(vec![Self {
                service,
                rendering,
                record,
            }]);
        }
        let mut all = Vec::new();
        for record in Record::read_all(root)? {
            let Some(backend) = registry.find(&record.init) else {
                continue;
            };
            let (service, rendering) = record.choices.render(backend)?;
            all.push(Self {
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

    /// What a check gets to see.
    pub(super) fn subject<'a>(&'a self, root: &'a Root, kubelet: Option<Version>) -> Subject<'a> {
        Subject {
            root,
            service: &self.service,
            rendering: &self.rendering,
            record: self.record.as_ref(),
            kubelet,
        }
    }
}
