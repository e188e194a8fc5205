//! A place beside a file for what it holds now, before something else takes its place.

use std::path::{Path, PathBuf};

use super::{Kind, Root, RootError};

/// What is added to a file's name. Nothing that goes through a folder of services, of
/// settings or of drop-ins takes such a name.
const SPARE: &str = ".bak";

/// More of them than anybody keeps.
const MOST: u32 = 1000;

/// A place for what a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spare {
    /// Where.
    pub path: PathBuf,
    /// Whether it is there already.
    pub there: bool,
}

/// The first place beside a file in which its content is kept, if it is free.
pub fn first_spare(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(SPARE);
    PathBuf::from(name)
}

impl Root {
    /// The place beside a file in which its content is kept: `NAME.bak`, else the first of
    /// `NAME.bak.1`, `NAME.bak.2` and so on that is free. What is kept in one of them already
    /// needs no second, and no older one is ever written over.
    ///
    /// # Errors
    /// The system refuses, or there are too many of them.
    pub fn spare(&self, path: impl AsRef<Path>, content: &[u8]) -> Result<Spare, RootError> {
        let mut last = path.as_ref().to_owned();
        for number in 0..=MOST {
            let mut name = first_spare(path.as_ref()).into_os_string();
            if number > 0 {
                name.push(format!(".{number}"));
            }
            last = PathBuf::from(name);
            match self.status(&last)? {
                None => {
                    let there = false;
                    return Ok(Spare { path: last, there });
                }
                Some(status)
                    if status.kind == Kind::File && status.size == content.len() as u64 =>
                {
                    if self.read(&last, content.len() + 1)? == content {
                        let there = true;
                        return Ok(Spare { path: last, there });
                    }
                }
                Some(_) => {}
            }
        }
        Err(RootError::InTheWay {
            kind: self.kind(&last)?.unwrap_or(Kind::File),
            path: self.shown(last),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Scratch;

    #[test]
    fn nothing_that_was_kept_is_written_over() {
        let scratch = Scratch::new();
        let root = Root::open(scratch.path()).unwrap();
        let spare = |content: &[u8]| {
            let spare = root.spare("/f", content).unwrap();
            (spare.path.display().to_string(), spare.there)
        };
        assert_eq!(spare(b"a"), ("/f.bak".to_owned(), false));
        root.write_whole("/f.bak", b"a", 0o600).unwrap();
        assert_eq!(spare(b"a"), ("/f.bak".to_owned(), true));
        assert_eq!(spare(b"b"), ("/f.bak.1".to_owned(), false));
        std::os::unix::fs::symlink("/dev/zero", scratch.path().join("f.bak.1")).unwrap();
        assert_eq!(spare(b"b"), ("/f.bak.2".to_owned(), false));
    }
}
