//! The data, and what holds for any files.

use super::{INLINE, Situation, WORDS};
use insta::assert_snapshot;
use kubelet_unit::envfile::{Environment, ExecWord, expand, parse};
use kubelet_unit::explain::{EnvFile, Input, Style, explain};
use proptest::prelude::*;

#[test]
fn json_says_all_of_it() {
    let explanation = Situation {
        flags: Ok("KUBELET_KUBEADM_ARGS=\"--v=2 --network-plugin cni\"\n"),
        extra: Ok("KUBELET_EXTRA_ARGS=--v=3\nexport A=--v=9\nKUBELET_EXTRA_ARGS=--v=4\n"),
        version: Some("1.31.14"),
        ..Situation::default()
    }
    .explained();
    assert_snapshot!(serde_json::to_string_pretty(&explanation).unwrap());
}

#[test]
fn json_of_an_answer() {
    let explanation = Situation {
        extra: Ok("KUBELET_EXTRA_ARGS=\"--v=3 -v 4\"\n"),
        ..Situation::default()
    }
    .explained();
    assert_snapshot!(serde_json::to_string_pretty(&explanation.answer("-v")).unwrap());
}

#[test]
fn a_removed_flag_is_an_error_only_for_a_version_without_it() {
    let severities = |version| {
        let explanation = Situation {
            flags: Ok("KUBELET_KUBEADM_ARGS=--container-runtime=remote\n"),
            version,
            ..Situation::default()
        }
        .explained();
        let problems = explanation.problems.iter();
        problems
            .map(|problem| problem.severity.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(severities(Some("1.26.15")), [""; 0]);
    assert_eq!(severities(Some("1.27.0")), ["error"]);
    assert_eq!(severities(None), ["note"]);
}

#[test]
fn flags_that_add_up_are_not_overridden() {
    let explanation = Situation {
        extra: Ok("KUBELET_EXTRA_ARGS=\"--node-labels=a=b --v=1 --node-labels=c=d --v 2 --v 3\"\n"),
        ..Situation::default()
    }
    .explained();
    let own = explanation
        .arguments
        .iter()
        .filter(|argument| argument.place.at.is_some());
    let own: Vec<_> = own.map(|a| (a.text.as_str(), a.overridden_by)).collect();
    assert_eq!(
        own,
        [
            ("--node-labels=a=b", None),
            ("--v=1", Some(9)),
            ("--node-labels=c=d", None),
            ("--v", Some(9)),
            ("2", Some(9)),
            ("--v", None),
            ("3", None),
        ]
    );
}

#[test]
fn what_the_kernel_does_not_take_is_an_error() {
    let messages = |length: usize| {
        let content = format!("KUBELET_EXTRA_ARGS={}", "x".repeat(length));
        let explanation = Situation {
            extra: Ok(&content),
            words: &["/bin/sh", "$KUBELET_EXTRA_ARGS"],
            ..Situation::default()
        }
        .explained();
        let problems = explanation.problems.iter();
        problems
            .map(|problem| problem.kind.to_string())
            .collect::<Vec<_>>()
    };
    let name = "KUBELET_EXTRA_ARGS=".len();
    assert_eq!(messages(131_072 - 1 - name), [""; 0]);
    assert_eq!(
        messages(131_072 - name),
        ["`KUBELET_EXTRA_ARGS` with its value has 131072 bytes, the kernel takes 131071"]
    );
    assert_eq!(
        messages(131_072),
        [
            "`KUBELET_EXTRA_ARGS` with its value has 131091 bytes, the kernel takes 131071",
            "the argument has 131072 bytes, the kernel takes 131071",
        ]
    );
}

#[test]
fn another_program_has_its_own_flags() {
    let explanation = Situation {
        words: &["/usr/bin/containerd", "$ARGS"],
        extra: Ok("ARGS='--network-plugin=cni --v=1 --v=2 run'\n"),
        version: Some("1.31"),
        ..Situation::default()
    }
    .explained();
    assert!(
        explanation.problems.is_empty(),
        "{:?}",
        explanation.problems
    );
    assert!(
        explanation
            .arguments
            .iter()
            .all(|argument| argument.overridden_by.is_none())
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..Default::default() })]

    /// The arguments are those of the launcher, and each is written where the
    /// explanation says.
    #[test]
    fn every_argument_is_where_it_is_said_to_be(
        flags in "(KUBELET_KUBEADM_ARGS|A|export B)=[-a-z=\"' \\\\\n#$]{0,40}",
        extra in "(KUBELET_EXTRA_ARGS=[-v0-9=\"' \\\\\né]{0,20}\n){0,3}",
    ) {
        let contents = [flags.as_str(), extra.as_str()];
        let words = WORDS.map(ExecWord::parse);
        let files = ["/flags", "/extra"].into_iter().zip(contents).map(|(path, content)| EnvFile {
            path,
            optional: true,
            content: Ok(content.as_bytes()),
        });
        let explanation = explain(&Input {
            read: None,
            service: "kubelet",
            definition: "spec",
            words: &words,
            inline: &INLINE,
            files: &files.collect::<Vec<_>>(),
            version: None,
        });

        let parsed: Vec<_> = contents.iter().filter_map(|content| parse(content.as_bytes()).ok()).collect();
        let environment = Environment::merge(INLINE, &parsed);
        let expanded = expand(&words, &environment);
        prop_assert_eq!(
            explanation.arguments.iter().map(|a| a.text.as_str()).collect::<Vec<_>>(),
            expanded.iter().map(|a| a.text.as_ref()).collect::<Vec<_>>()
        );

        for argument in &explanation.arguments {
            let Some(at) = argument.place.at else { continue };
            let content = if argument.place.path == "/flags" { &flags } else { &extra };
            let line = content.split('\n').nth(at.line - 1).unwrap();
            let rest = &line.as_bytes()[at.column.unwrap() - 1..];
            // A word begins with its first byte, or with a quote or backslash.
            let first = argument.text.bytes().next();
            let quoted = rest.first().is_none_or(|byte| b"\"'\\".contains(byte));
            prop_assert!(quoted || rest.first().copied() == first, "{:?} at {at}", argument.text);
        }
        prop_assert!(!explanation.text(Style::Colour).to_string().is_empty());
        prop_assert!(!explanation.answer("v").text(Style::Colour).to_string().is_empty());
        serde_json::to_string(&explanation).unwrap();
    }
}
