//! What the formats that provision machines have in common.

use std::io::Write;

use thiserror::Error;

use super::{Rendering, Renderings, StreamError};
use crate::service::AbsPath;

/// Why files do not go into a format.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FormatError {
    /// Several renderings, where a machine has one init.
    #[error("{format} is for one machine, which has one init and not {count}")]
    Several {
        /// The format.
        format: &'static str,
        /// How many renderings there are.
        count: usize,
    },
    /// Files without a unit, for a format that only systemd's hosts read.
    #[error("{format} is for hosts that boot with systemd, and not with {init}")]
    NoUnit {
        /// The format.
        format: &'static str,
        /// The init.
        init: &'static str,
    },
    /// Bytes, where the format takes text.
    #[error("`{path}` is not text, and {format} can carry nothing else")]
    NotText {
        /// The format.
        format: &'static str,
        /// The file.
        path: AbsPath,
    },
    /// The stream cannot be written.
    #[error(transparent)]
    Stream(#[from] StreamError),
}

impl From<std::io::Error> for FormatError {
    fn from(error: std::io::Error) -> Self {
        Self::Stream(error.into())
    }
}

/// The one rendering that a format takes.
pub(super) fn only<'a>(
    format: &'static str,
    renderings: &'a Renderings,
) -> Result<&'a Rendering, FormatError> {
    match renderings.list.as_slice() {
        [one] => Ok(one),
        several => Err(FormatError::Several {
            format,
            count: several.len(),
        }),
    }
}

/// What a file that is handed on says of itself.
pub(super) fn headline(rendering: &Rendering) -> String {
    format!(
        "{} under {}, with the places of {}; rendered by kubelet-unit {}",
        rendering.service,
        rendering.backend.title(),
        rendering.distro.title,
        env!("CARGO_PKG_VERSION")
    )
}

/// Text that every YAML reader gives back as it is when it stands in a block:
/// YAML 1.1, which cloud-init and Ansible read, and 1.2 part on other characters.
pub(super) fn plain(content: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(content).ok()?;
    let odd = |c: char| {
        c.is_control() && c != '\n' && c != '\t'
            || matches!(
                c,
                '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}' | '\u{feff}'
            )
    };
    (!text.is_empty() && !text.contains(odd)).then_some(text)
}

/// Writes [plain] text as a literal block scalar (YAML 1.2, 8.1.2), beginning with
/// its indicators, for a key that is indented by `indent` spaces.
pub(super) fn write_block(text: &str, indent: usize, out: &mut impl Write) -> std::io::Result<()> {
    // Newlines at the end: none, one, or all of them are kept.
    let keep = match text.strip_suffix('\n') {
        None => "-",
        Some(rest) if rest.is_empty() || rest.ends_with('\n') => "+",
        Some(_) => "",
    };
    writeln!(out, "|2{keep}")?;
    for line in text.split_inclusive('\n') {
        match line {
            "\n" => writeln!(out)?,
            line => write!(out, "{:indent$}  {line}", "")?,
        }
    }
    match text.ends_with('\n') {
        true => Ok(()),
        false => writeln!(out),
    }
}

/// A scalar in double quotes: a JSON string is one in YAML, too.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn blocks_read_back_as_they_were(text in "[ \t\n#:'\"a-c\u{e9}{}|>-]{1,40}") {
            let mut yaml = b"- key: ".to_vec();
            write_block(plain(text.as_bytes()).unwrap(), 2, &mut yaml).unwrap();
            yaml.extend(b"  next: 1\n");
            let yaml = String::from_utf8(yaml).unwrap();
            let read: Vec<std::collections::BTreeMap<String, serde_yaml::Value>> =
                serde_yaml::from_str(&yaml).unwrap();
            proptest::prop_assert_eq!(read[0]["key"].as_str(), Some(text.as_str()), "{}", yaml);
        }
    }

    #[test]
    fn what_readers_part_on_is_not_plain() {
        for bytes in [
            &b""[..],
            b"\xff",
            b"a\rb",
            b"\x1b",
            "\u{85}".as_bytes(),
            "\u{2028}".as_bytes(),
        ] {
            assert_eq!(plain(bytes), None, "{bytes:?}");
        }
    }
}
