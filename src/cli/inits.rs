//! The values of `--init`: the inits of the registry, in capitals or not. One that exists
//! and is not rendered is named as such, since the tip for a name that is spelt alike
//! (`runit` for `rinit`) misleads.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, Command, Error};

use crate::detect::Foreign;

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
