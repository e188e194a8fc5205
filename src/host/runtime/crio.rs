//! CRI-O: `cgroup_manager` of `[crio.runtime]`, the last of all files that say it (`pkg/config/config.go`, 1.18 to 1.34).

use std::path::{Path, PathBuf};

use super::super::toml::Value;
use super::super::{CgroupDriver, Host};
use super::{Answer, DriverUnknown};
use crate::root::Kind;

pub(super) const CONFIG: &str = "/etc/crio/crio.conf";
/// Every file in it counts, whatever its name, and those in folders below too.
pub(super) const DROP_INS: &str = "/etc/crio/crio.conf.d";

const KEY: &str = "cgroup_manager";

/// No configuration is nested deeper.
const MAX_DEPTH: usize = 8;

pub(super) fn driver(host: &Host) -> Answer {
    let mut files = vec![PathBuf::from(CONFIG)];
    walk(host, Path::new(DROP_INS), MAX_DEPTH, &mut files);
    // CRI-O's own default, since 1.18.
    let mut answer = (CgroupDriver::Systemd, None);
    for path in files {
        let Some(top) = host.toml(&path)? else {
            continue;
        };
        let runtime = top
            .get("crio")
            .and_then(|crio| crio.as_object()?.get("runtime"));
        let Some(value) = runtime.and_then(|runtime| runtime.as_object()?.get(KEY)) else {
            continue;
        };
        let driver = match value {
            Value::String(text) if text == "systemd" => CgroupDriver::Systemd,
            Value::String(text) if text == "cgroupfs" => CgroupDriver::Cgroupfs,
            _ => return Err(DriverUnknown::Value { path, key: KEY }),
        };
        answer = (driver, Some(path));
    }
    Ok(answer)
}

/// The files of a folder in the order of their names, those of a folder in it in its place. As in Go's
/// `filepath.Walk`, a link to a folder counts as a file, which CRI-O then cannot read.
fn walk(host: &Host, folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    for name in host.list(folder) {
        let path = folder.join(name);
        match host.root().kind(&path).ok().flatten() {
            Some(Kind::Folder) if depth > 0 => walk(host, &path, depth - 1, files),
            Some(Kind::Folder) => {}
            _ => files.push(path),
        }
    }
}
