//! Every case of `fixtures/envfile/`: what live systemd made of two env files.

use super::bed::{Bed, Starter, baseline};
use crate::support::at_once;
use crate::vectors;

/// Runs every case, or one in so many, in one way, and names those that differ.
fn differences(starter: Starter, one_in: usize) -> Vec<String> {
    let bed = Bed::new();
    let mut differing = Vec::new();
    for case in vectors::cases().into_iter().step_by(one_in) {
        bed.env_file("flags", case.flags_env.as_deref());
        bed.env_file("default", case.default.as_deref());
        let record = bed.record(starter);
        let mut expected = baseline();
        expected.extend(
            case.env
                .iter()
                .map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec())),
        );
        let arguments = case.argv[1..].iter().map(String::as_bytes);
        let same = arguments.eq(record.arguments.iter().map(Vec::as_slice));
        if !same || record.environment != expected {
            differing.push(format!("{starter:?} {}", case.id));
        }
    }
    differing
}

/// The cases, each way at the same time as the others.
pub fn no_difference(starters: impl Iterator<Item = Starter>, one_in: usize) {
    at_once(starters, |starter| {
        assert_eq!(differences(starter, one_in), Vec::<String>::new());
    });
}
