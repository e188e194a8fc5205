//! Where in a document a value stands that is wrong for a reason which its reader does not
//! know.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Position, Problem, YamlError};
use crate::erased;

/// A step from a mapping or a list to what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The value of this key.
    Key(&'static str),
    /// The item of this index.
    Item(usize),
}

impl YamlError {
    /// What is wrong with the value that these steps lead to. `message` may have a hint on a
    /// second line.
    pub fn at(source_name: &str, text: &str, steps: &[Step], message: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let at = At { steps, message };
        let error = erased::seeded(at, serde_yaml::Deserializer::from_str(text));
        let found = error.err().and_then(|error| {
            let location = error.location()?;
            let position = Position {
                line: location.line().max(1),
                column: location.column().max(1),
            };
            Some((super::message(&error), position))
        });
        let (message, position) = found.unzip();
        let message = message.unwrap_or_default();
        Self::new(source_name, text, position, Problem::Shape(message))
    }
}

/// Reads on to the end of the steps, and refuses what it finds there.
struct At<'m> {
    steps: &'m [Step],
    message: &'m str,
}

impl At<'_> {
    fn scalar<E: Error>(self) -> Result<(), E> {
        match self.steps {
            [] => Err(E::custom(self.message)),
            _ => Ok(()),
        }
    }
}

impl<'de> DeserializeSeed<'de> for At<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for At<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the document that was read before")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((step, steps)) = self.steps.split_first() else {
            return Err(A::Error::custom(self.message));
        };
        let message = self.message;
        while let Some(key) = map.next_key::<String>()? {
            match step {
                Step::Key(wanted) if *wanted == key => {
                    map.next_value_seed(At { steps, message })?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Some((step, steps)) = self.steps.split_first() else {
            return Err(A::Error::custom(self.message));
        };
        let message = self.message;
        let mut index = 0;
        loop {
            let next = match *step == Step::Item(index) {
                true => list.next_element_seed(At { steps, message })?,
                false => list.next_element::<IgnoredAny>()?.map(|_| ()),
            };
            if next.is_none() {
                return Ok(());
            }
            index += 1;
        }
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        self.scalar()
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.scalar()
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.scalar()
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.scalar()
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.scalar()
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.scalar()
    }
}
