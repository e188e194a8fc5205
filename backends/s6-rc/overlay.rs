//! s6-overlay from version 3 on: s6-rc in a container, which compiles its services anew
//! whenever it starts.

use std::path::{Path, PathBuf};

use crate::backends::Request;
use crate::distro::{Distro, UPSTREAM};
use crate::host::Host;
use crate::rendering::File;
use crate::root::Kind;
use crate::service::AbsPath;

/// What the distribution is called.
pub(super) const NAME: &str = "s6-overlay";

/// Images with s6-overlay 3.
pub(super) static OVERLAY: Distro = Distro {
    name: NAME,
    title: "images with s6-overlay",
    ..UPSTREAM
};

/// Where an image has its services.
pub(super) const SERVICE: &str = "/etc/s6-overlay/s6-rc.d/{name}";
pub(super) const SOURCES: &str = "/etc/s6-overlay/s6-rc.d";

/// Where it has the bundles of what is to start, from 3.2.3.2 on. Before that, and after
/// it where such a folder is there, they are among the services.
pub(super) const BUNDLES: &str = "/etc/s6-overlay/user-bundles.d";

/// The sources that it brings along.
pub(super) const OWN_SOURCES: &str = "/package/admin/s6-overlay/etc/s6-rc/sources";

/// Where it takes service directories that are none of s6-rc's, as versions before 3 had them.
pub(super) const LEGACY: &str = "/etc/services.d";

/// What comes before all services, such as the scripts of `cont-init.d`.
pub(super) const BASE: &str = "base";

/// The bundle that is started, and has all others in it.
pub(super) const TOP: &str = "top";

/// The bundle for who makes the image.
pub(super) const USER: &str = "user";

/// A second one, which nobody makes by hand.
pub(super) const USER2: &str = "user2";

/// Whether an image has it, or a container runs with it. Versions before 3 have none of
/// these.
pub(super) fn is_there(host: &Host) -> bool {
    ["/package/admin/s6-overlay", "/run/s6/basedir", SOURCES]
        .iter()
        .any(|path| host.exists(path))
}

/// The bundle for who makes the image, in the place that its version reads.
pub(super) fn user_bundle(host: &Host) -> PathBuf {
    let among_services = PathBuf::from(SOURCES).join(USER);
    let is_folder = |path: &str| host.kind(path) == Some(Kind::Folder);
    match host.kind(&among_services) != Some(Kind::Folder) && is_folder(BUNDLES) {
        true => PathBuf::from(BUNDLES).join(USER),
        false => among_services,
    }
}

/// Whether it makes a bundle when it starts, whatever the image has of it: where the first one is
/// among the services (its `rc.init`, 3.2.3.2).
pub(super) fn makes(host: &Host, bundle: &str) -> bool {
    [USER, USER2].contains(&bundle)
        && host.exists(OWN_SOURCES)
        && user_bundle(host).starts_with(SOURCES)
}

/// Whether that bundle has its type then, if it has none before.
pub(super) fn gets_type(host: &Host, folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    folder.parent() == Some(Path::new(SOURCES)) && makes(host, &name)
}

/// What the pipeline of a service and its logger is called.
pub(super) fn pipeline_name(service: &str) -> String {
    format!("{service}-pipeline")
}

/// The file that lets a service start with the container, as the newest version reads it:
/// for a layer that is laid over an image that nobody has looked at.
pub(super) fn entry(request: &Request<'_>) -> Option<(AbsPath, File)> {
    let name = match super::is_pipeline(request) {
        true => super::pipeline_name(request),
        false => request.service.name.to_string(),
    };
    let path = format!("{BUNDLES}/{USER}/contents.d/{name}");
    Some((path.parse().ok()?, File::data("")))
}
