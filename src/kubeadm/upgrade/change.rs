//! What an upgrade changes, as data and in words.

use std::fmt;

use crate::kubeadm::kubelet::CONFIG_FILE;
use crate::kubelet;
use crate::kubelet::takes::{Kind, Refusal};

/// One change, or a piece of advice about what was left as it is.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Change {
    /// A flag became a field.
    Moved {
        /// The flag, without dashes.
        flag: String,
        /// The file of the field.
        file: &'static str,
        /// The field.
        field: &'static str,
        /// Its value.
        value: String,
        /// From which release on kubeadm does so.
        since: u8,
        /// What config.yaml says of the field now, where that is known and another value.
        held: Option<String>,
    },
    /// The kubelet does not know the flag any more.
    Dropped {
        /// The argument as it stood.
        argument: String,
        /// The first release without it.
        since: kubelet::Version,
        /// What to do instead.
        instead: &'static str,
    },
    /// A value was completed.
    Completed {
        /// The flag.
        flag: String,
        /// Its old value.
        from: String,
        /// Its new value.
        to: String,
    },
    /// The kubelet does not accept a flag or a feature gate, or that cannot be told. What newer kubelets lack is
    /// dropped; what no kubelet has stays, because nobody knows what was meant.
    NotTaken {
        /// The argument as it stood, or the gate with its value.
        argument: String,
        /// Why it is not taken.
        refusal: Refusal,
        /// Whether it was dropped.
        dropped: bool,
    },
    /// dockershim is gone, and no other runtime is named.
    RuntimeNeeded,
    /// The flag works, but a field is preferred. Left as it is.
    Deprecated {
        /// The flag.
        flag: String,
        /// The field of config.yaml.
        field: &'static str,
    },
}

impl Change {
    /// Whether a flag became this field.
    pub(super) fn is_move_to(&self, name: &str) -> bool {
        matches!(self, Change::Moved { field, .. } if *field == name)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Change::Moved { flag, file, field, value, since, held } => {
                write!(f, "`--{flag}` has moved: write `{field}: {value}` into `{CONFIG_FILE}`")?;
                match *file == CONFIG_FILE {
                    true => write!(f, ", as kubeadm does from 1.{since} on")?,
                    false => write!(f, ", which the kubelet reads, and into `{file}`, from which kubeadm takes it at its next upgrade")?,
                }
                match held {
                    Some(held) => write!(f, "; `{field}: {held}` is there, which the flag has beaten"),
                    None => Ok(()),
                }
            }
            Change::Dropped { argument, since, instead } => {
                write!(f, "`{argument}` is dropped: kubelets from {since} on exit because of it; {instead}")
            }
            Change::Completed { flag, from, to } => {
                write!(f, "`--{flag}={from}` becomes `{to}`: a path without a scheme is deprecated")
            }
            Change::NotTaken { argument, refusal, dropped } => {
                let what = match refusal.kind {
                    Kind::Gate => "the feature gate ",
                    _ => "",
                };
                let becomes = if *dropped { "is dropped" } else { "stays" };
                write!(f, "{what}`{argument}` {becomes}: {refusal}")?;
                match refusal.hint().filter(|_| !dropped) {
                    Some(hint) => write!(f, "; {hint}"),
                    None => Ok(()),
                }
            }
            Change::RuntimeNeeded => f.write_str(
                "dockershim is gone from 1.24 on and no endpoint is named: set `containerRuntimeEndpoint` or `--container-runtime-endpoint`",
            ),
            Change::Deprecated { flag, field } => {
                write!(f, "`--{flag}` stays; `{field}` in `{CONFIG_FILE}` is preferred to it")
            }
        }
    }
}
