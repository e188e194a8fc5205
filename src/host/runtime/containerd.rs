//! containerd: `SystemdCgroup` of the default runtime's options, in the section of its CRI plugin.
//!
//! Where that section is depends on the `version` of the file (`cmd/containerd/server/config`, 1.7 to 2.2). Imported
//! files come after the one that imports them, breadth first. Up to 2.0 a section in a later file replaces the
//! whole one of an earlier file, and newer releases merge the two; so both are tried, and have to agree.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use super::super::toml::{Table, Value};
use super::super::{CgroupDriver, Host};
use super::{Answer, DriverUnknown};

pub(super) const CONFIG: &str = "/etc/containerd/config.toml";

/// The CRI plugin's names: up to version 1 of the file, in version 2, and from 3 on.
const SECTIONS: [&str; 3] = [
    "cri",
    "io.containerd.grpc.v1.cri",
    "io.containerd.cri.v1.runtime",
];

/// The runtimes whose options are those of runc.
const RUNC: [&str; 2] = ["io.containerd.runc.v2", "io.containerd.runc.v1"];

/// The most files that are followed.
const MOST_FILES: usize = 64;

/// The CRI plugin's section of one file.
struct Layer {
    path: PathBuf,
    section: Table,
}

pub(super) fn driver(host: &Host) -> Answer {
    let layers = layers(host)?;
    let Some(last) = layers.last() else {
        return Ok((CgroupDriver::Cgroupfs, None));
    };
    let replaced = of_section(&last.section, &last.path)?;
    let mut whole = Table::new();
    for layer in &layers {
        merge(&mut whole, &layer.section);
    }
    let merged = of_section(&whole, &last.path)?;
    match replaced == merged {
        true => Ok((merged, Some(last.path.clone()))),
        false => Err(DriverUnknown::Imports(CONFIG.into())),
    }
}

/// The sections of all files that have one, in containerd's order.
fn layers(host: &Host) -> Result<Vec<Layer>, DriverUnknown> {
    let mut pending = VecDeque::from([PathBuf::from(CONFIG)]);
    let mut seen: Vec<PathBuf> = Vec::new();
    let mut layers = Vec::new();
    while let Some(path) = pending.pop_front() {
        if seen.contains(&path) {
            continue;
        }
        if seen.len() == MOST_FILES {
            return Err(DriverUnknown::Import {
                path: CONFIG.into(),
                import: path.display().to_string(),
            });
        }
        let Some(top) = host.toml(&path)? else {
            match seen.is_empty() {
                true => break,
                // Without it containerd does not start.
                false => return Err(DriverUnknown::Unreadable(path)),
            }
        };
        pending.extend(imports(host, &top, &path)?);
        if let Some(section) = section(&top, &path)? {
            let section = section.clone();
            let path = path.clone();
            layers.push(Layer { path, section });
        }
        seen.push(path);
    }
    Ok(layers)
}

/// The files that a file imports.
fn imports(host: &Host, top: &Table, path: &Path) -> Result<Vec<PathBuf>, DriverUnknown> {
    let Some(value) = top.get("imports") else {
        return Ok(Vec::new());
    };
    let wrong = || DriverUnknown::Value {
        path: path.into(),
        key: "imports",
    };
    let mut files = Vec::new();
    for item in value.as_array().ok_or_else(wrong)? {
        let import = item.as_text().ok_or_else(wrong)?;
        let cannot = || DriverUnknown::Import {
            path: path.into(),
            import: import.to_owned(),
        };
        let folder = path.parent().unwrap_or(Path::new("/"));
        let whole = folder.join(import);
        if !import.contains(['*', '?', '[', '\\']) {
            files.push(whole);
            continue;
        }
        // Where a relative pattern begins has changed, and a pattern is usually the file's name alone.
        let (Some(above), Some(name)) = (whole.parent(), whole.file_name()) else {
            return Err(cannot());
        };
        let (name, above_text) = (name.to_string_lossy(), above.to_string_lossy());
        let simple =
            !above_text.contains(['*', '?', '[', '\\']) && !name.contains(['?', '[', '\\']);
        if !simple || !import.starts_with('/') {
            return Err(cannot());
        }
        let names = host.list(above);
        files.extend(
            names
                .iter()
                .filter(|it| fits(it, &name))
                .map(|it| above.join(it)),
        );
    }
    Ok(files)
}

/// Whether a name fits a pattern whose only special character is `*`.
fn fits(name: &str, pattern: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return name == pattern;
    };
    let (between, end) = rest.rsplit_once('*').unwrap_or(("", rest));
    let left = name.strip_prefix(start);
    let Some(mut left) = left.and_then(|left| left.strip_suffix(end)) else {
        return false;
    };
    // The first place of each leaves the most for those that follow, so there is no need to try others.
    between.split('*').all(|part| match left.split_once(part) {
        Some((_, after)) => {
            left = after;
            true
        }
        None => false,
    })
}

