//! The upgrade check: an old `kubeadm-flags.env`, rewritten for a newer release.
//!
//! kubeadm does not rewrite the file for long stretches of an upgrade, and a kubelet exits at once for a flag that it
//! does not know. What has become configuration moves there, what kubelets no longer take is dropped, and each change
//! says why. The file is read as systemd reads it, not as a shell would.

mod change;
mod tables;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use thiserror::Error;

pub use change::Change;
use tables::{Kind, MOVES, Move, NO_DOCKERSHIM, SCHEME_SINCE};

use super::flags::VARIABLE;
use super::kubelet::{CONFIG_FILE, INSTANCE_FILE};
use super::version::Version;
use super::yaml::{Map, Node};
use crate::envfile::quote::Unquotable;
use crate::envfile::{self, Rejected};
use crate::kubelet;
use crate::kubelet::flags::{Flag, refused, removed_from};
use crate::kubelet::settings;
use crate::kubelet::takes::{self, Reason, Refusal, gates_of_flag};

/// What became of the old file.
#[derive(Clone, Debug, PartialEq)]
pub struct Upgrade {
    /// The new file: everything but the one variable is as it was.
    pub text: String,
    /// What belongs into config.yaml.
    pub config: Map,
    /// What belongs into instance-config.yaml.
    pub instance: Map,
    /// Every change, in the order of the old arguments, then advice about the whole.
    pub changes: Vec<Change>,
}

