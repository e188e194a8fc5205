//! containerd: `SystemdCgroup` of the default runtime's options, in the section of its CRI plugin.
//!
//! Where that section is depends on the `version` of the files, and what several files make
//! together on the release (`services/server/config` of 1.x, `cmd/containerd/server/config` of
//! 2.x): see [`Line`]. Each line of releases that may read these files is asked, and all of
//! them have to agree. Which ones may is told by the root file's `version`, which older ones
//! refuse, and by the containerd that is installed.

mod installed;
mod layers;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use super::super::toml::{Table, Value};
use super::super::{CgroupDriver, Host};
use super::{Answer, DriverUnknown};
use layers::Refused;

pub(super) const CONFIG: &str = "/etc/containerd/config.toml";

/// The runtimes whose options are those of runc.
const RUNC: [&str; 2] = ["io.containerd.runc.v2", "io.containerd.runc.v1"];

/// What disables the CRI plugin.
const PLUGINS: [&str; 4] = [
    "cri",
    "io.containerd.grpc.v1.cri",
    "io.containerd.cri.v1.runtime",
    "io.containerd.cri.v1.images",
];

/// The most files that are followed.
const MOST_FILES: usize = 64;

/// Releases that read their configuration alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    /// 1.3 to 1.7: a section in a later file replaces the whole one of an earlier file, and the
    /// last `version` counts for all of them.
    One,
    /// 2.0 to 2.2: sections are merged deeply, then renamed by the last `version`.
    Two,
    /// From 2.3 on: each file is renamed by its own `version`, then merged deeply.
    TwoThree,
}

const LINES: [Line; 3] = [Line::One, Line::Two, Line::TwoThree];

impl Line {
    /// The highest `version` of a file that it takes.
    fn newest_version(self) -> i64 {
        match self {
            Self::One => 2,
            Self::Two => 3,
            Self::TwoThree => 4,
        }
    }

    /// Whether a release is of this line, or may be one of it.
    fn may_be(self, (major, minor): (u32, Option<u32>)) -> bool {
        match self {
            Self::One => major <= 1,
            Self::Two => major == 2 && minor.is_none_or(|minor| minor <= 2),
            Self::TwoThree => major > 2 || major == 2 && minor.is_none_or(|minor| minor >= 3),
        }
    }
}

/// A configuration file.
struct File {
    path: PathBuf,
    version: i64,
    top: Table,
}

pub(super) fn driver(host: &Host) -> Answer {
    let files = files(host)?;
    let Some(root) = files.first() else {
        return Ok((CgroupDriver::Cgroupfs, None));
    };
    let installed = installed::release(host);
    let newest = root.version;
    let fits = |line: &Line| match installed {
        Some(installed) => line.may_be(installed),
        None => newest <= line.newest_version(),
    };
    let answers: Vec<_> = LINES
        .into_iter()
        .filter(fits)
        .filter_map(|line| match layers::section(line, &files) {
            Ok((section, path)) => Some(
                of_section(line, &section, path.unwrap_or(&root.path))
                    .map(|driver| (driver, path.map(Path::to_path_buf))),
            ),
            Err(Refused) => None,
        })
        .collect();
    let mut drivers = Vec::new();
    let mut source = None;
    for answer in answers {
        let (driver, path) = answer?;
        if !drivers.contains(&driver) {
            drivers.push(driver);
        }
        source = path.or(source);
    }
    match (drivers.as_slice(), files.len()) {
        ([driver], _) => Ok((*driver, source)),
        ([], _) => Err(DriverUnknown::Refused(CONFIG.into())),
        (_, 1) => Err(DriverUnknown::Release(CONFIG.into())),
        _ => Err(DriverUnknown::Imports(CONFIG.into())),
    }
}