/// The CRI plugin's section of a file, where it has one.
fn section<'t>(top: &'t Table, path: &Path) -> Result<Option<&'t Table>, DriverUnknown> {
    let off = top.get("disabled_plugins").and_then(Value::as_array);
    let mut off = off.into_iter().flatten().filter_map(Value::as_text);
    if off.any(|name| SECTIONS.contains(&name)) {
        return Err(DriverUnknown::Disabled(path.into()));
    }
    let own = match top.get("version") {
        None => SECTIONS[0],
        Some(Value::Other(number)) => match number.parse::<usize>() {
            Ok(number) => SECTIONS[number.clamp(1, SECTIONS.len()) - 1],
            Err(_) => return Err(value(path, "version")),
        },
        Some(_) => return Err(value(path, "version")),
    };
    let plugins = top.get("plugins").and_then(Value::as_table);
    let plugin = |name: &str| plugins?.get(name)?.as_table();
    // Of a section of another version some releases make something, and others do not.
    let has_runtimes = |name: &&str| plugin(name).is_some_and(|it| it.contains_key("containerd"));
    let others = SECTIONS.into_iter().filter(|name| *name != own);
    match others.into_iter().find(has_runtimes) {
        Some(key) => Err(old(path, key)),
        None => Ok(plugin(own)),
    }
}

fn old(path: &Path, key: &'static str) -> DriverUnknown {
    DriverUnknown::OldKey {
        path: path.into(),
        key,
    }
}

fn value(path: &Path, key: &'static str) -> DriverUnknown {
    DriverUnknown::Value {
        path: path.into(),
        key,
    }
}

fn of_section(section: &Table, path: &Path) -> Result<CgroupDriver, DriverUnknown> {
    if section
        .get("systemd_cgroup")
        .is_some_and(|it| it.as_bool() != Some(false))
    {
        return Err(old(path, "systemd_cgroup"));
    }
    let empty = Table::new();
    let inner = |table: &Table, key: &'static str| match table.get(key) {
        None => Ok(empty.clone()),
        Some(Value::Table(table)) => Ok(table.clone()),
        Some(_) => Err(value(path, key)),
    };
    let containerd = inner(section, "containerd")?;
    if containerd.contains_key("default_runtime") {
        return Err(old(path, "default_runtime"));
    }
    let name = match containerd.get("default_runtime_name") {
        None => "runc",
        Some(name) => name
            .as_text()
            .ok_or_else(|| value(path, "default_runtime_name"))?,
    };
    let other = || DriverUnknown::OtherRuntime {
        path: path.into(),
        runtime: name.to_owned(),
    };
    let runtimes = inner(&containerd, "runtimes")?;
    let kind = |runtime: &Table| runtime.get("runtime_type").cloned();
    let runtime = match runtimes.get(name).map(|it| it.as_table().ok_or_else(other)) {
        Some(runtime) => runtime?,
        None if name == "runc" => return Ok(CgroupDriver::Cgroupfs),
        None => return Err(other()),
    };
    match kind(runtime) {
        Some(Value::Text(kind)) if RUNC.contains(&kind.as_str()) => {}
        // The default for runc itself.
        None if name == "runc" => {}
        _ => return Err(other()),
    }
    match inner(runtime, "options")?.get("SystemdCgroup") {
        None | Some(Value::Bool(false)) => Ok(CgroupDriver::Cgroupfs),
        Some(Value::Bool(true)) => Ok(CgroupDriver::Systemd),
        Some(_) => Err(value(path, "SystemdCgroup")),
    }
}

/// Values of a later file go before those of an earlier one.
fn merge(to: &mut Table, from: &Table) {
    for (key, value) in from {
        match (to.get_mut(key), value) {
            (Some(Value::Table(to)), Value::Table(from)) => merge(to, from),
            _ => {
                to.insert(key.clone(), value.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_path_match() {
        for (pattern, name, fit) in [
            ("a.toml", "a.toml", true),
            ("a.toml", "a.tom", false),
            ("*.toml", "a.toml", true),
            ("*.toml", ".toml", true),
            ("*.toml", "a.toml~", false),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("*", "", true),
            ("**", "é", true),
            ("*b*c", "abbcdc", true),
            ("*b*b*c", "abc", false),
            ("a*b*a*", "abba", true),
        ] {
            assert_eq!(fits(name, pattern), fit, "{name} {pattern}");
        }
        let many = "*a".repeat(100);
        assert!(!fits(&"a".repeat(255), &format!("{many}*b")));
        assert!(fits(&"a".repeat(255), &many));
    }
}
