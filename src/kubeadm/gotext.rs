//! Text as Go writes and reads it: `%q`, durations, cleaned paths, URLs and Kubernetes' quantities.

/// Go's `strconv.Quote`, which `%q` is. This is not a shell's quoting: `$` and backticks stay as they are.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        let code = u32::from(c);
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if is_print(c) => out.push(c),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            c if c.is_ascii() => out.push_str(&format!("\\x{code:02x}")),
            _ if code < 0x1_0000 => out.push_str(&format!("\\u{code:04x}")),
            _ => out.push_str(&format!("\\U{code:08x}")),
        }
    }
    out.push('"');
    out
}

/// Go's `strconv.IsPrint`: letters, marks, numbers, punctuation, symbols and the ASCII blank. The standard library
/// uses the same Unicode categories to escape for debugging, behind a first character that takes combining marks.
fn is_print(c: char) -> bool {
    matches!(c, '\'' | '"') || format!("a{c}").escape_debug().to_string() == format!("a{c}")
}

const UNITS: [(&str, i128); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Go's `time.ParseDuration`, in nanoseconds.
pub fn parse_duration(text: &str) -> Option<i64> {
    let (negative, mut rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let (number, tail) = rest.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
            return None;
        }
        let end = tail
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        let nanos = UNITS.iter().find(|(name, _)| *name == unit)?.1;
        let whole: i128 = if whole.is_empty() {
            0
        } else {
            whole.parse().ok()?
        };
        let digits = &fraction[..fraction.len().min(18)];
        let part = if digits.is_empty() {
            0
        } else {
            digits.parse::<i128>().ok()? * nanos / 10_i128.pow(u32::try_from(digits.len()).ok()?)
        };
        total = total
            .checked_add(whole.checked_mul(nanos)?)?
            .checked_add(part)?;
        rest = tail;
    }
    i64::try_from(if negative { -total } else { total }).ok()
}

/// Go's `Duration.String`: `1h0m0s`, `1.5s`, `500ms`, `0s`.
pub fn format_duration(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let nanos = nanos.unsigned_abs();
    let with_fraction = |value: u64, unit: u64| {
        let digits = unit.to_string().len() - 1;
        let fraction = format!("{:0digits$}", value % unit);
        match fraction.trim_end_matches('0') {
            "" => (value / unit).to_string(),
            fraction => format!("{}.{fraction}", value / unit),
        }
    };
    let body = match nanos {
        0 => "0s".to_owned(),
        1..=999 => format!("{nanos}ns"),
        1_000..=999_999 => format!("{}µs", with_fraction(nanos, 1_000)),
        1_000_000..=999_999_999 => format!("{}ms", with_fraction(nanos, 1_000_000)),
        _ => {
            let minutes = nanos / 60_000_000_000;
            let seconds = with_fraction(nanos % 60_000_000_000, 1_000_000_000);
            match (minutes / 60, minutes % 60) {
                (0, 0) => format!("{seconds}s"),
                (0, m) => format!("{m}m{seconds}s"),
                (h, m) => format!("{h}h{m}m{seconds}s"),
            }
        }
    };
    format!("{sign}{body}")
}

/// Go's `filepath.Join(dir, name)` for an absolute folder: without doubled or relative parts.
pub fn join_path(dir: &str, name: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in dir.split('/').chain([name]) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// What Go's `url.Parse` makes of a CRI socket: its scheme and path, or `None` where it fails.
pub fn parse_url(text: &str) -> Option<(&str, &str)> {
    if text.chars().any(|c| c.is_ascii_control()) {
        return None;
    }
    let text = text.split('#').next().unwrap_or_default();
    let scheme_end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c)));
    let (scheme, rest) = match scheme_end {
        Some(0) if text.starts_with(':') => return None,
        Some(at)
            if text[at..].starts_with(':')
                && text.starts_with(|c: char| c.is_ascii_alphabetic()) =>
        {
            (&text[..at], &text[at + 1..])
        }
        _ => ("", text),
    };
    let rest = rest.split('?').next().unwrap_or_default();
    if !scheme.is_empty() && !rest.starts_with('/') {
        return Some((scheme, rest));
    }
    let first_segment = rest.split('/').next().unwrap_or_default();
    if scheme.is_empty() && first_segment.contains(':') {
        return None;
    }
    let authority = (!scheme.is_empty() || !rest.starts_with("///"))
        .then(|| rest.strip_prefix("//"))
        .flatten();
    let path = match authority {
        Some(authority) => {
            let (host, path) = authority.split_at(authority.find('/').unwrap_or(authority.len()));
            valid_host(host).then_some(path)?
        }
        None => rest,
    };
    valid_escapes(path).then_some((scheme, path))
}

