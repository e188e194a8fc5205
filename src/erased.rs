//! Reading values of any type by one piece of machine code.
//!
//! serde makes the code of every type anew for each format, and each format makes its own anew for every type: some
//! fifty types in two formats. Here a format is a trait object to the types, and a type is one to the formats, so that
//! each is compiled once. The crate erased-serde does the same, but of an error it keeps the text alone; here the
//! error itself waits where it arose until it passes there again, since it has the place in the document.

mod format;
mod value;

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error, Expected, Unexpected};

use format::Once;
use value::Format;

/// Reads a value of a format.
///
/// # Errors
/// Those of the format, as if it were asked by the type itself.
pub(crate) fn read<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: DeserializeOwned,
    D: Deserializer<'de>,
{
    seeded(PhantomData::<T>, deserializer)
}

/// Reads what a seed makes of a format.
///
/// # Errors
/// As for [`read`].
pub(crate) fn seeded<'de, S, D>(seed: S, deserializer: D) -> Result<S::Value, D::Error>
where
    S: DeserializeSeed<'de>,
    D: Deserializer<'de>,
{
    let mut once = Once::new(deserializer);
    let read = seed.deserialize(Format(&mut once));
    once.settle(read)
}

/// Reads a document in JSON.
///
/// # Errors
/// It is not JSON, has more than one value, or not that of the type.
pub(crate) fn from_json<T: DeserializeOwned>(json: &[u8]) -> Result<T, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let value = read(&mut deserializer)?;
    deserializer.end().map(|()| value)
}

/// An error on its way from a type to a format or back: one pointer, since nearly every call here can return one.
#[derive(Debug)]
struct Refusal(Box<Reason>);

#[derive(Debug)]
enum Reason {
    /// A format's, which waits where it arose.
    Kept,
    /// A type's.
    Told(String),
    /// A type's, of what JSON calls `null` or writes in its own way, and what is expected in its place.
    Mistyped(Odd, String),
    /// Somebody asked or answered twice, which no implementation of serde's traits does.
    Twice,
}

#[derive(Debug, Clone, Copy)]
enum Odd {
    Null,
    Float(f64),
}

impl Refusal {
    #[cold]
    fn kept() -> Self {
        Self(Box::new(Reason::Kept))
    }

    #[cold]
    fn twice() -> Self {
        Self(Box::new(Reason::Twice))
    }

    /// As an error of the format that is next on its way, which may have kept it.
    fn passing<E: Error>(self, kept: Option<E>) -> E {
        match (*self.0, kept) {
            (Reason::Kept, Some(error)) => error,
            (Reason::Mistyped(odd, expected), _) => {
                E::invalid_type(odd.unexpected(), &expected.as_str())
            }
            (reason, _) => E::custom(Self(Box::new(reason))),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Reason::Kept => f.write_str("a value that cannot be read"),
            Reason::Told(message) => f.write_str(message),
            Reason::Mistyped(odd, expected) => {
                write!(f, "invalid type: {}, expected {expected}", odd.unexpected())
            }
            Reason::Twice => f.write_str("a value is read twice"),
        }
    }
}

impl std::error::Error for Refusal {}

impl Error for Refusal {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::told(&message)
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let odd = match found {
            Unexpected::Unit => Odd::Null,
            Unexpected::Float(value) => Odd::Float(value),
            _ => return Self::custom(format_args!("invalid type: {found}, expected {expected}")),
        };
        Self(Box::new(Reason::Mistyped(odd, expected.to_string())))
    }
}

impl Refusal {
    #[cold]
    fn told(message: &dyn fmt::Display) -> Self {
        Self(Box::new(Reason::Told(message.to_string())))
    }
}

impl Odd {
    fn unexpected(self) -> Unexpected<'static> {
        match self {
            Self::Null => Unexpected::Unit,
            Self::Float(value) => Unexpected::Float(value),
        }
    }
}

/// What a type asks a format for. The names of its own fields it knows itself, and no format here asks for them.
#[derive(Debug, Clone, Copy)]
enum Wish {
    Any,
    Bool,
    Signed,
    Unsigned,
    Float,
    Text,
    Option,
    Unit,
    Newtype,
    List,
    Map,
    Struct,
    Identifier,
    Ignored,
}

/// A value that holds no other, text apart.
#[derive(Debug, Clone, Copy)]
enum Scalar {
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    VerySigned(i128),
    VeryUnsigned(u128),
    Float(f64),
    Unit,
}

/// A format that can be asked for one value.
trait AnyFormat {
    fn give(&mut self, wish: Wish, to: To<'_>) -> Result<(), Refusal>;
    /// One of the variants that an enum has.
    fn variant(
        &mut self,
        name: &'static str,
        variants: &'static [&'static str],
        to: &mut dyn for<'x> Takes<&'x mut dyn AnyVariant>,
    ) -> Result<(), Refusal>;
}

/// A type that can do something with what a format gives. Each kind of value is a trait of its own: a type has the code
/// of those alone that it may be given for its wish.
trait Takes<T> {
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
    fn take(&mut self, given: T) -> Result<(), Refusal>;
}

/// What a type takes.
enum To<'a> {
    Scalar(&'a mut dyn Takes<Scalar>),
    Text(&'a mut dyn for<'x> Takes<&'x str>),
    Option(&'a mut dyn for<'x> Takes<Option<&'x mut dyn AnyFormat>>),
    Newtype(&'a mut dyn for<'x> Takes<&'x mut dyn AnyFormat>),
    List(&'a mut dyn for<'x> Takes<&'x mut dyn AnyList>),
    Map(&'a mut dyn for<'x> Takes<&'x mut dyn AnyMap>),
    Variant(&'a mut dyn for<'x> Takes<&'x mut dyn AnyVariant>),
    Any(&'a mut dyn TakesAny),
    Nothing,
}

/// A type that takes whatever it is given.
trait TakesAny:
    Takes<Scalar>
    + for<'x> Takes<&'x str>
    + for<'x> Takes<Option<&'x mut dyn AnyFormat>>
    + for<'x> Takes<&'x mut dyn AnyFormat>
    + for<'x> Takes<&'x mut dyn AnyList>
    + for<'x> Takes<&'x mut dyn AnyMap>
    + for<'x> Takes<&'x mut dyn AnyVariant>
{
}

/// A type that waits for its value.
trait AnySeed {
    fn read(&mut self, format: &mut dyn AnyFormat) -> Result<(), Refusal>;
}

/// The items of a list.
trait AnyList {
    /// Whether there was one more.
    fn next(&mut self, seed: &mut dyn AnySeed) -> Result<bool, Refusal>;
}

/// The entries of a mapping.
trait AnyMap {
    /// Whether there was one more.
    fn next_key(&mut self, seed: &mut dyn AnySeed) -> Result<bool, Refusal>;
    fn value(&mut self, seed: &mut dyn AnySeed) -> Result<(), Refusal>;
}

/// A variant: its name first, then what it holds.
trait AnyVariant {
    fn name(&mut self, seed: &mut dyn AnySeed) -> Result<(), Refusal>;
    fn unit(&mut self) -> Result<(), Refusal>;
    fn newtype(&mut self, seed: &mut dyn AnySeed) -> Result<(), Refusal>;
    fn tuple(&mut self, length: usize, to: To<'_>) -> Result<(), Refusal>;
    fn fields(&mut self, names: &'static [&'static str], to: To<'_>) -> Result<(), Refusal>;
}

#[cfg(test)]
mod tests;
