//! The quoting rules of unit files.

use crate::rendering::template::Quoting;

/// The filters of our templates.
pub(super) const QUOTING: &[Quoting] = &[
    ("systemd_word", word),
    ("systemd_quoted", quoted),
    ("systemd_word_of_host", |text| of_host(&word(text))),
    ("systemd_quoted_of_host", |text| of_host(&quoted(text))),
    ("systemd_line", line),
    ("systemd_verbatim", str::to_owned),
    ("systemd_file", file),
    ("systemd_pattern", pattern),
];

/// One word of `ExecStart=` that stands for itself (`systemd.service(5)`,
/// "Command lines"; `systemd.syntax(7)`, "Quoting"), bare where that is the same.
///
/// `%` is doubled against specifiers. `$` is left alone, because an
/// [`Argument`](crate::service::Argument) shows itself with its dollar signs as
/// they have to be.
fn word(text: &str) -> String {
    let special = |c: char| c.is_whitespace() || c.is_control() || "\"'\\;".contains(c);
    if text.is_empty() || text.contains(special) {
        quoted(text)
    } else {
        text.replace('%', "%%")
    }
}

/// The same in double quotes always, as kubeadm's drop-in has its `Environment=`.
fn quoted(text: &str) -> String {
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

/// The same of a text in which `%` is a specifier's, or is doubled already.
fn of_host(quoted: &str) -> String {
    quoted.replace("%%", "%")
}

/// The rest of a line that systemd takes as it is, such as a description:
/// specifiers are undone, and a last backslash, which would take in the next
/// line, is dropped.
fn line(text: &str) -> String {
    text.trim_end_matches('\\').replace('%', "%%")
}

/// The path of `EnvironmentFile=`, which systemd hands to glob(3).
fn file(path: &str) -> String {
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

/// The same where the path is a pattern already.
fn pattern(path: &str) -> String {
    path.replace('%', "%%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        for (text, written) in [
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
            assert_eq!(word(text), written);
        }
    }

    #[test]
    fn specifiers_stay_as_they_are() {
        for (text, written) in [("%H-100%%", "%H-100%%"), ("a %m", "\"a %m\"")] {
            assert_eq!(of_host(&word(text)), written);
        }
    }

    #[test]
    fn lines_and_files() {
        assert_eq!(line("100% \\"), "100%% ");
        assert_eq!(file("/a b/*[%"), r"/a b/\*\[%%");
        assert_eq!(quoted("A=b"), "\"A=b\"");
    }
}