/// All files in containerd's order.
fn files(host: &Host) -> Result<Vec<File>, DriverUnknown> {
    let mut pending = VecDeque::from([PathBuf::from(CONFIG)]);
    let mut files: Vec<File> = Vec::new();
    while let Some(path) = pending.pop_front() {
        if files.iter().any(|file| file.path == path) {
            continue;
        }
        if files.len() == MOST_FILES {
            return Err(DriverUnknown::Import {
                path: CONFIG.into(),
                import: path.display().to_string(),
            });
        }
        let Some(top) = host.toml(&path)? else {
            match files.is_empty() {
                true => break,
                // Without it containerd does not start.
                false => return Err(DriverUnknown::Unreadable(path)),
            }
        };
        pending.extend(imports(host, &top, &path)?);
        let off = top.get("disabled_plugins").and_then(Value::as_array);
        let mut off = off.into_iter().flatten().filter_map(Value::as_str);
        if off.any(|name| PLUGINS.contains(&name)) {
            return Err(DriverUnknown::Disabled(path));
        }
        let version = match top.get("version") {
            None => 0,
            Some(version) => version.as_i64().ok_or_else(|| value(&path, "version"))?,
        };
        files.push(File { path, version, top });
    }
    Ok(files)
}

/// The files that a file imports.
fn imports(host: &Host, top: &Table, path: &Path) -> Result<Vec<PathBuf>, DriverUnknown> {
    let Some(list) = top.get("imports") else {
        return Ok(Vec::new());
    };
    let wrong = || DriverUnknown::Value {
        path: path.into(),
        key: "imports",
    };
    let mut files = Vec::new();
    for item in list.as_array().ok_or_else(wrong)? {
        let import = item.as_str().ok_or_else(wrong)?;
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

fn of_section(line: Line, section: &Table, path: &Path) -> Result<CgroupDriver, DriverUnknown> {
    // For the runtime `io.containerd.runtime.v1.linux` alone; 2.x does not know it.
    let old_cgroup = section.get("systemd_cgroup");
    if line == Line::One && old_cgroup.is_some_and(|it| it.as_bool() != Some(false)) {
        return Err(old(path, "systemd_cgroup"));
    }
    let empty = Table::new();
    let inner = |table: &Table, key: &'static str| match table.get(key) {
        None => Ok(empty.clone()),
        Some(Value::Object(table)) => Ok(table.clone()),
        Some(_) => Err(value(path, key)),
    };
    let containerd = inner(section, "containerd")?;
    // 1.x takes it where its type is not empty, over the name; 2.x does not know it.
    let own = inner(&containerd, "default_runtime")?;
    let own_type = own.get("runtime_type").and_then(Value::as_str);
    if line == Line::One && own_type.is_some_and(|kind| !kind.is_empty()) {
        return of_runtime(&own, "default_runtime", path);
    }
    let name = match containerd.get("default_runtime_name") {
        None => "runc",
        Some(name) => name
            .as_str()
            .ok_or_else(|| value(path, "default_runtime_name"))?,
    };
    let other = || DriverUnknown::OtherRuntime {
        path: path.into(),
        runtime: name.to_owned(),
    };
    let runtimes = inner(&containerd, "runtimes")?;
    match runtimes
        .get(name)
        .map(|it| it.as_object().ok_or_else(other))
    {
        Some(runtime) => of_runtime(runtime?, name, path),
        None if name == "runc" => Ok(CgroupDriver::Cgroupfs),
        None => Err(other()),
    }
}

/// The driver of one runtime.
fn of_runtime(runtime: &Table, name: &str, path: &Path) -> Result<CgroupDriver, DriverUnknown> {
    match runtime.get("runtime_type").map(Value::as_str) {
        Some(Some(kind)) if RUNC.contains(&kind) => {}
        // The default for runc itself.
        None if name == "runc" => {}
        _ => {
            return Err(DriverUnknown::OtherRuntime {
                path: path.into(),
                runtime: name.to_owned(),
            });
        }
    }
    let options = match runtime.get("options") {
        None => return Ok(CgroupDriver::Cgroupfs),
        Some(options) => options.as_object().ok_or_else(|| value(path, "options"))?,
    };
    match options.get("SystemdCgroup") {
        None | Some(Value::Bool(false)) => Ok(CgroupDriver::Cgroupfs),
        Some(Value::Bool(true)) => Ok(CgroupDriver::Systemd),
        Some(_) => Err(value(path, "SystemdCgroup")),
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
