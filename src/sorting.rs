//! Sorting lists of anything by one piece of machine code.
//!
//! The sort of the standard library is made anew for every type, and takes four kilobytes each time. What is
//! sorted here has tens of items: their numbers are sorted, and the items are then moved to their places.
//! Collecting into a set or a map of the standard library sorts as well; [`set`] and [`map`] do not. A set is two
//! kilobytes for each type too, and a list of few items does as well ([`is_new`]).

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Sorts a list. What compares as equal stays in its order.
pub(crate) fn by<T>(list: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let order = order(list.len(), &|a, b| compare(&list[a], &list[b]));
    for at in 0..order.len() {
        // What was to come from a place before this one has been swapped onward from there.
        let mut from = order[at];
        while from < at {
            from = order[from];
        }
        list.swap(at, from);
    }
}

/// Sorts a list by what a function gives for each item, as [`by`] does.
pub(crate) fn by_key<T, K: Ord>(list: &mut [T], key: impl Fn(&T) -> K) {
    by(list, |a, b| key(a).cmp(&key(b)));
}

/// Adds an item to a list of few, unless it is there, and says whether it was not.
pub(crate) fn is_new<T: PartialEq>(seen: &mut Vec<T>, item: T) -> bool {
    let is_new = !seen.contains(&item);
    if is_new {
        seen.push(item);
    }
    is_new
}

/// A set of these items.
pub(crate) fn set<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    let mut set = BTreeSet::new();
    set.extend(items);
    set
}

/// A map of these keys and values. Of equal keys the last one stays.
pub(crate) fn map<K: Ord, V>(items: impl IntoIterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    map.extend(items);
    map
}

/// The places that the items have now, in the order that they are to have.
fn order(length: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..length).collect();
    order.sort_by(|&a, &b| compare(a, b));
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_the_standard_library_s_sort(list in prop::collection::vec((0..9u8, any::<u8>()), 0..40)) {
            let mut wanted = list.clone();
            wanted.sort_by_key(|item| item.0);
            let mut sorted = list;
            by_key(&mut sorted, |item| item.0);
            prop_assert_eq!(sorted, wanted);
        }
    }
}
