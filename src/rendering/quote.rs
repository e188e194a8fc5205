//! The quoting rules of the formats that we write. Each function takes any text
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

/// One word of `ExecStart=` that stands for itself (`systemd.service(5)`,
/// "Command lines"; `systemd.syntax(7)`, "Quoting"), bare where that is the same.
///
/// `%` is doubled against specifiers. `$` is left alone, because an
/// [`Argument`](crate::service::Argument) shows itself with its dollar signs as
/// they have to be.
pub fn systemd_word(text: &str) -> String {
    let special = |c: char| c.is_whitespace() || c.is_control() || "\"'\\;".contains(c);
    if text.is_empty() || text.contains(special) {
        systemd_quoted(text)
    } else {
        text.replace('%', "%%")
    }
}

/// The same in double quotes always, as kubeadm's drop-in has its `Environment=`.
pub fn systemd_quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '%' => quoted.push_str("%%"),
            c if c.is_ascii_control() => quoted.extend(format!("\\x{:02x}", u32::from(c)).chars()),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// The rest of a line that systemd takes as it is, such as a description:
/// specifiers are undone, and a last backslash, which would take in the next
/// line, is dropped.
pub fn systemd_line(text: &str) -> String {
    text.trim_end_matches('\\').replace('%', "%%")
}

/// The path of `EnvironmentFile=`, which systemd hands to glob(3).
pub fn systemd_file(path: &str) -> String {
    let mut escaped = String::new();
    for c in path.chars() {
        match c {
            '*' | '?' | '[' | '\\' => escaped.extend(['\\', c]),
            '%' => escaped.push_str("%%"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// The value of a key in supervisord's file, for text on one line:
/// `%` begins an expansion and is doubled, ` ;` begins a comment.
///
/// A `;` after a blank cannot be written at all (supervisor 4.2.5, `options.py`,
/// strips from the first ` ;`), and quotes mean nothing in most values. Text
/// that holds one goes through the launcher and not through this file; here the
/// blank before it is dropped, which concerns descriptions alone.
pub fn supervisord(text: &str) -> String {
    let mut one_line = text.replace('%', "%%");
    while one_line.contains(" ;") {
        one_line = one_line.replace(" ;", ";");
    }
    one_line
}

/// One word of supervisord's `command=`, which it splits as sh would.
pub fn supervisord_word(text: &str) -> String {
    sh(text).replace('%', "%%")
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
    fn systemd_words() {
        for (text, word) in [
            ("--config=/a", "--config=/a"),
            ("", "\"\""),
            ("A=b c", "\"A=b c\""),
            ("100%", "100%%"),
            ("100 %", "\"100 %%\""),
            ("a\"b\\c", r#""a\"b\\c""#),
            ("a\nb", r#""a\nb""#),
            (";", "\";\""),
            ("\u{1}", r#""\x01""#),
        ] {
            assert_eq!(systemd_word(text), word);
        }
    }

    #[test]
    fn systemd_lines_and_files() {
        assert_eq!(systemd_line("100% \\"), "100%% ");
        assert_eq!(systemd_file("/a b/*[%"), r"/a b/\*\[%%");
        assert_eq!(systemd_quoted("A=b"), "\"A=b\"");
    }

    #[test]
    fn supervisord_values() {
        assert_eq!(supervisord("100% a ; b"), "100%% a; b");
    }

    #[test]
    fn a_comment_stays_one_line() {
        assert_eq!(comment("a\nb\rc"), "a b c");
    }
}
