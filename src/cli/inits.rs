//! The values of `--init`: the inits of the registry, in capitals or not. One that exists
//! and is not rendered is named as such, since the tip for a name that is spelt alike
//! (`runit` for `rinit`) misleads.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, Error};

use crate::detect::Foreign;
use crate::distro::{Distros, Relation};

/// Reads the name of an init, or one of the words that a command takes besides.
#[derive(Debug, Clone)]
pub(super) struct Inits {
    known: PossibleValuesParser,
}

impl Inits {
    pub(super) fn new(known: impl IntoIterator<Item = PossibleValue>) -> Self {
        Self {
            known: PossibleValuesParser::new(known),
        }
    }
}

impl TypedValueParser for Inits {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<String, Error> {
        let lower = value.to_ascii_lowercase();
        let known = self.known.parse_ref(command, argument, &lower);
        let foreign = lower.to_str().and_then(Foreign::find);
        match (known, foreign) {
            (Ok(name), _) => Ok(name),
            (Err(_), Some(Foreign { title, .. })) => Err(Error::raw(
                ErrorKind::InvalidValue,
                format!(
                    "`{}` is {title}, which kubelet-unit does not render for\n\nhint: `kubelet-unit list` has the inits that it renders for\n",
                    lower.display()
                ),
            )
            .with_cmd(command)),
            // In the words that were typed.
            (Err(_), None) => {
                let known = self.known.parse_ref(command, argument, value);
                known.map_err(|error| without_far_tip(error, &lower))
            }
        }
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        self.known.possible_values()
    }
}

/// Without the tip of a name that is spelt alike, where that is no slip of the finger: another
/// init or distribution is another one, however it is spelt.
fn without_far_tip(mut error: Error, typed: &OsStr) -> Error {
    let is_near = |tip: &str| {
        let typed = typed.to_string_lossy();
        let begins = typed.len() > 2 && (tip.starts_with(&*typed) || typed.starts_with(tip));
        begins || strsim::osa_distance(&typed, tip) <= 2
    };
    if let Some(ContextValue::String(tip)) = error.get(ContextKind::SuggestedValue)
        && !is_near(tip)
    {
        error.remove(ContextKind::SuggestedValue);
    }
    error
}

/// Reads the name of a distribution.
#[derive(Debug, Clone)]
pub(super) struct DistroNames {
    distros: Distros,
    known: PossibleValuesParser,
}

impl DistroNames {
    pub(super) fn new(distros: &Distros) -> Self {
        let names = distros.iter().map(|distro| distro.name);
        Self {
            known: PossibleValuesParser::new(names),
            distros: distros.clone(),
        }
    }
}

impl TypedValueParser for DistroNames {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<String, Error> {
        let lower = value.to_ascii_lowercase();
        if let Ok(name) = self.known.parse_ref(command, argument, &lower) {
            return Ok(name);
        }
        let relation = lower.to_str().and_then(|name| self.distros.relation(name));
        let said = match relation {
            Some(Relation::Served(distro)) => format!(
                "`{}` has the places of {}\n\nhint: `--distro {}` serves it\n",
                lower.display(),
                distro.title,
                distro.name
            ),
            Some(Relation::Named(named)) => format!(
                "`{}` is {}, which has no places of its own here\n\nhint: {}\n",
                lower.display(),
                named.title,
                named.advice(|distro| format!("`--distro {distro}`")),
            ),
            // In the words that were typed.
            None => {
                let known = self.known.parse_ref(command, argument, value);
                return known.map_err(|error| without_far_tip(error, &lower));
            }
        };
        Err(Error::raw(ErrorKind::InvalidValue, said).with_cmd(command))
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        self.known.possible_values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distribution_with_the_places_of_another_is_told_which() {
        let read = |name: &str| {
            let names = DistroNames::new(&Distros::default());
            let read = names.parse_ref(&Command::new("x"), None, OsStr::new(name));
            read.map_err(|error| error.to_string())
        };
        assert_eq!(read("Alpine"), Ok("alpine".into()));
        for (name, family) in [
            ("ubuntu", "debian"),
            ("raspbian", "debian"),
            ("rhel", "fedora"),
            ("opensuse", "fedora"),
            ("openEuler", "fedora"),
            ("Funtoo", "gentoo"),
            ("chimera-linux", "chimera"),
        ] {
            let said = read(name).unwrap_err();
            let hint = format!("hint: `--distro {family}` serves it");
            assert!(said.contains(&hint), "{said}");
        }
        assert!(!read("plan9").unwrap_err().contains("serves"));
    }

    #[test]
    fn a_distribution_without_places_of_its_own_is_told_what_it_is() {
        let read = |name: &str| {
            let names = DistroNames::new(&Distros::default());
            let read = names.parse_ref(&Command::new("x"), None, OsStr::new(name));
            read.unwrap_err().to_string()
        };
        assert_eq!(
            read("NixOS"),
            "error: `nixos` is NixOS, which has no places of its own here\n\nhint: it makes its \
             files anew from its own configuration, so a service has to be declared there; \
             `--distro generic` shows what would have to be in it\n"
        );
        assert!(read("arch").contains("`--distro artix` does"));
    }

    #[test]
    fn a_tip_is_for_a_slip_of_the_finger_alone() {
        let distros = Distros::default();
        let tip = |name: &str| {
            let names = DistroNames::new(&distros);
            let read = names.parse_ref(&Command::new("x"), None, OsStr::new(name));
            read.unwrap_err().to_string().contains("tip:")
        };
        assert!(tip("alpin") && tip("debain"));
        assert!(!tip("dragora") && !tip("venom"));
    }
}
