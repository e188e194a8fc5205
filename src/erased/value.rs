//! A type as a trait object, and the format that it asks without knowing it.

use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
};

use super::{
    AnyFormat, AnyList, AnyMap, AnySeed, AnyVariant, Refusal, Scalar, Takes, TakesAny, To, Wish,
};

/// A format as a type sees it.
pub(super) struct Format<'f>(pub(super) &'f mut dyn AnyFormat);

/// A method for each kind of value that a type can ask for: the wish, and what the type takes then.
macro_rules! asks {
    ($($method:ident $(($($part:ident: $kind:ty),*))?: $wish:expr, $to:ident;)*) => {$(
        fn $method<V: Visitor<'de>>(
            self,
            $($($part: $kind,)*)?
            visitor: V,
        ) -> Result<V::Value, Refusal> {
            let mut to = Slot::new(visitor);
            self.0.give($wish, To::$to(&mut to))?;
            to.value()
        }
    )*};
}

/// What no format here tells apart is one wish: numbers by their size, text by who has it, a list by its length. A
/// struct is a mapping alone: a list of its values, in the order of the code, is nothing that anybody writes. serde
/// itself reads what is flattened or untagged, and takes such a list there.
#[allow(
    unused_variables,
    reason = "the lengths and names that no format asks for"
)]
impl<'de> Deserializer<'de> for Format<'_> {
    type Error = Refusal;

    asks! {
        deserialize_any: Wish::Any, Any;
        deserialize_bool: Wish::Bool, Scalar;
        deserialize_i8: Wish::Signed, Scalar;
        deserialize_i16: Wish::Signed, Scalar;
        deserialize_i32: Wish::Signed, Scalar;
        deserialize_i64: Wish::Signed, Scalar;
        deserialize_i128: Wish::Any, Any;
        deserialize_u8: Wish::Unsigned, Scalar;
        deserialize_u16: Wish::Unsigned, Scalar;
        deserialize_u32: Wish::Unsigned, Scalar;
        deserialize_u64: Wish::Unsigned, Scalar;
        deserialize_u128: Wish::Any, Any;
        deserialize_f32: Wish::Float, Scalar;
        deserialize_f64: Wish::Float, Scalar;
        deserialize_char: Wish::Text, Text;
        deserialize_str: Wish::Text, Text;
        deserialize_string: Wish::Text, Text;
        deserialize_bytes: Wish::Any, Any;
        deserialize_byte_buf: Wish::Any, Any;
        deserialize_option: Wish::Option, Option;
        deserialize_unit: Wish::Unit, Scalar;
        deserialize_unit_struct(name: &'static str): Wish::Unit, Scalar;
        deserialize_newtype_struct(name: &'static str): Wish::Newtype, Newtype;
        deserialize_seq: Wish::List, List;
        deserialize_tuple(length: usize): Wish::List, List;
        deserialize_tuple_struct(name: &'static str, length: usize): Wish::List, List;
        deserialize_map: Wish::Map, Map;
        deserialize_struct(name: &'static str, fields: &'static [&'static str]): Wish::Struct, Map;
        deserialize_identifier: Wish::Identifier, Text;
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        let mut to = Slot::new(visitor);
        self.0.variant(name, variants, &mut to)?;
        to.value()
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.0.give(Wish::Ignored, To::Nothing)?;
        visitor.visit_unit()
    }
}

/// What makes a value, and then the value.
struct Slot<S, T> {
    maker: Option<S>,
    value: Option<T>,
}

impl<S, T> Slot<S, T> {
    fn fill(&mut self, make: impl FnOnce(S) -> Result<T, Refusal>) -> Result<(), Refusal> {
        let maker = self.maker.take().ok_or_else(Refusal::twice)?;
        self.value = Some(make(maker)?);
        Ok(())
    }

    fn value(self) -> Result<T, Refusal> {
        self.value.ok_or_else(Refusal::twice)
    }
}

impl<'de, V: Visitor<'de>> Slot<V, V::Value> {
    fn new(visitor: V) -> Self {
        Self {
            maker: Some(visitor),
            value: None,
        }
    }
}

impl<'de, S: DeserializeSeed<'de>> Slot<S, S::Value> {
    fn of(seed: S) -> Self {
        Self {
            maker: Some(seed),
            value: None,
        }
    }
}

/// A seed, apart from a visitor, which has the same room for its value.
struct Seed<S, T>(Slot<S, T>);

impl<'de, S: DeserializeSeed<'de>> AnySeed for Seed<S, S::Value> {
    fn read(&mut self, format: &mut dyn AnyFormat) -> Result<(), Refusal> {
        self.0.fill(|seed| seed.deserialize(Format(format)))
    }
}

impl<'de, V: Visitor<'de>> TakesAny for Slot<V, V::Value> {}

/// What a visitor of serde's does with each kind of value.
macro_rules! takes {
    ($($kind:ty: |$visitor:ident, $given:ident| $visit:expr;)*) => {$(
        impl<'de, V: Visitor<'de>> Takes<$kind> for Slot<V, V::Value> {
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.maker.as_ref().map_or(Ok(()), |visitor| visitor.expecting(f))
            }

            fn take(&mut self, $given: $kind) -> Result<(), Refusal> {
                self.fill(|$visitor| $visit)
            }
        }
    )*};
}

takes! {
    Scalar: |visitor, scalar| match scalar {
        Scalar::Bool(value) => visitor.visit_bool(value),
        Scalar::Signed(value) => visitor.visit_i64(value),
        Scalar::Unsigned(value) => visitor.visit_u64(value),
        Scalar::VerySigned(value) => visitor.visit_i128(value),
        Scalar::VeryUnsigned(value) => visitor.visit_u128(value),
        Scalar::Float(value) => visitor.visit_f64(value),
        Scalar::Unit => visitor.visit_unit(),
    };
    &str: |visitor, text| visitor.visit_str(text);
    Option<&mut dyn AnyFormat>: |visitor, format| match format {
        Some(format) => visitor.visit_some(Format(format)),
        None => visitor.visit_none(),
    };
    &mut dyn AnyFormat: |visitor, format| visitor.visit_newtype_struct(Format(format));
    &mut dyn AnyList: |visitor, items| visitor.visit_seq(Items(items));
    &mut dyn AnyMap: |visitor, entries| visitor.visit_map(Entries(entries));
    &mut dyn AnyVariant: |visitor, variant| visitor.visit_enum(OneOf(variant));
}

/// The items of a list, as a type sees them.
struct Items<'a>(&'a mut dyn AnyList);

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Refusal;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Refusal> {
        let mut seed = Seed(Slot::of(seed));
        match self.0.next(&mut seed)? {
            true => seed.0.value().map(Some),
            false => Ok(None),
        }
    }
}

/// The entries of a mapping, as a type sees them.
struct Entries<'a>(&'a mut dyn AnyMap);

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Refusal;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Refusal> {
        let mut seed = Seed(Slot::of(seed));
        match self.0.next_key(&mut seed)? {
            true => seed.0.value().map(Some),
            false => Ok(None),
        }
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Refusal> {
        let mut seed = Seed(Slot::of(seed));
        self.0.value(&mut seed)?;
        seed.0.value()
    }
}

/// A variant, as a type sees it.
struct OneOf<'a>(&'a mut dyn AnyVariant);

impl<'de> EnumAccess<'de> for OneOf<'_> {
    type Error = Refusal;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Self::Variant), Refusal> {
        let mut seed = Seed(Slot::of(seed));
        self.0.name(&mut seed)?;
        Ok((seed.0.value()?, self))
    }
}

impl<'de> VariantAccess<'de> for OneOf<'_> {
    type Error = Refusal;

    fn unit_variant(self) -> Result<(), Refusal> {
        self.0.unit()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Refusal> {
        let mut seed = Seed(Slot::of(seed));
        self.0.newtype(&mut seed)?;
        seed.0.value()
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        let mut to = Slot::new(visitor);
        self.0.tuple(length, To::List(&mut to))?;
        to.value()
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        let mut to = Slot::new(visitor);
        self.0.fields(names, To::Map(&mut to))?;
        to.value()
    }
}
