//! Where a unit and its drop-ins are: `unit_file_build_name_map` and
//! `unit_file_find_fragment` (`unit-file.c`), `unit_file_find_dropin_paths` (`dropin.c`),
//! `lookup_paths_init` (`path-lookup.c`), described in `systemd.unit(5)`, "Unit File Load
//! Path".

mod folder;
mod link;
mod trigger;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::file::FILE_MAX;
use super::{Fault, FindError, UnitName};
use crate::root::{Kind, Root};
use crate::sorting;
use link::Leads;
pub use trigger::Trigger;

/// The folders of the system's units, the first before the others.
const FOLDERS: [&str; 13] = [
    "/etc/systemd/system.control",
    "/run/systemd/system.control",
    "/run/systemd/transient",
    "/run/systemd/generator.early",
    "/etc/systemd/system",
    "/etc/systemd/system.attached",
    "/run/systemd/system",
    "/run/systemd/system.attached",
    "/run/systemd/generator",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
    "/run/systemd/generator.late",
];

/// So many links of names are followed (`FOLLOW_MAX`, `unit-file.h`).
const MOST_LINKS: usize = 8;

/// More drop-ins than any service has.
const MOST_DROP_INS: usize = 256;

/// More lines than any service has with its drop-ins: each is compared with others.
const MOST_LINES: usize = 4096;

/// A file that is part of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its path as the user knows it, with the tree before it.
    pub path: String,
    /// Its path inside of the tree.
    pub inside: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

impl Source {
    /// How many lines it has, before any are joined.
    fn lines(&self) -> usize {
        let ends = |byte: &&u8| matches!(byte, b'\n' | b'\r' | 0);
        self.bytes.iter().filter(ends).count()
    }
}

/// A dependency that is a link in `NAME.wants` or `NAME.requires`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// `Wants` or `Requires`.
    pub key: &'static str,
    /// The unit.
    pub unit: UnitName,
    /// The link, as the user knows it.
    pub path: String,
}

/// All that a unit is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its name: where it was asked for by an alias, that of its file.
    pub name: UnitName,
    /// Its file.
    pub fragment: Source,
    /// Its drop-ins in the order in which they count.
    pub drop_ins: Vec<Source>,
    /// Dependencies that are links.
    pub links: Vec<Link>,
    /// Drop-ins, or folders of them, that systemd goes on without.
    pub unread: Vec<Unread>,
    /// Other units that start it.
    pub triggers: Vec<Trigger>,
}

impl Found {
    /// A unit without anything beside it but drop-ins.
    pub fn new(name: UnitName, fragment: Source, drop_ins: Vec<Source>) -> Self {
        Self {
            name,
            fragment,
            drop_ins,
            links: Vec::new(),
            unread: Vec::new(),
            triggers: Vec::new(),
        }
    }

    /// Whether its file or one of its drop-ins has these words anywhere, be it in a comment.
    pub fn mentions(&self, words: &str) -> bool {
        let mut sources = std::iter::once(&self.fragment).chain(&self.drop_ins);
        sources.any(|source| String::from_utf8_lossy(&source.bytes).contains(words))
    }
}

/// Something that systemd cannot read, and does without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Its path as the user knows it.
    pub path: String,
    /// Its path inside of the tree.
    pub inside: String,
    /// Why.
    pub fault: Fault,
}

/// What was named on a command line.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// A unit's name, or the path of its file.
    pub unit: &'a str,
    /// Further drop-ins, which count as if they were in the unit's own folder.
    pub drop_ins: &'a [PathBuf],
}

/// Finds units in a tree.
#[derive(Debug)]
pub struct Finder<'a> {
    root: &'a Root,
    folders: Cow<'a, [PathBuf]>,
    /// Those in which something can be.
    searched: Cow<'a, [PathBuf]>,
    with_triggers: bool,
    /// Drop-ins that are not there yet, and are to be.
    to_be: Vec<Source>,
}

impl<'a> Finder<'a> {
    /// In the folders of a tree. `/run` is left out where it is another system's.
    pub fn new(root: &'a Root, with_run: bool) -> Self {
        Self::in_folders(root, Cow::Owned(Self::folders_of(root, with_run)))
    }

    /// The folders of a tree, the first before the others, each once.
    pub(crate) fn folders_of(root: &Root, with_run: bool) -> Vec<PathBuf> {
        let folders = FOLDERS.iter().map(PathBuf::from);
        let folders = folders.filter(|folder| with_run || !folder.starts_with("/run"));
        let mut seen = Vec::new();
        // `/lib` is most often a link to `/usr/lib`.
        let folders = folders.filter(|folder| {
            let real = link::real(root, folder).unwrap_or_else(|| folder.clone());
            sorting::is_new(&mut seen, real)
        });
        folders.collect()
    }

