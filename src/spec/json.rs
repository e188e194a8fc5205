//! Specs in JSON: YAML as well, but read in a fraction of the time, and told of in
//! the words of JSON's reader where something is wrong.

use super::{MOST_JSON, Spec};
use crate::erased;
use crate::yaml::{self, Bounds, YamlError};

/// What a spec in JSON may measure. Its reader bounds the nesting itself.
const BOUNDS: Bounds = Bounds {
    size: MOST_JSON,
    depth: usize::MAX,
};

/// Whether this begins as JSON does, after lines of comment: `{name: a}` is YAML that
/// people write.
pub(super) fn is_begun(bytes: &[u8]) -> bool {
    let (_, json) = below_comment(bytes);
    json.strip_prefix(b"{")
        .is_some_and(|rest| rest.trim_ascii_start().starts_with(b"\""))
}

/// Reads it.
///
/// # Errors
/// It is larger than [`MOST_JSON`], not UTF-8, not JSON, or not a spec.
pub(super) fn read(source_name: &str, bytes: &[u8]) -> Result<Spec, YamlError> {
    yaml::guard(source_name, bytes, BOUNDS)?;
    let (comment, json) = below_comment(bytes);
    erased::from_json(json).map_err(|error| {
        let text = String::from_utf8_lossy(json);
        YamlError::of_json(source_name, &text, &error).below(comment)
    })
}

/// How many lines of comment there are, and what is below them.
fn below_comment(bytes: &[u8]) -> (usize, &[u8]) {
    let mut rest = bytes;
    let mut lines = 0;
    while rest.starts_with(b"#") {
        let end = rest.iter().position(|&byte| byte == b'\n');
        rest = &rest[end.map_or(rest.len(), |end| end + 1)..];
        lines += 1;
    }
    (lines, rest)
}
