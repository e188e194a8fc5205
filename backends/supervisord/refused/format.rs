//! What supervisord cannot put in the place of a `%` in a value (`expand`, `options.py`, 4.2): it formats each with
//! Python's `%`, to which the names are a mapping.

/// Why a value cannot be formatted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unformatted {
    /// A `%` that stands for itself, or begins what is no format.
    Bare,
    /// A name that supervisord does not know here.
    Unknown(String),
}

/// The letters that may end a format of a text, and of a number (`printf-style String Formatting` of Python's library
/// reference).
const OF_TEXT: [char; 3] = ['s', 'r', 'a'];
const OF_A_NUMBER: [char; 13] = [
    'd', 'i', 'o', 'u', 'x', 'X', 'e', 'E', 'f', 'F', 'g', 'G', 'c',
];

/// The names that stand for numbers.
const NUMBERS: [&str; 2] = ["numprocs", "process_num"];

/// What is wrong with a value, where something certainly is. A variable of the environment (`%(ENV_X)s`) may be there.
pub(super) fn unformatted(text: &str, known: &[&str]) -> Option<Unformatted> {
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            rest = after;
            continue;
        }
        let (name, after) = match rest.strip_prefix('(') {
            Some(inner) => {
                let Some(end) = closing(inner) else {
                    return Some(Unformatted::Bare);
                };
                (Some(&inner[..end]), &inner[end + 1..])
            }
            None => (None, rest),
        };
        let after = after.trim_start_matches(['#', '0', '-', ' ', '+']);
        let mut after = after.trim_start_matches(|c: char| c.is_ascii_digit());
        if let Some(precise) = after.strip_prefix('.') {
            after = precise.trim_start_matches(|c: char| c.is_ascii_digit());
        }
        let after = after.strip_prefix(['h', 'l', 'L']).unwrap_or(after);
        let mut letters = after.chars();
        let letter = letters.next().unwrap_or_default();
        let Some(name) = name else {
            // The first of these is the whole mapping as text.
            return (!OF_TEXT.contains(&letter)).then_some(Unformatted::Bare);
        };
        if !name.starts_with("ENV_") && !known.contains(&name) {
            return Some(Unformatted::Unknown(name.to_owned()));
        }
        let is_format =
            OF_TEXT.contains(&letter) || NUMBERS.contains(&name) && OF_A_NUMBER.contains(&letter);
        if !is_format {
            return Some(Unformatted::Bare);
        }
        rest = letters.as_str();
    }
    None
}

/// Where a name ends: parentheses in it are counted.
fn closing(text: &str) -> Option<usize> {
    let mut open = 0;
    for (at, c) in text.char_indices() {
        match c {
            '(' => open += 1,
            ')' if open == 0 => return Some(at),
            ')' => open -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_pythons() {
        let bare = Some(Unformatted::Bare);
        let unknown = |name: &str| Some(Unformatted::Unknown(name.into()));
        for (text, wrong) in [
            (
                "date +%%F %(here)s %(ENV_NO)s %(here)-5s %(numprocs)05d",
                None,
            ),
            ("date +%F", bare.clone()),
            ("100%", bare.clone()),
            ("a % b", bare.clone()),
            ("%(here)", bare.clone()),
            ("%(here", bare.clone()),
            ("%(here)y", bare.clone()),
            ("%(here)d", bare.clone()),
            ("%(ENV_N)d", bare.clone()),
            ("%(here)%", bare.clone()),
            ("%-5%", bare.clone()),
            ("%*s", bare),
            ("%(there)s", unknown("there")),
            ("%(a(b)c)s", unknown("a(b)c")),
            ("%s", None),
        ] {
            assert_eq!(unformatted(text, &["here", "numprocs"]), wrong, "{text}");
        }
    }
}
