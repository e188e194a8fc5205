//! `explain`: whole texts for whole situations, and the data behind them.

mod command;
mod data;
mod texts;

use kubelet_unit::envfile::ExecWord;
use kubelet_unit::explain::{EnvFile, Explanation, Input, Unread, explain};

/// `Environment=` of kubeadm's drop-in.
const INLINE: [(&str, &str); 2] = [
    (
        "KUBELET_KUBECONFIG_ARGS",
        "--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf \
         --kubeconfig=/etc/kubernetes/kubelet.conf",
    ),
    (
        "KUBELET_CONFIG_ARGS",
        "--config=/var/lib/kubelet/config.yaml",
    ),
];

/// Its `ExecStart=`.
const WORDS: [&str; 5] = [
    "/usr/bin/kubelet",
    "$KUBELET_KUBECONFIG_ARGS",
    "$KUBELET_CONFIG_ARGS",
    "$KUBELET_KUBEADM_ARGS",
    "$KUBELET_EXTRA_ARGS",
];

/// A situation: the kubelet of kubeadm's drop-in with these files.
struct Situation<'a> {
    words: &'a [&'a str],
    inline: &'a [(&'a str, &'a str)],
    flags: Result<&'a str, Unread>,
    extra: Result<&'a str, Unread>,
    required: bool,
    version: Option<&'a str>,
}

impl Default for Situation<'_> {
    fn default() -> Self {
        Self {
            words: &WORDS,
            inline: &INLINE,
            flags: Err(Unread::Missing),
            extra: Err(Unread::Missing),
            required: false,
            version: None,
        }
    }
}

impl<'a> Situation<'a> {
    fn file(&self, path: &'a str, content: &Result<&'a str, Unread>) -> EnvFile<'a> {
        let content = content.clone().map(str::as_bytes);
        EnvFile {
            path,
            optional: !self.required,
            content,
        }
    }

    fn explained(&self) -> Explanation {
        let words: Vec<_> = self
            .words
            .iter()
            .map(|word| ExecWord::parse(word))
            .collect();
        explain(&Input {
            read: None,
            service: "kubelet",
            definition: "the built-in spec",
            words: &words,
            inline: self.inline,
            files: &[
                self.file("/var/lib/kubelet/kubeadm-flags.env", &self.flags),
                self.file("/etc/default/kubelet", &self.extra),
            ],
            version: self.version.map(|version| version.parse().unwrap()),
        })
    }
}
