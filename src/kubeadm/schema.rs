//! Go structs as data: which fields an API has at a release, what they take, and when Go writes them out.
//!
//! kubeadm decodes a document into a struct and encodes the struct again. What comes out follows from the struct:
//! `omitempty` drops zero values, but never those of pointers that are set, nor structs (a duration is one, which is
//! why kubeadm writes `0s`). [`convert`](super::convert::convert) does the same from a table of [`Field`]s.

use std::ops::RangeInclusive;

use super::error::{Error, Input, Invalid, Place};
pub use super::expected::Expected;
use super::version::KNOWN;
use super::yaml::Pos;

/// What a field takes.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// Text.
    Text,
    /// `true` or `false`.
    Bool,
    /// A whole number within bounds.
    Int(i64, i64),
    /// A number.
    Float,
    /// Go's `metav1.Duration`.
    Duration,
    /// A duration, or a whole number of nanoseconds, written back as it came.
    DurationOrNanos,
    /// A quantity of Kubernetes.
    Quantity,
    /// A list.
    List(&'static Type),
    /// A mapping of text to values of one type.
    MapOf(&'static Type),
    /// A struct.
    Struct(&'static [Field]),
    /// What we do not look into.
    Any,
}

/// `int32` of Go.
pub const I32: Type = Type::Int(i32::MIN as i64, i32::MAX as i64);
/// `int64` of Go.
pub const I64: Type = Type::Int(i64::MIN, i64::MAX);

/// When Go's encoder writes a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emit {
    /// `omitempty`: unless it is zero or empty. Structs and durations are neither.
    NonZero,
    /// A pointer with `omitempty`: when it is set.
    WhenSet,
    /// Always.
    Always,
}

/// What kubeadm up to 1.17 writes for an unset field, because the kubelet would assume it.
#[derive(Clone, Copy, Debug)]
pub enum Default {
    /// Nothing.
    None,
    /// Text, or a duration.
    Text(&'static str),
    /// A number.
    Int(i64),
    /// A boolean.
    Bool(bool),
    /// A list of text.
    List(&'static [&'static str]),
    /// A mapping of text.
    Map(&'static [(&'static str, &'static str)]),
}

/// One field of a struct.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name in JSON.
    pub name: &'static str,
    /// What it takes.
    pub ty: Type,
    /// When it is written.
    pub emit: Emit,
    /// The minor releases that have it.
    pub releases: (u8, u8),
    /// What is assumed for it.
    pub default: Default,
}

impl Field {
    /// A field with `omitempty`.
    pub const fn new(name: &'static str, ty: Type) -> Field {
        Field {
            name,
            ty,
            emit: Emit::NonZero,
            releases: (*KNOWN.start(), *KNOWN.end()),
            default: Default::None,
        }
    }

    /// A pointer.
    #[must_use]
    pub const fn pointer(self) -> Field {
        Field {
            emit: Emit::WhenSet,
            ..self
        }
    }

    /// Without `omitempty`.
    #[must_use]
    pub const fn always(self) -> Field {
        Field {
            emit: Emit::Always,
            ..self
        }
    }

    /// From this minor release on.
    #[must_use]
    pub const fn since(self, minor: u8) -> Field {
        Field {
            releases: (minor, self.releases.1),
            ..self
        }
    }

    /// Up to this minor release.
    #[must_use]
    pub const fn until(self, minor: u8) -> Field {
        Field {
            releases: (self.releases.0, minor),
            ..self
        }
    }

    /// With a default.
    #[must_use]
    pub const fn default(self, default: Default) -> Field {
        Field { default, ..self }
    }

    pub(super) fn range(&self) -> RangeInclusive<u8> {
        self.releases.0..=self.releases.1
    }
}

/// A place with its field.
pub(super) fn at(place: &Place, path: &str, pos: Pos) -> Place {
    Place {
        path: path.to_owned(),
        pos: if pos == Pos::default() {
            place.pos
        } else {
            pos
        },
        ..place.clone()
    }
}

/// An [`Error::Invalid`] at a field.
pub(super) fn invalid(place: &Place, path: &str, pos: Pos, problem: Invalid) -> Error {
    Error::Invalid {
        place: at(place, path, pos).into(),
        problem: problem.into(),
    }
}

pub(super) fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

impl Place {
    /// The start of a text.
    pub(super) fn start(input: Input) -> Place {
        Place {
            input,
            document: 1,
            kind: String::new(),
            path: String::new(),
            pos: Pos { line: 1, column: 1 },
        }
    }
}
