//! Other definitions of a service, where an init looks for files of its name in several
//! folders and takes the first.

use std::path::{Path, PathBuf};

use crate::effective::{Asked, Goes, Other, Place, Rival};
use crate::host::shortest;
use crate::root::{Kind, Root, RootError};
use crate::service::Name;
use crate::sorting;

/// How a file is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Called {
    /// As the service.
    So,
    /// Otherwise, and only in case or by a `.service` at its end: to the init it is another
    /// service, and to a person it is this one.
    Nearly,
}

/// How a name stands to that of the service; `None` where it is another one.
pub(super) fn called(text: &str, name: &Name) -> Option<Called> {
    const UNIT: &str = ".service";
    if text == name.as_str() {
        return Some(Called::So);
    }
    let lower = text.to_ascii_lowercase();
    let bare = lower.strip_suffix(UNIT).unwrap_or(&lower);
    (bare == name.as_str().to_ascii_lowercase()).then_some(Called::Nearly)
}

/// The names in a folder in order; none where there is no such folder, or links that lead in a
/// circle, in which no init finds anything.
///
/// # Errors
/// It may not be read.
pub(super) fn names(root: &Root, folder: &Path) -> Result<Vec<String>, RootError> {
    let names = match root.list_if_there(folder) {
        Err(error) if error.is_loop() => Vec::new(),
        names => names?,
    };
    let names = names.into_iter();
    Ok(names.filter_map(|name| name.into_string().ok()).collect())
}

/// A file as another service than the one that is asked for: one of a name that services can
/// have, in whose files a program is mentioned.
pub(super) fn other(
    asked: &Asked<'_>,
    name: &str,
    path: &Path,
    is_mentioned: impl FnOnce(&str) -> bool,
) -> Option<Other> {
    let other: Name = name.parse().ok()?;
    // A file whose name ends in `.service` is one of systemd's, under other inits too.
    let is_other = other.as_str() == name && called(name, asked.name).is_none();
    let text = is_other.then(|| asked.host.text(path)).flatten()?;
    let place = || Place::of_line(path.display().to_string(), 0);
    is_mentioned(&text).then(|| Other::new(other, place()))
}

/// All of these in the folders where an init looks for files by their names, of each name the
/// first; whether a program is mentioned is asked of the name and the text.
///
/// # Errors
/// A folder may not be read.
pub(super) fn others_in(
    asked: &Asked<'_>,
    folders: &[&str],
    is_mentioned: impl Fn(&str, &str) -> bool,
) -> Result<Vec<Other>, RootError> {
    let mut found: Vec<Other> = Vec::new();
    for folder in folders.iter().map(Path::new) {
        for name in names(asked.host.root(), folder)? {
            let is_mentioned = |text: &str| is_mentioned(&name, text);
            let other = other(asked, &name, &folder.join(&name), is_mentioned);
            found.extend(other.filter(|it| !found.iter().any(|other| other.name == it.name)));
        }
    }
    Ok(found)
}

/// Whether a path is that of the service itself: by its name, by the links above it, or as a
/// link that leads there.
pub(super) fn is_own(root: &Root, own: &Path, path: &Path) -> Result<bool, RootError> {
    let folders = || Some((own.parent()?, path.parent()?));
    if own == path || root.is_same(own, path)? {
        return Ok(true);
    }
    if own.file_name() == path.file_name()
        && let Some((own, other)) = folders()
        && root.is_same(own, other)?
    {
        return Ok(true);
    }
    Ok(shortest(&root.end_of_links(path)?) == own)
}

/// How to find what made a file in `/run`.
const ANEW: &str = "what is in `/run` is made anew by what made it: find out what that is, such as a \
                    generator or `systemctl edit --runtime`, and take it away there";

/// What is at the end of a link to nothing, by which systemd masks a unit.
pub(super) const NULL: &str = "/dev/null";

/// An init that takes the first file of a name that it finds in its folders.
pub(super) struct Ordered<'a> {
    /// What it calls itself.
    pub(super) title: &'static str,
    /// Its folders, the first before the others.
    pub(super) folders: &'a [PathBuf],
    /// How its files end.
    pub(super) end: &'static str,
    /// Whether an empty file masks the service (`systemd.unit(5)`).
    pub(super) masks_by_emptiness: bool,
}

impl Ordered<'_> {
    /// The other files that define a service.
    ///
    /// # Errors
    /// The tree cannot be read.
    pub(super) fn rivals(&self, asked: &Asked<'_>) -> Result<Vec<Rival>, RootError> {
        let root = asked.host.root();
        let own = Path::new(asked.places.service.as_str());
        let folder = own.parent().unwrap_or(Path::new("/"));
        let mut own_is_before = false;
        let mut seen = Vec::new();
        let mut found = Vec::new();
        for other in self.folders {
            // `/lib` is most often a link to `/usr/lib`.
            let status = root.target(other)?;
            if !status.is_none_or(|it| sorting::is_new(&mut seen, it.identity)) {
                continue;
            }
            for file in names(root, other)? {
                let bare = file.strip_suffix(self.end);
                let Some(called) = bare.and_then(|bare| called(bare, asked.name)) else {
                    continue;
                };
                let path = other.join(&file);
                if !is_own(root, own, &path)? {
                    found.extend(self.rival(asked, &path, called, own_is_before)?);
                }
            }
            own_is_before |= other == folder || root.is_same(other, folder)?;
        }
        Ok(found)
    }

    fn rival(
        &self,
        asked: &Asked<'_>,
        path: &Path,
        called: Called,
        own_is_before: bool,
    ) -> Result<Option<Rival>, RootError> {
        let root = asked.host.root();
        let (name, title) = (asked.name, self.title);
        let link = root.read_link(path)?;
        let file = root.target(path)?.filter(|it| it.kind == Kind::File);
        let is_file = file.is_some();
        let is_empty = self.masks_by_emptiness && file.is_some_and(|it| it.size == 0);
        let masks = is_empty || link.as_deref() == Some(Path::new(NULL));
        if !is_file && !masks {
            return Ok(None);
        }
        let own = root.shown(asked.places.service.as_str());
        let (what, goes) = match called {
            Called::Nearly if masks => return Ok(None),
            Called::Nearly => (
                format!(
                    "is called nearly as `{name}`, which {title} takes for another service: two \
                     of them can run"
                ),
                Goes::ByHand(format!(
                    "disable `{}` and move it away",
                    root.shown(path).display()
                )),
            ),
            Called::So if own_is_before => (
                format!(
                    "defines `{name}` too, and does not count: {title} takes `{}`",
                    own.display()
                ),
                Goes::Stays,
            ),
            Called::So if masks => (
                format!("masks `{name}`: {title} never starts it"),
                Goes::ByHand(format!("unmask it with `systemctl unmask {name}`")),
            ),
            Called::So => (
                format!(
                    "{}defines `{name}` too: {title} takes this one, and not `{}`",
                    link.as_ref().map_or_else(String::new, |link| {
                        format!("is a link to `{}` and ", link.display())
                    }),
                    own.display()
                ),
                Goes::of_file(path, link.is_some(), ANEW),
            ),
        };
        Ok(Some(Rival::new(path.display().to_string(), 0, what, goes)))
    }
}
