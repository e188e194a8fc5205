//! Specs that come with the program.

use std::str::FromStr;

use super::{KUBELET, Spec};
use crate::service::ValueError;
use crate::service::text::reads;

/// A spec that comes with the program, by the name of its service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Builtin {
    /// What it is called.
    pub name: &'static str,
    /// Its text, commented and ready to edit.
    pub text: &'static str,
}

/// All of them, the kubelet first.
pub const BUILTIN: &[Builtin] = &[
    Builtin {
        name: "kubelet",
        text: KUBELET,
    },
    Builtin {
        name: "containerd",
        text: include_str!("containerd.yaml"),
    },
    Builtin {
        name: "etcd",
        text: include_str!("etcd.yaml"),
    },
];

impl Builtin {
    /// The spec itself.
    ///
    /// # Panics
    /// Never: a test reads them.
    pub fn spec(self) -> Spec {
        match self.name {
            "kubelet" => Spec::kubelet(),
            name => Spec::read(name, self.text.as_bytes()).expect("a built-in spec is a spec"),
        }
    }
}

impl FromStr for Builtin {
    type Err = ValueError;

    fn from_str(name: &str) -> Result<Self, ValueError> {
        let found = BUILTIN.iter().find(|builtin| builtin.name == name);
        found.copied().ok_or_else(|| ValueError::Number {
            what: "the name of a built-in spec, which `kubelet-unit spec --list` prints",
            text: name.into(),
        })
    }
}

reads!(from_string: Builtin);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_a_spec_of_its_name() {
        for builtin in BUILTIN {
            assert_eq!(builtin.spec().name.as_str(), builtin.name);
        }
    }
}
