//! What stands against a service in a tree: s6-rc-compile refuses a whole database for one
//! wrong name in it.

use std::path::{Path, PathBuf};

use super::enabling::{Bundle, Compiler};
use super::overlay;
use super::sources::{Definition, Definitions, Member, is_passed_over};
use crate::backends::{Request, Trouble};
use crate::host::Host;
use crate::root::Kind;

/// A name that the service's own sources define.
struct Own {
    name: String,
    /// The source directory that defines it.
    folder: PathBuf,
    is_pipeline: bool,
}

/// Everything that is found.
pub(super) fn find(host: &Host, request: &Request<'_>) -> Vec<Trouble> {
    let service = Path::new(request.places.service.as_str());
    let store = service.parent().unwrap_or(Path::new("/"));
    let definitions = Definitions::of(host, store);
    let own = own(request, store);
    let mut troubles = Vec::new();
    for it in &own {
        let others = definitions.named(&it.name).iter();
        let others = others.filter(|other| !it.is(other));
        troubles.extend(others.map(|other| twice(it, other)));
    }
    // Where nothing is there yet, as in a layer, nobody knows what will be.
    if definitions.have_others(|other| own.iter().any(|it| it.is(other))) {
        let missing = super::needed(request).into_iter().filter(|need| {
            let is_own = own.iter().any(|it| it.name == *need);
            !is_own && definitions.named(need).is_empty() && !is_to_come(host, need)
        });
        troubles.extend(missing.map(|need| without(service, need)));
    }
    let is_frontend = Compiler::of(host, request.places) == Compiler::Frontend;
    if is_frontend && is_passed_over(host, store) {
        troubles.push(passed_over(store));
    }
    troubles.extend(not_a_bundle(host, request));
    troubles
}

fn passed_over(store: &Path) -> Trouble {
    Trouble {
        path: store.to_owned(),
        what: "is not in the `storelist` of s6-frontend, which takes no services from there".into(),
        hint: Some("name one of those folders with `--service-folder`".into()),
    }
}

/// What the sources of a tree name and do not have, whoever wrote them.
pub(super) fn unmet(host: &Host, request: &Request<'_>) -> Vec<Trouble> {
    let service = Path::new(request.places.service.as_str());
    let store = service.parent().unwrap_or(Path::new("/"));
    let definitions = Definitions::of(host, store);
    let own = own(request, store);
    // As for what is needed: of a layer nobody knows what it will be laid over.
    if !definitions.have_others(|other| own.iter().any(|it| it.is(other))) {
        return Vec::new();
    }
    let needed = super::needed(request);
    let untyped = definitions.untyped().iter();
    let untyped = untyped.filter(|folder| !own.iter().any(|it| it.folder == **folder));
    let untyped: Vec<_> = untyped.map(|folder| without_type(folder)).collect();
    let undefined = definitions.undefined();
    let undefined = undefined.filter(|it| !is_to_come(host, &it.name));
    let trouble = |Member { name, by }: &Member| {
        let is_ours = by.starts_with(service) && needed.contains(&name.as_str());
        if is_ours {
            return without(service, name);
        }
        let whom = match by.file_name().is_some_and(|it| it == name.as_str()) {
            true => "a service that".to_owned(),
            false => format!("`{name}`, which"),
        };
        Trouble {
            path: by.clone(),
            what: format!(
                "names {whom} the sources do not have: s6-rc-compile refuses all services for that"
            ),
            hint: Some(format!(
                "install the service `{name}`, or take its name out"
            )),
        }
    };
    undefined.map(trouble).chain(untyped).collect()
}

fn without_type(folder: &Path) -> Trouble {
    Trouble {
        path: folder.to_owned(),
        what: "has no file `type`: s6-rc-compile refuses all services for that".into(),
        hint: Some("move it out of this folder, in which only services may be".into()),
    }
}

/// What the service's own sources define.
fn own(request: &Request<'_>, store: &Path) -> Vec<Own> {
    let service = request.places.service.file_name();
    let folder = |name: &str| Own {
        name: name.into(),
        folder: store.join(name),
        is_pipeline: false,
    };
    let mut all = vec![folder(service)];
    if super::is_pipeline(request) {
        let log = super::log_name(request);
        all.push(Own {
            name: super::pipeline_name(request),
            folder: store.join(&log),
            is_pipeline: true,
        });
        all.push(folder(&log));
    }
    all
}

impl Own {
    /// Whether a definition is this one.
    fn is(&self, other: &Definition) -> bool {
        self.folder == other.folder && self.is_pipeline == other.is_pipeline
    }
}

fn twice(own: &Own, other: &Definition) -> Trouble {
    let Own { name, folder, .. } = own;
    let what = match other.is_pipeline {
        true => format!("calls its pipeline `{name}`, which"),
        false => format!("defines `{name}`, which"),
    };
    Trouble {
        path: other.folder.clone(),
        what: format!(
            "{what} `{}` would define a second time: s6-rc-compile refuses all services for that",
            folder.display()
        ),
        hint: Some(
            "remove one of them first; what was installed for plain s6 goes with \
             `kubelet-unit uninstall --init s6`"
                .into(),
        ),
    }
}

/// Whether it comes with s6-overlay, over which the tree will be laid, or which makes it.
fn is_to_come(host: &Host, need: &str) -> bool {
    need == overlay::BASE && !host.exists(overlay::OWN_SOURCES) || overlay::makes(host, need)
}

fn without(service: &Path, need: &str) -> Trouble {
    Trouble {
        path: service.join("dependencies.d").join(need),
        what: "names a service that the sources do not have: s6-rc-compile refuses all \
               services for that"
            .into(),
        hint: Some(format!(
            "install the service `{need}` first, or name it in `wants`, which does without"
        )),
    }
}

/// The bundle by which the service is enabled cannot hold anything.
fn not_a_bundle(host: &Host, request: &Request<'_>) -> Option<Trouble> {
    let bundle = Bundle::of(host, request.places)?;
    let kind = |path: &Path| host.kind(path);
    let contents = bundle.contents();
    let wrong = [bundle.folder(), &contents]
        .into_iter()
        .find_map(|path| match kind(path) {
            None | Some(Kind::Folder) => None,
            Some(kind) => Some((path.to_owned(), kind)),
        });
    if let Some((path, kind)) = wrong {
        return Some(Trouble {
            path,
            what: format!("is {kind} and not the folder of what starts at boot"),
            hint: Some("make it a folder, with a file for each service that is in it".into()),
        });
    }
    let list = bundle.list();
    if kind(&contents).is_none() && kind(&list).is_some() {
        return Some(Trouble {
            path: list,
            what: "is the list of what starts at boot, which s6-rc does not read any more once a \
                   folder `contents.d` is beside it"
                .into(),
            hint: Some(
                "make that folder, with an empty file for each line of the list, and remove the list"
                    .into(),
            ),
        });
    }
    let path = bundle.folder().join("type");
    let text = host.text(&path)?;
    (text.trim() != "bundle").then(|| Trouble {
        path,
        what: "does not say `bundle`, which is what starts at boot".into(),
        hint: None,
    })
}
