//! What has to be so for a service to start (`systemd.unit(5)`, "Conditions and Asserts").

use std::fmt;

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::{AbsPath, ValueError};

/// What a condition looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// There is something at a path.
    PathExists,
    /// It is a folder.
    PathIsDirectory,
    /// It is a folder with something in it.
    DirectoryNotEmpty,
    /// It is a regular file with something in it.
    FileNotEmpty,
    /// It is a regular file that may be executed.
    FileIsExecutable,
    /// The kernel's version: comparisons such as `>=5.4`, or a pattern.
    KernelVersion,
    /// `yes`, `no`, `vm` or `container`.
    Virtualization,
    /// The machine's architecture in systemd's words.
    Architecture,
}

impl Check {
    /// All of them with their keys in a spec, and systemd's directives.
    pub const ALL: [(Self, &'static str, &'static str); 8] = [
        (Self::PathExists, "pathExists", "ConditionPathExists"),
        (
            Self::PathIsDirectory,
            "pathIsDirectory",
            "ConditionPathIsDirectory",
        ),
        (
            Self::DirectoryNotEmpty,
            "directoryNotEmpty",
            "ConditionDirectoryNotEmpty",
        ),
        (Self::FileNotEmpty, "fileNotEmpty", "ConditionFileNotEmpty"),
        (
            Self::FileIsExecutable,
            "fileIsExecutable",
            "ConditionFileIsExecutable",
        ),
        (
            Self::KernelVersion,
            "kernelVersion",
            "ConditionKernelVersion",
        ),
        (
            Self::Virtualization,
            "virtualization",
            "ConditionVirtualization",
        ),
        (Self::Architecture, "architecture", "ConditionArchitecture"),
    ];

    fn row(self) -> (Self, &'static str, &'static str) {
        let found = Self::ALL.into_iter().find(|(check, ..)| *check == self);
        found.unwrap_or(Self::ALL[0])
    }

    /// Its key in a spec.
    pub fn key(self) -> &'static str {
        self.row().1
    }

    /// systemd's directive.
    pub fn directive(self) -> &'static str {
        self.row().2
    }

    /// Whether it looks at a path.
    pub fn is_of_a_path(self) -> bool {
        !matches!(
            self,
            Self::KernelVersion | Self::Virtualization | Self::Architecture
        )
    }

    /// The condition of a text: a `|` before it makes it one of which any is enough, and a `!`
    /// before it negates it.
    ///
    /// # Errors
    /// The text is not one that it can have.
    pub fn condition(self, text: &str) -> Result<Condition, ValueError> {
        let untriggered = text.strip_prefix('|').unwrap_or(text);
        let value = untriggered.strip_prefix('!').unwrap_or(untriggered);
        let of = |words: &[&str], what| match words.contains(&value) {
            true => Ok(()),
            false => Err(ValueError::Number {
                what,
                text: text.into(),
            }),
        };
        match self {
            Self::KernelVersion => kernel_version(value),
            Self::Virtualization => of(
                &["yes", "no", "vm", "container"],
                "a kind of virtualization: `yes`, `no`, `vm` or `container`",
            ),
            Self::Architecture => {
                let words: Vec<_> = ARCHITECTURES.iter().map(|(word, _)| *word).collect();
                of(
                    &words,
                    "an architecture as systemd calls it, such as `x86-64` or `arm64`",
                )
            }
            _ => value.parse::<AbsPath>().map(drop),
        }?;
        Ok(Condition {
            check: self,
            is_trigger: text.starts_with('|'),
            is_negated: untriggered.starts_with('!'),
            value: value.into(),
        })
    }
}

/// Architectures as systemd calls them, and machines as the kernel does (`uname(2)`;
/// `architecture.c`, systemd 257): those that kubelets exist for.
pub const ARCHITECTURES: [(&str, &str); 8] = [
    ("x86-64", "x86_64"),
    ("x86", "i686"),
    ("arm64", "aarch64"),
    ("arm", "armv7l"),
    ("ppc64-le", "ppc64le"),
    ("s390x", "s390x"),
    ("riscv64", "riscv64"),
    ("loongarch64", "loongarch64"),
];

/// How versions are compared, what begins with another before that
/// (`parse_compare_operator`, `compare-operator.c`, systemd 252 and 257).
const OPERATORS: [&str; 10] = ["!$=", "$=", "<=", ">=", "==", "!=", "<>", "<", ">", "="];

/// The comparisons of a kernel's version: operator, which is `$=` where none is written, and
/// version or pattern.
pub(crate) fn comparisons(value: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut words = value.split_whitespace();
    std::iter::from_fn(move || {
        let word = words.next()?;
        let operator = OPERATORS.into_iter().find(|it| word.starts_with(it));
        Some(match operator {
            None => ("$=", word),
            // There may be a blank between the two.
            Some(operator) if operator == word => (operator, words.next().unwrap_or_default()),
            Some(operator) => (operator, &word[operator.len()..]),
        })
    })
}