fn valid_host(authority: &str) -> bool {
    let host = authority.rsplit('@').next().unwrap_or_default();
    let port_ok = |port: &str| port.bytes().all(|b| b.is_ascii_digit());
    let port = match (host.rfind(']'), host.rfind(':')) {
        (Some(end), _) => host[end + 1..].strip_prefix(':').is_none_or(port_ok),
        (None, Some(colon)) => port_ok(&host[colon + 1..]),
        (None, None) => true,
    };
    let allowed = |c: char| {
        !c.is_ascii() || c.is_ascii_alphanumeric() || "-_.~!$&'()*+,;=:[]<>\"%".contains(c)
    };
    port && host.chars().all(allowed) && (!host.starts_with('[') || host.contains(']'))
}

fn valid_escapes(path: &str) -> bool {
    path.split('%').skip(1).all(|part| {
        let mut hex = part.bytes();
        let mut digit = || hex.next().is_some_and(|b| b.is_ascii_hexdigit());
        digit() && digit()
    })
}

const BINARY: [&str; 7] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const DECIMAL: [(&str, i32); 10] = [
    ("n", -9),
    ("u", -6),
    ("m", -3),
    ("", 0),
    ("k", 3),
    ("M", 6),
    ("G", 9),
    ("T", 12),
    ("P", 15),
    ("E", 18),
];

/// A quantity of Kubernetes (`apimachinery/pkg/api/resource`) in its canonical form: `1024Ki` is `1Mi`.
pub fn canonical_quantity(text: &str) -> Option<String> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let end = unsigned
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(unsigned.len());
    let (number, suffix) = unsigned.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty()
        || fraction.contains('.')
        || whole.len() + fraction.len() > 18
    {
        return None;
    }
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    let scale = -i32::try_from(fraction.len()).ok()?;
    let sign = if text.starts_with('-') && digits != 0 {
        "-"
    } else {
        ""
    };
    let body = match BINARY.iter().skip(1).position(|unit| *unit == suffix) {
        Some(power) => binary_quantity(digits, scale, u32::try_from(power).ok()? + 1)?,
        None => {
            let written = suffix.strip_prefix(['e', 'E']).filter(|e| !e.is_empty());
            let exponent = match written {
                Some(exponent) => exponent.parse().ok().filter(|e| (-18..=18).contains(e))?,
                None => DECIMAL.iter().find(|(unit, _)| *unit == suffix)?.1,
            };
            decimal_quantity(digits, scale + exponent, written.is_some())
        }
    };
    Some(format!("{sign}{body}"))
}

fn binary_quantity(digits: i128, scale: i32, power: u32) -> Option<String> {
    let divisor = 10_i128.pow(scale.unsigned_abs());
    let bytes = digits.checked_mul(1024_i128.pow(power))?;
    if bytes % divisor != 0 {
        // No whole number of bytes: written as a decimal, rounded up to thousandths.
        return Some(decimal_quantity(
            (bytes * 1000 + divisor - 1) / divisor,
            -3,
            false,
        ));
    }
    let mut bytes = bytes / divisor;
    let mut unit = 0;
    while bytes != 0 && bytes % 1024 == 0 && unit + 1 < BINARY.len() {
        bytes /= 1024;
        unit += 1;
    }
    Some(format!("{bytes}{}", BINARY[unit]))
}

