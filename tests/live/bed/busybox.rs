//! A bed with nothing but busybox beside its init: what an image of Alpine has.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::PROGRAM_FOLDERS;
use crate::error::{Context, Result, fail};

/// What stays: OpenRC, the kubelet's stand-in, and what Alpine has as a package of its own.
const KEPT: [&str; 7] = [
    "openrc",
    "rc-",
    "supervise-daemon",
    "einfo",
    "kubelet",
    "logrotate",
    "busybox",
];

/// Where PID 1's table is.
pub(crate) const INITTAB: &str = "/etc/inittab";

/// Alpine's, without its terminals.
pub(crate) const ALPINE: &str = "::sysinit:/sbin/openrc sysinit
::sysinit:/sbin/openrc boot
::wait:/sbin/openrc default
::ctrlaltdel:/sbin/reboot
::shutdown:/sbin/openrc shutdown
";

/// Makes busybox `/bin/sh` and every tool in PATH of the tree, and removes all other programs from it.
pub(super) fn alone(root: &Path) -> Result<()> {
    let folders: BTreeSet<PathBuf> = PROGRAM_FOLDERS
        .iter()
        .map(|folder| root.join(folder))
        .filter(|folder| fs::symlink_metadata(folder).is_ok_and(|status| status.is_dir()))
        .collect();
    let Some(program) = folders
        .iter()
        .map(|folder| folder.join("busybox"))
        .find(|path| path.exists())
    else {
        fail!("there is no busybox in this tree");
    };
    // It is static, and so runs in whatever tree.
    let list = Command::new(&program)
        .arg("--list")
        .output()
        .context(program.display())?;
    let applets = String::from_utf8_lossy(&list.stdout).into_owned();
    for folder in &folders {
        for entry in fs::read_dir(folder).context(folder.display())? {
            let path = entry?.path();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let stays = KEPT.iter().any(|kept| name.starts_with(kept));
            if !stays && !path.is_dir() {
                fs::remove_file(&path).context(path.display())?;
            }
        }
    }
    let target = Path::new("/").join(program.strip_prefix(root)?);
    for applet in applets.lines().filter(|applet| *applet != "busybox") {
        symlink(&target, root.join("usr/bin").join(applet)).context(applet)?;
    }
    // Where `/bin` is a folder of its own.
    let sh = root.join("bin/sh");
    if fs::symlink_metadata(&sh).is_err() {
        symlink(&target, &sh).context(sh.display())?;
    }
    Ok(())
}
