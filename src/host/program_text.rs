//! Text that Go wrote into a program, found without running it.
//!
//! Programs of Go carry what they were built with (`debug/buildinfo`): the linker's flags, among
//! them `-X PACKAGE.VARIABLE=VALUE`, and the main module with its version.

use std::iter;

/// What follows each place of a mark.
pub(super) fn all<'b>(bytes: &'b [u8], mark: &'b [u8]) -> impl Iterator<Item = &'b [u8]> {
    let mut rest = bytes;
    iter::from_fn(move || {
        let (&first, _) = mark.split_first()?;
        loop {
            rest = &rest[memchr::memchr(first, rest)?..];
            match rest.strip_prefix(mark) {
                Some(after) => {
                    rest = after;
                    return Some(after);
                }
                None => rest = &rest[1..],
            }
        }
    })
}

/// The word after the first mark that one follows, without the quotes and blanks that may end it.
pub(super) fn after<'b>(bytes: &'b [u8], mark: &'b str) -> Option<&'b str> {
    const MOST: usize = 64;
    all(bytes, mark.as_bytes()).find_map(|rest| {
        let part = |byte: &u8| byte.is_ascii_alphanumeric() || b".-+~_".contains(byte);
        let end = rest.iter().take(MOST).take_while(|byte| part(byte)).count();
        let word = std::str::from_utf8(&rest[..end]).ok()?;
        (!word.is_empty()).then_some(word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_after_its_mark() {
        let bytes = b"\0\xffver.Version=\0..-X 'a/ver.Version=v1.36.3+k'\0";
        assert_eq!(after(bytes, "ver.Version="), Some("v1.36.3+k"));
        assert_eq!(after(bytes, "other="), None);
        assert_eq!(all(b"aaa", b"aa").count(), 1);
    }
}
