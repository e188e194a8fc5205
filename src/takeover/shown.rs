//! How a word is shown.

/// The most that is shown of a value: it may be a secret.
const SHOWN: usize = 40;

/// A word as it is shown.
pub(super) fn shown(word: &str) -> String {
    match word.chars().count() > SHOWN {
        true => format!("`{}…`", word.chars().take(SHOWN).collect::<String>()),
        false => format!("`{word}`"),
    }
}
