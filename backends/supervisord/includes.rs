//! The files that make supervisord's configuration (`read_config` and `read_include_config`,
//! `supervisor/options.py`, 4.2).

use std::path::{Path, PathBuf};

use super::ini::Ini;
use crate::backends::{Request, Trouble};
use crate::host::{Host, Process};
use crate::sorting;

/// Where supervisord looks for its configuration (`Options.default_configfile`), without the
/// folders that depend on who calls it; then where pip and a distribution put one.
pub(super) const CONFIGS: [&str; 5] = [
    "/usr/etc/supervisord.conf",
    "/etc/supervisord.conf",
    "/etc/supervisor/supervisord.conf",
    "/usr/local/etc/supervisord.conf",
    "/etc/supervisord/supervisord.conf",
];

/// A configuration, and the patterns of what it includes.
pub(super) struct Configuration {
    /// Its own file.
    pub(super) path: PathBuf,
    /// The patterns as they are written.
    written: Vec<String>,
}

impl Configuration {
    /// That of the supervisord that runs, or the first of those that it looks for; `None` where
    /// there is none.
    pub(super) fn of(host: &Host) -> Option<Self> {
        let running = running(host);
        let usual = CONFIGS.iter().map(PathBuf::from);
        running.into_iter().chain(usual).find_map(|path| {
            let text = host.text(&path)?;
            let ini = Ini::read(&text);
            let patterns = ini.counts("include", "files");
            let patterns = patterns.filter(|_| ini.has("include")).unwrap_or_default();
            Some(Self {
                path,
                written: patterns.split_whitespace().map(str::to_owned).collect(),
            })
        })
    }

    /// The patterns, each from the folder of the configuration on. What the environment of
    /// supervisord decides stays in them.
    fn patterns(&self) -> impl Iterator<Item = PathBuf> {
        let here = self.path.parent().unwrap_or(Path::new("/"));
        let shown = here.display().to_string();
        let whole = move |pattern: &String| here.join(pattern.replace("%(here)s", &shown));
        self.written.iter().map(whole)
    }

    /// Whether all files that are read can be seen: what supervisord's environment names cannot, nor what may not be
    /// read.
    pub(super) fn is_seen(&self, host: &Host, own: &Path) -> bool {
        let mut files = self.files(host, own).into_iter();
        !self.patterns().any(|it| is_open(&it))
            && files.all(|path| path == own || host.text(&path).is_some())
    }

    /// Whether a file is included, be it there or not. What the environment decides, nobody can
    /// tell.
    pub(super) fn includes(&self, file: &Path) -> bool {
        let mut patterns = self.patterns();
        patterns.any(|pattern| is_open(&pattern) || fits(&pattern, file))
    }

    /// The files in the order in which they are read, each once, as it is read last: of two
    /// values of a key the later one counts. `own` is among them even before it is there.
    pub(super) fn files(&self, host: &Host, own: &Path) -> Vec<PathBuf> {
        let mut all = vec![self.path.clone()];
        for pattern in self.patterns() {
            let mut found = expand(host, &pattern);
            if fits(&pattern, own) && !found.iter().any(|path| path == own) {
                found.push(own.to_owned());
            }
            sorting::by(&mut found, Ord::cmp);
            all.retain(|path| !found.contains(path));
            all.extend(found);
        }
        all
    }

    /// The same, each with what is in it, as far as it is there.
    pub(super) fn read(&self, host: &Host, own: &Path) -> Vec<(PathBuf, Ini)> {
        let files = self.files(host, own).into_iter();
        let read = |path: PathBuf| {
            let ini = Ini::read(&host.text(&path)?);
            Some((path, ini))
        };
        files.filter_map(read).collect()
    }
}

/// Whether the environment of supervisord decides what a pattern is.
fn is_open(pattern: &Path) -> bool {
    pattern.to_string_lossy().contains("%(")
}

/// The configuration of the supervisord that runs, where it was named.
pub(super) fn running(host: &Host) -> Option<PathBuf> {
    let mut processes = host.processes().iter();
    let running = processes.find(|process| process.is("supervisord"))?;
    configuration(running)
}

/// The file that supervisord was called with: `-c FILE`, `-cFILE`,
/// `--configuration FILE` or `--configuration=FILE`.
fn configuration(process: &Process) -> Option<PathBuf> {
    let mut words = process.arguments.iter().skip(1);
    while let Some(word) = words.next() {
        let path = match word.as_str() {
            "-c" | "--configuration" => words.next().map(String::as_str),
            word => word
                .strip_prefix("--configuration=")
                .or_else(|| word.strip_prefix("-c")),
        };
        if let Some(path) = path {
            return Some(process.path(path));
        }
    }
    None
}

/// That the configuration does not include the service's file, where there is one.
pub(super) fn unmet(host: &Host, request: &Request<'_>) -> Option<Trouble> {
    let file = Path::new(request.places.service.as_str());
    let configuration = Configuration::of(host)?;
    if configuration.includes(file) {
        return None;
    }
    let (name, shown) = (&request.service.name, host.root().shown(file));
    let includes = match configuration.written.as_slice() {
        [] => "includes no file, and so not".to_owned(),
        patterns => format!("includes `{}`, and not", patterns.join(" ")),
    };
    let end = file.extension().and_then(|end| end.to_str());
    let folder = file.parent().unwrap_or(Path::new("/"));
    let pattern = folder.join(format!("*.{}", end.unwrap_or("conf")));
    Some(Trouble {
        path: configuration.path,
        what: format!(
            "{includes} `{}`: supervisord does not start `{name}`",
            shown.display()
        ),
        hint: Some(format!(
            "name `{}` in `files` of its section `[include]`",
            pattern.display()
        )),
    })
}

