//! A format as a trait object, and what it gives to a type that it does not know.

use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected,
    VariantAccess, Visitor,
};

use super::{AnyFormat, AnyList, AnyMap, AnySeed, AnyVariant, Refusal, Scalar, Takes, To, Wish};

/// A format that has not been asked yet, and then the error that it gave.
pub(super) struct Once<D, E> {
    format: Option<D>,
    error: Option<E>,
}

impl<'de, D: Deserializer<'de>> Once<D, D::Error> {
    pub(super) fn new(format: D) -> Self {
        Self {
            format: Some(format),
            error: None,
        }
    }
}

impl<D, E: Error> Once<D, E> {
    /// What was read, with the format's own error where it is that.
    pub(super) fn settle<T>(self, read: Result<T, Refusal>) -> Result<T, E> {
        read.map_err(|refusal| refusal.passing(self.error))
    }
}

/// Keeps a format's error where it arose.
fn kept<T, E>(result: Result<T, E>, error: &mut Option<E>) -> Result<T, Refusal> {
    result.map_err(|it| {
        *error = Some(it);
        Refusal::kept()
    })
}

impl<'de, D: Deserializer<'de>> AnyFormat for Once<D, D::Error> {
    fn give(&mut self, wish: Wish, to: To<'_>) -> Result<(), Refusal> {
        let format = self.format.take().ok_or_else(Refusal::twice)?;
        let to = Bridge(to);
        let given = match wish {
            Wish::Any => format.deserialize_any(to),
            Wish::Bool => format.deserialize_bool(to),
            Wish::Signed => format.deserialize_i64(to),
            Wish::Unsigned => format.deserialize_u64(to),
            Wish::Float => format.deserialize_f64(to),
            Wish::Text => format.deserialize_str(to),
            Wish::Option => format.deserialize_option(to),
            Wish::Unit => format.deserialize_unit(to),
            Wish::Newtype => format.deserialize_newtype_struct("", to),
            Wish::List => format.deserialize_seq(to),
            Wish::Map => format.deserialize_map(to),
            Wish::Struct => format.deserialize_struct("", &[], to),
            Wish::Identifier => format.deserialize_identifier(to),
            Wish::Ignored => format.deserialize_ignored_any(to),
        };
        kept(given, &mut self.error)
    }

    fn variant(
        &mut self,
        name: &'static str,
        variants: &'static [&'static str],
        to: &mut dyn for<'x> Takes<&'x mut dyn AnyVariant>,
    ) -> Result<(), Refusal> {
        let format = self.format.take().ok_or_else(Refusal::twice)?;
        let given = format.deserialize_enum(name, variants, Bridge(To::Variant(to)));
        kept(given, &mut self.error)
    }
}

/// A type as a format sees it.
struct Bridge<'t>(To<'t>);

impl Bridge<'_> {
    fn scalar<E: Error>(self, scalar: Scalar, found: Unexpected<'_>) -> Result<(), E> {
        match self.0 {
            To::Scalar(to) => to.take(scalar),
            To::Any(to) => to.take(scalar),
            To::Nothing => Ok(()),
            _ => return Err(E::invalid_type(found, &self)),
        }
        .map_err(|it| it.passing(None))
    }
}

