//! Unified diffs.

use diffy::{DiffOptions, PatchFormatter};

/// So many lines are compared, of both texts together: the time for texts without a line in common
/// grows with the square of that.
const MOST_LINES: usize = 4096;

/// How a file would change, in the unified format of `diff -u`, from `old` on the
/// disk to `new`; for what is not text or has too many lines, that it differs.
pub fn unified(old_name: &str, old: &[u8], new_name: &str, new: &[u8]) -> String {
    if old == new {
        return String::new();
    }
    let (Ok(old), Ok(new)) = (std::str::from_utf8(old), std::str::from_utf8(new)) else {
        return format!("Binary files {old_name} and {new_name} differ\n");
    };
    let lines = old.lines().count() + new.lines().count();
    if lines > MOST_LINES {
        return format!("Files {old_name} and {new_name} differ and are too long to be compared\n");
    }
    let patch = DiffOptions::new()
        .set_original_filename(old_name.to_owned())
        .set_modified_filename(new_name.to_owned())
        .create_patch(old, new);
    PatchFormatter::new()
        .suppress_blank_empty(false)
        .fmt_patch(&patch)
        .to_string()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    /// The lines from 1 to 20, each as `line` has it.
    fn lines(line: impl Fn(u32) -> String) -> String {
        (1..=20).fold(String::new(), |mut text, number| {
            let _ = writeln!(text, "{}", line(number));
            text
        })
    }

    fn of_texts(old: &str, new: &str) -> String {
        unified("old", old.as_bytes(), "new", new.as_bytes())
    }

    #[test]
    fn changes_have_three_lines_around_them_and_far_ones_a_hunk_each() {
        let old = lines(|number| number.to_string());
        let new = lines(|number| match number {
            2 | 19 => format!("new {number}"),
            _ => number.to_string(),
        });
        assert_eq!(
            of_texts(&old, &new),
            "--- old\n+++ new\n\
             @@ -1,5 +1,5 @@\n 1\n-2\n+new 2\n 3\n 4\n 5\n\
             @@ -16,5 +16,5 @@\n 16\n 17\n 18\n-19\n+new 19\n 20\n"
        );
    }

    #[test]
    fn blank_lines_and_missing_ends_are_as_diff_u_writes_them() {
        assert_eq!(
            of_texts("a\n\nb", "a\n\nb\n"),
            "--- old\n+++ new\n@@ -1,3 +1,3 @@\n a\n \n-b\n\\ No newline at end of file\n+b\n"
        );
        assert_eq!(of_texts("", "a\n"), "--- old\n+++ new\n@@ -0,0 +1 @@\n+a\n");
    }

    #[test]
    fn what_is_no_text_only_differs() {
        assert_eq!(
            unified("old", b"\xff", "new", b"a\n"),
            "Binary files old and new differ\n"
        );
    }

    #[test]
    fn what_has_very_many_lines_only_differs() {
        assert_eq!(
            of_texts(&"\\\n".repeat(400_000), "a\n"),
            "Files old and new differ and are too long to be compared\n"
        );
    }

    #[test]
    fn the_same_has_no_differences() {
        assert_eq!(of_texts("a\n", "a\n"), "");
    }
}
