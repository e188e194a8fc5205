//! Resource limits (`setrlimit(2)`), with systemd's units (`systemd.exec(5)`, "Process
//! Properties").

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::{Bound, OomScoreAdjust, Span, ValueError};

/// What a limit counts, and so how it may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Things, by their number.
    Count,
    /// Bytes, with `K`, `M`, `G` and `T` for powers of 1024.
    Bytes,
    /// Seconds, or a span of time.
    Seconds,
    /// Microseconds, or a span of time.
    Micros,
    /// A nice level, as `-5`, `+5` or the kernel's 20 less the level.
    Nice,
}

macro_rules! resources {
    ($($variant:ident $key:literal $directive:literal $unit:ident $about:literal,)*) => {
        /// What a limit is of.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Resource {
            $(#[doc = concat!($about, " (`", $directive, "=`).")] $variant,)*
        }

        impl Resource {
            /// All of them, in the order of a spec.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its key below `limits`.
            pub const fn key(self) -> &'static str {
                match self {
                    $(Self::$variant => $key,)*
                }
            }

            /// systemd's directive.
            pub const fn directive(self) -> &'static str {
                match self {
                    $(Self::$variant => $directive,)*
                }
            }

            /// What is limited, in a few words.
            pub const fn about(self) -> &'static str {
                match self {
                    $(Self::$variant => $about,)*
                }
            }

            /// What it counts (`rlimit_parse`, `rlimit-util.c`).
            pub const fn unit(self) -> Unit {
                match self {
                    $(Self::$variant => Unit::$unit,)*
                }
            }
        }
    };
}

resources! {
    Nofile "nofile" "LimitNOFILE" Count "Open files",
    Nproc "nproc" "LimitNPROC" Count "Processes of the user",
    Core "core" "LimitCORE" Bytes "Bytes of a core file",
    Cpu "cpu" "LimitCPU" Seconds "Seconds on a processor",
    Fsize "fsize" "LimitFSIZE" Bytes "Bytes of a file that it writes",
    Data "data" "LimitDATA" Bytes "Bytes of its data",
    Stack "stack" "LimitSTACK" Bytes "Bytes of its stack",
    Rss "rss" "LimitRSS" Bytes "Bytes in memory, which Linux does not limit",
    As "as" "LimitAS" Bytes "Bytes of its address space",
    Memlock "memlock" "LimitMEMLOCK" Bytes "Bytes that it may lock in memory",
    Locks "locks" "LimitLOCKS" Count "Locks on files, which Linux does not limit",
    Sigpending "sigpending" "LimitSIGPENDING" Count "Signals that wait",
    Msgqueue "msgqueue" "LimitMSGQUEUE" Bytes "Bytes in message queues",
    Nice "nice" "LimitNICE" Nice "How far it may raise its priority",
    Rtprio "rtprio" "LimitRTPRIO" Count "Its highest realtime priority",
    Rttime "rttime" "LimitRTTIME" Micros "Microseconds on a processor without a pause, with a realtime priority",
}

impl Resource {
    /// One number of a limit of this.
    ///
    /// # Errors
    /// It is not a number in this unit, and not `infinity`.
    pub fn bound(self, text: &str) -> Result<Bound, ValueError> {
        if text == "infinity" {
            return Ok(Bound::Infinity);
        }
        let number = match self.unit() {
            Unit::Count => text.parse().ok(),
            Unit::Bytes => bytes(text),
            Unit::Seconds => span(text, 1000, 1),
            Unit::Micros => span(text, 1, 1000),
            Unit::Nice => nice(text),
        };
        let what = match self.unit() {
            Unit::Count => "a limit: a whole number or `infinity`",
            Unit::Bytes => "a limit of bytes, such as `512K`, `64M`, `1G` or `infinity`",
            Unit::Seconds => "a limit of seconds, such as `90`, `1min` or `infinity`",
            Unit::Micros => "a limit of microseconds, such as `5000`, `5ms` or `infinity`",
            Unit::Nice => "a limit of niceness: `-20` to `+19`, 0 to 40, or `infinity`",
        };
        let text = || text.to_owned();
        number
            .map(Bound::At)
            .ok_or_else(|| ValueError::Number { what, text: text() })
    }

    /// A soft and a hard limit of this: one number for both, or `soft:hard`.
    ///
    /// # Errors
    /// One of them is not a limit, or the soft one is above the hard one.
    pub fn limit(self, text: &str) -> Result<Limit, ValueError> {
        let (soft, hard) = text.split_once(':').unwrap_or((text, text));
        Limit::new(self.bound(soft)?, self.bound(hard)?)
    }
}

/// A number of bytes with a unit of 1024, or none.
fn bytes(text: &str) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit());
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let shift = match unit {
        "" | "B" => 0,
        "K" | "KiB" => 10,
        "M" | "MiB" => 20,
        "G" | "GiB" => 30,
        "T" | "TiB" => 40,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(1 << shift)
}