    /// Those of the folders in which something is: for who looks once, nothing comes into the others.
    pub(crate) fn that_are_there(root: &Root, folders: &[PathBuf]) -> Vec<PathBuf> {
        // Of what may not be looked at an answer has to say so.
        let is_there = |folder: &&PathBuf| !matches!(root.target(folder), Ok(None));
        folders.iter().filter(is_there).cloned().collect()
    }

    /// In folders that are known.
    pub(crate) fn in_folders(root: &'a Root, folders: Cow<'a, [PathBuf]>) -> Self {
        Self {
            root,
            searched: folders.clone(),
            folders,
            with_triggers: false,
            to_be: Vec::new(),
        }
    }

    /// The same that looks for a name in these of the folders alone.
    #[must_use]
    pub(crate) fn searching(mut self, folders: &'a [PathBuf]) -> Self {
        self.searched = Cow::Borrowed(folders);
        self
    }

    /// The same as it will be with these drop-ins.
    #[must_use]
    pub fn with_drop_ins(mut self, drop_ins: Vec<Source>) -> Self {
        self.to_be = drop_ins;
        // They may be in a folder that is not there yet.
        self.searched = self.folders.clone();
        self
    }

    /// The folders, the first before the others.
    pub fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    /// The drop-ins of a unit, be that there or not, in the order in which they count.
    ///
    /// # Errors
    /// One of them, or a folder, cannot be read.
    pub fn drop_ins_of(&self, name: &UnitName) -> Result<Vec<Source>, FindError> {
        self.drop_ins(name, &self.aliases(name, name)?, &mut Vec::new())
    }

    /// The same that looks for units that start the service as well.
    #[must_use]
    pub fn with_triggers(mut self) -> Self {
        self.with_triggers = true;
        self
    }

    /// Finds a unit by its name, or reads the file that a path names, with the drop-ins in
    /// the folder beside it.
    ///
    /// # Errors
    /// A [`FindError`].
    pub fn find(&self, given: Given<'_>) -> Result<Found, FindError> {
        let mut found = match given.unit.contains('/') {
            true => self.at(Path::new(given.unit))?,
            false => self.named(given.unit)?,
        };
        for path in given.drop_ins {
            found.drop_ins.push(self.read(path)?);
        }
        let name = |source: &Source| source.inside.rsplit('/').next().map(str::to_owned);
        sorting::by_key(&mut found.drop_ins, name);
        if found.drop_ins.len() > MOST_DROP_INS {
            return Err(FindError::TooMany {
                name: found.name,
                most: MOST_DROP_INS,
            });
        }
        let sources = std::iter::once(&found.fragment).chain(&found.drop_ins);
        match sources.map(Source::lines).sum::<usize>() > MOST_LINES {
            true => Err(FindError::TooManyLines {
                path: found.fragment.path.into(),
                most: MOST_LINES,
            }),
            false => Ok(found),
        }
    }

    fn at(&self, path: &Path) -> Result<Found, FindError> {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let name = checked(file.parse()?)?;
        let fragment = self.read(path)?;
        let folder = path.parent().unwrap_or(Path::new("/"));
        let beside = Finder {
            with_triggers: self.with_triggers,
            ..Finder::in_folders(self.root, Cow::Owned(vec![folder.to_owned()]))
        };
        beside.with_all(fragment, name, &BTreeSet::new())
    }

    fn named(&self, text: &str) -> Result<Found, FindError> {
        // As for systemctl(1), a name without a suffix is a service's.
        let asked = match text.parse() {
            Ok(name) => name,
            Err(_) => format!("{text}.service").parse()?,
        };
        self.unit(&checked(asked)?)
    }

    /// All names that a unit has, be that there or not.
    ///
    /// # Errors
    /// A [`FindError`] other than that there is none.
    pub fn names(&self, asked: &UnitName) -> Result<BTreeSet<UnitName>, FindError> {
        let name = match self.fragment(asked) {
            Ok((name, _)) => name,
            Err(FindError::NotFound { .. }) => asked.clone(),
            Err(error) => return Err(error),
        };
        let mut names = self.aliases(&name, asked)?;
        names.extend([name, asked.clone()]);
        Ok(names)
    }

