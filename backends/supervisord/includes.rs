//! Whether supervisord's configuration includes a file (`read_config` and
//! `read_include_config`, `supervisor/options.py`, 4.2).

use std::path::{Path, PathBuf};

use super::evidence::CONFIGS;
use super::ini::Ini;
use crate::backends::{Request, Trouble};
use crate::host::Host;

/// That it does not, where there is a configuration that says so.
pub(super) fn unmet(host: &Host, request: &Request<'_>) -> Option<Trouble> {
    let file = Path::new(request.places.service.as_str());
    let (path, text) = configuration(host)?;
    let ini = Ini::read(&text);
    let here = path.parent().unwrap_or(Path::new("/"));
    let patterns = ini.get("include", "files").unwrap_or_default();
    let patterns: Vec<_> = patterns.split_whitespace().collect();
    // What its environment decides, nobody can tell.
    let is_included = |pattern: &&str| {
        let whole = pattern.replace("%(here)s", &here.display().to_string());
        whole.contains("%(") || fits(&here.join(whole), file)
    };
    if patterns.iter().any(is_included) {
        return None;
    }
    let (name, shown) = (&request.service.name, file.display());
    let includes = match patterns.as_slice() {
        [] => "includes no file, and so not".to_owned(),
        patterns => format!("includes `{}`, and not", patterns.join(" ")),
    };
    let end = file.extension().and_then(|end| end.to_str());
    let folder = file.parent().unwrap_or(here);
    let pattern = folder.join(format!("*.{}", end.unwrap_or("conf")));
    Some(Trouble {
        path,
        what: format!("{includes} `{shown}`: supervisord does not start `{name}`"),
        hint: Some(format!(
            "name `{}` in `files` of its section `[include]`",
            pattern.display()
        )),
    })
}

/// The configuration: that of the supervisord that runs, or the first of those that it looks
/// for.
fn configuration(host: &Host) -> Option<(PathBuf, String)> {
    let running = super::control::running(host);
    let usual = CONFIGS.iter().map(PathBuf::from);
    running.into_iter().chain(usual).find_map(|path| {
        let text = host.text(&path)?;
        Some((path, text))
    })
}

/// Whether a path is one of those that a pattern of Python's `glob` finds: each part by
/// itself, and no name with a dot at its beginning by a pattern without one.
fn fits(pattern: &Path, path: &Path) -> bool {
    let (mut patterns, mut parts) = (pattern.components(), path.components());
    loop {
        match (patterns.next(), parts.next()) {
            (None, None) => return true,
            (Some(pattern), Some(part)) => {
                let pattern: Vec<char> = pattern.as_os_str().to_string_lossy().chars().collect();
                let part: Vec<char> = part.as_os_str().to_string_lossy().chars().collect();
                let hidden = part.first() == Some(&'.') && pattern.first() != Some(&'.');
                if hidden || !fits_name(&pattern, &part) {
                    return false;
                }
            }
            _ => return false,
        }
    }
}

/// `fnmatch`: `*`, `?`, `[...]` and `[!...]`.
fn fits_name(pattern: &[char], name: &[char]) -> bool {
    match (pattern, name) {
        ([], []) => true,
        (['*', rest @ ..], _) => (0..=name.len()).any(|skipped| fits_name(rest, &name[skipped..])),
        (['?', rest @ ..], [_, name @ ..]) => fits_name(rest, name),
        (['[', rest @ ..], [first, name @ ..]) if rest.iter().skip(1).any(|c| *c == ']') => {
            let end = 1 + rest.iter().skip(1).position(|c| *c == ']').unwrap_or(0);
            let (set, not) = match &rest[..end] {
                ['!', set @ ..] => (set, true),
                set => (set, false),
            };
            is_in(set, *first) != not && fits_name(&rest[end + 1..], name)
        }
        ([c, rest @ ..], [first, name @ ..]) => c == first && fits_name(rest, name),
        _ => false,
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
            ("/etc/*.ini", false),
            ("/etc/supervisor.d", false),
            ("/etc/supervisor.d/kubelet.ini", true),
        ] {
            assert_eq!(fits(Path::new(pattern), file), is_found, "{pattern}");
        }
        assert!(!fits(Path::new("/etc/*"), Path::new("/etc/.hidden")));
    }
}
