//! Specifiers: `specifier_printf` (`specifier.c`) with the tables of `unit-printf.c`,
//! described in `systemd.unit(5)`, "Specifiers".

use super::UnitName;

/// What specifiers of a system's unit stand for.
#[derive(Clone, Copy)]
pub struct Specifiers<'a> {
    /// The unit.
    pub name: &'a UnitName,
    /// Its file, for `%y` and `%Y`.
    pub fragment: &'a str,
    /// What the host says for a specifier that is its own, such as `%H`; `None` leaves
    /// the value unresolved, because it is another on every host.
    pub host: &'a dyn Fn(char) -> Option<String>,
}

/// Why a text is not expanded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unresolved {
    /// The host alone knows what the specifier stands for.
    Host(char),
    /// There is no such specifier (`-EBADSLT` in `specifier_printf`).
    Unknown(char),
}

impl Specifiers<'_> {
    /// A text with its specifiers replaced. `%%` is `%`; a `%` before what is neither a
    /// letter nor a digit stands for itself.
    pub(super) fn expand(&self, text: &str) -> Result<String, Unresolved> {
        let mut expanded = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('%') {
            expanded.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            let Some(specifier) = rest.chars().next() else {
                expanded.push('%');
                break;
            };
            rest = &rest[specifier.len_utf8()..];
            if !self.replace(specifier, &mut expanded)? {
                expanded.extend(['%', specifier]);
            }
        }
        expanded.push_str(rest);
        Ok(expanded)
    }

    /// Whether it is a specifier, whose value is then pushed.
    fn replace(&self, specifier: char, into: &mut String) -> Result<bool, Unresolved> {
        let name = self.name;
        let prefix = name.prefix();
        let last = prefix.rsplit('-').next().unwrap_or_default();
        let instance = name.instance().unwrap_or_default();
        let value = match specifier {
            '%' => "%".into(),
            'n' => name.as_str().into(),
            'N' => name.stem().into(),
            'p' => prefix.into(),
            'P' => unescape(prefix),
            'j' => last.into(),
            'J' => unescape(last),
            'i' => instance.into(),
            'I' => unescape(instance),
            'f' => path(name.instance().unwrap_or(prefix)),
            'y' => self.fragment.into(),
            'Y' => folder(self.fragment).into(),
            // What is root's in the system's manager.
            'u' | 'g' => "root".into(),
            'U' | 'G' => "0".into(),
            'h' => "/root".into(),
            't' => "/run".into(),
            'S' => "/var/lib".into(),
            'C' => "/var/cache".into(),
            'L' => "/var/log".into(),
            'E' => "/etc".into(),
            'D' => "/usr/share".into(),
            'T' => "/tmp".into(),
            'V' => "/var/tmp".into(),
            'd' => format!("/run/credentials/{name}"),
            'a' | 'A' | 'b' | 'B' | 'H' | 'l' | 'm' | 'M' | 'o' | 'q' | 's' | 'v' | 'w' | 'W' => {
                (self.host)(specifier).ok_or(Unresolved::Host(specifier))?
            }
            c if c.is_ascii_alphanumeric() => return Err(Unresolved::Unknown(c)),
            _ => return Ok(false),
        };
        into.push_str(&value);
        Ok(true)
    }
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// `%f`: an escaped path, which may have its first slash.
fn path(escaped: &str) -> String {
    let path = unescape(escaped);
    match path.starts_with('/') {
        true => path,
        false => format!("/{path}"),
    }
}

/// `unit_name_unescape` (`unit-name.c`): `-` is a slash, `\xNN` a byte.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let code = rest.strip_prefix("\\x").and_then(|code| code.get(..2));
        if let Some(byte) = code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            bytes.push(byte);
            rest = &rest[4..];
        } else {
            let c = if c == '-' { '/' } else { c };
            bytes.extend(c.encode_utf8(&mut [0; 4]).bytes());
            rest = &rest[c.len_utf8()..];
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
