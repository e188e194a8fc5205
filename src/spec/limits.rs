//! How a spec writes limits: a number for both, `soft:hard`, or a mapping.

use std::fmt;

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, Visitor};

use crate::service::text::from_string_or_number_by;
use crate::service::{Bound, Limit, Limits, OomScoreAdjust, Resource};

/// The keys of `limits`, for messages.
const KEYS: &[&str] = &[
    "nofile",
    "nproc",
    "core",
    "oomScoreAdjust",
    "cpu",
    "fsize",
    "data",
    "stack",
    "rss",
    "as",
    "memlock",
    "locks",
    "sigpending",
    "msgqueue",
    "nice",
    "rtprio",
    "rttime",
];

/// Limits as they were written.
#[derive(Debug, Default)]
pub(super) struct LimitsLayer(Limits);

impl LimitsLayer {
    /// What is said here in the place of what was said before.
    pub(super) fn over(self, mut base: Limits) -> Limits {
        for (resource, limit) in self.0.said() {
            base.set(resource, Some(limit));
        }
        base.oom_score_adjust = self.0.oom_score_adjust.or(base.oom_score_adjust);
        base
    }
}

impl<'de> Deserialize<'de> for LimitsLayer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Mapping;
        impl<'de> Visitor<'de> for Mapping {
            type Value = LimitsLayer;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping of resources to limits")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<LimitsLayer, A::Error> {
                let mut limits = Limits::default();
                while let Some(key) = map.next_key()? {
                    match key {
                        Key::Resource(of) if limits.get(of).is_some() => {
                            return Err(de::Error::duplicate_field(of.key()));
                        }
                        Key::Resource(of) => {
                            let limit = map.next_value_seed(LimitOf(of))?;
                            limits.set(of, Some(limit));
                        }
                        Key::OomScoreAdjust if limits.oom_score_adjust.is_some() => {
                            return Err(de::Error::duplicate_field("oomScoreAdjust"));
                        }
                        Key::OomScoreAdjust => {
                            let score: OomScoreAdjust = map.next_value()?;
                            limits.oom_score_adjust = Some(score);
                        }
                    }
                }
                Ok(LimitsLayer(limits))
            }
        }
        deserializer.deserialize_map(Mapping)
    }
}

enum Key {
    Resource(Resource),
    OomScoreAdjust,
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Word;
        impl Visitor<'_> for Word {
            type Value = Key;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key of `limits`")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<Key, E> {
                if word == "oomScoreAdjust" {
                    return Ok(Key::OomScoreAdjust);
                }
                let mut all = Resource::ALL.iter();
                let found = all.find(|resource| resource.key() == word);
                let found = found.map(|resource| Key::Resource(*resource));
                found.ok_or_else(|| E::unknown_field(word, KEYS))
            }
        }
        deserializer.deserialize_identifier(Word)
    }
}

/// A soft and a hard limit of a resource.
struct LimitOf(Resource);

impl<'de> DeserializeSeed<'de> for LimitOf {
    type Value = Limit;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Limit, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for LimitOf {
    type Value = Limit;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a limit, `soft:hard`, or a mapping with `soft` and `hard`")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Limit, E> {
        self.0.limit(text).map_err(E::custom)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Limit, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Limit, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Limit, A::Error> {
        #[derive(serde::Deserialize)]
        #[serde(field_identifier, rename_all = "lowercase")]
        enum Side {
            Soft,
            Hard,
        }
        let (mut soft, mut hard) = (None, None);
        while let Some(side) = map.next_key()? {
            let (place, name) = match side {
                Side::Soft => (&mut soft, "soft"),
                Side::Hard => (&mut hard, "hard"),
            };
            if place.is_some() {
                return Err(de::Error::duplicate_field(name));
            }
            *place = Some(map.next_value_seed(BoundOf(self.0))?);
        }
        let soft = soft.ok_or_else(|| de::Error::missing_field("soft"))?;
        let hard = hard.ok_or_else(|| de::Error::missing_field("hard"))?;
        Limit::new(soft, hard).map_err(de::Error::custom)
    }
}

struct BoundOf(Resource);

impl<'de> DeserializeSeed<'de> for BoundOf {
    type Value = Bound;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Bound, D::Error> {
        from_string_or_number_by(deserializer, |text| self.0.bound(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_of_messages_are_those_that_there_are() {
        let mut keys: Vec<_> = Resource::ALL.iter().map(|it| it.key()).collect();
        keys.insert(3, "oomScoreAdjust");
        assert_eq!(KEYS, keys);
    }
}
