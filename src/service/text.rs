//! Strict reading of text through `serde`: YAML's `null`, numbers and booleans
//! are not text, whatever the YAML library takes them for.
//!
//! The text is parsed while the reader is still at its place, so that an error
//! names the line and column of the value and not those of what holds it.

use std::any::Any;
use std::fmt::{self, Display};
use std::ops::RangeInclusive;
use std::str::FromStr;

use serde::de::{Deserializer, Error, Unexpected, Visitor};

use super::ValueError;

/// Lets types be read from a spec by one of the readers of this module.
macro_rules! reads {
    ($reader:ident: $($type:ty),+) => {
        $(impl<'de> ::serde::Deserialize<'de> for $type {
            fn deserialize<D>(deserializer: D) -> Result<Self, D::Error>
            where
                D: ::serde::Deserializer<'de>,
            {
                $crate::service::text::$reader(deserializer)
            }
        })+
    };
}

/// Lets types be written into a spec as they are shown.
macro_rules! written_as_shown {
    ($($type:ty),+) => {
        $(impl ::serde::Serialize for $type {
            fn serialize<S>(&self, serializer: S) -> Result<S::Ok, S::Error>
            where
                S: ::serde::Serializer,
            {
                serializer.collect_str(self)
            }
        })+
    };
}

/// Gives a newtype over `String` its common traits; checking stays with `FromStr`.
macro_rules! text_value {
    ($reader:ident: $type:ident) => {
        impl $type {
            /// The checked text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl ::std::fmt::Display for $type {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl AsRef<str> for $type {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
        $crate::service::text::reads!($reader: $type);
        $crate::service::text::written_as_shown!($type);
    };
}

/// A whole number in bounds. A spec has it as a number; it may have it as text.
macro_rules! bounded {
    (
        $(#[$about:meta])*
        $name:ident($number:ty): $what:literal from $least:literal to $most:literal;
        $(#[$getter:meta])*
        $get:ident
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($number);

        impl $name {
            $(#[$getter])*
            pub const fn $get(self) -> $number {
                self.0
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::service::ValueError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let what = concat!($what, " from ", $least, " to ", $most);
                $crate::service::text::number(text, what, $least..=$most).map(Self)
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S>(&self, serializer: S) -> Result<S::Ok, S::Error>
            where
                S: ::serde::Serializer,
            {
                self.0.serialize(serializer)
            }
        }

        $crate::service::text::reads!(from_string_or_number: $name);
    };
}

pub(super) use {bounded, text_value};
pub(crate) use {reads, written_as_shown};

/// A number within bounds.
pub(super) fn number<N: FromStr + PartialOrd>(
    text: &str,
    what: &'static str,
    bounds: RangeInclusive<N>,
) -> Result<N, ValueError> {
    let number = text.parse().ok().filter(|number| bounds.contains(number));
    number.ok_or_else(|| ValueError::Number {
        what,
        text: text.into(),
    })
}

/// Hands the text on to a parser. It does not know the type that is parsed, so that
/// the reader's code exists once and not once for every type.
struct Text<'p> {
    numbers: bool,
    parse: &'p mut dyn FnMut(&str) -> Result<(), String>,
}

impl Visitor<'_> for Text<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.numbers {
            "a number or a string"
        } else {
            "a string"
        })
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        (self.parse)(text).map_err(E::custom)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        match self.numbers {
            true => self.visit_str(&number.to_string()),
            false => Err(E::invalid_type(Unexpected::Unsigned(number), &self)),
        }
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        match self.numbers {
            true => self.visit_str(&number.to_string()),
            false => Err(E::invalid_type(Unexpected::Signed(number), &self)),
        }
    }
}

/// A value written as a string, and nothing that merely looks like one.
pub(crate) fn from_string<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: FromStr<Err: Display + 'static>,
    D: Deserializer<'de>,
{
    parsed(deserializer, false)
}

/// A value written as a string or as a whole number.
pub(crate) fn from_string_or_number<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: FromStr<Err: Display + 'static>,
    D: Deserializer<'de>,
{
    parsed(deserializer, true)
}

/// A value written as a string, whose reading depends on where it stands.
pub(crate) fn from_string_by<'de, T, D>(
    deserializer: D,
    read: impl Fn(&str) -> Result<T, ValueError>,
) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
{
    read_by(deserializer, false, read)
}

/// The same for one written as a string or as a whole number.
pub(crate) fn from_string_or_number_by<'de, T, D>(
    deserializer: D,
    read: impl Fn(&str) -> Result<T, ValueError>,
) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
{
    read_by(deserializer, true, read)
}

/// A value as its text stands in YAML, whatever YAML would take it for: of a release
/// `1.30` a number has lost the last digit.
pub(crate) fn from_text<'de, T, E, D>(
    deserializer: D,
    read: impl Fn(&str) -> Result<T, E>,
) -> Result<T, D::Error>
where
    E: Display + 'static,
    D: Deserializer<'de>,
{
    read_with(read, |text| deserializer.deserialize_str(text))
}

fn parsed<'de, T, D>(deserializer: D, numbers: bool) -> Result<T, D::Error>
where
    T: FromStr<Err: Display + 'static>,
    D: Deserializer<'de>,
{
    read_by(deserializer, numbers, str::parse)
}

fn read_by<'de, T, E, D>(
    deserializer: D,
    numbers: bool,
    read: impl Fn(&str) -> Result<T, E>,
) -> Result<T, D::Error>
where
    E: Display + 'static,
    D: Deserializer<'de>,
{
    read_with(read, |mut text| {
        text.numbers = numbers;
        deserializer.deserialize_any(text)
    })
}

fn read_with<T, E, F>(
    read: impl Fn(&str) -> Result<T, E>,
    give: impl FnOnce(Text<'_>) -> Result<(), F>,
) -> Result<T, F>
where
    E: Display + 'static,
    F: Error,
{
    let mut value = None;
    let mut parse = |text: &str| {
        value = Some(read(text).map_err(|refusal| told(&refusal))?);
        Ok(())
    };
    give(Text {
        numbers: false,
        parse: &mut parse,
    })?;
    value.ok_or_else(|| F::custom("there is no text"))
}

/// A refusal as a reader passes it on: what may help is a line of its own, of which
/// [`YamlError`](crate::yaml::YamlError) makes its hint.
fn told<E: Display + 'static>(refusal: &E) -> String {
    let value: &dyn Any = refusal;
    match value
        .downcast_ref::<ValueError>()
        .and_then(ValueError::hint)
    {
        Some(hint) => format!("{refusal}\n{hint}"),
        None => refusal.to_string(),
    }
}
