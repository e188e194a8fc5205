//! The names of units (`systemd.unit(5)`, "Description"; `unit-name.c`).

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The suffixes of units (`unit_type_table`, `unit-def.c`).
const SUFFIXES: [&str; 11] = [
    "service",
    "socket",
    "target",
    "device",
    "mount",
    "automount",
    "swap",
    "timer",
    "path",
    "slice",
    "scope",
];

/// The longest name, in bytes (`UNIT_NAME_MAX` less its NUL, `unit-name.h`).
const LONGEST: usize = 255;

/// A unit's name: `kubelet.service`, `getty@tty1.service`, the template `getty@.service`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitName {
    text: String,
    dot: usize,
    at: Option<usize>,
}

/// A text that names no unit.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NameError {
    /// It ends in nothing that systemd has units of.
    #[error(
        "`{name}` is not a unit's name: it ends in none of the suffixes of units, such as `.service`"
    )]
    Suffix {
        /// The name, shortened.
        name: String,
    },
    /// A character that no unit's name has.
    #[error("`{name}` is not a unit's name: it cannot contain `{}`", found.escape_default())]
    Character {
        /// The name, shortened.
        name: String,
        /// The first such character.
        found: char,
    },
    /// Nothing stands before the suffix or the `@`.
    #[error("`{name}` is not a unit's name: nothing stands before its suffix")]
    Empty {
        /// The name.
        name: String,
    },
    /// Longer than systemd takes.
    #[error("a unit's name has at most {LONGEST} bytes, this has {length}")]
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
}

impl UnitName {
    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What it is a unit of, without the dot: `service`.
    pub fn suffix(&self) -> &str {
        &self.text[self.dot + 1..]
    }

    /// The name without its suffix (`%N`).
    pub fn stem(&self) -> &str {
        &self.text[..self.dot]
    }

    /// What stands before the `@`, or before the suffix (`%p`).
    pub fn prefix(&self) -> &str {
        &self.text[..self.at.unwrap_or(self.dot)]
    }

    /// What stands between the `@` and the suffix (`%i`): empty in a template, `None`
    /// where there is no `@`.
    pub fn instance(&self) -> Option<&str> {
        self.at.map(|at| &self.text[at + 1..self.dot])
    }

    /// Whether it is a template, which no service can have the name of.
    pub fn is_template(&self) -> bool {
        self.instance() == Some("")
    }

    /// The template that an instance is made from.
    pub fn template(&self) -> Option<Self> {
        let instance = self.instance()?;
        let name = || format!("{}@.{}", self.prefix(), self.suffix());
        (!instance.is_empty()).then(|| name().parse().ok())?
    }

    /// The name with its prefix cut after the last dash that something follows
    /// (`unit_file_find_dirs`, `dropin.c`): `a-b-c.service`, `a-b-.service`,
    /// `a-.service`. An instance stays; a template's `@` does not: of `a-b@.service` it is
    /// `a-.service` as well.
    pub fn shorter_prefix(&self) -> Option<Self> {
        let prefix = self.prefix().trim_end_matches('-');
        let dash = prefix.rfind('-').filter(|&dash| dash > 0)?;
        let rest = match self.is_template() {
            true => self.dot,
            false => self.at.unwrap_or(self.dot),
        };
        let rest = &self.text[rest..];
        format!("{}{rest}", &prefix[..=dash]).parse().ok()
    }
}

impl FromStr for UnitName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let name = || super::shown(text);
        if text.len() > LONGEST {
            let length = text.len();
            return Err(NameError::TooLong { length });
        }
        let dot = text.rfind('.');
        let dot = dot.filter(|&dot| SUFFIXES.contains(&&text[dot + 1..]));
        let dot = dot.ok_or_else(|| NameError::Suffix { name: name() })?;
        let fits = |c: char| c.is_ascii_alphanumeric() || ":-_.\\@".contains(c);
        if let Some(found) = text.chars().find(|&c| !fits(c)) {
            return Err(NameError::Character {
                name: name(),
                found,
            });
        }
        let at = text[..dot].find('@');
        if at.unwrap_or(dot) == 0 {
            return Err(NameError::Empty { name: name() });
        }
        let text = text.to_owned();
        Ok(Self { text, dot, at })
    }
}

impl fmt::Display for UnitName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