    /// Finds a unit of any kind by its name.
    ///
    /// # Errors
    /// A [`FindError`].
    pub fn unit(&self, asked: &UnitName) -> Result<Found, FindError> {
        let (name, path) = self.fragment(asked)?;
        let status = self.root.target(&path)?;
        match status {
            Some(status)
                if status.kind == Kind::Device || status.size == 0 && status.kind == Kind::File =>
            {
                let path = self.root.shown(path);
                return Err(FindError::Masked { path });
            }
            Some(_) => {}
            // A rootfs gets its devices when it boots.
            None if self.is_null(&path)? => {
                let path = self.root.shown(path);
                return Err(FindError::Masked { path });
            }
            None => return Err(self.dangling(&path)?),
        }
        let aliases = self.aliases(&name, asked)?;
        self.with_all(self.read(&path)?, name, &aliases)
    }

    /// A unit with what is beside it.
    fn with_all(
        &self,
        fragment: Source,
        name: UnitName,
        aliases: &BTreeSet<UnitName>,
    ) -> Result<Found, FindError> {
        let mut unread = Vec::new();
        let drop_ins = self.drop_ins(&name, aliases, &mut unread)?;
        let links = self.links(&name, aliases, &mut unread)?;
        let triggers = match self.with_triggers {
            true => self.triggers(&name, aliases)?,
            false => Vec::new(),
        };
        Ok(Found {
            links,
            unread,
            triggers,
            ..Found::new(name, fragment, drop_ins)
        })
    }

    /// The name that a unit has in the end, and its file.
    fn fragment(&self, asked: &UnitName) -> Result<(UnitName, PathBuf), FindError> {
        let mut name = asked.clone();
        for _ in 0..MOST_LINKS {
            let template = name.template();
            let mut leads = self.leads(&name)?;
            if leads.is_none()
                && let Some(template) = &template
            {
                leads = self.leads(template)?;
            }
            match leads {
                Some(Leads::ToFile(path)) => return Ok((name, path)),
                Some(Leads::ToName(next)) if next.is_template() => {
                    // An instance of an alias is the instance of what it is an alias of.
                    let instance = name.instance().unwrap_or_default();
                    let of_next = format!("{}@{instance}.{}", next.prefix(), next.suffix());
                    let of_next: UnitName = of_next.parse()?;
                    if of_next == name {
                        // A link to its own template says what would be so without it.
                        return match self.leads(&next)? {
                            Some(Leads::ToFile(path)) => Ok((name, path)),
                            _ => Err(self.not_found(asked, name)?),
                        };
                    }
                    name = of_next;
                }
                Some(Leads::ToName(next)) => name = next,
                None => return Err(self.not_found(asked, name)?),
            }
        }
        Err(FindError::Circle {
            name: asked.clone(),
        })
    }

    /// That there is no unit; or a link that would be one, and is rejected.
    fn not_found(&self, asked: &UnitName, name: UnitName) -> Result<FindError, FindError> {
        let root = self.root.path().to_owned();
        Ok(match self.rejected(asked)? {
            Some(path) => FindError::Rejected {
                target: self.root.read_link(&path)?.unwrap_or_default(),
                path: self.root.shown(path),
            },
            None => FindError::NotFound { name, root },
        })
    }

    /// Reads a file; one that is a link to `/dev/null` is empty.
    fn read(&self, path: &Path) -> Result<Source, FindError> {
        let status = self.root.target(path)?;
        let bytes = match status {
            None if self.is_null(path)? => Vec::new(),
            None if self.root.read_link(path)?.is_some() => return Err(self.dangling(path)?),
            Some(status) if status.kind == Kind::Device => Vec::new(),
            _ => self.root.read(path, FILE_MAX)?,
        };
        Ok(Source {
            path: self.root.shown(path).display().to_string(),
            inside: path.display().to_string(),
            bytes,
        })
    }

    /// Whether it is a link to `/dev/null`, be that there or not.
    fn is_null(&self, path: &Path) -> Result<bool, FindError> {
        let target = self.root.read_link(path)?;
        Ok(target.is_some_and(|target| target == Path::new("/dev/null")))
    }

    fn dangling(&self, path: &Path) -> Result<FindError, FindError> {
        Ok(FindError::Dangling {
            path: self.root.shown(path),
            target: self.root.read_link(path)?.unwrap_or_default(),
            root: self.root.path().into(),
        })
    }
}

/// A service that can be started.
fn checked(name: UnitName) -> Result<UnitName, FindError> {
    match name.suffix() {
        "service" if name.is_template() => Err(FindError::Template { name }),
        "service" => Ok(name),
        _ => Err(FindError::NotAService { name }),
    }
}
