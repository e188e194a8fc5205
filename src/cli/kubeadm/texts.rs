//! The texts that were named, and errors that name them.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::kubeadm::{Error, Input, PatchFile, Stream, wanted_patches, yaml::MAX_BYTES};
use crate::root::{Kind, Root};

use super::super::failure::Failure;

/// What was named on the command line.
pub(super) struct Texts {
    /// The kubeadm configuration.
    pub config: Option<Stream>,
    /// What the cluster holds.
    pub cluster: Option<Stream>,
    config_path: Option<PathBuf>,
    cluster_path: Option<PathBuf>,
}

#[derive(Debug, Error)]
enum Unreadable {
    #[error("cannot read `{}`: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("`{}`, line {line}: this is not UTF-8", path.display())]
    NotUtf8 { path: PathBuf, line: usize },
    #[error("`{}`: {source}", path.display())]
    InFile {
        path: PathBuf,
        source: Box<dyn std::error::Error>,
    },
}

/// The content of a file, or of standard input for `-`; a byte more than is read, so that too much is noticed.
pub(super) fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let limit = MAX_BYTES as u64 + 1;
    let mut content = Vec::new();
    let read = if path == Path::new("-") {
        io::stdin().lock().take(limit).read_to_end(&mut content)
    } else {
        File::open(path).and_then(|file| file.take(limit).read_to_end(&mut content))
    };
    read.map_err(|source| {
        let path = path.to_owned();
        Failure::new(&Unreadable::Io { path, source })
    })?;
    Ok(content)
}

/// An error with the file that it is about.
pub(super) fn in_file(path: &Path, error: &dyn std::error::Error) -> Failure {
    Failure::new(&Unreadable::InFile {
        path: path.to_owned(),
        source: error.to_string().into(),
    })
}

/// The files of a folder of patches: the one that was named, or the one that the configuration names, in its tree.
pub(super) fn patches(
    named: Option<&Path>,
    config: Option<&Stream>,
    join: bool,
    tree: &Path,
) -> Result<Vec<PatchFile>, Failure> {
    let (root, folder) = match (named, config.and_then(|text| wanted_patches(text, join))) {
        (Some(named), _) => (Root::open("/")?, std::path::absolute(named)?),
        (None, Some(folder)) => (Root::open(tree)?, PathBuf::from(folder)),
        (None, None) => return Ok(Vec::new()),
    };
    let mut files = Vec::new();
    for name in root.list(&folder)? {
        let path = folder.join(&name);
        let kind = root.target(&path)?.map(|status| status.kind);
        if kind == Some(Kind::Folder) {
            continue;
        }
        let bytes = root.read(&path, MAX_BYTES)?;
        let text = utf8(bytes, &root.shown(&path))?;
        let name = name.to_string_lossy().into_owned();
        files.push(PatchFile { name, text });
    }
    Ok(files)
}

fn utf8(bytes: Vec<u8>, path: &Path) -> Result<String, Failure> {
    String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = good.split(|byte| *byte == b'\n').count();
        let path = path.to_owned();
        Failure::new(&Unreadable::NotUtf8 { path, line })
    })
}

fn text(path: Option<&Path>) -> Result<Option<Stream>, Failure> {
    let Some(path) = path else { return Ok(None) };
    utf8(bytes(path)?, path).map(|text| Some(text.into()))
}

impl Texts {
    pub(super) fn read(config: Option<&Path>, cluster: Option<&Path>) -> Result<Self, Failure> {
        Ok(Self {
            config: text(config)?,
            cluster: text(cluster)?,
            config_path: config.map(Path::to_owned),
            cluster_path: cluster.map(Path::to_owned),
        })
    }

    /// An error about the kubeadm configuration.
    #[cfg(feature = "join")]
    pub(super) fn in_config(&self, problem: &str) -> Failure {
        let problem = problem.into();
        match &self.config_path {
            Some(path) => Failure::new(&Unreadable::InFile {
                path: path.clone(),
                source: problem,
            }),
            None => Failure::new(&*problem),
        }
    }

    /// An error with its file and its hint.
    #[expect(clippy::needless_pass_by_value, reason = "for map_err")]
    pub(super) fn failure(&self, error: Error) -> Failure {
        let path = match error.input() {
            Some(Input::Config) => self.config_path.as_deref(),
            Some(Input::Cluster) => self.cluster_path.as_deref(),
            _ => None,
        };
        let failure = match path {
            Some(path) => in_file(path, &error),
            None => Failure::new(&error),
        };
        match error.hint() {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}
