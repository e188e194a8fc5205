//! The quoting rules of the formats that several inits have. What only one has is in
//! its own folder. Each function takes any text
//! that a [`Service`](crate::service::Service) can hold and gives text that means
//! exactly that in its format.

use crate::root::Root;

/// One word for sh(1): bare where that is the same, in single quotes otherwise.
pub fn sh(text: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || "_./:=@%+,-".contains(c);
    // A bare `A=b` in the place of a command assigns; a bare `~` or `#` is not
    // reached, since neither is in the set.
    if !text.is_empty() && text.chars().all(bare) {
        text.into()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// The option that names a tree on a command line of ours, after a blank; nothing for
/// the machine's own. Messages show such lines to be pasted.
pub fn root_option(root: &Root) -> String {
    match root.is_machine() {
        true => String::new(),
        false => format!(" --root {}", sh(&root.path().to_string_lossy())),
    }
}

/// A path in logrotate's file: in quotes, with what glob(7) would expand escaped
/// (`logrotate(8)`, "Configuration file").
pub fn logrotate(path: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_./-".contains(c);
    if path.chars().all(plain) {
        return path.into();
    }
    let mut quoted = String::from("\"");
    for c in path.chars() {
        if matches!(c, '*' | '?' | '[' | '\\' | '"') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted + "\""
}

/// Text on a line that is a comment already: nothing in it can end the line.
pub fn comment(text: &str) -> String {
    text.replace(
        |c: char| c.is_control() || c == '\u{2028}' || c == '\u{2029}',
        " ",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sh_words() {
        for (text, word) in [
            ("/usr/bin/kubelet", "/usr/bin/kubelet"),
            ("", "''"),
            ("a b", "'a b'"),
            ("it's", r"'it'\''s'"),
            ("$HOME", "'$HOME'"),
            ("~", "'~'"),
            ("a\nb", "'a\nb'"),
        ] {
            assert_eq!(sh(text), word);
        }
    }

    #[test]
    fn a_comment_stays_one_line() {
        assert_eq!(comment("a\nb\rc"), "a b c");
    }
}
