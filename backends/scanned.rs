//! What a service directory of runit or s6 runs, whoever wrote it.

use std::path::PathBuf;

use super::foreign;
use super::scan::Scan;
use crate::effective::{Asked, Effective, Standing};
use crate::root::RootError;
use crate::shipped::Reading;

impl Effective for Scan {
    /// runsv(8) and s6-supervise(8) execute `run` in the service's folder.
    fn read(&self, asked: &Asked<'_>) -> Result<Standing, RootError> {
        let folder = self.service(&foreign::target(asked));
        let service = folder.as_deref().and_then(foreign::path);
        let run = service.as_ref().and_then(|it| it.join("run").ok());
        let (Some(service), Some(run)) = (service, run) else {
            let installed = PathBuf::from(asked.places.service.as_str()).join("run");
            return foreign::absent(asked, self.title, &[installed]);
        };
        let reading = Reading::new(asked.host.root(), &service, asked.name);
        let line = reading.run_script(run.as_str());
        Ok(foreign::standing(asked, self.title, run.as_str(), line))
    }
}
