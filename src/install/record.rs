//! The record of a service: what was written, and from what; and once it is removed,
//! which of that was edited and is there still.
//!
//! It lies in the tree itself, in [`FOLDER`], one file for each service and init,
//! so a rootfs that becomes an image carries it along. `/var/lib` is where the
//! state of programs belongs (FHS 3.0, 5.8) and exists on every distribution in
//! the table, those with a `/usr` that is replaced as a whole included.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::order::Choices;
use crate::root::{Root, RootError};
use crate::service::{AbsPath, Name};

/// The folder of records.
pub const FOLDER: &str = "/var/lib/kubelet-unit";

/// The format of an installed service's record.
const FORMAT: u32 = 1;

/// The format of what is left of a service, and the newest that this version reads.
/// What knows only installed services must not take it for one.
pub(super) const NEWEST: u32 = 2;

/// What was installed, or is left of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Record {
    format: u32,
    /// The version of kubelet-unit that wrote it.
    pub version: String,
    /// Whether the installation came to its end.
    pub complete: bool,
    /// Whether the service was removed, and these files of it were edited and stay.
    #[serde(default, skip_serializing_if = "is_false")]
    pub removed: bool,
    /// The service's name.
    pub service: Name,
    /// The init's name.
    pub init: String,
    /// What the files were rendered from.
    pub choices: Choices,
    /// The files, sorted by path.
    pub files: Vec<RecordedFile>,
    /// The links that enable the service.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// The folders that were made for the files, the outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub folders: Vec<AbsPath>,
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RecordedFile {
    /// Where.
    pub path: AbsPath,
    /// Its permission bits.
    #[serde(serialize_with = "octal", deserialize_with = "from_octal")]
    pub mode: u32,
    /// The checksum of what was written.
    pub sha256: String,
    /// Whether the administrator may edit it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub config: bool,
    /// Whether it was there already, with this very content: then it is not ours
    /// to remove.
    #[serde(default, skip_serializing_if = "is_false")]
    pub found: bool,
    /// Whether what stands there is somebody else's, which was there before with another
    /// content, and stays.
    #[serde(default, skip_serializing_if = "is_false")]
    pub foreign: bool,
    /// While an installation is under way: the checksum before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// Where it stands while the service is disabled, under an init that starts
    /// whatever it finds at its path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aside: Option<AbsPath>,
    /// The new version of an edited configuration file, which lies beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<AbsPath>,
    /// Where it is one line of a file that is others' too: how that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<RecordedLine>,
}

/// A line of a file that is others' too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RecordedLine {
    /// How it ends, by which it is known.
    pub mark: String,
    /// Whether the file was made for it: then it goes once it is empty.
    #[serde(default, skip_serializing_if = "is_false")]
    pub made: bool,
}

/// A symbolic link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Where it is.
    pub path: AbsPath,
    /// What it holds.
    pub target: String,
}

impl Record {
    /// A record of nothing yet.
    pub(super) fn new(service: Name, init: &str, choices: Choices) -> Self {
        Self {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").into(),
            complete: false,
            removed: false,
            service,
            init: init.into(),
            choices,
            files: Vec::new(),
            links: Vec::new(),
            folders: Vec::new(),
        }
    }

    /// The record of what is left of this service once it is removed: files, and
    /// folders around them.
    pub(super) fn left(&self, files: Vec<RecordedFile>, folders: Vec<AbsPath>) -> Self {
        Self {
            format: NEWEST,
            version: env!("CARGO_PKG_VERSION").into(),
            complete: true,
            removed: true,
            service: self.service.clone(),
            init: self.init.clone(),
            choices: self.choices.clone(),
            files,
            links: Vec::new(),
            folders,
        }
    }

    /// Where the record of a service under an init lies.
    pub fn path(service: &Name, init: &str) -> PathBuf {
        Path::new(FOLDER).join(format!("{service}.{init}.json"))
    }

    /// Its bytes, as they lie on the disk.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        // A structure of strings and numbers always has a form in JSON.
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// Whether anything that it names is below a folder.
    pub(super) fn needs(&self, folder: &str) -> bool {
        let files = self.files.iter();
        let files = files.flat_map(|it| [Some(&it.path), it.aside.as_ref(), it.beside.as_ref()]);
        let links = self.links.iter().map(|link| Some(&link.path));
        files
            .chain(links)
            .flatten()
            .any(|path| Path::new(path.as_str()).starts_with(folder))
    }

    /// What it says of a path, or of the line with this mark there.
    pub(super) fn part(&self, path: &AbsPath, mark: Option<&str>) -> Option<&RecordedFile> {
        let mut files = self.files.iter();
        files.find(|file| file.path == *path && file.mark() == mark)
    }

    /// What it says of a path.
    pub fn file(&self, path: &AbsPath) -> Option<&RecordedFile> {
        self.files.iter().find(|file| file.path == *path)
    }
}

impl RecordedFile {
    /// Where it stands: at its path, or aside while the service is disabled.
    ///
    /// # Errors
    /// The tree refuses.
    pub fn place(&self, root: &Root) -> Result<&AbsPath, RootError> {
        standing(root, &self.path, self.aside.as_ref())
    }

    /// The mark of a line.
    pub(super) fn mark(&self) -> Option<&str> {
        self.line.as_ref().map(|line| line.mark.as_str())
    }

    /// Whether a checksum is one of those that this file got from us.
    pub fn wrote(&self, sha256: &str) -> bool {
        self.sha256 == sha256 || self.before.as_deref() == Some(sha256)
    }
}

/// Where a file stands: aside where it does so and nothing is at its path.
pub(crate) fn standing<'a>(
    root: &Root,
    path: &'a AbsPath,
    aside: Option<&'a AbsPath>,
) -> Result<&'a AbsPath, RootError> {
    Ok(match aside {
        Some(aside)
            if root.kind(path.as_str())?.is_none() && root.kind(aside.as_str())?.is_some() =>
        {
            aside
        }
        _ => path,
    })
}

/// The checksum of a content as records have it: SHA-256 in hexadecimal.
pub fn checksum(content: &[u8]) -> String {
    use std::fmt::Write;
    hmac_sha256::Hash::hash(content)
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

// serde hands over a reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_false(value: &bool) -> bool {
    !value
}

// serde hands over a reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn octal<S: Serializer>(mode: &u32, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{mode:04o}"))
}

fn from_octal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let text = String::deserialize(deserializer)?;
    u32::from_str_radix(&text, 8).map_err(serde::de::Error::custom)
}

/// Whether the records are in a folder, or in one below it.
pub(super) fn is_around_record(folder: &AbsPath) -> bool {
    Path::new(FOLDER).starts_with(folder.as_str())
}
