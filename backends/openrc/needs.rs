//! Whether a boot starts a service because another needs it; and what a service needs that is
//! not there: OpenRC starts neither it nor anything of it then,
//! whether or not it is enabled (`rc_deptree_depends` and `svc_start_deps`, `openrc-run.c`,
//! 0.45: "cannot start ... as ... would not start", "needs service(s) ...").

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::FOLDERS;
use super::depend::{Depend, assigned};
use crate::backends::{Request, Trouble};
use crate::host::Host;
use crate::service::Dependency;
use crate::sorting;

/// Everything that is needed and missing, that of what it needs included; and what nobody can
/// tell of that. It is asked of the script that OpenRC takes, whoever wrote it; before there is
/// one, of what is rendered.
pub(super) fn unmet(host: &Host, request: &Request<'_>) -> Vec<Trouble> {
    let name = request.service.name.as_str();
    let scripts = Scripts::of(host);
    let mut seen = BTreeSet::from([name.to_owned()]);
    let mut troubles = Vec::new();
    let mut open = if let Some(own) = scripts.named(name) {
        troubles.extend(own.untold(name));
        own.needs(host)
    } else {
        let rendered = Dependency::services(&request.service.needs).into_iter();
        let rendered = rendered.map(str::to_owned).collect();
        let place = Path::new(request.places.service.as_str());
        settled(host, name, "need", rendered, place)
    };
    while let Some((need, by)) = open.pop() {
        if !seen.insert(need.clone()) {
            continue;
        }
        match scripts.named(&need).or_else(|| scripts.provider(&need)) {
            Some(script) => {
                troubles.extend(script.untold(name));
                open.extend(script.needs(host));
            }
            None => troubles.push(without(&need, by, name)),
        }
    }
    sorting::by(&mut troubles, |a, b| {
        (&a.path, &a.what).cmp(&(&b.path, &b.what))
    });
    troubles
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

/// Whether a service of this name is started with the machine by others that are: each of them
/// starts what it needs, and what it wants and is there (`want` in openrc-run(8)).
pub(super) fn is_started(host: &Host, name: &str, enabled: BTreeSet<String>) -> bool {
    let scripts = Scripts::of(host);
    let mut open = Vec::from_iter(enabled);
    let mut seen = BTreeSet::new();
    while let Some(next) = open.pop() {
        if !seen.insert(next.clone()) {
            continue;
        }
        let Some(script) = scripts.named(&next).or_else(|| scripts.provider(&next)) else {
            continue;
        };
        if script.name == name {
            return true;
        }
        let needs = script.needs(host).into_iter();
        let starts = needs.chain(script.wants(host));
        open.extend(starts.map(|(service, _)| service));
    }
    false
}

/// What a service needs, or wants, with what the administrator says of that (`_depend`,
/// `rc-functions.sh`), each with the file that says it.
fn settled(
    host: &Host,
    name: &str,
    kind: &str,
    needs: Vec<String>,
    script: &Path,
) -> Vec<(String, PathBuf)> {
    let conf = Path::new(super::CONF_FOLDER).join(name);
    let variable = format!("rc_{}_{kind}", name.replace('-', "_"));
    let in_conf = format!("rc_{kind}");
    let said = [
        (PathBuf::from("/etc/rc.conf"), variable.as_str()),
        (conf, in_conf.as_str()),
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

/// A script, and what its `depend` says.
struct Script {
    name: String,
    path: PathBuf,
    depend: Depend,
}

impl Script {
    fn needs(&self, host: &Host) -> Vec<(String, PathBuf)> {
        let needs = self.depend.needs.clone();
        settled(host, &self.name, "need", needs, &self.path)
    }

    fn wants(&self, host: &Host) -> Vec<(String, PathBuf)> {
        let wants = self.depend.wants.clone();
        settled(host, &self.name, "want", wants, &self.path)
    }

    /// That it computes what it needs.
    fn untold(&self, name: &str) -> Option<Trouble> {
        let line = self.depend.computes?;
        Some(Trouble {
            path: self.path.clone(),
            what: format!(
                "computes in line {line} what it needs: whether OpenRC starts `{name}` as things \
                 are cannot be told"
            ),
            hint: Some(format!("on the machine, `rc-depend {name}` tells")),
        })
    }
}

/// The scripts of a tree, each read when it is asked for.
struct Scripts<'a> {
    host: &'a Host,
    /// By their names, those that OpenRC takes first before the others.
    paths: Vec<(String, PathBuf)>,
}

impl<'a> Scripts<'a> {
    fn of(host: &'a Host) -> Self {
        let folders = FOLDERS.iter().map(Path::new);
        let paths = folders.flat_map(|folder| {
            let names = host.list(folder).into_iter();
            names.map(move |name| (name.clone(), folder.join(name)))
        });
        let paths = paths.collect();
        Self { host, paths }
    }

    fn script(&self, name: &str, path: &Path) -> Option<Script> {
        let depend = Depend::of(&self.host.text(path)?);
        Some(Script {
            name: name.to_owned(),
            path: path.to_owned(),
            depend,
        })
    }

    fn named(&self, name: &str) -> Option<Script> {
        let mut named = self.paths.iter().filter(|(it, _)| it == name);
        named.find_map(|(name, path)| self.script(name, path))
    }

    /// The first script that is there for what a name says.
    fn provider(&self, need: &str) -> Option<Script> {
        self.paths.iter().find_map(|(name, path)| {
            let text = self.host.text(path)?;
            // Most are for nothing of the kind, and are not followed.
            let may = text.contains("provide") && text.contains(need);
            let script = may.then(|| self.script(name, path)).flatten()?;
            script
                .depend
                .provides
                .iter()
                .any(|it| it == need)
                .then_some(script)
        })
    }
}
