//! Specifiers in what a service runs that only the running host resolves: which flags they can
//! be a part of.

use super::{Place, Unknown, flags_within};
use crate::envfile::{ExecWord, Part, split};
use crate::service::specifiers::{HostPart, host_parts};
use crate::shipped::beginning;
use crate::unit::shown;

/// Stands before a specifier that is the host's, in the stead of what the host would say.
/// It is for private use, and no unit has it.
pub(crate) const OF_HOST: char = '\u{f8f0}';

/// Those that stand for texts in which anything may be (`os-release(5)`, `machine-info(5)`). The
/// others stand for names, numbers and paths without blanks, which do not begin with a dash.
const TEXTS: [char; 7] = ['q', 'o', 'w', 'W', 'B', 'M', 'A'];

/// A specifier in a text, and the flags whose values it is a part of, where it can set no
/// others.
pub(crate) struct Specifier {
    pub(crate) letter: char,
    pub(crate) flags: Option<Vec<String>>,
}

/// A text as it is written in the unit.
pub(crate) fn written(text: &str) -> String {
    text.replace(OF_HOST, "%")
}

/// A text of a spec, in which a percent sign is as in a unit.
pub(super) fn marked(text: &str) -> String {
    let Ok(parts) = host_parts(text) else {
        return text.to_owned();
    };
    let parts = parts.into_iter().map(|part| match part {
        HostPart::Text(text) => text.to_owned(),
        HostPart::Host(letter) => format!("{OF_HOST}{letter}"),
    });
    parts.collect()
}

impl Specifier {
    /// What cannot be told for it, in a text as it is written there.
    pub(crate) fn unknown(self, place: Place, written: &str) -> Unknown {
        let because = format!(
            "`%{}` in `{}` stands for something that only the running host says",
            self.letter,
            shown(written)
        );
        let unknown = Unknown::of_all(place, because);
        Unknown {
            flags: self.flags,
            ..unknown
        }
    }
}

/// Those in a word of the command line, behind another one.
pub(crate) fn in_word(text: &str, previous: Option<&str>) -> Vec<Specifier> {
    let found = found(text).map(|(at, letter)| Specifier {
        letter,
        flags: flags_within(&[begins(text, at, letter, previous)]),
    });
    found.collect()
}

/// Those in the value of a variable, by the words of the command line that name it; none where
/// no word does.
pub(crate) fn in_value(name: &str, value: &str, words: &[ExecWord<'_>]) -> Vec<Specifier> {
    let mut all = Vec::new();
    for word in words {
        match word {
            ExecWord::Split(named) if *named == name => all.extend(split_up(value)),
            ExecWord::Joined(parts) => all.extend(joined(name, value, parts)),
            ExecWord::Split(_) => {}
        }
    }
    all
}

/// Those in a value that is split into words.
fn split_up(value: &str) -> Vec<Specifier> {
    let mut all = Vec::new();
    let mut previous = None;
    for word in split(value) {
        let specifiers = in_word(&word.text, previous.as_deref()).into_iter();
        all.extend(specifiers.map(|it| match TEXTS.contains(&it.letter) {
            true => Specifier { flags: None, ..it },
            false => it,
        }));
        previous = Some(written(&word.text));
    }
    all
}

/// Those in a value that is a part of a word.
fn joined(name: &str, value: &str, parts: &[Part<'_>]) -> Vec<Specifier> {
    let mut before = String::new();
    // Whether the beginning may be another one in a way that matters.
    let mut is_open = false;
    let mut all = Vec::new();
    for part in parts {
        match part {
            Part::Literal(text) => before += text,
            Part::Variable(named) if *named == name => {
                let length = before.len();
                let whole = format!("{before}{value}");
                let found = found(&whole).filter(|(at, _)| *at >= length);
                all.extend(found.map(|(at, letter)| Specifier {
                    letter,
                    flags: match is_open {
                        true => None,
                        false => flags_within(&[begins(&whole, at, letter, None)]),
                    },
                }));
                before = whole;
            }
            // Its value may be anything, and after a sign of equality that does not matter.
            Part::Variable(_) => is_open |= !before.contains('='),
        }
    }
    all
}

/// How a word begins before the specifier at a place.
fn begins(word: &str, at: usize, letter: char, previous: Option<&str>) -> String {
    let text = match at {
        0 if !TEXTS.contains(&letter) => format!("%{letter}"),
        at => written(&word[..at]),
    };
    beginning(previous, &text)
}

/// The specifiers in a text with their places.
fn found(text: &str) -> impl Iterator<Item = (usize, char)> {
    let marks = text.match_indices(OF_HOST);
    marks.filter_map(|(at, mark)| Some((at, text[at + mark.len()..].chars().next()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str) -> String {
        text.replace('%', &OF_HOST.to_string())
    }

    #[test]
    fn a_percent_sign_of_a_spec_is_one_of_a_unit() {
        for text in ["--a=%H%%", "100%", "%%H", "%m-%l"] {
            let shown = text.replace("%%", "%");
            assert_eq!(written(&super::marked(text)), shown);
        }
        assert_eq!(in_word(&super::marked("--a=%%H"), None).len(), 0);
        assert_eq!(in_word(&super::marked("--a=%H"), None).len(), 1);
    }

    fn flags(all: &[Specifier]) -> String {
        let shown = all.iter().map(|it| match &it.flags {
            None => format!("{} of all", it.letter),
            Some(flags) => format!("{} of [{}]", it.letter, flags.join(" ")),
        });
        shown.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn a_specifier_is_a_part_of_its_word() {
        for (word, previous, expected) in [
            ("--node-ip=%H", None, "H of [node-ip]"),
            ("-v=%m%H", None, "m of [v], H of [v]"),
            (
                "%H",
                Some("--hostname-override"),
                "H of [hostname-override]",
            ),
            ("%H", Some("--hostname-override=a"), "H of []"),
            ("%q", Some("--hostname-override"), "q of all"),
            ("--%H=a", None, "H of all"),
            ("a%q", None, "q of []"),
        ] {
            assert_eq!(flags(&in_word(&marked(word), previous)), expected, "{word}");
        }
    }

    #[test]
    fn a_variable_is_what_the_words_make_of_it() {
        let value = marked("--a=%H b --c %m --d=%q");
        for (words, expected) in [
            (["kubelet", "$ARGS"], "H of [a], m of [c], q of all"),
            (["kubelet", "$OTHER"], ""),
            (["--x=${ARGS}", "a"], "H of [x], m of [x], q of [x]"),
            (["${OTHER}${ARGS}", "a"], "H of all, m of all, q of all"),
        ] {
            let words = words.map(ExecWord::parse);
            assert_eq!(flags(&in_value("ARGS", &value, &words)), expected);
        }
    }
}
