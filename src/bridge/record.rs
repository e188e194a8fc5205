//! What was made, so that it can be removed.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{BridgeError, Site, leads_to};
use crate::erased;
use crate::host::Host;
use crate::root::Root;

/// What the bridge is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Record {
    /// The init that it drives.
    pub init: String,
    /// The distribution whose places it uses, where that was asked for.
    pub distro: Option<String>,
    /// What the links lead to.
    pub program: PathBuf,
    /// The links.
    pub links: Vec<PathBuf>,
}

/// Where the record is.
const FOLDER: &str = "/var/lib/kubelet-unit";
const FILE: &str = "/var/lib/kubelet-unit/bridge.json";
const LIMIT: usize = 64 * 1024;

impl Record {
    /// The record of a bridge at a place.
    pub fn new(site: &Site, init: &str, distro: Option<&str>) -> Self {
        Self {
            init: init.into(),
            distro: distro.map(str::to_owned),
            program: site.program.clone(),
            links: site.links(),
        }
    }

    /// The record of this machine; `None` where there is no bridge.
    ///
    /// # Errors
    /// It cannot be read, or is none.
    pub fn read(root: &Root) -> Result<Option<Self>, BridgeError> {
        let Some(bytes) = root.read_if_there(FILE, LIMIT)? else {
            return Ok(None);
        };
        erased::from_json(&bytes)
            .map(Some)
            .map_err(|source| BridgeError::Record {
                path: root.shown(FILE),
                source,
            })
    }

    /// Makes the bridge: the record first, so that whatever comes after it can be
    /// undone.
    ///
    /// # Errors
    /// Something is in the way, or the system refuses; then what was made is
    /// removed again.
    pub fn install(&self, host: &Host) -> Result<(), BridgeError> {
        let root = host.root();
        let before = Self::read(root)?;
        let earlier = before.iter().flat_map(|record| &record.links);
        let gone: Vec<_> = earlier.filter(|link| !self.links.contains(link)).collect();
        let mut under_way = self.clone();
        under_way.links.extend(gone.iter().copied().cloned());
        root.make_folders(FOLDER)?;
        // Of an earlier run that was killed.
        root.remove_unfinished(FILE)?;
        under_way.write(root)?;
        for link in &self.links {
            root.remove_unfinished(link)?;
            // One that an older program left leads elsewhere, and is there until this one is.
            let made = match leads_to(host, link, &self.program) {
                true => root.link_whole(link, &self.program),
                false => root.link(link, &self.program),
            };
            if let Err(error) = made {
                // The first error is the one to report. An earlier bridge stays, and the
                // record names what was made as well.
                if before.is_none() {
                    let _ = self.remove(host);
                }
                return Err(error.into());
            }
        }
        for link in gone
            .iter()
            .filter(|link| leads_to(host, link, &self.program))
        {
            root.remove(link)?;
        }
        match under_way == *self {
            true => Ok(()),
            false => self.write(root),
        }
    }

    fn write(&self, root: &Root) -> Result<(), BridgeError> {
        let text = serde_json::to_string_pretty(self).unwrap_or_default() + "\n";
        Ok(root.write_whole(FILE, text.as_bytes(), 0o644)?)
    }

    /// Removes the links that are still ours, and the record. Gives those that have
    /// become somebody else's.
    ///
    /// # Errors
    /// The system refuses.
    pub fn remove(&self, host: &Host) -> Result<Vec<PathBuf>, BridgeError> {
        let root = host.root();
        let mut foreign = Vec::new();
        for link in &self.links {
            if leads_to(host, link, &self.program) {
                root.remove(link)?;
            } else if root.kind(link)?.is_some() {
                foreign.push(link.clone());
            }
        }
        root.remove_unfinished(FILE)?;
        root.remove(FILE)?;
        // It holds what else was installed.
        root.remove_folder(FOLDER)?;
        Ok(foreign)
    }

    /// What is wrong with the bridge; nothing where it works.
    pub fn problems(&self, host: &Host) -> Vec<String> {
        self.links
            .iter()
            .filter(|link| !leads_to(host, link, &self.program) || !host.exists(link))
            .map(|link| problem(host, link, &self.program))
            .collect()
    }
}

fn problem(host: &Host, link: &Path, program: &Path) -> String {
    let shown = host.root().shown(link);
    let shown = shown.display();
    match host.root().kind(link) {
        Ok(None) | Err(_) => format!("`{shown}` is missing"),
        Ok(_) if !host.exists(link) => format!("`{shown}` leads to a program that is gone"),
        Ok(_) => format!("`{shown}` does not lead to `{}`", program.display()),
    }
}
