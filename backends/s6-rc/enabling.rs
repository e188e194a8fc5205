//! How a service starts with the machine: the bundle that it has to be in, and who compiles
//! that into the database that boots.

use std::path::{Path, PathBuf};

use super::overlay;
use super::sources::{ADMINSV, DATABASES, Definitions, REPOSITORY, SV, frontend, stores};
use crate::control::{Answer, Command, Refusal, Step, Target};
use crate::distro::Places;
use crate::host::Host;
use crate::root::Kind;
use crate::sorting;

/// Who compiles the sources of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compiler {
    /// s6-overlay does, whenever the container starts.
    Overlay,
    /// s6-frontend, the program `s6`, from the sets of a repository.
    Frontend,
    /// `s6-db-reload`, which Artix has had before that.
    DbReload,
    /// Nobody but who knows the machine.
    Hand,
}

impl Compiler {
    pub(super) fn of(host: &Host, places: &Places) -> Self {
        let repository = frontend(host, "repodir").unwrap_or_else(|| REPOSITORY.into());
        if places.distro.name == overlay::NAME || overlay::is_there(host) {
            Self::Overlay
        } else if host.exists(repository) || host.program("s6").is_some() {
            Self::Frontend
        } else if places.distro.name == "artix"
            || host.exists(ADMINSV)
            || host.program("s6-db-reload").is_some()
        {
            Self::DbReload
        } else {
            Self::Hand
        }
    }
}

/// The bundle of what starts at boot, where it is a source directory.
#[derive(Debug)]
pub(super) struct Bundle(PathBuf);

impl Bundle {
    /// None where sets of s6-frontend's repository stand for it.
    pub(super) fn of(host: &Host, places: &Places) -> Option<Self> {
        let store = match Compiler::of(host, places) {
            Compiler::Overlay => return Some(Self(overlay::user_bundle(host))),
            Compiler::Frontend => return None,
            Compiler::DbReload => PathBuf::from(ADMINSV),
            Compiler::Hand => Path::new(places.service.as_str()).parent()?.to_owned(),
        };
        // A second one in another folder would be one too many.
        let there = stores(host)
            .into_iter()
            .find(|store| host.exists(store.join("default")));
        Some(Self(there.unwrap_or(store).join("default")))
    }

    pub(super) fn folder(&self) -> &Path {
        &self.0
    }

    pub(super) fn contents(&self) -> PathBuf {
        self.0.join("contents.d")
    }

    /// The same as a list in a file, which counts where that folder is not there.
    pub(super) fn list(&self) -> PathBuf {
        self.0.join("contents")
    }
}

/// A service of a tree, under the names that s6-rc has for it.
pub(super) struct Subject<'a> {
    target: &'a Target<'a>,
    compiler: Compiler,
}

impl<'a> Subject<'a> {
    pub(super) fn new(target: &'a Target<'a>) -> Self {
        Self {
            target,
            compiler: Compiler::of(target.host, target.places),
        }
    }

    pub(super) fn compiler(&self) -> Compiler {
        self.compiler
    }

