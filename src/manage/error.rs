//! Why a command could not do what was asked, and what may help.

use std::path::{Path, PathBuf};

use thiserror::Error;

use super::init::{InitError, one_of};
use super::remedy::{self, Options};
use crate::backends::Trouble;
use crate::control::ControlError;
use crate::effective::{Origin, OriginKind, Rival};
use crate::hint::{Call, Hint};
use crate::install::{InstallError, RecordError};
use crate::order::OrderError;
use crate::root::RootError;
use crate::service::{Name, ValueError};
use crate::sorting;
use crate::takeover::{Lost, MigrationError};

/// Why a command could not do what was asked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ManageError {
    /// The init is not known.
    #[error(transparent)]
    Init(#[from] InitError),
    /// A backend that finds or renders its init, and does not drive it.
    #[error("kubelet-unit cannot drive services under `{init}`")]
    NoControl {
        /// The init's name.
        init: &'static str,
    },
    /// What was asked for gives no files.
    #[error(transparent)]
    Order(#[from] OrderError),
    /// It was not installed or removed.
    #[error("{error}")]
    Install {
        /// Why.
        #[source]
        error: InstallError,
        /// The folder of the tree.
        root: PathBuf,
        /// The init's name.
        init: &'static str,
        /// Whether services of that init that others wrote can be taken over.
        migrates: bool,
    },
    /// Something in the tree stands against it.
    #[error("{}", sentences(root, troubles))]
    Troubles {
        /// The folder of the tree.
        root: PathBuf,
        /// What does.
        troubles: Vec<Trouble>,
    },
    /// The service is defined elsewhere too.
    #[error("{}", rival_sentences(root, rivals))]
    Rivals {
        /// The other definitions.
        rivals: Vec<Rival>,
        /// The folder of the tree.
        root: PathBuf,
        /// The init's name.
        init: &'static str,
    },
    /// Settings that are there would have no effect on it.
    #[error("{}", lost_sentences(root, lost))]
    Lost {
        /// The settings.
        lost: Vec<Lost>,
        /// The folder of the tree.
        root: PathBuf,
        /// The init's name.
        init: &'static str,
    },
    /// Another's service is there and cannot be taken over.
    #[error("{0}")]
    Migration(Box<MigrationError>),
    /// Services of this init that others wrote are not read.
    #[error(
        "kubelet-unit does not read services of {init} that others wrote, so there is nothing to migrate"
    )]
    NotRead {
        /// What the init calls itself.
        init: &'static str,
    },
    /// It is installed, and the links that enable it cannot be made.
    #[error(transparent)]
    Link(InstallError),
    /// There is nothing to remove, for no init: asking for one would lead nowhere.
    #[error("`{service}` is not installed in `{}`", root.display())]
    NotInstalled {
        /// The service.
        service: Name,
        /// The folder of the tree.
        root: PathBuf,
    },
    /// What there is is left of services that were removed. Such a service misses nothing,
    /// and is not clean either.
    #[error("nothing is installed in `{}`: only edited configuration of {} is left", root.display(), listed(left))]
    OnlyLeft {
        /// The folder of the tree.
        root: PathBuf,
        /// The services, each with its init.
        left: Vec<(Name, String)>,
    },
    /// There is no service to speak of, or its init never starts it.
    #[error("{origin}{}", because(why.as_deref()))]
    NoService {
        /// Which one was looked for.
        origin: Box<Origin>,
        /// Why it is not started, where it is there.
        why: Option<String>,
    },
    /// A record that cannot be used.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The service cannot be driven.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The tree refused.
    #[error(transparent)]
    Root(#[from] RootError),
    /// A place that came out as no path.
    #[error(transparent)]
    Place(#[from] ValueError),
}

impl ManageError {
    /// Whether it is that there is no such service.
    pub fn is_unknown_service(&self) -> bool {
        matches!(self, Self::Control(ControlError::Unknown { .. }))
    }

    /// What may help, for a command whose options are called so.
    pub fn hint(&self, options: &Options) -> Option<Hint> {
        match self {
            Self::Init(error) => error.hint(),
            Self::Control(error) => remedy::of_control(error, options),
            Self::Install {
                error,
                root,
                init,
                migrates,
            } => remedy::of_install(error, root, init, *migrates),
            Self::Troubles { troubles, .. } => {
                let hint = troubles.iter().find_map(|trouble| trouble.hint.as_deref());
                Some(format!("nothing was written; {}", hint?).into())
            }
            Self::Rivals { rivals, root, init } => Some(remedy::of_rivals(rivals, root, init)),
            Self::Lost { lost, root, init } => Some(remedy::of_lost(lost, root, init)),
            Self::Migration(error) if error.is_denied() => {
                Some("nothing was written; run it as root".into())
            }
            Self::Migration(_) => Some(
                "nothing was written; write into the administrator's env file what is to be passed, take it away \
                 there, and run it again"
                    .into(),
            ),
            Self::OnlyLeft { root, left } => Some(only_left(root, left)),
            Self::NoService { origin, .. } => no_service(origin),
            _ => None,
        }
    }
}

fn because(why: Option<&str>) -> String {
    why.map(|why| format!(": {why}")).unwrap_or_default()
}

fn no_service(origin: &Origin) -> Option<Hint> {
    let text = match &origin.kind {
        OriginKind::Nowhere { .. } => {
            "`kubelet-unit install` installs one; `--spec` and `--from-unit` name one that is not installed"
        }
        OriginKind::Masked { .. } => "`systemctl unmask` undoes that",
        _ => return None,
    };
    Some(Hint::text(text))
}

fn sentences(root: &Path, troubles: &[Trouble]) -> String {
    let sentence = |trouble: &Trouble| {
        let below = trouble.path.strip_prefix("/").unwrap_or(&trouble.path);
        format!("`{}` {}", root.join(below).display(), trouble.what)
    };
    let all: Vec<_> = troubles.iter().map(sentence).collect();
    all.join("; ")
}

fn rival_sentences(root: &Path, rivals: &[Rival]) -> String {
    let all: Vec<_> = rivals.iter().map(|it| it.sentence(root)).collect();
    all.join("; ")
}

fn lost_sentences(root: &Path, lost: &[Lost]) -> String {
    let sentence = |lost: &Lost| {
        let below = lost.path.trim_start_matches('/');
        format!(
            "`{}` line {}: {}",
            root.join(below).display(),
            lost.line,
            lost.what
        )
    };
    lost.iter().map(sentence).collect::<Vec<_>>().join("; ")
}

fn listed(left: &[(Name, String)]) -> String {
    let left = left
        .iter()
        .map(|(service, init)| format!("`{service}` for `{init}`"));
    left.collect::<Vec<_>>().join(", ")
}

fn only_left(root: &Path, left: &[(Name, String)]) -> Hint {
    let mut inits: Vec<_> = left.iter().map(|(_, init)| init.as_str()).collect();
    sorting::by(&mut inits, Ord::cmp);
    inits.dedup();
    let option = match inits.as_slice() {
        [init] => format!("`--init {init}`"),
        inits => one_of(inits.iter().copied()),
    };
    let mut hint = Hint::text(format!("{option} compares with what would be installed; "));
    for (at, (service, init)) in left.iter().enumerate() {
        let call = Call::new("uninstall").root(root).init(init).name(service);
        let between = if at == 0 { "" } else { ", " };
        hint = hint.and(between).and_call(call.word("--purge"));
    }
    hint.and(match left.len() {
        1 => " removes that",
        _ => " remove that",
    })
}
