//! What a tree has in its source directories: the services and bundles that its database
//! is compiled from, as far as this matters for one that is added.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::overlay;
use crate::host::Host;
use crate::root::Kind;

/// The administrator's own sources on Artix.
pub(super) const ADMINSV: &str = "/etc/s6/adminsv";
/// Those of packages there.
pub(super) const SV: &str = "/etc/s6/sv";
/// The repository of s6-frontend, from which sets are compiled.
pub(super) const REPOSITORY: &str = "/etc/s6/repo";
/// Where upstream's documentation has sources (`s6-rc-init(8)`, `s6-rc-compile(8)`).
const SOURCE: &str = "/etc/s6-rc/source";

/// The databases that a machine boots from: Artix's, and upstream's with and without
/// a link to the current one.
pub(super) const DATABASES: [&str; 3] = [
    "/etc/s6/rc/compiled",
    "/etc/s6-rc/compiled/current",
    "/etc/s6-rc/compiled",
];

/// The configuration of s6-frontend: Artix's place, and upstream's (0.1.0.0).
const FRONTEND: [&str; 2] = ["/etc/s6-frontend.conf", "/etc/s6.conf"];

/// A definition with a name of its own: a source directory, or the bundle that a
/// pipeline is.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Definition {
    /// The source directory that defines it.
    pub(super) folder: PathBuf,
    /// Whether it is the `pipeline-name` there, and not the directory's own name.
    pub(super) is_pipeline: bool,
    /// What is in it, or has to be up before it.
    with: Vec<Member>,
}

/// A name that a definition names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) name: String,
    /// The file that says so, which may be called by the name itself.
    pub(super) by: PathBuf,
}

/// All definitions in the sources of a tree, by name. There can be several of a name,
/// which s6-rc-compile refuses.
#[derive(Debug)]
pub(super) struct Definitions {
    all: BTreeMap<String, Vec<Definition>>,
    untyped: Vec<PathBuf>,
}

impl Definitions {
    /// Those of a tree that keeps services in `own`, too.
    pub(super) fn of(host: &Host, own: &Path) -> Self {
        let others = stores(host).into_iter();
        let others = others.filter(|store| !same(host, store, own));
        let mut definitions = Self {
            all: BTreeMap::new(),
            untyped: Vec::new(),
        };
        for store in others.chain([own.to_owned()]) {
            for name in host.list(&store) {
                definitions.add_folder(host, &store.join(&name), name);
            }
        }
        definitions
    }

    /// A folder is a definition; names with a dot are skipped.
    fn add_folder(&mut self, host: &Host, folder: &Path, name: String) {
        let is_folder = host.kind(folder) == Some(Kind::Folder);
        if name.starts_with('.') || !is_folder {
            return;
        }
        if !host.exists(folder.join("type")) && !overlay::gets_type(host, folder) {
            self.untyped.push(folder.to_owned());
        }
        let mut with = Vec::new();
        for list in ["contents", "dependencies", "producer-for"] {
            with.extend(members(host, folder, list));
        }
        if let Some(pipeline) = host.text(folder.join("pipeline-name")) {
            let by = folder.join("consumer-for");
            let producers = host.text(&by).unwrap_or_default();
            let members = producers.lines().map(|line| line.trim().to_owned());
            let member = |name| Member {
                name,
                by: by.clone(),
            };
            let bundle = Definition {
                folder: folder.into(),
                is_pipeline: true,
                with: members.chain([name.clone()]).map(member).collect(),
            };
            self.add(pipeline.trim().to_owned(), bundle);
        }
        let definition = Definition {
            folder: folder.into(),
            is_pipeline: false,
            with,
        };
        self.add(name, definition);
    }

    fn add(&mut self, name: String, definition: Definition) {
        self.all.entry(name).or_default().push(definition);
    }

