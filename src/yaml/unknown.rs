//! A word that is not one of those that are possible, taken from what the readers of YAML and
//! JSON say: serde names it and the others, but only in a sentence.

use std::fmt;

/// What the word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A key of a mapping.
    Field,
    /// The value of a key that takes one of a few words.
    Variant,
}

impl Role {
    const ALL: [Self; 2] = [Self::Field, Self::Variant];

    /// As serde calls it (`unknown_field` and `unknown_variant` of `serde::de::Error`).
    const fn name(self) -> &'static str {
        match self {
            Self::Field => "field",
            Self::Variant => "variant",
        }
    }
}

/// A word that is not one of those that are possible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// The mapping that it is in, such as `restart`, or the key that it is the value of;
    /// empty at the top and in JSON, whose reader does not tell.
    pub path: String,
    /// What it is.
    pub role: Role,
    /// The word.
    pub word: String,
    /// Those that are possible, in their order.
    pub known: Vec<String>,
}

impl Unknown {
    /// What a reader's message tells; `None` if it is about something else, such as a value
    /// that only holds these words.
    pub(super) fn of(message: &str) -> Option<Self> {
        let (path, role, rest) = Role::ALL.into_iter().find_map(|role| {
            let (before, rest) = message.split_once(&format!("unknown {} `", role.name()))?;
            let path = match before {
                "" => "",
                before => before.strip_suffix(": ")?,
            };
            (!path.contains(['`', '"'])).then_some((path, role, rest))
        })?;
        // The word is anything, backticks included; what is possible has none.
        let (word, known) = rest.rsplit_once("`, expected ")?;
        let known = known.split('`').skip(1).step_by(2).map(Into::into);
        Some(Self {
            path: path.into(),
            role,
            word: word.into(),
            known: known.collect(),
        })
    }
}

/// As serde says it.
impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted: Vec<_> = self.known.iter().map(|it| format!("`{it}`")).collect();
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(
            f,
            "unknown {} `{}`, expected ",
            self.role.name(),
            super::shortened(&self.word)
        )?;
        match quoted.as_slice() {
            [one, other] => write!(f, "{one} or {other}"),
            [one] => f.write_str(one),
            all => write!(f, "one of {}", all.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "kebab-case")]
    #[expect(dead_code, reason = "only read")]
    struct Outer {
        inner: Option<Inner>,
        word: Option<Word>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Inner {
        one: u8,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Word {
        First,
        Second,
        Third,
    }

    /// Both readers' own words, so that a release of serde that changes them is noticed.
    #[test]
    fn what_the_readers_say_is_understood_and_said_again() {
        let of_yaml = |text: &str| {
            let error = serde_yaml::from_str::<Outer>(text).unwrap_err();
            super::super::message(&error)
        };
        let of_json = |text: &str| {
            let message = serde_json::from_str::<Outer>(text).unwrap_err().to_string();
            message.split(" at line ").next().unwrap().to_owned()
        };
        for (message, path, role, word, known) in [
            (of_yaml("innre: {}"), "", Role::Field, "innre", 2),
            (
                of_yaml("a`, expected `b: 1"),
                "",
                Role::Field,
                "a`, expected `b",
                2,
            ),
            (of_yaml("inner: {two: 2}"), "inner", Role::Field, "two", 1),
            (of_yaml("word: Third"), "word", Role::Variant, "Third", 3),
            (of_json(r#"{"innre": 1}"#), "", Role::Field, "innre", 2),
            (of_json(r#"{"word": "x"}"#), "", Role::Variant, "x", 3),
        ] {
            let unknown = Unknown::of(&message).unwrap();
            assert_eq!(unknown.to_string(), message);
            assert_eq!((&*unknown.path, unknown.role), (path, role), "{message}");
            assert_eq!(
                (&*unknown.word, unknown.known.len()),
                (word, known),
                "{message}"
            );
        }
        let other = of_yaml("inner: 'unknown field `a`, expected `b`'");
        assert_eq!(Unknown::of(&other), None, "{other}");
    }
}
