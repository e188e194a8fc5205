//! Which service an answer is about, and where that one comes from.

use std::fmt;

use serde::Serialize;

use crate::root::Root;

/// Which service an answer is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Origin {
    /// The service's name.
    pub service: String,
    /// The init that starts it, where one is meant.
    pub init: Option<&'static str>,
    /// Where it comes from.
    #[serde(flatten)]
    pub kind: OriginKind,
}

/// Where a service comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum OriginKind {
    /// It was asked for: a spec, a unit, single places.
    Chosen {
        /// What it comes from, for people.
        definition: String,
    },
    /// The built-in spec, in the stead of what is there.
    BuiltIn {
        /// Why, as part of a sentence.
        why: String,
    },
    /// kubelet-unit installed it, and its files say all.
    Installed,
    /// A unit of systemd with its drop-ins.
    Unit {
        /// The unit's file.
        path: String,
        /// Whether kubelet-unit installed it.
        installed: bool,
        /// Its drop-ins in the order in which they count.
        #[serde(rename = "dropIns")]
        drop_ins: Vec<DropIn>,
    },
    /// Its files are those that kubelet-unit renders, and no record says who put them there.
    Rendered {
        /// The files that were read.
        files: Vec<String>,
    },
    /// It starts a launcher of kubelet-unit's, and nothing says what that one runs.
    Unrecorded {
        /// The files that were read.
        files: Vec<String>,
    },
    /// Files of another init that somebody else wrote.
    Foreign {
        /// The files that were read.
        files: Vec<String>,
    },
    /// It is masked.
    Masked {
        /// What masks it.
        path: String,
    },
    /// It is there and cannot be read as a whole.
    Refused,
    /// It is nowhere.
    Nowhere {
        /// Where it was looked for, as part of a sentence.
        looked: String,
    },
}

/// A drop-in of a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DropIn {
    /// Its file.
    pub path: String,
    /// Whether kubelet-unit installed it.
    pub installed: bool,
}

impl Origin {
    /// Whether somebody else wrote the service.
    pub fn is_others(&self) -> bool {
        matches!(
            self.kind,
            OriginKind::Foreign { .. }
                | OriginKind::Unit {
                    installed: false,
                    ..
                }
        )
    }

    /// The same with every path as the user of a tree knows it.
    #[must_use]
    pub fn shown(&self, root: &Root) -> Self {
        let mut shown = self.clone();
        match &mut shown.kind {
            OriginKind::Unit { path, drop_ins, .. } => {
                *path = root_shown(root, path);
                for drop_in in drop_ins {
                    drop_in.path = root_shown(root, &drop_in.path);
                }
            }
            OriginKind::Foreign { files }
            | OriginKind::Unrecorded { files }
            | OriginKind::Rendered { files } => {
                for file in files {
                    *file = root_shown(root, file);
                }
            }
            _ => {}
        }
        shown
    }
}

/// A path as the user knows it; what is no path stays as it is.
pub(super) fn root_shown(root: &Root, path: &str) -> String {
    match path.starts_with('/') {
        true => root.shown(path).display().to_string(),
        false => path.to_owned(),
    }
}

impl fmt::Display for Origin {
    /// A line without its period.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { service, init, .. } = self;
        let init = init.unwrap_or("no init");
        match &self.kind {
            OriginKind::Chosen { definition } => {
                write!(f, "{service} as {definition} describes it")
            }
            OriginKind::BuiltIn { why } => {
                write!(f, "{service} as the built-in spec describes it: {why}")
            }
            OriginKind::Installed => write!(f, "{service}, installed by kubelet-unit for {init}"),
            OriginKind::Unit {
                path,
                installed,
                drop_ins,
            } => {
                match installed {
                    true => write!(f, "{service}, installed by kubelet-unit for {init}: {path}")?,
                    false => write!(f, "{service}, a unit of {init}: {path}")?,
                }
                with_drop_ins(f, *installed, drop_ins)
            }
            OriginKind::Rendered { files } => write!(
                f,
                "{service}, as kubelet-unit renders it for {init}, without a record: {}",
                listed(files.iter())
            ),
            OriginKind::Unrecorded { files } => write!(
                f,
                "{service}, a service of {init} that starts a launcher of kubelet-unit's, without a record: {}",
                listed(files.iter())
            ),
            OriginKind::Foreign { files } => write!(
                f,
                "{service}, a service of {init} that is not kubelet-unit's: {}",
                listed(files.iter())
            ),
            OriginKind::Masked { path } => write!(f, "{service}, masked for {init} by {path}"),
            OriginKind::Refused => {
                write!(f, "{service} of {init}, which cannot be read as a whole")
            }
            OriginKind::Nowhere { looked } => write!(f, "there is no service {service} {looked}"),
        }
    }
}

fn with_drop_ins(f: &mut fmt::Formatter<'_>, installed: bool, all: &[DropIn]) -> fmt::Result {
    let (ours, others): (Vec<_>, Vec<_>) = all.iter().partition(|it| installed && it.installed);
    let named = |drop_ins: &[&DropIn]| {
        let noun = if drop_ins.len() == 1 { "" } else { "s" };
        let paths = listed(drop_ins.iter().map(|it| &it.path));
        format!("drop-in{noun} {paths}")
    };
    match (ours.as_slice(), others.as_slice()) {
        ([], []) => f.write_str(", without drop-ins"),
        (_, []) => write!(f, " with the {}", named(&ours)),
        ([], _) if !installed => write!(f, " with the {}", named(&others)),
        ([], _) => write!(f, " with the {}, not kubelet-unit's", named(&others)),
        _ => write!(
            f,
            " with the {}; and with the {}, not kubelet-unit's",
            named(&ours),
            named(&others)
        ),
    }
}

/// `A`, `A and B`, `A, B and C`.
fn listed<'a>(items: impl Iterator<Item = &'a String>) -> String {
    let items: Vec<_> = items.map(String::as_str).collect();
    match items.as_slice() {
        [all @ .., last] if !all.is_empty() => format!("{} and {last}", all.join(", ")),
        items => items.concat(),
    }
}
