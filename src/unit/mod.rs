//! Units as systemd reads them: which files make up a service, and what each line in
//! them comes to.
//!
//! [`Finder`] finds a unit, its links and its drop-ins in a [`Root`](crate::root::Root).
//! From there on all is pure, on bytes: [`file::parse`] makes lines of them,
//! [`Unit::of`] applies the lines in systemd's order. What systemd ignores is kept with
//! its line and the reason; so is each line that a later one replaced.
//!
//! The reference is systemd 252 to 257. Every rule names its source: a manual page, a
//! function of those versions, or a measurement. The live suite compares what comes of
//! it with what `systemctl show` says.

pub mod directive;
mod exec;
pub mod file;
mod find;
mod find_error;
mod limit;
mod name;
mod problem;
mod setting;
mod specifier;
mod text;
mod time;
mod value;
pub mod word;

pub use directive::{Directive, Kind, Section};
pub use exec::{Command, Prefixes};
pub use find::{Finder, Found, Given, Source, Trigger, Unread};
pub use find_error::FindError;
pub use limit::{Resource, Rlimit};
pub use name::{NameError, UnitName};
pub use problem::{Fault, Ignored, Place};
pub use setting::{Fate, Line, Setting, Unit};
pub use specifier::Specifiers;
pub use text::shown;
pub use time::Time;
pub use value::{Signal, Value};

#[cfg(test)]
mod tests;
