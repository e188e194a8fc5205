//! Every case of `fixtures/envfile/cases.jsonl`: two files in, the argv and
//! the environment that live systemd gave out.

use kubelet_unit::envfile::{Cause, Environment, ExecWord, Parsed, expand, parse};
use std::collections::BTreeMap;

use crate::vectors::{Case, cases};

/// What systemd 257 sets by itself, as far as a case can name it.
const MANAGER: [(&str, &str); 3] = [
    ("LANG", "C.UTF-8"),
    ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"),
    ("USER", "root"),
];

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

#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    argv: Vec<String>,
    env: BTreeMap<String, String>,
}

fn outcome(contents: &[Vec<u8>]) -> Outcome {
    let files: Vec<Parsed<'_>> = contents
        .iter()
        .filter_map(|bytes| parse(bytes).ok())
        .collect();
    let environment = Environment::merge(MANAGER.into_iter().chain(INLINE), &files);
    let argv = expand(&WORDS.map(ExecWord::parse), &environment)
        .into_iter()
        .map(|argument| argument.text.into_owned())
        .collect();
    let unchanged: BTreeMap<_, _> = MANAGER.into_iter().chain(INLINE).collect();
    let env = environment
        .variables()
        .iter()
        .filter(|variable| unchanged.get(variable.name) != Some(&variable.value))
        .map(|variable| (variable.name.to_owned(), variable.value.to_owned()))
        .collect();
    Outcome { argv, env }
}

#[test]
fn every_case_is_as_live_systemd_answered_it() {
    let cases = cases();
    assert_eq!(cases.len(), 1036);
    let mut different = Vec::new();
    for case in cases {
        let ours = outcome(&case.contents());
        let systemd = Outcome {
            argv: case.argv,
            env: case.env,
        };
        if ours != systemd {
            let Case { id, cat, .. } = case;
            different.push(format!(
                "{cat} {id}\n  ours    {ours:?}\n  systemd {systemd:?}"
            ));
        }
    }
    assert!(
        different.is_empty(),
        "{} differ:\n{}",
        different.len(),
        different.join("\n")
    );
}

#[test]
fn where_systemd_252_differs_a_continued_comment_is_found() {
    let mut differing = 0;
    for case in cases() {
        let Some(older) = &case.v252 else { continue };
        differing += 1;
        let older = Outcome {
            argv: older.argv.clone(),
            env: older.env.clone(),
        };
        let contents = case.contents();
        assert_ne!(outcome(&contents), older, "{}", case.id);
        let files = contents.iter().filter_map(|bytes| parse(bytes).ok());
        let found = files
            .flat_map(|file| file.findings)
            .any(|finding| finding.cause == Cause::ContinuedComment);
        assert!(found, "{}", case.id);
    }
    assert_eq!(differing, 36);
}
