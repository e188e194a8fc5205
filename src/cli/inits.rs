//! The values of `--init`: the inits of the registry, in capitals or not. One that exists
//! and is not rendered is named as such, since the tip for a name that is spelt alike
//! (`runit` for `rinit`) misleads.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, Command, Error};

use crate::detect::Foreign;
use crate::distro::Distros;

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
            (Err(_), None) => self.known.parse_ref(command, argument, value),
        }
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        self.known.possible_values()
    }
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
        let served = lower.to_str().and_then(|id| self.distros.of_id(id));
        match served {
            Some(distro) => Err(Error::raw(
                ErrorKind::InvalidValue,
                format!(
                    "`{}` has the places of {}\n\nhint: `--distro {}` serves it\n",
                    lower.display(),
                    distro.title,
                    distro.name
                ),
            )
            .with_cmd(command)),
            // In the words that were typed.
            None => self.known.parse_ref(command, argument, value),
        }
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
        ] {
            let said = read(name).unwrap_err();
            let hint = format!("hint: `--distro {family}` serves it");
            assert!(said.contains(&hint), "{said}");
        }
        assert!(!read("plan9").unwrap_err().contains("serves"));
    }
}
