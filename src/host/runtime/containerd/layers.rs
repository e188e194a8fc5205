//! What a line of releases makes of several files: the section of the CRI plugin.

use std::path::Path;

use super::super::super::toml::{Table, Value};
use super::{File, Line};

/// The plugin up to version 1 of a file.
const FIRST: &str = "cri";

/// The plugin in version 2.
const GRPC: &str = "io.containerd.grpc.v1.cri";

/// The plugin from version 3 on.
const RUNTIME: &str = "io.containerd.cri.v1.runtime";

/// The key of the runtimes in a section.
const CONTAINERD: &str = "containerd";

/// containerd does not start with these files.
#[derive(Debug)]
pub(super) struct Refused;

/// The section, and the last file that has a part of it.
pub(super) fn section(line: Line, files: &[File]) -> Result<(Table, Option<&Path>), Refused> {
    let section = match line {
        Line::One => one(files)?,
        Line::Two => two(files)?,
        Line::TwoThree => two_three(files)?,
    };
    let has_one = |file: &&File| {
        let plugins = plugins(file);
        [FIRST, GRPC, RUNTIME]
            .iter()
            .any(|name| plugins.contains_key(*name))
    };
    let last = files.iter().rfind(has_one).map(|file| file.path.as_path());
    Ok((section, last.filter(|_| !section_is_default(files))))
}

/// Whether no file has a section of any version.
fn section_is_default(files: &[File]) -> bool {
    files.iter().all(|file| {
        let plugins = plugins(file);
        ![FIRST, GRPC, RUNTIME]
            .iter()
            .any(|name| plugins.contains_key(*name))
    })
}

fn plugins(file: &File) -> Table {
    let plugins = file.top.get("plugins").and_then(Value::as_object);
    plugins.cloned().unwrap_or_default()
}

fn taken(mut plugins: Table, name: &str) -> Table {
    match plugins.get_mut(name).map(Value::take) {
        Some(Value::Object(section)) => section,
        _ => Table::new(),
    }
}

/// `mergeConfig` of 1.x: the sections of later files replace those of earlier ones. From version 2
/// on a name without dots is refused (`ValidateV2`); versions that are still to come are taken
/// for 2, and their sections for those of plugins that are not there (measured: `config dump` of
/// 1.6.20).
fn one(files: &[File]) -> Result<Table, Refused> {
    let version = files
        .iter()
        .rev()
        .map(|file| file.version)
        .find(|it| *it != 0);
    let mut all = Table::new();
    for file in files {
        all.extend(plugins(file));
    }
    match version {
        None | Some(..=1) => Ok(taken(all, FIRST)),
        Some(_) if all.keys().all(|name| name.starts_with("io.containerd.")) => {
            Ok(taken(all, GRPC))
        }
        Some(_) => Err(Refused),
    }
}

/// `LoadConfig` and `LoadPlugins` of 2.0 to 2.2: files of version 1 get the names of version 2
/// and count as the version before them, 3 at first; all is merged; below version 3 what the
/// plugin's older section has goes where its newer one has nothing.
fn two(files: &[File]) -> Result<Table, Refused> {
    let mut version = Line::Two.newest_version();
    let mut all = Table::new();
    for file in files {
        let mut plugins = plugins(file);
        match file.version {
            ..=1 => rename(&mut plugins),
            own => version = own,
        }
        merge(&mut all, &plugins);
    }
    if version > Line::Two.newest_version() {
        return Err(Refused);
    }
    if version < Line::Two.newest_version() {
        migrate(&mut all);
    }
    Ok(taken(all, RUNTIME))
}

/// `LoadConfigWithPlugins` from 2.3 on: no file may have a higher version than the first that
/// has one, and each is brought up to the newest before it is merged.
fn two_three(files: &[File]) -> Result<Table, Refused> {
    let mut highest = 0;
    let mut all = Table::new();
    for file in files {
        if highest == 0 {
            highest = file.version;
        }
        if file.version > highest || file.version > Line::TwoThree.newest_version() {
            return Err(Refused);
        }
        let mut plugins = plugins(file);
        if file.version <= 1 {
            rename(&mut plugins);
        }
        if file.version < Line::TwoThree.newest_version() {
            migrate(&mut plugins);
        }
        merge(&mut all, &plugins);
    }
    Ok(taken(all, RUNTIME))
}

/// The names of version 2 (`v1Migrate`): those with dots stay. What is left under the old name
/// nobody reads.
fn rename(plugins: &mut Table) {
    if let Some(section) = plugins.get_mut(FIRST).map(Value::take) {
        plugins.insert(GRPC.into(), section);
    }
}

/// `configMigration` of the CRI plugin (`plugins/cri/runtime`): of the runtimes each key that
/// the newer section does not have.
fn migrate(plugins: &mut Table) {
    let Some(Value::Object(old)) = plugins.get(GRPC) else {
        return;
    };
    let Some(Value::Object(old)) = old.get(CONTAINERD).cloned() else {
        return;
    };
    let section = entry(plugins, RUNTIME);
    let containerd = entry(section, CONTAINERD);
    for (key, value) in old {
        if !containerd.contains_key(&key) {
            containerd.insert(key, value);
        }
    }
}

/// The table of a key, made where there is none.
fn entry<'t>(table: &'t mut Table, key: &str) -> &'t mut Table {
    if !matches!(table.get(key), Some(Value::Object(_))) {
        table.insert(key.into(), Value::Object(Table::new()));
    }
    match table.get_mut(key) {
        Some(Value::Object(inner)) => inner,
        _ => unreachable!("it was put there"),
    }
}

/// Values of a later file go before those of an earlier one.
fn merge(to: &mut Table, from: &Table) {
    for (key, value) in from {
        match (to.get_mut(key), value) {
            (Some(Value::Object(to)), Value::Object(from)) => merge(to, from),
            _ => {
                to.insert(key.clone(), value.clone());
            }
        }
    }
}
