//! The files that a pattern stands for: `glob(3)` without flags, as systemd calls it for
//! `EnvironmentFile=` (`exec_context_load_environment`, `execute.c`), in the locale C.UTF-8.

use crate::sorting;
use std::fs;

/// The paths of this machine that match, sorted.
pub fn expand(pattern: &str) -> Vec<String> {
    let names = |folder: &str| {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        names.collect()
    };
    expand_in(pattern, &names, &|path| fs::symlink_metadata(path).is_ok())
}

fn expand_in(
    pattern: &str,
    names: &dyn Fn(&str) -> Vec<String>,
    exists: &dyn Fn(&str) -> bool,
) -> Vec<String> {
    let mut found = vec![String::new()];
    for part in pattern.split('/').filter(|part| !part.is_empty()) {
        let chars: Vec<char> = part.chars().collect();
        let is_pattern = part.contains(['*', '?', '[']);
        found = found
            .iter()
            .flat_map(|folder| {
                let parts = if is_pattern {
                    let mut all = names(&format!("{folder}/"));
                    all.retain(|name| is_name(&chars, name));
                    all
                } else {
                    vec![literal(&chars)]
                };
                let whole = |name| format!("{folder}/{name}");
                parts.into_iter().map(whole).collect::<Vec<_>>()
            })
            .collect();
    }
    found.retain(|path| exists(path));
    sorting::by(&mut found, Ord::cmp);
    found
}

fn literal(part: &[char]) -> String {
    let mut text = String::new();
    let mut chars = part.iter();
    while let Some(&c) = chars.next() {
        match c {
            '\\' => text.extend(chars.next()),
            c => text.push(c),
        }
    }
    text
}

/// Whether a text is one that a pattern stands for: `fnmatch(3)` without flags.
pub fn is_match(pattern: &str, text: &str) -> bool {
    let [pattern, text] = [pattern, text].map(|it| it.chars().collect::<Vec<_>>());
    matches(&pattern, &text)
}

/// `fnmatch(3)` with `FNM_PERIOD`: a dot at the beginning is matched by a dot alone.
fn is_name(pattern: &[char], name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    let hides = name.first() == Some(&'.') && pattern.first() != Some(&'.');
    !hides && matches(pattern, &name)
}

fn matches(pattern: &[char], name: &[char]) -> bool {
    match (pattern, name) {
        ([], name) => name.is_empty(),
        (['*', rest @ ..], name) => (0..=name.len()).any(|at| matches(rest, &name[at..])),
        (['?', rest @ ..], [_, others @ ..]) => matches(rest, others),
        (['[', rest @ ..], [c, others @ ..]) => match class(rest, *c) {
            Some((is_in, rest)) => is_in && matches(rest, others),
            None => *c == '[' && matches(rest, others),
        },
        (['\\', escaped, rest @ ..], [c, others @ ..]) => c == escaped && matches(rest, others),
        ([one, rest @ ..], [c, others @ ..]) => c == one && matches(rest, others),
        (_, []) => false,
    }
}

/// Whether a character is in the class that begins here, and what follows the class;
/// nothing where it does not end.
fn class(pattern: &[char], c: char) -> Option<(bool, &[char])> {
    let (negated, mut rest) = match pattern {
        ['!' | '^', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let mut is_in = false;
    let mut is_first = true;
    loop {
        rest = match rest {
            [']', after @ ..] if !is_first => return Some((is_in != negated, after)),
            [from, '-', to, after @ ..] if *to != ']' => {
                is_in |= (*from..=*to).contains(&c);
                after
            }
            ['\\', one, after @ ..] | [one, after @ ..] => {
                is_in |= c == *one;
                after
            }
            [] => return None,
        };
        is_first = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_the_c_library_has_it() {
        for (pattern, name, is_it) in [
            ("*.env", "a.env", true),
            ("*.env", ".env", false),
            (".*", ".env", true),
            ("?", "é", true),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[^a-c]x", "dx", true),
            ("[]a]", "]", true),
            ("[a", "[a", true),
            ("\\*", "*", true),
            ("\\*", "a", false),
            ("a*b*c", "a12b3c", true),
            ("a*b*c", "a12b3", false),
        ] {
            let chars: Vec<char> = pattern.chars().collect();
            assert_eq!(is_name(&chars, name), is_it, "{pattern} {name}");
        }
    }

    #[test]
    fn each_part_of_a_path_may_be_a_pattern() {
        let names = |folder: &str| {
            let names: &[&str] = match folder {
                "/etc/" => &["b.d", "a.d", "c"],
                "/etc/a.d/" => &["2.env", "10.env", "x"],
                "/etc/b.d/" => &["1.env"],
                _ => &[],
            };
            names.iter().map(|it| (*it).to_owned()).collect()
        };
        let found = expand_in("/etc/*.d/*.env", &names, &|_| true);
        assert_eq!(
            found,
            ["/etc/a.d/10.env", "/etc/a.d/2.env", "/etc/b.d/1.env"]
        );
        let none = expand_in("/etc/[a]/\\*", &names, &|_| true);
        assert_eq!(none, Vec::<String>::new());
    }
}
