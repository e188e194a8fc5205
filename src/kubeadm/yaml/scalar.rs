//! What a plain scalar means in YAML 1.1 as go-yaml v2 reads it (`resolve.go`).
//!
//! The differences to YAML 1.2 that bite: `yes`, `no`, `on`, `off`, `y` and `n` are booleans, a leading zero makes
//! a number octal, `_` may separate digits, `0b1` and `0x1` are numbers. Unlike YAML 1.1, `1:30` and dates are text.

use super::Value;

/// Resolves a plain (unquoted, untagged) scalar.
pub fn resolve(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Value::Bool(true);
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Value::Bool(false);
        }
        ".nan" | ".NaN" | ".NAN" => return Value::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Value::Float(f64::INFINITY);
        }
        "-.inf" | "-.Inf" | "-.INF" => return Value::Float(f64::NEG_INFINITY),
        _ => {}
    }
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return Value::Str(text.to_owned());
    }
    let digits = text.replace('_', "");
    if let Some(number) = integer(&digits) {
        return Value::Int(number);
    }
    if is_float(&digits)
        && let Ok(number) = digits.parse::<f64>()
        && number.is_finite()
    {
        return Value::Float(number);
    }
    Value::Str(text.to_owned())
}

/// Go's `strconv.ParseInt(s, 0, 64)` and `ParseUint`: the base follows from the prefix.
fn integer(text: &str) -> Option<i128> {
    let (negative, rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let lower = rest.to_ascii_lowercase();
    let (radix, digits) = match lower.as_bytes() {
        [b'0', b'x', ..] => (16, &lower[2..]),
        [b'0', b'b', ..] => (2, &lower[2..]),
        [b'0', b'o', ..] => (8, &lower[2..]),
        [b'0', _, ..] => (8, &lower[1..]),
        _ => (10, &lower[..]),
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    let number = i128::from_str_radix(digits, radix).ok()?;
    let number = if negative { -number } else { number };
    (i128::from(i64::MIN)..=i128::from(u64::MAX))
        .contains(&number)
        .then_some(number)
}

/// go-yaml's float pattern: `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`.
fn is_float(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let mantissa_ok = match mantissa.split_once('.') {
        Some(("", fraction)) => digits(fraction),
        Some((whole, fraction)) => digits(whole) && (fraction.is_empty() || digits(fraction)),
        None => digits(mantissa),
    };
    mantissa_ok && exponent.is_none_or(|e| digits(e.strip_prefix(['+', '-']).unwrap_or(e)))
}

/// Whether go-yaml would write this text without quotes, as far as its meaning goes: it must come back as text, and
/// must not look like a YAML 1.1 sexagesimal number, which other readers take for one.
pub fn is_plain_text(text: &str) -> bool {
    matches!(resolve(text), Value::Str(_)) && !is_sexagesimal(text) && !is_timestamp(text)
}

/// go-yaml's pattern for base 60: `[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?`.
fn is_sexagesimal(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (text, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = text.split(':');
    let first = parts.next().unwrap_or_default();
    let mut rest = parts.peekable();
    rest.peek().is_some()
        && first.starts_with(|c: char| c.is_ascii_digit())
        && first.bytes().all(|b| b.is_ascii_digit() || b == b'_')
        && fraction.bytes().all(|b| b.is_ascii_digit() || b == b'_')
        && rest.all(|part| match part.as_bytes() {
            [d] => d.is_ascii_digit(),
            [t, d] => (b'0'..=b'5').contains(t) && d.is_ascii_digit(),
            _ => false,
        })
}

/// Whether go-yaml takes an unquoted text for a date, and therefore quotes it: `2006-1-2`, alone or with a time.
fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || !bytes[..4].iter().all(u8::is_ascii_digit) || bytes[4] != b'-' {
        return false;
    }
    let date_end = text.find(['T', 't', ' ']).unwrap_or(text.len());
    let mut parts = text[5..date_end.max(5)].split('-');
    let number = |part: Option<&str>, max: u32| {
        part.is_some_and(|p| {
            (1..=2).contains(&p.len())
                && p.bytes().all(|b| b.is_ascii_digit())
                && p.parse::<u32>().is_ok_and(|n| (1..=max).contains(&n))
        })
    };
    if !(number(parts.next(), 12) && number(parts.next(), 31) && parts.next().is_none()) {
        return false;
    }
    let time = text[date_end..].trim_start_matches(['T', 't', ' ']);
    date_end == text.len()
        || (time.split(':').count() >= 3 && time.starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_mean_what_go_yaml_takes_them_for() {
        let same = [
            ("no", Value::Bool(false)),
            ("Off", Value::Bool(false)),
            ("y", Value::Bool(true)),
            ("nO", Value::Str("nO".into())),
            ("010", Value::Int(8)),
            ("08", Value::Float(8.0)),
            ("0o17", Value::Int(15)),
            ("0b11", Value::Int(3)),
            ("-0x1F", Value::Int(-31)),
            ("1_000", Value::Int(1000)),
            ("4294967296", Value::Int(4_294_967_296)),
            (
                "18446744073709551615",
                Value::Int(18_446_744_073_709_551_615),
            ),
            ("1e3", Value::Float(1000.0)),
            (".5", Value::Float(0.5)),
            ("1.", Value::Float(1.0)),
            ("1e400", Value::Str("1e400".into())),
            ("1:30", Value::Str("1:30".into())),
            ("2024-01-02", Value::Str("2024-01-02".into())),
            ("1.2.3", Value::Str("1.2.3".into())),
            ("-", Value::Str("-".into())),
            ("0x", Value::Str("0x".into())),
            ("~", Value::Null),
            ("-.inf", Value::Float(f64::NEG_INFINITY)),
            ("v1.2", Value::Str("v1.2".into())),
        ];
        for (text, value) in same {
            assert_eq!(resolve(text), value, "{text}");
        }
    }

    #[test]
    fn text_that_some_reader_takes_for_something_else_is_not_plain() {
        for text in [
            "no",
            "123",
            "1e3",
            "0123",
            ".5",
            "+1",
            "null",
            "",
            "1:30",
            "2024-01-02",
        ] {
            assert!(!is_plain_text(text), "{text}");
        }
        for text in [
            "<<",
            "5%",
            "100m",
            "10.96.0.10",
            "0s",
            "fd00:10:96::a",
            "1.2.3",
        ] {
            assert!(is_plain_text(text), "{text}");
        }
    }
}
