//! Sorting lists of anything by one piece of machine code.
//!
//! The sort of the standard library is made anew for every type, and takes four kilobytes each time. What is
//! sorted here has tens of items: their numbers are sorted, and the items are then moved to their places.
//! Collecting into a set or a map of the standard library sorts as well; [`set`] and [`map`] do not. A set is two
//! kilobytes for each type too, and a map three; a list of few items does as well ([`is_new`], [`Few`]).

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

/// A map of few keys, or of keys that come nearly in order: a sorted list, which is a tenth of the code of the standard
/// library's map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Few<K, V>(Vec<(K, V)>);

impl<K: Ord, V> Few<K, V> {
    /// An empty one.
    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }

    fn at(&self, key: &K) -> Result<usize, usize> {
        self.0.binary_search_by(|(it, _)| it.cmp(key))
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        let at = self.at(key).ok()?;
        Some(&self.0[at].1)
    }

    /// Sets the value of a key, and gives the one that it had.
    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.at(&key) {
            Ok(at) => Some(std::mem::replace(&mut self.0[at].1, value)),
            Err(at) => {
                self.0.insert(at, (key, value));
                None
            }
        }
    }

    /// Sets the value of a key that has none yet, and gives the one that it has then.
    pub(crate) fn or_insert(&mut self, key: K, value: V) -> &mut V {
        let at = match self.at(&key) {
            Ok(at) => at,
            Err(at) => {
                self.0.insert(at, (key, value));
                at
            }
        };
        &mut self.0[at].1
    }

    /// Takes a key away, and gives the value that it had.
    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        let at = self.at(key).ok()?;
        Some(self.0.remove(at).1)
    }

    /// How many keys there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The keys and values, in the order of the keys.
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, (K, V)> {
        self.0.iter()
    }

    /// The keys in their order.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &K> {
        self.0.iter().map(|(key, _)| key)
    }
}

impl<K, V> IntoIterator for Few<K, V> {
    type Item = (K, V);
    type IntoIter = std::vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
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

        #[test]
        fn few_are_as_in_a_map_of_the_standard_library(steps in prop::collection::vec((0..9u8, 0..3u8, any::<u8>()), 0..40)) {
            let (mut few, mut map) = (Few::new(), BTreeMap::new());
            for (key, step, value) in steps {
                match step {
                    0 => prop_assert_eq!(few.insert(key, value), map.insert(key, value)),
                    1 => prop_assert_eq!(few.remove(&key), map.remove(&key)),
                    _ => prop_assert_eq!(few.or_insert(key, value), map.entry(key).or_insert(value)),
                }
                prop_assert_eq!(few.get(&key), map.get(&key));
                prop_assert_eq!(few.len(), map.len());
                prop_assert!(few.keys().eq(map.keys()));
            }
            prop_assert!(few.iter().copied().eq(map.iter().map(|(key, value)| (*key, *value))));
            prop_assert!(few.into_iter().eq(map));
        }
    }
}
