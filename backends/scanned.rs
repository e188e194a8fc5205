//! What a service directory of runit or s6 runs, whoever wrote it.

use std::path::{Path, PathBuf};

use super::foreign;
use super::rivals::{Called, called, is_own, names, other};
use super::scan::Scan;
use crate::effective::{Asked, Effective, Goes, Other, Place, Rival, Standing};
use crate::root::RootError;

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
        let reading = foreign::reading(asked, &service);
        let line = reading.run_script(run.as_str());
        Ok(foreign::standing(asked, self.title, run.as_str(), line))
    }

    /// Those in the folders where it looks for services: it starts no others.
    fn others(&self, asked: &Asked<'_>, _program: &str) -> Result<Vec<Other>, RootError> {
        let root = asked.host.root();
        let target = foreign::target(asked);
        let own = (self.installed)(&target);
        let mut found: Vec<Other> = Vec::new();
        for folder in self.entrances(&target) {
            for name in names(root, &folder)? {
                let entry = folder.join(&name);
                let is_own = match is_own(root, &own, &entry) {
                    // The init finds nothing there either.
                    Err(error) if error.is_loop() => continue,
                    is_own => is_own?,
                };
                if is_own || found.iter().any(|it| it.name.as_str() == name) {
                    continue;
                }
                let run = entry.join("run");
                let other = other(asked, &name, &run, |_| true);
                found.extend(other.map(|it| Other {
                    place: Place::of_line(entry.display().to_string(), 0),
                    ..it
                }));
            }
        }
        Ok(found)
    }

    /// What stands under the service's name where the init looks for services, and is not the
    /// way to ours: the init starts that.
    fn rivals(&self, asked: &Asked<'_>) -> Result<Vec<Rival>, RootError> {
        let root = asked.host.root();
        let target = foreign::target(asked);
        let own = (self.installed)(&target);
        let mut found = Vec::new();
        for folder in self.entrances(&target) {
            for name in names(root, &folder)? {
                let Some(called) = called(&name, asked.name) else {
                    continue;
                };
                let entry = folder.join(&name);
                let is_service = asked.host.exists(entry.join("run"));
                let link = root.read_link(&entry)?;
                let counts = is_service || link.is_some() && called == Called::So;
                if counts && !is_own(root, &own, &entry)? {
                    found.push(self.rival(asked, &entry, link.as_deref(), called));
                }
            }
        }
        Ok(found)
    }
}

impl Scan {
    fn rival(&self, asked: &Asked<'_>, entry: &Path, link: Option<&Path>, called: Called) -> Rival {
        let root = asked.host.root();
        let (name, title) = (asked.name, self.title);
        let shown = root.shown(entry);
        let is = match link {
            Some(link) => format!("is a link to `{}`", link.display()),
            None => "is a service directory".to_owned(),
        };
        let (what, goes) = match (called, link) {
            (Called::Nearly, _) => (
                format!(
                    "{is}, and is called nearly as `{name}`, which {title} takes for another \
                     service: two of them run"
                ),
                Goes::ByHand(format!("move `{}` away", shown.display())),
            ),
            (Called::So, Some(_)) => (
                format!(
                    "{is}: {title} starts that, and not `{}`",
                    root.shown(asked.places.service.as_str()).display()
                ),
                Goes::Relink,
            ),
            (Called::So, None) => (
                format!(
                    "{is} of its own: {title} starts that, and not `{}`",
                    root.shown(asked.places.service.as_str()).display()
                ),
                Goes::ByHand(format!("move `{}` away", shown.display())),
            ),
        };
        Rival::new(entry.display().to_string(), 0, what, goes)
    }
}