    /// Those of a name.
    pub(super) fn named(&self, name: &str) -> &[Definition] {
        self.all.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether there is any of which this does not hold.
    pub(super) fn have_others(&self, is_own: impl Fn(&Definition) -> bool) -> bool {
        self.all.values().flatten().any(|it| !is_own(it))
    }

    /// Folders without a `type`.
    pub(super) fn untyped(&self) -> &[PathBuf] {
        &self.untyped
    }

    /// What is named and that no source defines.
    pub(super) fn undefined(&self) -> impl Iterator<Item = &Member> {
        let all = self.all.values().flatten();
        let named = all.flat_map(|it| &it.with);
        named.filter(|it| !it.name.is_empty() && self.named(&it.name).is_empty())
    }

    /// Whether a start of `from` starts `wanted`: it is in that bundle, or needed by what is.
    pub(super) fn starts(&self, from: &str, wanted: &[String]) -> bool {
        let mut seen = BTreeSet::new();
        let mut next = vec![from];
        while let Some(name) = next.pop() {
            if !seen.insert(name) {
                continue;
            }
            if wanted.iter().any(|it| it == name) {
                return true;
            }
            let definitions = self.named(name).iter();
            next.extend(definitions.flat_map(|it| it.with.iter().map(|it| it.name.as_str())));
        }
        false
    }
}

/// What a source directory names in a folder, or in a list, which is not read beside such a folder
/// (s6-rc-compile.c, 0.5.3.3).
fn members(host: &Host, source: &Path, list: &str) -> Vec<Member> {
    let by = source.join(format!("{list}.d"));
    if host.exists(&by) {
        let entries = host.list(&by).into_iter();
        let entries = entries.filter(|entry| !entry.starts_with('.'));
        return entries
            .map(|name| Member {
                by: by.join(&name),
                name,
            })
            .collect();
    }
    let by = source.join(list);
    let text = host.text(&by).unwrap_or_default();
    let words = text.lines().map(str::trim);
    let words = words.filter(|word| !word.is_empty() && !word.starts_with('#'));
    words
        .map(|word| Member {
            name: word.to_owned(),
            by: by.clone(),
        })
        .collect()
}

/// The folders from which the database of a tree is compiled.
pub(super) fn stores(host: &Host) -> Vec<PathBuf> {
    if overlay::is_there(host) {
        let bundles = overlay::user_bundle(host).starts_with(overlay::BUNDLES);
        let own = [overlay::SOURCES, overlay::OWN_SOURCES];
        return own
            .into_iter()
            .chain(bundles.then_some(overlay::BUNDLES))
            .map(PathBuf::from)
            .collect();
    }
    let configured = frontend(host, "storelist");
    if let Some(list) = configured.filter(|list| !list.is_empty()) {
        return list.split(':').map(PathBuf::from).collect();
    }
    [SV, ADMINSV, SOURCE]
        .into_iter()
        .filter(|path| host.kind(path) == Some(Kind::Folder))
        .map(PathBuf::from)
        .collect()
}

/// Whether the s6-rc of a host compiles what is in a folder.
pub(crate) fn compiles(host: &Host, folder: &Path) -> bool {
    super::is_there(host) && stores(host).iter().any(|store| same(host, store, folder))
}

/// A setting of s6-frontend.
pub(super) fn frontend(host: &Host, setting: &str) -> Option<String> {
    let text = FRONTEND.iter().find_map(|path| host.text(path))?;
    let mut values = text.lines().filter_map(|line| {
        let (name, value) = line.split_once('=')?;
        (name.trim() == setting).then(|| value.trim().trim_matches('"').to_owned())
    });
    values.next_back()
}

/// Whether s6-frontend is told of folders from which it takes services, and this is none of them.
pub(super) fn is_passed_over(host: &Host, folder: &Path) -> bool {
    let is_told = frontend(host, "storelist").is_some_and(|list| !list.is_empty());
    is_told && !stores(host).iter().any(|store| same(host, store, folder))
}

/// Whether two paths are one folder.
fn same(host: &Host, one: &Path, other: &Path) -> bool {
    let end = |path: &Path| host.follow(path);
    one == other || end(one).is_some_and(|it| Some(it) == end(other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::fixture::Fake;

    fn artix() -> Fake {
        let fake = Fake::empty();
        fake.file("/etc/s6/adminsv/default/type", "bundle\n")
            .file("/etc/s6/adminsv/default/contents.d/app", "")
            .file("/etc/s6/sv/app-srv/type", "longrun\n")
            .file("/etc/s6/sv/app-srv/producer-for", "app-log\n")
            .file("/etc/s6/sv/app-srv/dependencies.d/base", "")
            .file("/etc/s6/sv/app-log/type", "longrun\n")
            .file("/etc/s6/sv/app-log/consumer-for", "app-srv\n")
            .file("/etc/s6/sv/app-log/pipeline-name", "app\n")
            .file("/etc/s6/sv/base/type", "bundle\n")
            .file("/etc/s6/sv/base/contents", "# all\n mount\n\n")
            .file("/etc/s6/sv/mount/type", "oneshot\n")
            .file("/etc/s6/sv/other/type", "longrun\n")
            .file("/etc/s6/sv/.other/type", "longrun\n")
            .file("/etc/s6/sv/README", "");
        fake
    }

    #[test]
    fn a_bundle_starts_what_is_in_it_and_what_that_needs() {
        let fake = artix();
        let all = Definitions::of(&fake.host(), Path::new("/etc/s6/sv"));
        let starts = |name: &str| all.starts("default", &[name.to_owned()]);
        for name in ["app", "app-srv", "app-log", "base", "mount", "default"] {
            assert!(starts(name), "{name}");
        }
        for name in ["other", ".other", "README", "no-such"] {
            assert!(!starts(name), "{name}");
        }
        assert!(all.named(".other").is_empty() && all.named("README").is_empty());
        assert!(all.named("app")[0].is_pipeline);
    }

    #[test]
    fn a_list_is_not_read_beside_its_folder() {
        let fake = artix();
        fake.file("/etc/s6/adminsv/default/contents", "other\nno-such\n");
        let all = Definitions::of(&fake.host(), Path::new("/etc/s6/sv"));
        assert!(!all.starts("default", &["other".to_owned()]));
        assert_eq!(all.undefined().count(), 0);
    }

    #[test]
    fn the_stores_are_those_that_are_configured_or_usual() {
        let fake = artix();
        let of = |fake: &Fake| stores(&fake.host());
        assert_eq!(of(&fake), [Path::new(SV), Path::new(ADMINSV)]);
        fake.file(
            "/etc/s6-frontend.conf",
            "# stores\nstorelist=/srv/a:/srv/b\n",
        );
        assert_eq!(of(&fake), [Path::new("/srv/a"), Path::new("/srv/b")]);
        assert!(of(&Fake::empty()).is_empty());
    }
}
