//! The readers of units and env files next to systemd's own library, where the machine has
//! it: random texts go through both, which have to say the same.
//!
//! What live systemd makes of whole units is in the live suite. The library answers some
//! thousand texts in a second, and so reaches what no list of cases has.

#![allow(unsafe_code)] // it is C's

mod systemd;

use std::collections::BTreeMap;

use kubelet_unit::envfile;
use kubelet_unit::unit::word::{Escapes, Words};
use kubelet_unit::unit::{Time, UnitName, file};
use proptest::prelude::*;

use crate::support::skipped;
use systemd::Systemd;

/// What readers of lines, words, times and names look at, and something to look past.
#[rustfmt::skip]
const TOKENS: &[&str] = &[
    "[Service]", "[Unit]", "[X-Other]", "[", "]", "Key", "=", "=", "\n", "\n", "\n", "\r", "\\\n", "\\\n",
    "#", ";", " ", " ", "\t", "a", "--flag", "é", "\u{feff}", "\u{fffe}", "\\", "\\", "\"", "\"", "'", "'",
    "\\x41", "\\x4", "\\t", "\\s", "\\q", "\\101", "\\900", "\\u00e9", "\\U0001f600", "\\ud800", "\\x00", "\\\\",
    "\\\"", "$A", "${B}", "%n", "1", "0", "90", "5", ".", "+", "-", "s", "min", "ms", "M", "m", "h", "us", "µs", "infinity",
    "18446744073709551615", "kubelet", "@", ".service", ".socket", ":", "_",
];

/// Texts of such tokens, and of any characters but NUL.
fn texts(longest: usize) -> impl Strategy<Value = String> {
    let token = prop::sample::select(TOKENS).prop_map(str::to_owned);
    let other = any::<char>().prop_filter("C ends a text there", |c| *c != '\0');
    let part = prop_oneof![12 => token, 1 => other.prop_map(String::from)];
    prop::collection::vec(part, 0..longest).prop_map(|parts| parts.concat())
}

/// So many texts in a usual run.
const CASES: u32 = 2000;

/// Runs a test with each of many texts.
fn each(longest: usize, test: impl Fn(&Systemd, &str) -> Result<(), TestCaseError>) {
    let systemd = match Systemd::load() {
        Ok(systemd) => systemd,
        Err(why) => return skipped(&why),
    };
    let usual = ProptestConfig::default();
    let config = ProptestConfig {
        // Unless `PROPTEST_CASES` says how many.
        cases: usual.cases.max(CASES),
        failure_persistence: None,
        ..usual
    };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let run = runner.run(&texts(longest), |text| test(&systemd, &text));
    run.unwrap_or_else(|failure| panic!("{failure}"));
}

/// Whether it may have a section whose name is empty or has brackets, which systemd newer
/// than 257 refuses.
fn has_odd_head(text: &str) -> bool {
    let brackets = |text: &str| text.matches(['[', ']']).count();
    let heads = ["[Service]", "[Unit]", "[X-Other]"].map(|head| text.matches(head).count() * 2);
    let is_joined = text.contains("\\\n") || text.contains("\\\r");
    brackets(text) != heads.iter().sum::<usize>()
        || is_joined && brackets(text) > 2
        || text.split(['\n', '\r']).any(|line| brackets(line) > 2)
}

#[test]
fn lines_of_units_are_systemd_s() {
    each(40, |systemd, text| {
        if systemd.version > 257 && has_odd_head(text) {
            return Ok(());
        }
        let theirs = systemd.lines(text.as_bytes());
        let ours = file::parse(text.as_bytes());
        let said: Vec<_> = ours
            .assignments
            .iter()
            .map(|it| {
                (
                    it.section.name().to_owned(),
                    it.key.clone(),
                    it.value.clone(),
                )
            })
            .collect();
        prop_assert_eq!(ours.broken.is_some(), theirs.is_broken);
        prop_assert_eq!(said, theirs.said);
        Ok(())
    });
}

#[test]
fn words_are_systemd_s() {
    each(20, |systemd, text| {
        // Newer ones refuse a surrogate.
        if systemd.version > 257 && text.contains("\\ud8") {
            return Ok(());
        }
        for escapes in [Escapes::Strict, Escapes::Relaxed] {
            let mut words = Words(text);
            let mut ours = Vec::new();
            let whole = loop {
                match words.next(escapes) {
                    Ok(Some(word)) => ours.push(word),
                    Ok(None) => break true,
                    Err(_) => break false,
                }
            };
            let theirs = systemd.words(text, escapes == Escapes::Relaxed);
            prop_assert_eq!((ours, whole), theirs);
        }
        Ok(())
    });
}

#[test]
fn times_are_systemd_s() {
    each(6, |systemd, text| {
        let ours = Time::parse(text, 1_000_000);
        let ours = ours.map(|time| match time {
            Time::Micros(micros) => micros,
            Time::Infinity => u64::MAX,
        });
        prop_assert_eq!(ours, systemd.time(text, 1_000_000));
        Ok(())
    });
}

#[test]
fn names_of_units_are_systemd_s() {
    each(5, |systemd, text| {
        let ours = text.parse::<UnitName>().is_ok();
        prop_assert_eq!(ours, systemd.is_unit_name(text));
        Ok(())
    });
}

#[test]
fn env_files_are_systemd_s() {
    each(40, |systemd, text| {
        // Up to 253 a backslash let a comment go on.
        let goes_on = text.contains("\\\n") || text.contains("\\\r");
        if systemd.version < 254 && text.contains(['#', ';']) && goes_on {
            return Ok(());
        }
        let ours = envfile::parse(text.as_bytes());
        let said = ours.as_ref().ok().map(|file| {
            let said = file.assignments.iter();
            said.map(|it| (it.name.to_string(), it.value.to_string()))
                .collect::<BTreeMap<_, _>>()
        });
        let theirs = systemd.env_file(text.as_bytes()).map(|mut all| {
            all.retain(|name, _| envfile::is_valid_name(name));
            all
        });
        prop_assert_eq!(said, theirs);
        Ok(())
    });
}
