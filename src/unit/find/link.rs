//! Links that give a unit further names: `unit_file_resolve_symlink` (`unit-file.c`).

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use super::{Finder, MOST_LINKS};
use crate::host::shortest;
use crate::root::{Kind, Root};
use crate::sorting;
use crate::unit::{FindError, UnitName};

/// Where a name leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Leads {
    /// To a file, which may be `/dev/null`.
    ToFile(PathBuf),
    /// To another name, which is looked for in all folders again.
    ToName(UnitName),
}

impl Finder<'_> {
    /// What the first folder that has a name says of it.
    pub(super) fn leads(&self, name: &UnitName) -> Result<Option<Leads>, FindError> {
        for folder in self.searched.iter() {
            let path = folder.join(name.as_str());
            match self.root.kind(&path)? {
                None | Some(Kind::Folder) => {}
                // Systemd goes on after one that it rejects as if it were not there.
                Some(Kind::Link) => {
                    if let Some(leads) = self.follow(name, &path)? {
                        return Ok(Some(leads));
                    }
                }
                Some(_) => return Ok(Some(Leads::ToFile(path))),
            }
        }
        Ok(None)
    }

    /// The first link of that name that systemd rejects.
    pub(super) fn rejected(&self, name: &UnitName) -> Result<Option<PathBuf>, FindError> {
        for folder in self.searched.iter() {
            let path = folder.join(name.as_str());
            if self.rejects(name, &path)? {
                return Ok(Some(path));
            }
        }
        Ok(None)
    }

    /// Whether a path is a link that systemd does not take for an alias.
    ///
    /// # Errors
    /// The tree cannot be read.
    pub fn rejects(&self, name: &UnitName, path: &Path) -> Result<bool, FindError> {
        let is_link = self.root.kind(path)? == Some(Kind::Link);
        Ok(is_link && self.follow(name, path)?.is_none())
    }

    /// A link into one of the folders under another name is an alias, if one name can be one of
    /// the other; any other is the way to the unit's file.
    fn follow(&self, name: &UnitName, path: &Path) -> Result<Option<Leads>, FindError> {
        let target = self.root.read_link(path)?.unwrap_or_default();
        let folder = path.parent().unwrap_or(Path::new("/"));
        let target = shortest(&folder.join(target));
        let into = target.parent().map(|folder| self.is_ours(folder));
        let other = target.file_name().and_then(|name| name.to_str());
        let other = other.and_then(|other| other.parse::<UnitName>().ok());
        Ok(match other {
            Some(other) if into == Some(true) && other != *name => {
                may_be_alias(name, &other).then_some(Leads::ToName(other))
            }
            _ => Some(Leads::ToFile(path.into())),
        })
    }

    fn is_ours(&self, folder: &Path) -> bool {
        let real = |folder: &Path| real(self.root, folder);
        let found = real(folder);
        let ours = self.folders.iter();
        found.is_some() && ours.map(|ours| real(ours)).any(|ours| ours == found)
    }

    /// The other names that lead to a unit.
    pub(super) fn aliases(
        &self,
        name: &UnitName,
        asked: &UnitName,
    ) -> Result<BTreeSet<UnitName>, FindError> {
        let mut links = BTreeSet::new();
        for folder in self.searched.iter() {
            if self
                .root
                .target(folder)?
                .is_none_or(|it| it.kind != Kind::Folder)
            {
                continue;
            }
            let names = self.root.list_links(folder)?;
            let names = names.iter().filter_map(|name| name.to_str()?.parse().ok());
            links.extend(names);
        }
        links.insert(asked.clone());
        let leads_here = |alias: &UnitName| {
            let mut at = alias.clone();
            for _ in 0..MOST_LINKS {
                match self.leads(&at) {
                    Ok(Some(Leads::ToName(next))) => at = next,
                    _ => break,
                }
                if at == *name {
                    return true;
                }
            }
            false
        };
        let is_one = |alias: &UnitName| {
            let same_kind = alias.suffix() == name.suffix() && alias != name;
            same_kind && (alias == asked || leads_here(alias))
        };
        Ok(sorting::set(links.into_iter().filter(is_one)))
    }
}

/// Whether a name can be another one's alias: both are plain, or templates, or instances of the
/// same name; or an instance is one of a template (`unit_validate_alias_symlink_or_warn`,
/// `install.c`; measured with 252).
fn may_be_alias(name: &UnitName, of: &UnitName) -> bool {
    let fits = match (name.instance(), of.instance()) {
        (None, of) => of.is_none(),
        (Some(""), of) => of == Some(""),
        (Some(one), Some(of)) => of.is_empty() || one == of,
        (Some(_), None) => false,
    };
    fits && name.suffix() == of.suffix()
}

/// A folder's path without links, as a path of the tree; `None` where there is none.
pub(super) fn real(root: &Root, folder: &Path) -> Option<PathBuf> {
    let mut real = PathBuf::from("/");
    let mut left: Vec<PathBuf> = folder.iter().rev().map(PathBuf::from).collect();
    let mut links = 0;
    while let Some(part) = left.pop() {
        let path = match part.components().next()? {
            Component::RootDir => PathBuf::from("/"),
            Component::ParentDir => real.parent().unwrap_or(Path::new("/")).into(),
            Component::CurDir => continue,
            _ => real.join(&part),
        };
        match root.kind(&path).ok().flatten()? {
            Kind::Link if links < 40 => {
                links += 1;
                let target = root.read_link(&path).ok().flatten()?;
                left.extend(target.iter().rev().map(PathBuf::from));
            }
            _ => real = path,
        }
    }
    Some(real)
}
