//! What is asked for, and what comes of it.

use std::borrow::Cow;
use std::fmt;

use super::host::{Host, Overrides};
use super::patch::PatchFile;
use super::stream::Stream;
use super::token::Token;
use super::version::Version;
use super::warning::Warning;

/// What the node does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It makes a cluster: `kubeadm init`.
    Init,
    /// It joins one: `kubeadm join`.
    Join,
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Request<'r> {
    /// Whose behaviour.
    pub version: Version,
    /// The kubeadm configuration, all its documents; `None` for kubeadm's defaults.
    pub config: Option<&'r Stream>,
    /// What the joined cluster holds: a ClusterConfiguration and a KubeletConfiguration, or the ConfigMaps with them.
    pub cluster_config: Option<&'r Stream>,
    /// Init or join; `None` to see it from the kinds in the configuration.
    pub action: Option<Action>,
    /// The host.
    pub host: &'r Host,
    /// What was typed beside the file.
    pub overrides: &'r Overrides,
    /// The files of kubeadm's `patches.directory`.
    pub patches: &'r [PatchFile],
    /// kubeadm's own bytes, even where they are wrong for a host without systemd.
    pub as_kubeadm: bool,
}

impl<'r> Request<'r> {
    /// kubeadm's defaults on a host.
    pub fn new(version: Version, host: &'r Host) -> Request<'r> {
        const NOTHING: &Overrides = &Overrides {
            node_name: None,
            cri_socket: None,
            service_subnet: None,
            pod_subnet: None,
            dns_domain: None,
            certificates_dir: None,
            image_repository: None,
            kubernetes_version: None,
        };
        Request {
            version,
            config: None,
            cluster_config: None,
            action: None,
            host,
            overrides: NOTHING,
            patches: &[],
            as_kubeadm: false,
        }
    }
}

/// A file as kubeadm writes it.
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    /// Its absolute path.
    pub path: Cow<'static, str>,
    /// Its content.
    pub text: String,
    /// Whether root alone may read it (mode 0600 in place of 0644), because it holds a secret.
    pub private: bool,
}

impl File {
    /// A file that everybody may read.
    pub fn new(path: impl Into<Cow<'static, str>>, text: impl Into<String>) -> File {
        File {
            path: path.into(),
            text: text.into(),
            private: false,
        }
    }

    /// A file that root alone may read.
    pub fn private(path: impl Into<Cow<'static, str>>, text: impl Into<String>) -> File {
        File {
            private: true,
            ..File::new(path, text)
        }
    }

    /// A text of this file, as it may be shown: of a private file without its secrets.
    pub fn shown<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.private {
            true => Cow::Owned(redacted(text)),
            false => Cow::Borrowed(text),
        }
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File")
            .field("path", &self.path)
            .field("text", &self.shown(&self.text))
            .field("private", &self.private)
            .finish()
    }
}

/// The fields of a kubeconfig whose values are secret.
const SECRETS: [&str; 3] = ["token", "password", "client-key-data"];

/// A kubeconfig without its secrets; a bootstrap token keeps its id.
fn redacted(text: &str) -> String {
    let line = |line: &str| {
        let (field, value) = line.split_once(": ")?;
        let name = field
            .trim_start_matches([' ', '-', '"'])
            .trim_end_matches('"');
        SECRETS.contains(&name).then(|| {
            let id = Token::parse(value.trim().trim_matches('"'));
            let id = id.map_or_else(String::new, |token| format!("{}.", token.id()));
            format!("{field}: {id}<secret>\n")
        })
    };
    let lines = text.split_inclusive('\n');
    let shown = lines.map(|text| line(text).unwrap_or_else(|| text.to_owned()));
    shown.collect()
}

/// Files, and what is worth knowing about them.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// The files in the order in which kubeadm writes them.
    pub files: Vec<File>,
    /// Warnings, in the order in which they came up.
    pub warnings: Vec<Warning>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_of_a_private_file_is_shown() {
        let text = "users:\n- name: a\n  user:\n    token: abcdef.0123456789abcdef\n- user:\n    client-key-data: c2VjcmV0\n    password: geheim\n    username: u\n    token: eyJh.x.y\n";
        let file = File::private("/a", text);
        let shown = "users:\n- name: a\n  user:\n    token: abcdef.<secret>\n- user:\n    client-key-data: <secret>\n    password: <secret>\n    username: u\n    token: <secret>\n";
        assert_eq!(file.shown(text), shown);
        let debug = format!("{file:?}");
        for secret in ["0123456789abcdef", "c2VjcmV0", "geheim", "eyJh"] {
            assert!(!debug.contains(secret), "{debug}");
        }
        assert_eq!(File::new("/a", text).shown(text), text);
    }
}