    fn host(&self) -> &'a Host {
        self.target.host
    }

    /// What the service itself may be called, ours first.
    pub(super) fn names(&self) -> Vec<String> {
        let name = self.target.name.as_str();
        let mut names = vec![self.target.places.service.file_name().to_owned()];
        for other in [format!("{name}-srv"), name.to_owned()] {
            if !names.contains(&other) {
                names.push(other);
            }
        }
        names
    }

    /// The folder in which its source is, and all that is defined there and elsewhere.
    pub(super) fn definitions(&self) -> Definitions {
        let service = Path::new(self.target.places.service.as_str());
        Definitions::of(self.host(), service.parent().unwrap_or(Path::new("/")))
    }

    /// Its source directory.
    pub(super) fn source(&self) -> Option<PathBuf> {
        let definitions = self.definitions();
        let names = self.names();
        let mut found = names.iter().flat_map(|name| definitions.named(name));
        found
            .find(|definition| !definition.is_pipeline)
            .map(|definition| definition.folder.clone())
    }

    /// What it is called in a bundle: its pipeline, where it has one.
    fn entry(&self) -> String {
        let name = self.target.name.as_str();
        let definitions = self.definitions();
        let bundles = [overlay::pipeline_name(name), name.to_owned()];
        let pipeline = bundles.into_iter().find(|name| {
            let named = definitions.named(name);
            named.iter().any(|definition| definition.is_pipeline)
        });
        let alone = || self.source()?.file_name()?.to_str().map(String::from);
        pipeline.or_else(alone).unwrap_or_else(|| name.into())
    }

    /// Whether files say that it starts with the container.
    pub(super) fn starts_by_files(&self) -> bool {
        let names = self.names();
        self.definitions().starts(overlay::USER, &names)
            || self.definitions().starts(overlay::USER2, &names)
    }

    /// Whether the sources put it into what starts at boot; not known where sets of
    /// s6-frontend's repository do.
    pub(super) fn is_marked(&self) -> Option<bool> {
        Bundle::of(self.host(), self.target.places)?;
        Some(self.definitions().starts("default", &self.names()))
    }

    /// The steps that put it into what starts at boot, or take it out: to files.
    pub(super) fn mark(&self, enabled: bool) -> Vec<Step> {
        let Some(bundle) = Bundle::of(self.host(), self.target.places) else {
            return Vec::new();
        };
        let contents = bundle.contents();
        let own = contents.join(self.entry());
        if !enabled {
            let names = self.names();
            let entries = names.iter().map(|name| contents.join(name)).chain([own]);
            let mut there: Vec<_> = entries
                .filter(|entry| matches!(self.host().root().kind(entry), Ok(Some(_))))
                .collect();
            sorting::by(&mut there, Ord::cmp);
            there.dedup();
            return there.into_iter().map(Step::Remove).collect();
        }
        let mut steps = Vec::new();
        let kind = bundle.folder().join("type");
        // s6-overlay's own bundles have their type, or get it when it starts.
        if self.compiler != Compiler::Overlay && !self.host().exists(&kind) {
            // A folder without a type is refused, and all others with it: that is first.
            steps.push(Step::Write {
                path: kind,
                content: "bundle\n".into(),
            });
        }
        if !self.host().exists(&own) {
            steps.push(Step::Touch(own));
        }
        steps
    }

    /// What is run in a tree that does not run, or on a machine before it is `live`, so
    /// that the next boot has what files say.
    pub(super) fn compile(&self, change: Mark, live: bool) -> Vec<Command> {
        let entry = self.entry();
        match self.compiler {
            Compiler::Overlay if !live => Vec::new(),
            Compiler::Overlay => self.compile_overlay(),
            Compiler::DbReload => vec![long(["s6-db-reload"])],
            Compiler::Frontend => {
                let set = |verb: &str| long(["s6", "set", verb, &entry]);
                let mut all = vec![long(["s6", "repository", "sync"])];
                match change {
                    Mark::In => all.push(set("enable")),
                    Mark::Out => all.push(set("disable")),
                    Mark::AsItIs => {}
                }
                all.push(long(["s6", "set", "commit"]));
                all.push(match live {
                    true => long(["s6", "live", "install"]),
                    // Nothing is live in a tree: only the link is moved.
                    false => long(["s6", "live", "install", "--init"]),
                });
                all
            }
            Compiler::Hand => self.compile_by_hand(live),
        }
    }

    fn compile_overlay(&self) -> Vec<Command> {
        let database = self.free("/run/s6/kubelet-unit-db");
        let mut words = vec!["s6-rc-compile".to_owned(), database.clone()];
        let sources = stores(self.host());
        words.extend(sources.iter().map(|store| store.display().to_string()));
        vec![long(words), long(["s6-rc-update", &database])]
    }

    /// A name that is free for a database, which is only ever made.
    fn free(&self, path: &str) -> String {
        (1_u32..10_000)
            .map(|number| format!("{path}-{number}"))
            .find(|path| !self.host().exists(path))
            .unwrap_or_else(|| path.into())
    }

    /// Upstream has no tool of its own: what somebody types there who knows which folders
    /// are compiled.
    fn compile_by_hand(&self, live: bool) -> Vec<Command> {
        let service = Path::new(self.target.places.service.as_str());
        let own = service.parent().unwrap_or(Path::new("/"));
        let mut sources = stores(self.host());
        if !sources.iter().any(|store| store == own) {
            sources.push(own.into());
        }
        let database = self.free("/etc/s6-rc/compiled/kubelet-unit");
        let mut words = vec!["s6-rc-compile".to_owned(), database.clone()];
        words.extend(sources.iter().map(|store| store.display().to_string()));
        let mut all = vec![long(words)];
        all.extend(live.then(|| long(["s6-rc-update", &database])));
        let current = self.database().unwrap_or(DATABASES[1]);
        all.push(long(["ln", "-sfn", &database, current]));
        all
    }

    /// The database that the next boot has, where it is in a place that is known.
    pub(super) fn database(&self) -> Option<&'static str> {
        let is_one = |path: &&str| {
            let folder = Path::new(path);
            self.host().kind(folder.join("servicedirs")) == Some(Kind::Folder)
                || self.host().exists(folder.join("resolve.cdb"))
        };
        DATABASES.iter().copied().find(is_one)
    }

    /// Where its source would be.
    pub(super) fn looked(&self) -> Vec<PathBuf> {
        let host = self.host();
        let own = Path::new(self.target.places.service.as_str()).to_owned();
        let artix = [SV, ADMINSV].into_iter().filter(|path| host.exists(path));
        let names = self.names();
        let elsewhere = artix.flat_map(|store| {
            let folder = Path::new(store);
            names
                .iter()
                .map(|name| folder.join(name))
                .collect::<Vec<_>>()
        });
        let mut all = vec![own];
        for path in elsewhere {
            if !all.contains(&path) {
                all.push(path);
            }
        }
        all
    }
}

/// What becomes of a service's place in what starts at boot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// It is put in.
    In,
    /// It is taken out.
    Out,
    /// It stays as it is.
    AsItIs,
}

/// A database of a few hundred services is compiled in a second; a switch to it stops
/// what is not in it any more.
const COMPILES_WITHIN: std::time::Duration = std::time::Duration::from_secs(300);

fn long<W: Into<String>>(words: impl IntoIterator<Item = W>) -> Command {
    Command::new(words).within(COMPILES_WITHIN).check(check)
}

fn check(answer: &Answer) -> Result<(), Refusal> {
    match answer.code {
        Some(0) => Ok(()),
        _ if answer.says("Permission denied") || answer.says("Operation not permitted") => {
            Err(Refusal::NoPermission)
        }
        _ => Err(Refusal::Failed),
    }
}
