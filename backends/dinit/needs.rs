//! What a service depends on, or waits for, and is not described: dinit loads it not at all
//! then (`dinit-service(5)`, `depends-on`, `depends-ms`, `waits-for`; the first and the last
//! measured with 0.22). What `waits-for.d` names and is absent it leaves out.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::control::FOLDERS;
use super::description::Description;
use super::effective::QUOTING;
use crate::backends::{Request, Trouble};
use crate::host::Host;
use crate::service::Dependency;
use crate::sorting;

/// Everything that is missing, that of what it depends on included.
pub(super) fn unmet(host: &Host, request: &Request<'_>) -> Vec<Trouble> {
    let own = PathBuf::from(request.places.service.as_str());
    let name = request.service.name.as_str();
    // Whoever wrote it, the description that dinit takes counts; before there is one, what is
    // rendered.
    let folders = FOLDERS.iter().map(|folder| Path::new(folder).join(name));
    let mut there = folders.chain([own.clone()]);
    let there = there.find_map(|path| Some((host.text(&path)?, path)));
    let (needs, by) = if let Some((text, path)) = there {
        (depends_on(host, &path, &text), path)
    } else {
        let needs = Dependency::services(&request.service.needs).into_iter();
        let needs = needs.map(|need| (need.to_owned(), DEPENDS));
        (needs.collect(), own.clone())
    };
    let needs = needs.into_iter();
    let mut open: Vec<_> = needs.map(|need| (need, by.clone())).collect();
    let mut seen = BTreeSet::from([name.to_owned()]);
    let mut missing = Vec::new();
    while let Some(((need, how), by)) = open.pop() {
        // An instance is described by what is before the `@`.
        let file = need.split('@').next().unwrap_or(&need).to_owned();
        if !seen.insert(need.clone()) {
            continue;
        }
        let beside = own.parent().unwrap_or(Path::new("/")).to_owned();
        let folders = FOLDERS.iter().map(PathBuf::from).chain([beside]);
        let mut found = folders.map(|folder| folder.join(&file));
        match found.find_map(|path| Some((host.text(&path)?, path))) {
            Some((text, path)) => {
                let further = depends_on(host, &path, &text).into_iter();
                open.extend(further.map(|need| (need, path.clone())));
            }
            None => missing.push(Trouble {
                path: by,
                what: format!(
                    "{how} `{need}`, of which there is no description: dinit does not load \
                     `{name}` without it, enabled or not"
                ),
                hint: Some(format!(
                    "install the service `{need}`, or name it in `wants` of a spec, which does \
                     without"
                )),
            }),
        }
    }
    sorting::by(&mut missing, |a, b| {
        (&a.path, &a.what).cmp(&(&b.path, &b.what))
    });
    missing
}

/// How the most of them are said.
const DEPENDS: &str = "depends on";

/// The services that a description depends on, and how it says so.
fn depends_on(host: &Host, path: &Path, text: &str) -> Vec<(String, &'static str)> {
    let path = path.display().to_string();
    let described = Description::on(host, &path, text);
    let properties = described.properties.iter();
    let named = properties.filter_map(|it| {
        let how = match it.name.as_str() {
            "depends-on" | "depends-ms" => DEPENDS,
            "waits-for" => "waits for",
            _ => return None,
        };
        let word = QUOTING.words(&it.value, it.at).into_iter().next()?;
        word.unknown.is_none().then_some((word.text, how))
    });
    named.collect()
}