fn decimal_quantity(mut digits: i128, mut exponent: i32, scientific: bool) -> String {
    if digits == 0 {
        return "0".to_owned();
    }
    while digits % 10 == 0 {
        digits /= 10;
        exponent += 1;
    }
    while exponent % 3 != 0 || exponent > 18 {
        digits *= 10;
        exponent -= 1;
    }
    while exponent < -9 {
        digits = (digits + 9) / 10;
        exponent += 1;
    }
    if scientific && exponent != 0 {
        return format!("{digits}e{exponent}");
    }
    let unit = DECIMAL
        .iter()
        .find(|(_, e)| *e == exponent)
        .map_or("", |(unit, _)| *unit);
    format!("{digits}{unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_as_strconv_does() {
        for (text, quoted) in [
            ("", r#""""#),
            ("--a=b c", r#""--a=b c""#),
            ("\"\\'$HOME`id`", r#""\"\\'$HOME`id`""#),
            ("\u{7}\u{8}\u{c}\n\r\t\u{b}", r#""\a\b\f\n\r\t\v""#),
            ("\0\u{1b}\u{7f}", r#""\x00\x1b\x7f""#),
            (
                "\u{80}\u{a0}\u{ad}\u{200b}\u{feff}\u{2028}",
                r#""\u0080\u00a0\u00ad\u200b\ufeff\u2028""#,
            ),
            ("ü节\u{301}😀", "\"ü节\u{301}😀\""),
            (
                "\u{e000}\u{fffd}\u{e0001}\u{10ffff}",
                "\"\\ue000\u{fffd}\\U000e0001\\U0010ffff\"",
            ),
            ("\u{301}", "\"\u{301}\""),
        ] {
            assert_eq!(quote(text), quoted, "{text:?}");
        }
    }

    #[test]
    fn durations_read_and_written_as_go_does() {
        for (text, written) in [
            ("0", "0s"),
            ("90s", "1m30s"),
            ("4h", "4h0m0s"),
            ("500ms", "500ms"),
            ("1.5h", "1h30m0s"),
            ("1m0.5s", "1m0.5s"),
            ("-2m", "-2m0s"),
            ("1500us", "1.5ms"),
            ("1µs", "1µs"),
            ("+1ns", "1ns"),
            (".5s", "500ms"),
            ("1.s", "1s"),
            ("48h", "48h0m0s"),
            ("1h1ms", "1h0m0.001s"),
        ] {
            assert_eq!(
                parse_duration(text).map(format_duration).as_deref(),
                Some(written),
                "{text}"
            );
        }
        for text in [
            "",
            "5",
            "5 minutes",
            "s",
            "1d",
            ".s",
            "1..5s",
            "-",
            "1h ",
            "10000000000h",
        ] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn urls_that_go_reads() {
        for (text, parts) in [
            ("/run/x.sock", ("", "/run/x.sock")),
            ("run/x.sock", ("", "run/x.sock")),
            ("unix:///run/my x.sock", ("unix", "/run/my x.sock")),
            ("unix:run/x", ("unix", "run/x")),
            ("unix://run/x", ("unix", "/x")),
            ("unix://tcp://127.0.0.1:1", ("unix", "//127.0.0.1:1")),
            ("tcp://127.0.0.1:3735", ("tcp", "")),
            ("npipe:////./pipe/x", ("npipe", "//./pipe/x")),
        ] {
            assert_eq!(parse_url(text), Some(parts), "{text}");
        }
        for text in [
            "://x",
            "a b:c",
            "unix://my host/x",
            "unix://h:p/x",
            "unix:///%zz",
            "unix:///a\u{7f}",
        ] {
            assert_eq!(parse_url(text), None, "{text}");
        }
    }

    #[test]
    fn quantities_in_their_canonical_form() {
        for (text, canonical) in [
            ("0", "0"),
            ("64Ki", "64Ki"),
            ("1024Ki", "1Mi"),
            ("1.5Gi", "1536Mi"),
            ("1000m", "1"),
            ("0.1", "100m"),
            ("1100Mi", "1100Mi"),
            ("1e3", "1e3"),
            ("100", "100"),
            ("1500M", "1500M"),
            ("-5Mi", "-5Mi"),
            ("0Ki", "0"),
        ] {
            assert_eq!(
                canonical_quantity(text).as_deref(),
                Some(canonical),
                "{text}"
            );
        }
        for text in ["", "x", "1Zi", "1.2.3", "1 Mi", "Mi"] {
            assert_eq!(canonical_quantity(text), None, "{text}");
        }
    }

    #[test]
    fn paths_are_cleaned() {
        assert_eq!(join_path("/etc/c/", "ca.crt"), "/etc/c/ca.crt");
        assert_eq!(join_path("/etc/../x//y/.", "ca.crt"), "/x/y/ca.crt");
        assert_eq!(join_path("/", "ca.crt"), "/ca.crt");
    }
}
