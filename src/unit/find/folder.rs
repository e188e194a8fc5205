//! Folders beside a unit: drop-ins, and dependencies that are links.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::{Finder, Link, MOST_DROP_INS, Source, Unread};
use crate::root::Kind;
use crate::sorting::Few;
use crate::unit::{Fault, FindError, UnitName};

impl Finder<'_> {
    /// The drop-ins: of two with one name the one in the earlier folder, then by name.
    pub(super) fn drop_ins(
        &self,
        name: &UnitName,
        aliases: &BTreeSet<UnitName>,
        unread: &mut Vec<Unread>,
    ) -> Result<Vec<Source>, FindError> {
        let mut found: Few<_, PathBuf> = Few::new();
        for folder in self.beside(name, aliases, "d") {
            let to_be = self.to_be.iter().map(|it| Path::new(&it.inside));
            let to_be = to_be.filter(|path| path.parent() == Some(&folder));
            let to_be = to_be.filter_map(|path| Some(path.file_name()?.to_owned()));
            for file in to_be.chain(self.entries(&folder, unread)?) {
                let bytes = file.as_encoded_bytes();
                let path = folder.join(&file);
                // Whatever it is, it hides what has its name in a later folder
                // (`files_add`, `conf-files.c`).
                if bytes.ends_with(b".conf") && !bytes.starts_with(b".") {
                    found.or_insert(file, path);
                }
                if found.len() > MOST_DROP_INS {
                    return Err(FindError::TooMany {
                        name: name.clone(),
                        most: MOST_DROP_INS,
                    });
                }
            }
        }
        let mut read = Vec::new();
        for (_, path) in found.iter() {
            let to_be = self.to_be.iter().find(|it| Path::new(&it.inside) == path);
            match to_be {
                Some(source) => read.push(source.clone()),
                None => match self.fault(path)? {
                    Some(fault) => unread.push(self.unread(path, fault)),
                    None => read.push(self.read(path)?),
                },
            }
        }
        Ok(read)
    }

    /// Why systemd goes on without a drop-in, if it does.
    fn fault(&self, path: &Path) -> Result<Option<Fault>, FindError> {
        let status = match self.root.target(path) {
            Err(error) if error.is_loop() => return Ok(Some(Fault::Circle)),
            status => status?,
        };
        let target = match status {
            Some(status) if status.kind == Kind::Folder => return Ok(Some(Fault::Folder)),
            Some(_) => return Ok(None),
            None if self.is_null(path)? => return Ok(None),
            None => self.target_of(path)?,
        };
        Ok(Some(Fault::Dangling { target }))
    }

    /// What a link holds.
    fn target_of(&self, path: &Path) -> Result<String, FindError> {
        let target = self.root.read_link(path)?.unwrap_or_default();
        Ok(target.display().to_string())
    }

    fn unread(&self, path: &Path, fault: Fault) -> Unread {
        Unread {
            path: self.root.shown(path).display().to_string(),
            inside: path.display().to_string(),
            fault,
        }
    }

    /// The links in `NAME.wants` and `NAME.requires` (`process_deps`, `load-dropin.c`).
    pub(super) fn links(
        &self,
        name: &UnitName,
        aliases: &BTreeSet<UnitName>,
        unread: &mut Vec<Unread>,
    ) -> Result<Vec<Link>, FindError> {
        let mut links = Vec::new();
        for (key, suffix) in [("Wants", "wants"), ("Requires", "requires")] {
            let mut found: BTreeMap<UnitName, PathBuf> = BTreeMap::new();
            for folder in self.beside(name, aliases, suffix) {
                for file in self.entries(&folder, unread)? {
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

    fn entries(
        &self,
        folder: &Path,
        unread: &mut Vec<Unread>,
    ) -> Result<Vec<std::ffi::OsString>, FindError> {
        if self.root.kind(folder)?.is_none() {
            return Ok(Vec::new());
        }
        let fault = match self.root.target(folder) {
            Err(error) if error.is_loop() => Fault::Circle,
            status => match status?.map(|status| status.kind) {
                // A link out of a tree may lead to drop-ins where the tree runs.
                None => Fault::FolderElsewhere {
                    target: self.target_of(folder)?,
                },
                Some(Kind::Folder) => return Ok(self.root.list(folder)?),
                Some(_) => Fault::NotAFolder,
            },
        };
        unread.push(self.unread(folder, fault));
        Ok(Vec::new())
    }

    /// The folders with a suffix, the first before the others: those of the unit, of its
    /// other names, and those of all services. Only what is there is named.
    fn beside(&self, name: &UnitName, aliases: &BTreeSet<UnitName>, suffix: &str) -> Vec<PathBuf> {
        let names = std::iter::once(name).chain(aliases.iter().filter(|alias| *alias != name));
        let mut folders = Vec::new();
        for name in names {
            for folder in self.searched.iter() {
                of(name, &mut |name| {
                    folders.push(folder.join(format!("{name}.{suffix}")));
                });
            }
        }
        let all = format!("{}.{suffix}", name.suffix());
        folders.extend(
            self.searched
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
