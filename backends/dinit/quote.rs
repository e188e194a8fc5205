//! The quoting rules of dinit's service descriptions, `dinit-service(5)`, 0.22.

use crate::rendering::template::Quoting;

/// The filters of our templates.
pub(super) const QUOTING: &[Quoting] = &[("dinit", value), ("dinit_argument", argument)];

/// The value of a property. White space, quotes, `#` and backslashes mean something
/// outside of double quotes, and `"` and `\` inside of them.
fn value(text: &str) -> String {
    if text.bytes().all(is_plain) {
        return text.into();
    }
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}

/// One argument of a command, in which `$` begins a substitution, within quotes too.
fn argument(text: &str) -> String {
    value(&text.replace('$', "$$"))
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_./:=@+,-%$".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_is_quoted() {
        assert_eq!(value("/var/log/a-b.log"), "/var/log/a-b.log");
        assert_eq!(value(r#"/a b#"c\"#), r#""/a b#\"c\\""#);
        assert_eq!(argument("/a$b c"), r#""/a$$b c""#);
    }
}
