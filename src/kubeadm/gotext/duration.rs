//! Go's durations.

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
