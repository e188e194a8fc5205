//! Every case of `fixtures/envfile/cases.jsonl`: two files in, the argv and
//! the environment that live systemd gave out.

use kubelet_unit::envfile::{Cause, Environment, ExecWord, Parsed, expand, parse};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    id: String,
    cat: String,
    flags_env_b64: Option<String>,
    default_b64: Option<String>,
    argv: Vec<String>,
    env: BTreeMap<String, String>,
    v252: Option<Older>,
}

/// What systemd 252 gave. We follow 254, but such a case says which rule it
/// is about.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Older {
    argv: Vec<String>,
    env: BTreeMap<String, String>,
}

#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    argv: Vec<String>,
    env: BTreeMap<String, String>,
}

fn cases() -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/envfile/cases.jsonl");
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Standard base64 with padding, as the cases have it.
fn decode(text: &str) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = text.trim_end_matches('=').bytes();
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0, 0_u32);
    for digit in digits {
        let value = DIGITS.iter().position(|&known| known == digit).unwrap();
        held = held << 6 | u32::try_from(value).unwrap();
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).unwrap());
        }
    }
    bytes
}

fn contents(case: &Case) -> Vec<Vec<u8>> {
    [&case.flags_env_b64, &case.default_b64]
        .into_iter()
        .flatten()
        .map(|text| decode(text))
        .collect()
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
        let ours = outcome(&contents(&case));
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
        let contents = contents(&case);
        assert_ne!(outcome(&contents), older, "{}", case.id);
        let files = contents.iter().filter_map(|bytes| parse(bytes).ok());
        let found = files
            .flat_map(|file| file.findings)
            .any(|finding| finding.cause == Cause::ContinuedComment);
        assert!(found, "{}", case.id);
    }
    assert_eq!(differing, 36);
}
