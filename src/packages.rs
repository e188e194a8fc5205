//! What goes into the five packages of Kubernetes on a distribution, and what
//! takes the place of systemd's unit and of kubeadm's drop-in there.
//!
//! The files are those of the upstream packages of 1.36 (kubeadm, kubelet, kubectl,
//! kubernetes-cni, cri-tools), whose dependencies are in their specs as well.

use serde::Serialize;

use crate::backends::{Launcher, RenderError, Request, launcher};
use crate::rendering::Rendered;
use crate::service::AbsPath;

/// A package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Package {
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// What it needs.
    pub needs: Vec<Need>,
    /// Its files, folders included.
    pub files: Vec<PackagedFile>,
}

/// Something that a package needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Need {
    /// What it needs: a package, as upstream calls it.
    pub what: &'static str,
    /// From which version of it on, or for which versions of Kubernetes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<&'static str>,
}

/// A file of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PackagedFile {
    /// Its path; a folder's ends in a slash, `*` stands for several files.
    pub path: String,
    /// What it is.
    pub about: &'static str,
    /// What it replaces of the packages for systemd.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_the_place_of: Option<&'static str>,
}

const ENV_FILE: &str = "the administrator's env file, configuration, by `render --with-env-file`";
const LINE: &str =
    "another package's, in which a script after the installation puts the service's line";

const UNIT: &str = "kubelet.service";
const DROP_IN: &str = "kubelet.service.d/10-kubeadm.conf";

/// The five packages for the kubelet as it was rendered, with the administrator's env file.
///
/// # Errors
/// A path of the service is too long.
pub fn packages(request: &Request<'_>, rendered: &Rendered) -> Result<Vec<Package>, RenderError> {
    let launcher = launcher::path(request)?;
    let env_file = &request.places.extra_args_file;
    // A script without its program would be of no use: the launcher is where the init's files
    // are.
    let (of_kubeadm, of_kubelet): (Vec<_>, Vec<_>) = rendered
        .files()
        .map(|(path, file)| match &file.line {
            Some(_) => self::file(path.as_str(), LINE),
            None if path == env_file => self::file(path.as_str(), ENV_FILE),
            None => service_file(path, file.config, &launcher),
        })
        .partition(|file| file.path.ends_with(DROP_IN));
    let mut kubelet = vec![
        file(request.service.program.as_str(), "the node agent"),
        file(
            "/var/lib/kubelet/",
            "its state; kubeadm writes its configuration there",
        ),
        file("/etc/kubernetes/manifests/", "the static pods"),
    ];
    kubelet.extend(of_kubelet);
    let mut needs = vec![
        need("kubernetes-cni", None),
        need("iptables", Some("1.4.21 or newer")),
        need("util-linux", None),
        need("mount", Some("where it is not in util-linux")),
    ];
    // The launcher calls it.
    if request.launcher == Launcher::Native && rendered.file(launcher.as_str()).is_some() {
        needs.push(need("kubelet-unit", None));
    }
    let mut kubeadm = vec![file("/usr/bin/kubeadm", "makes and joins clusters")];
    kubeadm.extend(of_kubeadm);
    Ok(vec![
        Package {
            name: "kubelet",
            about: "runs the pods of a node",
            needs,
            files: kubelet,
        },
        Package {
            name: "kubeadm",
            about: "sets up the control plane and the kubelet",
            needs: vec![need(
                "cri-tools",
                Some("for 1.30 and 1.31; nothing from 1.32 on"),
            )],
            files: kubeadm,
        },
        Package {
            name: "kubectl",
            about: "talks to the API server",
            needs: Vec::new(),
            files: vec![file("/usr/bin/kubectl", "the client")],
        },
        Package {
            name: "kubernetes-cni",
            about: "the plugins that make pods' networks",
            needs: Vec::new(),
            files: vec![
                file(
                    "/opt/cni/bin/*",
                    "the plugins; container runtimes look there",
                ),
                file("/etc/cni/net.d/", "the network's configuration"),
            ],
        },
        Package {
            name: "cri-tools",
            about: "looks into container runtimes",
            needs: Vec::new(),
            files: vec![file("/usr/bin/crictl", "the client of a container runtime")],
        },
    ])
}

fn need(what: &'static str, when: Option<&'static str>) -> Need {
    Need { what, when }
}

fn file(path: &str, about: &'static str) -> PackagedFile {
    PackagedFile {
        path: path.into(),
        about,
        in_the_place_of: None,
    }
}

fn service_file(path: &AbsPath, config: bool, launcher: &AbsPath) -> PackagedFile {
    let shown = path.as_str();
    let (about, in_the_place_of) = match shown {
        _ if path == launcher => ("gives the kubelet kubeadm's arguments", Some(DROP_IN)),
        _ if shown.ends_with(DROP_IN) => ("the drop-in itself", None),
        _ if path.file_name() == UNIT => ("the unit itself", None),
        _ if shown.starts_with("/etc/logrotate.d/") => {
            ("how its log is rotated, configuration", None)
        }
        _ if config => ("the service's settings, configuration", Some(UNIT)),
        _ => ("the service", Some(UNIT)),
    };
    PackagedFile {
        path: shown.into(),
        about,
        in_the_place_of,
    }
}
