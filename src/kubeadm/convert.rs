//! A document through a Go struct and back: types checked, unknown fields kept or dropped, zero values left out.

use super::error::{Error, Invalid, Place};
use super::gotext;
use super::schema::{Default, Emit, Expected, Field, I64, Type, at, invalid, join};
use super::version::Version;
use super::warning::Warning;
use super::yaml::{Map, Node, Pos, Value};

/// How a document is converted.
pub struct Conversion<'w> {
    /// Where the document stands; `path` and `pos` are filled in per field.
    pub place: Place,
    /// Whose structs.
    pub version: Version,
    /// Whether fields that are not known are kept, with a warning, or dropped as Go does.
    pub keep_unknown: bool,
    /// Where warnings go.
    pub warnings: &'w mut Vec<Warning>,
}

/// Decodes a mapping as a struct and encodes it again: types checked, durations and quantities in Go's form.
///
/// # Errors
/// [`Error::Invalid`] for the first value of a wrong type, with its place.
pub fn convert(
    node: &Node,
    fields: &'static [Field],
    by: &mut Conversion<'_>,
) -> Result<Map, Error> {
    by.structure(node, fields, "")
}

impl Conversion<'_> {
    fn fail(&self, path: &str, pos: Pos, problem: Invalid) -> Error {
        invalid(&self.place, path, pos, problem)
    }

    fn wrong(&self, path: &str, node: &Node, expected: Expected) -> Error {
        let found = describe(&node.value);
        self.fail(path, node.pos, Invalid::Type { expected, found })
    }

    fn structure(
        &mut self,
        node: &Node,
        fields: &'static [Field],
        path: &str,
    ) -> Result<Map, Error> {
        let empty = Map::default();
        let map = match &node.value {
            Value::Map(map) => map,
            Value::Null => &empty,
            _ => return Err(self.wrong(path, node, Expected::Mapping)),
        };
        let minor = self.version.minor();
        let known = |name: &str| {
            fields
                .iter()
                .find(|f| f.name == name && f.range().contains(&minor))
        };
        let mut out = Map::default();
        for field in fields.iter().filter(|f| f.range().contains(&minor)) {
            let path = join(path, field.name);
            if let Some(value) = self.field(map.get(field.name), field, &path)? {
                out.set(field.name, value);
            }
        }
        for (key, entry) in map.iter().filter(|(key, _)| known(key).is_none()) {
            // A field of another release is dropped, as kubeadm does; of what nobody knows a kubelet may know.
            let kept = self.keep_unknown && !fields.iter().any(|field| field.name == key);
            self.warnings.push(Warning::UnknownField {
                place: at(&self.place, &join(path, key), entry.pos),
                version: self.version,
                kept,
            });
            if kept {
                out.set(key, entry.node.clone());
            }
        }
        Ok(out)
    }

    fn field(
        &mut self,
        node: Option<&Node>,
        field: &Field,
        path: &str,
    ) -> Result<Option<Node>, Error> {
        let set = node.filter(|n| !n.is_null());
        match (field.ty, field.emit) {
            // Null is no duration in text, and Go asks the type before it looks at null.
            (Type::Duration, Emit::NonZero) if node.is_some() && set.is_none() => {
                let node = node.unwrap_or(
                    const {
                        &Node {
                            value: Value::Null,
                            pos: Pos { line: 0, column: 0 },
                        }
                    },
                );
                Err(self.wrong(path, node, Expected::Duration))
            }
            (Type::Struct(fields), Emit::NonZero | Emit::Always) => {
                let null = Value::Null.into();
                let map = self.structure(set.unwrap_or(&null), fields, path)?;
                Ok(Some(Value::Map(map).into()))
            }
            (ty, emit) => {
                let value = match set {
                    Some(node) => Some(self.value(node, ty, path)?),
                    None if emit == Emit::WhenSet => None,
                    None => zero(ty),
                };
                Ok(value.filter(|v| emit != Emit::NonZero || !is_empty(ty, &v.value)))
            }
        }
    }

    fn value(&mut self, node: &Node, ty: Type, path: &str) -> Result<Node, Error> {
        let value = match (ty, &node.value) {
            (Type::Text, Value::Str(text)) => Value::Str(text.clone()),
            (Type::Bool, Value::Bool(flag)) => Value::Bool(*flag),
            (Type::Int(..) | Type::Float, Value::Int(_) | Value::Float(_)) => {
                self.number(node, ty, path)?
            }
            (Type::Duration | Type::DurationOrNanos, Value::Str(text)) => {
                match gotext::parse_duration(text) {
                    Some(nanos) => Value::Str(gotext::format_duration(nanos)),
                    None => return Err(self.fail(path, node.pos, Invalid::Duration(text.clone()))),
                }
            }
            (Type::DurationOrNanos, Value::Int(_)) => self.number(node, I64, path)?,
            (Type::Quantity, Value::Str(_) | Value::Int(_) | Value::Float(_)) => {
                let text = match &node.value {
                    Value::Str(text) => text.clone(),
                    Value::Int(number) => number.to_string(),
                    Value::Float(number) => number.to_string(),
                    _ => String::new(),
                };
                match gotext::canonical_quantity(&text) {
                    Some(canonical) => Value::Str(canonical),
                    None => return Err(self.fail(path, node.pos, Invalid::Quantity(text))),
                }
            }
            (Type::List(ty), Value::Seq(items)) => {
                let mut list = Vec::with_capacity(items.len());
                for (i, item) in items.iter().enumerate() {
                    list.push(self.element(item, *ty, &format!("{path}[{i}]"))?);
                }
                Value::Seq(list)
            }
            (Type::MapOf(ty), Value::Map(map)) => {
                let mut out = Map::default();
                for (key, entry) in map.iter() {
                    out.set(
                        key,
                        self.element(&entry.node, *ty, &format!("{path}[{key}]"))?,
                    );
                }
                Value::Map(out)
            }
            (Type::Struct(fields), _) => Value::Map(self.structure(node, fields, path)?),
            (Type::Any, value) => value.clone(),
            (ty, _) => return Err(self.wrong(path, node, expected(ty))),
        };
        Ok(Node {
            value,
            pos: node.pos,
        })
    }

    /// An element of a list or a mapping: null is its type's zero.
    fn element(&mut self, node: &Node, ty: Type, path: &str) -> Result<Node, Error> {
        match zero(ty) {
            Some(zero) if node.is_null() => Ok(zero),
            _ => self.value(node, ty, path),
        }
    }

    fn number(&self, node: &Node, ty: Type, path: &str) -> Result<Value, Error> {
        let wrong = || self.wrong(path, node, expected(ty));
        match (ty, &node.value) {
            (Type::Int(min, max), value) => {
                let number = match value {
                    Value::Int(number) => *number,
                    // Go writes a float without a fraction as a whole number into the JSON in between.
                    #[expect(
                        clippy::cast_possible_truncation,
                        reason = "below 1e21, without a fraction"
                    )]
                    Value::Float(number) if number.fract() == 0.0 && number.abs() < 1e21 => {
                        *number as i128
                    }
                    _ => return Err(wrong()),
                };
                let fits = (i128::from(min)..=i128::from(max)).contains(&number);
                fits.then_some(Value::Int(number)).ok_or_else(wrong)
            }
            (_, Value::Float(number)) if !number.is_finite() => Err(wrong()),
            (_, Value::Float(number)) if number.fract() == 0.0 && number.abs() < 1e15 =>
            {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "below 1e15, without a fraction"
                )]
                Ok(Value::Int(*number as i128))
            }
            (_, value) => Ok(value.clone()),
        }
    }
}

