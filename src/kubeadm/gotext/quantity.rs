//! Kubernetes' quantities.

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
    let body = if let Some(power) = BINARY.iter().skip(1).position(|unit| *unit == suffix) {
        binary_quantity(digits, scale, u32::try_from(power).ok()? + 1)?
    } else {
        let written = suffix.strip_prefix(['e', 'E']).filter(|e| !e.is_empty());
        let exponent = match written {
            Some(exponent) => exponent.parse().ok().filter(|e| (-18..=18).contains(e))?,
            None => DECIMAL.iter().find(|(unit, _)| *unit == suffix)?.1,
        };
        decimal_quantity(digits, scale + exponent, written.is_some())
    };
    Some(format!("{sign}{body}"))
}

fn binary_quantity(digits: i128, scale: i32, power: u32) -> Option<String> {
    let divisor = 10_i128.pow(scale.unsigned_abs());
    let bytes = digits.checked_mul(1024_i128.pow(power))?;
    if bytes % divisor != 0 {
        // No whole number of bytes: written as a decimal, rounded up to thousandths.
        let thousandths = bytes.checked_mul(1000)?.checked_add(divisor - 1)? / divisor;
        return Some(decimal_quantity(thousandths, -3, false));
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
            ("0.0001Ki", "103m"),
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
}