/// The files that Python's `glob` finds for a pattern.
fn expand(host: &Host, pattern: &Path) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::from("/")];
    for part in pattern.components().skip(1) {
        let text = part.as_os_str().to_string_lossy();
        if !text.contains(['*', '?', '[']) {
            for path in &mut found {
                path.push(part);
            }
            continue;
        }
        let folders = std::mem::take(&mut found).into_iter();
        found = folders
            .flat_map(|folder| {
                let names = host.list(&folder).into_iter();
                let fit = names.filter(|name| fits_part(&text, name));
                fit.map(|name| folder.join(name)).collect::<Vec<_>>()
            })
            .collect();
    }
    found.retain(|path| host.exists(path));
    found
}

/// Whether a path is one of those that a pattern of Python's `glob` finds: each part by
/// itself.
fn fits(pattern: &Path, path: &Path) -> bool {
    let (mut patterns, mut parts) = (pattern.components(), path.components());
    loop {
        match (patterns.next(), parts.next()) {
            (None, None) => return true,
            (Some(pattern), Some(part)) => {
                let (pattern, part) = (pattern.as_os_str(), part.as_os_str());
                if !fits_part(&pattern.to_string_lossy(), &part.to_string_lossy()) {
                    return false;
                }
            }
            _ => return false,
        }
    }
}

/// One part of a path; no name with a dot at its beginning by a pattern without one.
fn fits_part(pattern: &str, part: &str) -> bool {
    let hidden = part.starts_with('.') && !pattern.starts_with('.');
    let chars = |text: &str| text.chars().collect::<Vec<_>>();
    !hidden && fits_name(&chars(pattern), &chars(part))
}

/// `fnmatch`: `*`, `?`, `[...]` and `[!...]`. Where it does not fit, only the last `*` takes in one
/// more: what an earlier one could take in instead, it can too.
fn fits_name(mut pattern: &[char], mut name: &[char]) -> bool {
    let mut star: Option<(&[char], &[char])> = None;
    loop {
        if let ['*', rest @ ..] = pattern {
            star = Some((rest, name));
            pattern = rest;
        } else if let (Some(rest), [_, left @ ..]) = (after(pattern, name), name) {
            (pattern, name) = (rest, left);
        } else if pattern.is_empty() && name.is_empty() {
            return true;
        } else if let Some((rest, [_, left @ ..])) = star {
            star = Some((rest, left));
            (pattern, name) = (rest, left);
        } else {
            return false;
        }
    }
}

/// What is left of a pattern if its first part, which is no `*`, fits the first character.
fn after<'a>(pattern: &'a [char], name: &[char]) -> Option<&'a [char]> {
    let first = *name.first()?;
    match pattern {
        ['?', rest @ ..] => Some(rest),
        ['[', rest @ ..] if rest.iter().skip(1).any(|c| *c == ']') => {
            let end = 1 + rest.iter().skip(1).position(|c| *c == ']')?;
            let (set, not) = match &rest[..end] {
                ['!', set @ ..] => (set, true),
                set => (set, false),
            };
            (is_in(set, first) != not).then_some(&rest[end + 1..])
        }
        [c, rest @ ..] => (*c == first).then_some(rest),
        [] => None,
    }
}

fn is_in(set: &[char], character: char) -> bool {
    match set {
        [from, '-', to, rest @ ..] => (*from..=*to).contains(&character) || is_in(rest, character),
        [one, rest @ ..] => *one == character || is_in(rest, character),
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_python() {
        let file = Path::new("/etc/supervisor.d/kubelet.ini");
        for (pattern, is_found) in [
            ("/etc/supervisor.d/*.ini", true),
            ("/etc/supervisor.d/*", true),
            ("/etc/*/kubelet.in?", true),
            ("/etc/supervisor.d/[a-k]*.ini", true),
            ("/etc/supervisor.d/[!a-k]*.ini", false),
            ("/etc/supervisor.d/*.conf", false),
            ("/etc/supervisor.d/k*e*t*ini", true),
            ("/etc/supervisor.d/*e*e*e*", false),
            ("/etc/*.ini", false),
            ("/etc/supervisor.d", false),
            ("/etc/supervisor.d/kubelet.ini", true),
        ] {
            assert_eq!(fits(Path::new(pattern), file), is_found, "{pattern}");
        }
        assert!(!fits(Path::new("/etc/*"), Path::new("/etc/.hidden")));
    }

    #[test]
    fn the_configuration_is_that_of_the_running_one() {
        for words in [
            vec!["-n", "-c", "s.conf"],
            vec!["-cs.conf"],
            vec!["--configuration=s.conf", "-n"],
        ] {
            let mut arguments = vec!["/usr/bin/supervisord".to_owned()];
            arguments.extend(words.iter().map(ToString::to_string));
            let process = Process {
                pid: 1,
                parent: None,
                name: "supervisord".into(),
                program: None,
                arguments,
                folder: Some("/srv".into()),
            };
            assert_eq!(configuration(&process), Some("/srv/s.conf".into()));
        }
    }
}