impl<'de> Visitor<'de> for Bridge<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            To::Scalar(to) => to.expecting(f),
            To::Text(to) => to.expecting(f),
            To::Option(to) => to.expecting(f),
            To::Newtype(to) => to.expecting(f),
            To::List(to) => to.expecting(f),
            To::Map(to) => to.expecting(f),
            To::Variant(to) => to.expecting(f),
            To::Any(to) => Takes::<Scalar>::expecting(*to, f),
            To::Nothing => f.write_str("anything"),
        }
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.scalar(Scalar::Bool(value), Unexpected::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.scalar(Scalar::Signed(value), Unexpected::Signed(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.scalar(Scalar::Unsigned(value), Unexpected::Unsigned(value))
    }

    fn visit_i128<E: Error>(self, value: i128) -> Result<(), E> {
        self.scalar(Scalar::VerySigned(value), Unexpected::Other("integer"))
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<(), E> {
        self.scalar(Scalar::VeryUnsigned(value), Unexpected::Other("integer"))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.scalar(Scalar::Float(value), Unexpected::Float(value))
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.scalar(Scalar::Unit, Unexpected::Unit)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        match self.0 {
            To::Text(to) => to.take(value),
            To::Any(to) => to.take(value),
            To::Nothing => Ok(()),
            _ => return Err(E::invalid_type(Unexpected::Str(value), &self)),
        }
        .map_err(|it| it.passing(None))
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        match self.0 {
            To::Option(to) => to.take(None),
            To::Any(to) => to.take(None::<&mut dyn AnyFormat>),
            To::Nothing => Ok(()),
            _ => return Err(E::invalid_type(Unexpected::Option, &self)),
        }
        .map_err(|it| it.passing(None))
    }

    fn visit_some<D: Deserializer<'de>>(self, format: D) -> Result<(), D::Error> {
        let mut once = Once::new(format);
        let read = match self.0 {
            To::Option(to) => to.take(Some(&mut once)),
            To::Any(to) => to.take(Some(&mut once as &mut dyn AnyFormat)),
            _ => return Err(D::Error::invalid_type(Unexpected::Option, &self)),
        };
        once.settle(read)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, format: D) -> Result<(), D::Error> {
        let mut once = Once::new(format);
        let read = match self.0 {
            To::Newtype(to) => to.take(&mut once),
            To::Any(to) => to.take(&mut once as &mut dyn AnyFormat),
            _ => return Err(D::Error::invalid_type(Unexpected::NewtypeStruct, &self)),
        };
        once.settle(read)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, access: A) -> Result<(), A::Error> {
        let mut many = Many::new(access);
        let read = match self.0 {
            To::List(to) => to.take(&mut many),
            To::Any(to) => to.take(&mut many as &mut dyn AnyList),
            To::Nothing => return IgnoredAny.visit_seq(many.access).map(drop),
            _ => return Err(A::Error::invalid_type(Unexpected::Seq, &self)),
        };
        read.map_err(|it| it.passing(many.error))
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<(), A::Error> {
        let mut many = Many::new(access);
        let read = match self.0 {
            To::Map(to) => to.take(&mut many),
            To::Any(to) => to.take(&mut many as &mut dyn AnyMap),
            To::Nothing => return IgnoredAny.visit_map(many.access).map(drop),
            _ => return Err(A::Error::invalid_type(Unexpected::Map, &self)),
        };
        read.map_err(|it| it.passing(many.error))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<(), A::Error> {
        let mut one = One {
            name: Some(access),
            content: None,
            error: None,
        };
        let read = match self.0 {
            To::Variant(to) => to.take(&mut one),
            To::Any(to) => to.take(&mut one as &mut dyn AnyVariant),
            _ => return Err(A::Error::invalid_type(Unexpected::Enum, &self)),
        };
        read.map_err(|it| it.passing(one.error))
    }
}

/// What waits for a value, as a format sees it.
struct Waiting<'s>(&'s mut dyn AnySeed);

impl<'de> DeserializeSeed<'de> for Waiting<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, format: D) -> Result<(), D::Error> {
        let mut once = Once::new(format);
        let read = self.0.read(&mut once);
        once.settle(read)
    }
}

/// Items or entries, and the error that the format gave for one.
struct Many<A, E> {
    access: A,
    error: Option<E>,
}

impl<A, E> Many<A, E> {
    fn new(access: A) -> Self {
        Self {
            access,
            error: None,
        }
    }
}

impl<'de, A: SeqAccess<'de>> AnyList for Many<A, A::Error> {
    fn next(&mut self, seed: &mut dyn AnySeed) -> Result<bool, Refusal> {
        let next = self.access.next_element_seed(Waiting(seed));
        kept(next, &mut self.error).map(|it| it.is_some())
    }
}

impl<'de, A: MapAccess<'de>> AnyMap for Many<A, A::Error> {
    fn next_key(&mut self, seed: &mut dyn AnySeed) -> Result<bool, Refusal> {
        let next = self.access.next_key_seed(Waiting(seed));
        kept(next, &mut self.error).map(|it| it.is_some())
    }

    fn value(&mut self, seed: &mut dyn AnySeed) -> Result<(), Refusal> {
        kept(self.access.next_value_seed(Waiting(seed)), &mut self.error)
    }
}

/// A variant, of which the name is read first.
struct One<A, C, E> {
    name: Option<A>,
    content: Option<C>,
    error: Option<E>,
}

impl<'de, A: EnumAccess<'de>> One<A, A::Variant, A::Error> {
    fn content<T>(
        &mut self,
        read: impl FnOnce(A::Variant) -> Result<T, A::Error>,
    ) -> Result<T, Refusal> {
        let content = self.content.take().ok_or_else(Refusal::twice)?;
        kept(read(content), &mut self.error)
    }
}

impl<'de, A: EnumAccess<'de>> AnyVariant for One<A, A::Variant, A::Error> {
    fn name(&mut self, seed: &mut dyn AnySeed) -> Result<(), Refusal> {
        let access = self.name.take().ok_or_else(Refusal::twice)?;
        let ((), content) = kept(access.variant_seed(Waiting(seed)), &mut self.error)?;
        self.content = Some(content);
        Ok(())
    }

    fn unit(&mut self) -> Result<(), Refusal> {
        self.content(VariantAccess::unit_variant)
    }

    fn newtype(&mut self, seed: &mut dyn AnySeed) -> Result<(), Refusal> {
        self.content(|it| it.newtype_variant_seed(Waiting(seed)))
    }

    fn tuple(&mut self, length: usize, to: To<'_>) -> Result<(), Refusal> {
        self.content(|it| it.tuple_variant(length, Bridge(to)))
    }

    fn fields(&mut self, names: &'static [&'static str], to: To<'_>) -> Result<(), Refusal> {
        self.content(|it| it.struct_variant(names, Bridge(to)))
    }
}