fn kernel_version(value: &str) -> Result<(), ValueError> {
    let is_version = |(_, version): (&str, &str)| {
        version.starts_with(|c: char| c.is_ascii_digit() || "*?".contains(c))
            && version
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "*?.-_+~^".contains(c))
    };
    match comparisons(value).next().is_some() && comparisons(value).all(is_version) {
        true => Ok(()),
        false => Err(ValueError::Number {
            what: "a version of the kernel, such as `>=5.4` or `6.*`",
            text: value.into(),
        }),
    }
}

/// Something that has to be so, or must not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// What is looked at.
    pub check: Check,
    /// Whether it is one of those of which any is enough (`|`).
    pub is_trigger: bool,
    /// Whether it must not be so.
    pub is_negated: bool,
    /// A path, or what is compared.
    pub value: String,
}

/// With `|` and `!` before it, as systemd and a spec have it.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let any = if self.is_trigger { "|" } else { "" };
        let not = if self.is_negated { "!" } else { "" };
        write!(f, "{any}{not}{}", self.value)
    }
}

/// All that has to be so for a service to start, and where there are some of which any is
/// enough, one of those. Where that is not, the service does not start, which is no failure.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Conditions(Vec<Condition>);

impl Conditions {
    /// None at all.
    pub const NONE: Self = Self(Vec::new());

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them, by what they look at.
    pub fn iter(&self) -> impl Iterator<Item = &Condition> {
        self.0.iter()
    }

    /// Adds one, in the order in which a spec has them.
    pub fn insert(&mut self, condition: Condition) {
        let at = self
            .0
            .partition_point(|there| there.check <= condition.check);
        self.0.insert(at, condition);
    }

    /// The values of one kind.
    pub fn of(&self, check: Check) -> Vec<String> {
        let those = self.iter().filter(|it| it.check == check);
        those.map(ToString::to_string).collect()
    }
}

impl Serialize for Conditions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (check, key, _) in Check::ALL {
            let values = self.of(check);
            if !values.is_empty() {
                map.serialize_entry(key, &values)?;
            }
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Check {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Word;
        impl Visitor<'_> for Word {
            type Value = Check;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a kind of condition")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<Check, E> {
                let found = Check::ALL.iter().find(|(_, key, _)| *key == word);
                let found = found.map(|(check, ..)| *check);
                found.ok_or_else(|| E::unknown_field(word, &KEYS))
            }
        }
        deserializer.deserialize_identifier(Word)
    }
}

/// The keys of a spec.
static KEYS: [&str; 8] = {
    let mut keys = [""; 8];
    let mut at = 0;
    while at < keys.len() {
        keys[at] = Check::ALL[at].1;
        at += 1;
    }
    keys
};

/// The conditions of one kind.
struct Of(Check);

impl<'de> DeserializeSeed<'de> for Of {
    type Value = Vec<Condition>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Of {
    type Value = Vec<Condition>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut conditions = Vec::new();
        while let Some(condition) = list.next_element_seed(One(self.0))? {
            conditions.push(condition);
        }
        Ok(conditions)
    }
}

/// One of them.
struct One(Check);

impl<'de> DeserializeSeed<'de> for One {
    type Value = Condition;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Condition, D::Error> {
        super::text::from_string_by(deserializer, |text| self.0.condition(text))
    }
}

impl<'de> Deserialize<'de> for Conditions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Mapping;
        impl<'de> Visitor<'de> for Mapping {
            type Value = Conditions;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping of conditions to lists, such as `pathExists: [/etc/a]`")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Conditions, A::Error> {
                let mut seen = Vec::new();
                let mut conditions = Conditions::NONE;
                while let Some(check) = map.next_key::<Check>()? {
                    if seen.contains(&check) {
                        return Err(de::Error::duplicate_field(check.key()));
                    }
                    seen.push(check);
                    for condition in map.next_value_seed(Of(check))? {
                        conditions.insert(condition);
                    }
                }
                Ok(conditions)
            }
        }
        deserializer.deserialize_map(Mapping)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_come_back_as_they_were() {
        let text = r#"{"pathExists":["/a","!/b","|/c","|!/d"],"kernelVersion":[">=5.4 <7","6.*"],"virtualization":["!container"],"architecture":["arm64"]}"#;
        let conditions: Conditions = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&conditions).unwrap(), text);
        let mut others = Conditions::NONE;
        for condition in conditions.iter().collect::<Vec<_>>().into_iter().rev() {
            others.insert(condition.clone());
        }
        assert_eq!(others.of(Check::PathExists), ["|!/d", "|/c", "!/b", "/a"]);
        let checks = |it: &Conditions| it.iter().map(|it| it.check).collect::<Vec<_>>();
        assert_eq!(checks(&others), checks(&conditions));
    }

    #[test]
    fn a_value_that_cannot_be_is_refused() {
        for (check, text) in [
            (Check::PathExists, "a"),
            (Check::FileNotEmpty, "!"),
            (Check::FileNotEmpty, "!|/a"),
            (Check::FileNotEmpty, "! /a"),
            (Check::KernelVersion, ">=x"),
            (Check::KernelVersion, "=>5"),
            (Check::KernelVersion, ""),
            (Check::KernelVersion, ">="),
            (Check::KernelVersion, "\"6.*\""),
            (Check::Virtualization, "maybe"),
            (Check::Architecture, "x86_64"),
        ] {
            assert!(check.condition(text).is_err(), "{text}");
        }
    }
}