/// Why an old file cannot be rewritten.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum UpgradeError {
    /// systemd ignores the file as a whole.
    #[error("systemd ignores this file: {0}")]
    Rejected(#[from] Rejected),
    /// Nothing is in it.
    #[error("the file is empty")]
    Empty,
    /// The variable is not in it.
    #[error("the file does not set `{VARIABLE}`")]
    NoVariable,
    /// An argument holds what no environment file can.
    #[error("an argument cannot be written into an environment file: {0}")]
    Unquotable(#[from] Unquotable),
}

/// Rewrites an old file for a kubelet of a newer release.
///
/// # Errors
/// A file that systemd ignores, or without the variable.
pub fn upgrade(old: &[u8], target: Version) -> Result<Upgrade, UpgradeError> {
    if old.trim_ascii().is_empty() {
        return Err(UpgradeError::Empty);
    }
    let parsed = envfile::parse(old)?;
    let assignment = parsed.assignments.iter().rev().find(|a| a.name == VARIABLE);
    let assignment = assignment.ok_or(UpgradeError::NoVariable)?;
    let words: Vec<Cow<'_, str>> = envfile::split(&assignment.value)
        .into_iter()
        .map(|w| w.text)
        .collect();
    let mut rewrite = Rewrite {
        target,
        kept: Vec::new(),
        upgrade: Upgrade {
            text: String::new(),
            config: Map::default(),
            instance: Map::default(),
            changes: Vec::new(),
        },
        docker: false,
        endpoint: false,
    };
    let mut words = words.iter().map(AsRef::as_ref).peekable();
    while let Some(word) = words.next() {
        let flag = Flag::parse(word);
        let next = match &flag {
            Some(flag) if flag.takes_next() => words.next_if(|next| !next.starts_with('-')),
            _ => None,
        };
        rewrite.argument(word, flag.as_ref(), next);
    }
    let (kept, mut upgrade) = rewrite.finish();
    let value = envfile::quote::words(kept.iter().map(String::as_str))?;
    let quoted = envfile::quote::value(&value)?;
    let quoted = if quoted.starts_with('"') {
        quoted
    } else {
        format!("\"{quoted}\"").into()
    };
    let around = |range: std::ops::Range<usize>| String::from_utf8_lossy(&old[range]).into_owned();
    let (before, after) = (
        around(0..assignment.span.start),
        around(assignment.span.end..old.len()),
    );
    upgrade.text = format!("{before}{VARIABLE}={quoted}{after}");
    if !upgrade.text.ends_with('\n') {
        upgrade.text.push('\n');
    }
    Ok(upgrade)
}

impl Upgrade {
    /// Compares what has moved with the node's configuration: of what is there already nothing is said any more, and
    /// another value there is named, for the flag was what counted.
    pub fn compare(&mut self, config: &Map) {
        let wanted = std::mem::take(&mut self.config);
        for (field, entry) in wanted.iter() {
            let held = config.get(field).filter(|held| held.as_str() != Some(""));
            if held.is_some_and(|held| held.value == entry.node.value) {
                self.changes.retain(|change| !change.is_move_to(field));
                continue;
            }
            let text = held.map(|held| super::yaml::write(held).trim_end().to_owned());
            self.config.set(field, entry.node.clone());
            for change in &mut self.changes {
                if let (
                    Change::Moved {
                        field: it, held, ..
                    },
                    Some(text),
                ) = (change, &text)
                    && *it == field
                {
                    *held = Some(text.clone());
                }
            }
        }
    }

    /// What has to be done before the kubelet is started again, in words that end before that.
    pub fn before_restart(&self) -> String {
        if self.config.is_empty() {
            return String::new();
        }
        let fields = self.config.iter().map(|(field, _)| format!("`{field}`"));
        let fields: Vec<_> = fields.collect();
        format!("write {} into `{CONFIG_FILE}`, then ", fields.join(" and "))
    }
}

struct Rewrite {
    target: Version,
    kept: Vec<String>,
    upgrade: Upgrade,
    docker: bool,
    endpoint: bool,
}

impl Rewrite {
    /// Decides about one argument, with the next one where that is its value.
    fn argument(&mut self, word: &str, flag: Option<&Flag<'_>>, next: Option<&str>) {
        let Some(flag) = flag else {
            self.kept.push(word.to_owned());
            return;
        };
        let minor = self.target.minor();
        let name = flag.name.as_ref();
        let value = flag.value.or(next);
        let text = next.map_or(word.to_owned(), |next| format!("{word} {next}"));
        self.docker |= name == "network-plugin";
        self.endpoint |= name == "container-runtime-endpoint";
        if let Some(row) = MOVES.iter().find(|m| m.flag == name && m.since <= minor) {
            self.shift(row, value);
        } else if let Some(gone) = removed_from(name, kubelet::Version::release(minor.into())) {
            self.upgrade.changes.push(Change::Dropped {
                argument: text,
                since: gone.since,
                instead: gone.instead,
            });
        } else if let Some(row) = refused(name, value.unwrap_or_default())
            .filter(|row| row.since <= kubelet::Version::release(minor.into()))
        {
            self.upgrade.changes.push(Change::Dropped {
                argument: text,
                since: row.since,
                instead: row.instead,
            });
        } else if name == "container-runtime-endpoint" && minor >= SCHEME_SINCE {
            let from = value.unwrap_or_default();
            let to = endpoint(from);
            if to != from {
                let (flag, from) = (name.to_owned(), from.to_owned());
                self.upgrade.changes.push(Change::Completed {
                    flag,
                    from,
                    to: to.clone(),
                });
            }
            self.kept.push(format!("--{name}={to}"));
        } else if name == "feature-gates" {
            self.gates(word, value, next);
        } else if let Some(refusal) = self.refusal(name) {
            let dropped = self.refused(text, refusal);
            if !dropped {
                self.kept.push(word.to_owned());
                self.kept.extend(next.map(str::to_owned));
            }
        } else {
            self.keep(word, name, next);
        }
    }

    /// Why the kubelet that is asked for does not take a flag.
    fn refusal(&self, name: &str) -> Option<Refusal> {
        Refusal::of_name(takes::Kind::Flag, name, Some(self.kubelet()))
    }

    /// The kubelet that is asked for.
    fn kubelet(&self) -> kubelet::Version {
        kubelet::Version::release(self.target.minor().into())
    }

    /// Notes what is not taken, and says whether it goes.
    fn refused(&mut self, argument: String, refusal: Refusal) -> bool {
        let dropped = match refusal.reason {
            Reason::NotYet { .. } | Reason::Gone { .. } | Reason::Locked { .. } => true,
            Reason::Never { .. } | Reason::NotBoolean | Reason::Unknown(_) => false,
        };
        self.upgrade.changes.push(Change::NotTaken {
            argument,
            refusal,
            dropped,
        });
        dropped
    }

    fn keep(&mut self, word: &str, name: &str, next: Option<&str>) {
        if let Some(field) = settings::preferred(name) {
            self.upgrade.changes.push(Change::Deprecated {
                flag: name.to_owned(),
                field,
            });
        }
        self.kept.push(word.to_owned());
        self.kept.extend(next.map(str::to_owned));
    }

    fn shift(&mut self, row: &Move, value: Option<&str>) {
        let value = value.unwrap_or(if row.kind == Kind::Bool { "true" } else { "" });
        let node: Node = match row.kind {
            Kind::Text => value.into(),
            Kind::Bool => (value != "false").into(),
            Kind::Endpoint => endpoint(value).into(),
        };
        self.upgrade.changes.push(Change::Moved {
            flag: row.flag.to_owned(),
            file: row.file,
            field: row.field,
            value: super::yaml::write(&node).trim_end().to_owned(),
            since: row.since,
            held: None,
        });
        if row.file == INSTANCE_FILE {
            self.upgrade.instance.set(row.field, node.clone());
        }
        // The other file is for kubeadm's upgrades; this is the one that the kubelet reads.
        self.upgrade.config.set(row.field, node);
    }

    /// Leaves out the gates that the kubelet does not take.
    fn gates(&mut self, word: &str, value: Option<&str>, next: Option<&str>) {
        const FLAG: &str = "feature-gates";
        let pairs: Vec<_> = gates_of_flag(value.unwrap_or_default()).collect();
        let kubelet = self.kubelet();
        let rest: Vec<String> = pairs
            .iter()
            .map(|(name, value)| (format!("{name}={value}"), name, value))
            .filter(|(pair, name, value)| {
                let refusal = Refusal::of_gate(name, value, Some(kubelet));
                refusal.is_none_or(|refusal| !self.refused(pair.clone(), refusal))
            })
            .map(|(pair, ..)| pair)
            .collect();
        if rest.len() == pairs.len() {
            self.keep(word, FLAG, next);
        } else if !rest.is_empty() {
            self.keep(&format!("--{FLAG}={}", rest.join(",")), FLAG, None);
        }
    }

    fn finish(mut self) -> (Vec<String>, Upgrade) {
        if self.docker && !self.endpoint && self.target.minor() >= NO_DOCKERSHIM {
            self.upgrade.changes.push(Change::RuntimeNeeded);
        }
        (self.kept, self.upgrade)
    }
}

/// An endpoint with its scheme.
fn endpoint(socket: &str) -> String {
    if socket.starts_with('/') {
        format!("unix://{socket}")
    } else {
        socket.to_owned()
    }
}
