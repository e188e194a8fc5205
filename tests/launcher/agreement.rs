//! The launchers agree with each other and with the library on any bytes.

use kubelet_unit::envfile::{Environment as Variables, ExecWord, Parsed, Rejected, expand, parse};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::bed::{Bed, Environment, Starter, baseline, starters, without_limits};
use crate::envfile::properties::files;

/// Each case starts the launcher under every shell.
const CASES: u32 = 64;

const WORDS: [&str; 4] = [
    "$KUBELET_KUBECONFIG_ARGS",
    "$KUBELET_CONFIG_ARGS",
    "$KUBELET_KUBEADM_ARGS",
    "$KUBELET_EXTRA_ARGS",
];

/// What the library makes of two files.
fn expected(contents: &[&[u8]]) -> (Vec<Vec<u8>>, Environment) {
    let files: Vec<Parsed<'_>> = contents.iter().filter_map(|it| parse(it).ok()).collect();
    let own = baseline();
    let own = own.iter().map(|(name, value)| {
        let text = |bytes| std::str::from_utf8(bytes).unwrap();
        (text(name), text(value))
    });
    let environment = Variables::merge(own, &files);
    let arguments = expand(&WORDS.map(ExecWord::parse), &environment);
    let bytes = |text: &str| text.as_bytes().to_vec();
    (
        arguments.iter().map(|it| bytes(&it.text)).collect(),
        environment
            .variables()
            .iter()
            .map(|it| (bytes(it.name), bytes(it.value)))
            .collect(),
    )
}

/// The log of the file that both name; of one that is refused, that alone: the sh
/// launcher reports lines before it knows.
fn comparable(log: &str, rejected: bool) -> String {
    let log = without_limits(log);
    match rejected {
        false => log,
        true => log.lines().filter(|line| is_of_file(line)).collect(),
    }
}

fn is_of_file(line: &str) -> bool {
    ["flags: ignored: ", "default: ignored: "]
        .iter()
        .any(|mark| line.contains(mark))
}

/// A start with these files gives what the library says, by every launcher, and
/// every launcher says the same of it.
fn check(bed: &Bed, flags: &[u8], default: &[u8]) -> Result<(), TestCaseError> {
    bed.env_file("flags", Some(flags));
    bed.env_file("default", Some(default));
    let (arguments, environment) = expected(&[flags, default]);
    let rejected = |bytes| parse(bytes).is_err();
    let rejected = rejected(flags) || rejected(default);
    let native = bed.record(Starter::Native);
    for starter in starters() {
        let of_shell;
        let record = match starter {
            Starter::Native => &native,
            Starter::Shell(_) => {
                of_shell = bed.record(starter);
                &of_shell
            }
        };
        prop_assert_eq!(&record.arguments, &arguments, "{:?}", starter);
        prop_assert_eq!(&record.environment, &environment, "{:?}", starter);
        prop_assert_eq!(
            comparable(&record.log, rejected),
            comparable(&native.log, rejected),
            "{:?}",
            starter
        );
    }
    Ok(())
}

#[test]
fn every_launcher_agrees_with_the_library_on_any_bytes() {
    let bed = Bed::new();
    let mut runner = TestRunner::new(Config {
        cases: CASES,
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    });
    // A bare value that is not one of a variable would hardly ever be an argument.
    let default = files().prop_map(|bytes| [b"KUBELET_EXTRA_ARGS=", &bytes[..]].concat());
    let run = runner.run(&(files(), default), |(flags, default)| {
        check(&bed, &flags, &default)
    });
    if let Err(error) = run {
        panic!("{error}");
    }
}

#[test]
fn the_longest_assignment_counts_and_one_byte_more_does_not() {
    use kubelet_unit::envfile::ASSIGNMENT_MAX;
    let content = |bytes: usize| format!("A={}\n", "x".repeat(bytes - 2));
    assert!(parse(content(ASSIGNMENT_MAX).as_bytes()).is_ok());
    let too_long = content(ASSIGNMENT_MAX + 1);
    assert!(!matches!(
        parse(too_long.as_bytes()),
        Err(Rejected::TooLarge { .. })
    ));
    let bed = Bed::new();
    bed.env_file("default", Some(too_long.as_bytes()));
    for starter in starters() {
        let record = bed.record(starter);
        assert_eq!(record.environment, baseline(), "{starter:?}");
        let path = bed.path("default");
        assert_eq!(
            without_limits(&record.log),
            format!(
                "{}: {}:1: ignored: the value of `A` is longer than 2 MiB\n",
                bed.name,
                path.display()
            ),
            "{starter:?}"
        );
    }
}