/// A bare number of the unit, or a span of time in so many of its parts, rounded up.
fn span(text: &str, milliseconds: u64, parts: u64) -> Option<u64> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let span: Span = text.parse().ok()?;
    let count = span.milliseconds().div_ceil(milliseconds);
    count.checked_mul(parts)
}

/// The kernel's limit is 20 less the level (`rlim_parse_nice`).
fn nice(text: &str) -> Option<u64> {
    if !text.starts_with(['+', '-']) {
        return text.parse().ok().filter(|number| *number <= 40);
    }
    let level: i64 = text.parse().ok()?;
    let level = Some(level).filter(|level| (-20..=19).contains(level))?;
    u64::try_from(20 - level).ok()
}

/// A soft and a hard limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Limit {
    /// What is in force, and what the process may raise up to `hard`.
    pub soft: Bound,
    /// The most that `soft` can be raised to.
    pub hard: Bound,
}

impl Limit {
    /// Both.
    ///
    /// # Errors
    /// The soft one is above the hard one.
    pub fn new(soft: Bound, hard: Bound) -> Result<Self, ValueError> {
        match (soft, hard) {
            (Bound::Infinity, Bound::At(_)) => Err(ValueError::SoftAboveHard),
            (Bound::At(low), Bound::At(high)) if low > high => Err(ValueError::SoftAboveHard),
            _ => Ok(Self { soft, hard }),
        }
    }
}

/// Resource limits that the service starts with; what is not said is as systemd or the
/// supervisor has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    each: [Option<Limit>; Resource::ALL.len()],
    /// How likely the kernel ends it when memory runs out (`OOMScoreAdjust=`).
    pub oom_score_adjust: Option<OomScoreAdjust>,
}

impl Limits {
    /// systemd's own limit of open files (`systemd-system.conf(5)`, 257).
    pub const NOFILE: Limit = Limit {
        soft: Bound::At(1024),
        hard: Bound::At(524_288),
    };

    /// The limit of a resource, where it is said.
    pub const fn get(&self, resource: Resource) -> Option<Limit> {
        self.each[resource as usize]
    }

    /// Says it, or takes it back.
    pub const fn set(&mut self, resource: Resource, limit: Option<Limit>) {
        self.each[resource as usize] = limit;
    }

    /// The limits that are said, in the order of a spec.
    pub fn said(&self) -> impl Iterator<Item = (Resource, Limit)> {
        let all = Resource::ALL.iter();
        all.filter_map(|&resource| Some((resource, self.get(resource)?)))
    }

    /// The limit of open files that the service gets.
    pub fn nofile(&self) -> Limit {
        self.get(Resource::Nofile).unwrap_or(Self::NOFILE)
    }
}

impl Serialize for Limits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (resource, limit) in self.said() {
            map.serialize_entry(resource.key(), &limit)?;
        }
        if let Some(score) = self.oom_score_adjust {
            map.serialize_entry("oomScoreAdjust", &score)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_unit_is_written_as_systemd_writes_it() {
        let bound = |resource: Resource, text| resource.bound(text).ok();
        let at = |number| Some(Bound::At(number));
        for resource in Resource::ALL {
            assert_eq!(bound(*resource, "infinity"), Some(Bound::Infinity));
            assert_eq!(bound(*resource, "0"), at(0));
            assert_eq!(bound(*resource, "unlimited"), None);
            assert_eq!(bound(*resource, ""), None);
        }
        assert_eq!(bound(Resource::Nofile, "1K"), None);
        assert_eq!(bound(Resource::Memlock, "64M"), at(64 << 20));
        assert_eq!(bound(Resource::Memlock, "64MiB"), at(64 << 20));
        assert_eq!(bound(Resource::Memlock, "64m"), None);
        assert_eq!(bound(Resource::Cpu, "1min 500ms"), at(61));
        assert_eq!(bound(Resource::Rttime, "5ms"), at(5000));
        assert_eq!(bound(Resource::Nice, "-5"), at(25));
        assert_eq!(bound(Resource::Nice, "+5"), at(15));
        assert_eq!(bound(Resource::Nice, "41"), None);
    }

    #[test]
    fn one_number_is_both_limits() {
        let limit = |text| Resource::Nofile.limit(text);
        let both = |soft, hard| Ok(Limit { soft, hard });
        assert_eq!(limit("8"), both(Bound::At(8), Bound::At(8)));
        assert_eq!(limit("8:infinity"), both(Bound::At(8), Bound::Infinity));
        assert_eq!(limit("9:8"), Err(ValueError::SoftAboveHard));
        assert_eq!(limit("infinity:8"), Err(ValueError::SoftAboveHard));
    }
}
