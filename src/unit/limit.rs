//! Resource limits: `rlimit_parse` (`rlimit-util.c`), described in `systemd.exec(5)`,
//! "Process Properties".

use super::problem::Ignored;
use super::text::{integer, shown};
use super::time::Time;

/// A soft and a hard limit in the kernel's unit; `None` is `infinity`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rlimit {
    /// What is in force.
    pub soft: Option<u64>,
    /// The most that it can be raised to.
    pub hard: Option<u64>,
}

/// What a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// Things, by their number.
    Count,
    /// Bytes, with units of 1024.
    Bytes,
    /// Seconds.
    Seconds,
    /// Microseconds.
    Micros,
    /// A nice level, as `-5`, `+5` or the kernel's 20 − level.
    Nice,
}

impl Rlimit {
    /// One number for both, or `soft:hard`.
    pub(super) fn parse(text: &str, resource: Resource) -> Result<Self, Ignored> {
        let (soft, hard) = text.split_once(':').unwrap_or((text, text));
        let bound = |text| {
            resource.bound(text).ok_or_else(|| Ignored::Value {
                value: shown(text),
                wanted: "a limit",
            })
        };
        let (soft, hard) = (bound(soft)?, bound(hard)?);
        match soft.unwrap_or(u64::MAX) > hard.unwrap_or(u64::MAX) {
            true => Err(Ignored::Limit),
            false => Ok(Self { soft, hard }),
        }
    }
}

impl Resource {
    #[expect(
        clippy::option_option,
        reason = "the outer one is whether it is a limit"
    )]
    fn bound(self, text: &str) -> Option<Option<u64>> {
        if text == "infinity" {
            return Some(None);
        }
        let micros = |bare| match Time::parse(text, bare)? {
            Time::Infinity => Some(None),
            Time::Micros(micros) => Some(Some(micros)),
        };
        match self {
            Self::Count => number(text).map(Some),
            Self::Bytes => bytes(text).map(Some),
            Self::Seconds => Some(micros(1_000_000)?.map(|us| us.div_ceil(1_000_000))),
            Self::Micros => micros(1),
            Self::Nice => nice(text).map(Some),
        }
    }
}

/// A number that is not negative. Above 2⁶³ there is none that anybody means.
fn number(text: &str) -> Option<u64> {
    u64::try_from(integer(text)?).ok()
}

/// `parse_size` (`parse-util.c`) to the base of 1024, for one number with one unit.
fn bytes(text: &str) -> Option<u64> {
    let text = text.trim_start_matches(super::word::WHITESPACE);
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.');
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let shift = match unit.trim_start_matches(super::word::WHITESPACE) {
        "" | "B" => 0,
        "K" => 10,
        "M" => 20,
        "G" => 30,
        "T" => 40,
        "P" => 50,
        "E" => 60,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let size = whole.parse::<u64>().ok()?.checked_mul(1 << shift)?;
    // What is below a byte is cut off.
    let digits = u32::try_from(fraction.len()).ok()?;
    let part = match fraction {
        "" => 0,
        fraction => {
            let part = fraction.parse::<u128>().ok()? << shift;
            part / 10_u128.checked_pow(digits)?
        }
    };
    size.checked_add(u64::try_from(part).ok()?)
}

/// `rlim_parse_nice`: the kernel's limit is 20 less the level.
fn nice(text: &str) -> Option<u64> {
    let signed = text.starts_with(['+', '-']);
    let level = integer(text)?;
    match signed {
        true if (-20..=19).contains(&level) => u64::try_from(20 - level).ok(),
        false if (0..=40).contains(&level) => u64::try_from(level).ok(),
        _ => None,
    }
}
