//! What a service needs and is not there: OpenRC starts neither it nor anything of it then,
//! whether or not it is enabled (`rc_deptree_depends` and `svc_start_deps`, `openrc-run.c`,
//! 0.45: "cannot start ... as ... would not start", "needs service(s) ...").

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::FOLDERS;
use super::control::assigned;
use crate::backends::{Request, Trouble};
use crate::host::Host;
use crate::service::Dependency;
use crate::sorting;

/// Everything that is needed and missing, that of what it needs included.
pub(super) fn unmet(host: &Host, request: &Request<'_>) -> Vec<Trouble> {
    let own = PathBuf::from(request.places.service.as_str());
    let name = request.service.name.as_str();
    let rendered = Dependency::services(&request.service.needs);
    let rendered = rendered.into_iter().map(str::to_owned).collect();
    let scripts = scripts(host);
    let mut seen = BTreeSet::from([name.to_owned()]);
    let mut open = settled(host, name, rendered, &own);
    let mut missing = Vec::new();
    while let Some((need, by)) = open.pop() {
        if !seen.insert(need.clone()) {
            continue;
        }
        let named = scripts.iter().find(|it| it.name == need);
        let provider = scripts.iter().find(|it| it.provides.contains(&need));
        match named.or(provider) {
            Some(script) => {
                let needs = script.needs.clone();
                open.extend(settled(host, &script.name, needs, &script.path));
            }
            None => missing.push(without(&need, by, name)),
        }
    }
    sorting::by(&mut missing, |a, b| {
        (&a.path, &a.what).cmp(&(&b.path, &b.what))
    });
    missing
}

fn without(need: &str, by: PathBuf, name: &str) -> Trouble {
    Trouble {
        path: by,
        what: format!(
            "needs `{need}`, of which there is no script in `/etc/init.d`: OpenRC does not start \
             `{name}` without it, enabled or not"
        ),
        hint: Some(format!(
            "install the service `{need}`, or name it in `wants` of a spec, which does without"
        )),
    }
}

/// What a service needs, with what the administrator says of that (`_depend`,
/// `rc-functions.sh`), each with the file that says it.
fn settled(host: &Host, name: &str, needs: Vec<String>, script: &Path) -> Vec<(String, PathBuf)> {
    let conf = Path::new(super::CONF_FOLDER).join(name);
    let variable = format!("rc_{}_need", name.replace('-', "_"));
    let said = [
        (PathBuf::from("/etc/rc.conf"), variable.as_str()),
        (conf, "rc_need"),
    ];
    let mut all: Vec<(String, PathBuf)> = needs
        .into_iter()
        .map(|need| (need, script.to_owned()))
        .collect();
    for (path, variable) in said {
        let text = host.text(&path).unwrap_or_default();
        let value = assigned(&text, variable).unwrap_or_default();
        for word in value.split_whitespace().filter(|word| !word.contains('$')) {
            match word.strip_prefix('!') {
                Some(not) => all.retain(|(need, _)| need != not),
                None => all.push((word.to_owned(), path.clone())),
            }
        }
    }
    all
}

/// A script, and what its `depend` says as far as it is said in words alone.
struct Script {
    name: String,
    path: PathBuf,
    needs: Vec<String>,
    provides: Vec<String>,
}

fn scripts(host: &Host) -> Vec<Script> {
    let folders = FOLDERS.iter().map(Path::new);
    let paths = folders.flat_map(|folder| {
        let names = host.list(folder).into_iter();
        names.map(move |name| (name.clone(), folder.join(name)))
    });
    paths
        .filter_map(|(name, path)| {
            let text = host.text(&path)?;
            Some(Script {
                needs: said(&text, "need"),
                provides: said(&text, "provide"),
                name,
                path,
            })
        })
        .collect()
}

/// The words after a command of `depend`.
fn said(text: &str, command: &str) -> Vec<String> {
    let mut all = Vec::new();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        if words.next() != Some(command) {
            continue;
        }
        let names = words.take_while(|word| !word.starts_with(['#', ';', '&', '|']));
        let plain = names.filter(|word| !word.contains(['$', '`']));
        all.extend(plain.map(|word| word.trim_matches(['"', '\'', ';']).to_owned()));
    }
    all
}
