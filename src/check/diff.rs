//! Unified diffs.

use similar::TextDiff;

/// How a file would change, in the unified format of `diff -u`, from `old` on the
/// disk to `new`; for what is no text, that it differs.
pub fn unified(old_name: &str, old: &[u8], new_name: &str, new: &[u8]) -> String {
    let (Ok(old), Ok(new)) = (std::str::from_utf8(old), std::str::from_utf8(new)) else {
        return format!("Binary files {old_name} and {new_name} differ\n");
    };
    TextDiff::from_lines(old, new)
        .unified_diff()
        .context_radius(3)
        .header(old_name, new_name)
        .to_string()
}
