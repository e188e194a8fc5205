//! docker: `native.cgroupdriver` among the `exec-opts` of its daemon (`daemon/daemon_unix.go`, 20.10 to 28).

use std::path::Path;

use serde_json::Value;

use super::super::{CgroupDriver, CgroupVersion, Host};
use super::{Answer, DriverUnknown};
use crate::root::Kind;

pub(super) const CONFIG: &str = "/etc/docker/daemon.json";

const OPTIONS: &str = "exec-opts";
const OPTION: &str = "native.cgroupdriver";

pub(super) fn driver(host: &Host) -> Answer {
    let path = Path::new(CONFIG);
    let Some(text) = host.configuration(path)? else {
        return by_default(host);
    };
    // An empty file is as good as none.
    if text.trim().is_empty() {
        return by_default(host);
    }
    let top: Value = serde_json::from_str(&text).map_err(|error| DriverUnknown::NotJson {
        path: path.into(),
        line: error.line(),
        column: error.column(),
    })?;
    let wrong = |key| DriverUnknown::Value {
        path: path.into(),
        key,
    };
    let options = match top.get(OPTIONS) {
        None => return by_default(host),
        Some(options) => options.as_array().ok_or_else(|| wrong(OPTIONS))?,
    };
    for option in options {
        let option = option.as_str().ok_or_else(|| wrong(OPTIONS))?;
        let Some((key, value)) = option.split_once('=') else {
            continue;
        };
        if !key.trim().eq_ignore_ascii_case(OPTION) {
            continue;
        }
        return match value.trim() {
            "systemd" => Ok((CgroupDriver::Systemd, Some(path.into()))),
            "cgroupfs" => Ok((CgroupDriver::Cgroupfs, Some(path.into()))),
            "" => by_default(host),
            _ => Err(wrong(OPTION)),
        };
    }
    by_default(host)
}

/// systemd where it runs (`sd_booted(3)`) and the cgroups are those of version 2 alone; since 20.10.
fn by_default(host: &Host) -> Answer {
    if host.first_process().is_none() {
        return Err(DriverUnknown::NotRunning);
    }
    let systemd = host.kind("/run/systemd/system") == Some(Kind::Folder);
    let driver = match systemd && host.cgroup_version() == Some(CgroupVersion::V2) {
        true => CgroupDriver::Systemd,
        false => CgroupDriver::Cgroupfs,
    };
    Ok((driver, None))
}
