//! Killed at every call by which it changes anything: nothing is lost, and the next run finishes.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::{
    CONFIG, Fenced, OTHERS, PURGE, PURGE_OTHER, SCENARIOS, check_between, files, points,
    strace_works,
};
use crate::support::{Snapshot, one_in, snapshot};

#[test]
fn killed_at_every_writing_call_it_finishes_when_run_again() {
    if !strace_works() {
        return;
    }
    let mut number = 0;
    for (scenario, arguments) in SCENARIOS {
        number += killed(scenario, arguments);
    }
    assert!(number >= 100, "only {number} points");
    eprintln!("killed at one in {} of {number} points", one_in());
}

#[test]
fn killed_while_it_takes_over_or_rewrites_nothing_is_lost() {
    if !strace_works() {
        return;
    }
    let mut number = 0;
    for (scenario, arguments) in OTHERS {
        let bed = Fenced::prepared(scenario);
        let before = snapshot(&bed.root());
        assert_eq!(bed.run(arguments).0, 0);
        // What was there is there still, beside what has come into its place; kubeadm's own
        // files are written over, as kubeadm does, and a link leads to what is there now.
        let after: Vec<_> = snapshot(&bed.root()).into_values().map(|it| it.1).collect();
        let lost = files(&before)
            .into_iter()
            .find(|(path, it)| path != CONFIG && !it.1.starts_with("->") && !after.contains(&it.1));
        assert_eq!(lost, None, "{scenario}");
        number += killed(scenario, arguments);
    }
    assert!(number >= 200, "only {number} points");
    eprintln!("killed at one in {} of {number} points", one_in());
}

/// A run that is killed at every writing call, and runs again.
struct Killed<'a> {
    scenario: &'a str,
    arguments: &'a [&'a str],
    begun: Fenced,
    before: Snapshot,
    /// What a run leaves that nothing disturbs.
    after: Snapshot,
}

/// How many calls there are at which it may be killed; it is at one in so many.
fn killed(scenario: &str, arguments: &[&str]) -> usize {
    let begun = Fenced::prepared(scenario);
    let before = snapshot(&begun.root());
    let clean = begun.copy();
    let (code, err) = clean.run(arguments);
    assert_eq!(code, 0, "{scenario}: {err}");
    let points = points(&begun, arguments);
    let killed = Killed {
        scenario,
        arguments,
        begun,
        before,
        after: snapshot(&clean.root()),
    };
    // Each has a tree of its own.
    let next = AtomicUsize::new(0);
    let next = || next.fetch_add(one_in(), Ordering::Relaxed);
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, NonZero::get) {
            scope.spawn(|| {
                while let Some((call, when)) = points.get(next()) {
                    killed.at(call, *when);
                }
            });
        }
    });
    points.len()
}

impl Killed<'_> {
    fn at(&self, call: &str, when: usize) {
        let (arguments, before, after) = (self.arguments, &self.before, &self.after);
        let about = format!("{}, killed at {call} {when}", self.scenario);
        let bed = self.begun.copy();
        let (code, _) = bed.inject(arguments, &format!("{call}:signal=KILL:when={when}"));
        assert_ne!(code, 0, "{about}");
        let now = snapshot(&bed.root());
        check_between(&now, before, after, &about);
        // No content is lost at any time that is there in the end.
        let there: Vec<_> = now.values().collect();
        for (path, file) in files(before) {
            let is_kept = after.values().any(|it| it.1 == file.1);
            let is_there = there.iter().any(|it| it.1 == file.1);
            assert!(!is_kept || is_there, "{about}: what {path} held is gone");
        }
        let (code, err) = bed.run(arguments);
        // What is removed last is the record, and then nothing is installed.
        let removes = arguments[0] == "uninstall";
        let done = code == 0 || removes && err.contains("not installed");
        assert!(done, "{about}: {err}");
        assert_eq!(files(&snapshot(&bed.root())), files(after), "{about}");
        if removes {
            bed.run(PURGE);
            bed.run(PURGE_OTHER);
            let mut left = snapshot(&bed.root());
            // Once the record has gone, nobody knows who made its folder.
            left.retain(|path, _| !"var/lib/kubelet-unit".starts_with(path));
            assert_eq!(left, Snapshot::new(), "{about}");
        } else {
            assert_eq!(folders(&snapshot(&bed.root())), folders(after), "{about}");
            let (code, err) = bed.run(arguments);
            let nothing = arguments[0] != "install" || err.contains("nothing to do");
            assert!(code == 0 && nothing, "{about}: {err}");
            assert_eq!(files(&snapshot(&bed.root())), files(after), "{about}");
        }
        bed.check_outside(&about);
    }
}

fn folders(snapshot: &Snapshot) -> Snapshot {
    let mut folders = snapshot.clone();
    folders.retain(|_, (_, holds)| holds == "folder");
    folders
}
