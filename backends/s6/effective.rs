//! What a service directory runs, whoever wrote it.

use std::path::PathBuf;

use super::control::folder;
use crate::backends::foreign;
use crate::effective::{Asked, Effective, Standing};
use crate::root::RootError;
use crate::shipped::Reading;

pub(super) struct Services;

impl Effective for Services {
    /// s6-supervise(8) executes `run` in the service's folder.
    fn read(&self, asked: &Asked<'_>) -> Result<Standing, RootError> {
        let folder = folder(&foreign::target(asked));
        let service = folder.as_deref().and_then(foreign::path);
        let run = service.as_ref().and_then(|it| it.join("run").ok());
        let (Some(service), Some(run)) = (service, run) else {
            let installed = PathBuf::from(asked.places.service.as_str()).join("run");
            return foreign::absent(asked, "s6", &[installed]);
        };
        let reading = Reading::new(asked.host.root(), &service, asked.name);
        let line = reading.run_script(run.as_str());
        Ok(foreign::standing(asked, "s6", run.as_str(), line))
    }
}
