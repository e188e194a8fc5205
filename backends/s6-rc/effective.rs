//! What a source directory runs, whoever wrote it.

use std::path::{Path, PathBuf};

use super::enabling::Subject;
use super::overlay;
use super::sources::stores;
use crate::backends::rivals::{names, other};
use crate::backends::s6::S6;
use crate::backends::{Backend, foreign};
use crate::effective::{Asked, Effective, Goes, Other, Rival, Standing};
use crate::root::RootError;

pub(super) struct Sources;

impl Effective for Sources {
    /// A longrun has a `run` as under s6, a oneshot a line of execline (s6-rc-compile(8)).
    fn read(&self, asked: &Asked<'_>) -> Result<Standing, RootError> {
        let target = foreign::target(asked);
        let source = Subject::new(&target).source();
        let Some(service) = source.as_deref().and_then(foreign::path) else {
            // One of s6-svscan's beside s6-rc, such as those of s6-overlay's `services.d`.
            let legacy = S6.effective().map(|it| it.read(asked)).transpose()?;
            return match legacy {
                Some(found) if !matches!(found, Standing::Absent(_)) => Ok(found),
                _ => {
                    let place = PathBuf::from(asked.places.service.as_str());
                    foreign::absent(asked, "s6-rc", &[place])
                }
            };
        };
        let folder = PathBuf::from(service.as_str());
        let kind = asked.host.text(folder.join("type")).unwrap_or_default();
        let script = match kind.trim() {
            "bundle" => {
                let why = "it is a bundle of services, and runs nothing itself";
                return Ok(foreign::stopped(asked, "s6-rc", &folder, why));
            }
            "oneshot" => "up",
            _ => "run",
        };
        let path = format!("{service}/{script}");
        let reading = foreign::reading(asked, &service);
        let line = match script {
            "up" => reading.execline(&path),
            _ => reading.run_script(&path),
        };
        Ok(foreign::standing(asked, "s6-rc", &path, line))
    }

    fn others(&self, asked: &Asked<'_>, program: &str) -> Result<Vec<Other>, RootError> {
        let target = foreign::target(asked);
        let own = Subject::new(&target).source();
        let place = Path::new(asked.places.service.as_str());
        let mut found: Vec<Other> = Vec::new();
        for store in stores(asked.host) {
            for name in names(asked.host.root(), &store)? {
                let folder = store.join(&name);
                if folder == place || own.as_ref() == Some(&folder) {
                    continue;
                }
                for script in ["run", "up"] {
                    let script = folder.join(script);
                    found.extend(other(asked, &name, &script, |it| it.contains(program)));
                }
            }
        }
        // Those that s6-overlay starts beside s6-rc.
        if overlay::is_there(asked.host)
            && let Some(legacy) = S6.effective()
        {
            found.extend(legacy.others(asked, program)?);
        }
        Ok(found)
    }

    /// A second definition among the sources is [trouble](super::trouble) to all services; what
    /// s6-overlay starts beside s6-rc is to this one.
    fn rivals(&self, asked: &Asked<'_>) -> Result<Vec<Rival>, RootError> {
        let folder = format!("{}/{}", overlay::LEGACY, asked.name);
        let is_there = overlay::is_there(asked.host)
            && asked.host.exists(format!("{folder}/run"))
            && folder != asked.places.service.as_str();
        let rival = || {
            let what = format!(
                "is a service of `{}` too, which s6-overlay starts as well: two of them run",
                asked.name
            );
            let shown = asked.host.root().shown(&folder);
            let goes = Goes::ByHand(format!("move `{}` away", shown.display()));
            Rival::new(&folder, 0, what, goes)
        };
        Ok(is_there.then(rival).into_iter().collect())
    }
}
