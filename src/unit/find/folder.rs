//! Folders beside a unit: drop-ins, and dependencies that are links.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::{Finder, Link, Source};
use crate::root::Kind;
use crate::unit::{FindError, UnitName};

impl Finder<'_> {
    /// The drop-ins: of two with one name the one in the earlier folder, then by name.
    pub(super) fn drop_ins(
        &self,
        name: &UnitName,
        aliases: &BTreeSet<UnitName>,
    ) -> Result<Vec<Source>, FindError> {
        let mut found: BTreeMap<_, PathBuf> = BTreeMap::new();
        for folder in self.beside(name, aliases, "d") {
            for file in self.entries(&folder)? {
                let bytes = file.as_encoded_bytes();
                let path = folder.join(&file);
                let is_file = matches!(self.root.kind(&path)?, Some(Kind::File | Kind::Link));
                if bytes.ends_with(b".conf") && !bytes.starts_with(b".") && is_file {
                    found.entry(file).or_insert(path);
                }
            }
        }
        found.values().map(|path| self.read(path)).collect()
    }

    /// The links in `NAME.wants` and `NAME.requires` (`process_deps`, `load-dropin.c`).
    pub(super) fn links(
        &self,
        name: &UnitName,
        aliases: &BTreeSet<UnitName>,
    ) -> Result<Vec<Link>, FindError> {
        let mut links = Vec::new();
        for (key, suffix) in [("Wants", "wants"), ("Requires", "requires")] {
            let mut found: BTreeMap<UnitName, PathBuf> = BTreeMap::new();
            for folder in self.beside(name, aliases, suffix) {
                for file in self.entries(&folder)? {
                    if let Some(Ok(unit)) = file.to_str().map(str::parse) {
                        found.entry(unit).or_insert_with(|| folder.join(&file));
                    }
                }
            }
            for (unit, path) in found {
                let masked = self.root.target(&path)?;
                if masked.is_some_and(|it| it.kind == Kind::Device) {
                    continue;
                }
                let path = self.root.shown(path).display().to_string();
                links.push(Link { key, unit, path });
            }
        }
        Ok(links)
    }

    fn entries(&self, folder: &Path) -> Result<Vec<std::ffi::OsString>, FindError> {
        match self.root.target(folder)?.map(|status| status.kind) {
            None => Ok(Vec::new()),
            Some(Kind::Folder) => Ok(self.root.list(folder)?),
            Some(_) => Err(FindError::NotAFolder {
                path: self.root.shown(folder),
            }),
        }
    }

    /// The folders with a suffix, the first before the others: those of the unit, of its
    /// other names, and those of all services. Only what is there is named.
    fn beside(&self, name: &UnitName, aliases: &BTreeSet<UnitName>, suffix: &str) -> Vec<PathBuf> {
        let names = std::iter::once(name).chain(aliases.iter().filter(|alias| *alias != name));
        let mut folders = Vec::new();
        for name in names {
            for folder in &self.folders {
                of(name, &mut |name| {
                    folders.push(folder.join(format!("{name}.{suffix}")));
                });
            }
        }
        let all = format!("{}.{suffix}", name.suffix());
        folders.extend(
            self.folders
                .iter()
                .map(|folder| folder.join(OsStr::new(&all))),
        );
        folders
    }
}

/// A name, that of its template, and the shorter ones (`unit_file_find_dirs`, `dropin.c`).
fn of(name: &UnitName, push: &mut dyn FnMut(&UnitName)) {
    push(name);
    if let Some(template) = name.template() {
        of(&template, push);
    }
    if let Some(shorter) = name.shorter_prefix() {
        of(&shorter, push);
    }
}