/// The zero of a type, as far as it is written.
fn zero(ty: Type) -> Option<Node> {
    Some(match ty {
        Type::Text => "".into(),
        Type::Bool => false.into(),
        Type::Int(..) | Type::Float | Type::DurationOrNanos => 0_i128.into(),
        Type::Duration => "0s".into(),
        Type::Quantity => "0".into(),
        Type::List(_) | Type::MapOf(_) | Type::Struct(_) | Type::Any => return None,
    })
}

fn is_empty(ty: Type, value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::Int(number) => *number == 0,
        Value::Float(number) => *number == 0.0,
        Value::Str(text) => text.is_empty() && matches!(ty, Type::Text),
        Value::Seq(items) => items.is_empty(),
        Value::Map(map) => map.is_empty(),
    }
}

fn expected(ty: Type) -> Expected {
    match ty {
        Type::Text => Expected::Text,
        Type::Bool => Expected::Bool,
        Type::Int(min, max) => Expected::Int(min, max),
        Type::Float => Expected::Number,
        Type::Duration | Type::DurationOrNanos => Expected::Duration,
        Type::Quantity => Expected::Quantity,
        Type::List(_) => Expected::List,
        Type::MapOf(_) | Type::Struct(_) | Type::Any => Expected::Mapping,
    }
}

/// A value for an error message.
fn describe(value: &Value) -> String {
    match value {
        Value::Null => "nothing (null)".to_owned(),
        Value::Bool(flag) => format!("the boolean `{flag}`"),
        Value::Int(number) => format!("the number `{number}`"),
        Value::Float(number) => format!("the number `{number}`"),
        Value::Str(text) => format!("the text `{}`", shorten(text)),
        Value::Seq(_) => "a list".to_owned(),
        Value::Map(_) => "a mapping".to_owned(),
    }
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// Fills in what is unset, as the kubelet's own defaulting does (kubeadm up to 1.17).
///
/// `given` is what was written: a list or mapping that was given empty stays empty.
pub fn fill_defaults(
    map: &mut Map,
    given: Option<&Map>,
    fields: &'static [Field],
    version: Version,
) {
    for field in fields
        .iter()
        .filter(|f| f.range().contains(&version.minor()))
    {
        let given = given.and_then(|g| g.get(field.name));
        if let Type::Struct(inner) = field.ty {
            if let Some(Value::Map(map)) = map.get_mut(field.name).map(|n| &mut n.value) {
                fill_defaults(map, given.and_then(Node::as_map), inner, version);
            }
            continue;
        }
        let collection = matches!(field.ty, Type::List(_) | Type::MapOf(_));
        let unset = match map.get(field.name) {
            None => !(collection && given.is_some_and(|g| !g.is_null())),
            Some(node) => matches!(field.ty, Type::Duration) && node.as_str() == Some("0s"),
        };
        if unset && let Some(value) = default_value(field.default) {
            map.set(field.name, value);
        }
    }
}

fn default_value(default: Default) -> Option<Node> {
    Some(match default {
        Default::None => return None,
        Default::Text(text) => text.into(),
        Default::Int(number) => i128::from(number).into(),
        Default::Bool(flag) => flag.into(),
        Default::List(items) => items
            .iter()
            .map(|i| Node::from(*i))
            .collect::<Vec<_>>()
            .into(),
        Default::Map(entries) => {
            let mut map = Map::default();
            for (key, value) in entries {
                map.set(*key, *value);
            }
            map.into()
        }
    })
}
