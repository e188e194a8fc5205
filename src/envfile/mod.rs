//! What systemd makes of environment files and of `ExecStart=` words: which
//! variables an `EnvironmentFile=` sets, which environment comes of several
//! files and `Environment=`, and which arguments `$NAME` and `${NAME}` become.
//!
//! The reference is systemd 254 and newer. Every rule names its source: a
//! manual page (`systemd.exec(5)`, `systemd.service(5)`), a function in
//! systemd 257 (`src/basic/env-file.c`, `env-util.c`, `extract-word.c`,
//! `utf8.c`, `fileio.c`), or a measurement on live systemd. Parsing and
//! expanding are pure: files come as bytes. What reads them, for whoever needs
//! that, stands beside them, and nothing else here does any input or output.
//!
//! ```
//! use kubelet_unit::envfile::{Environment, ExecWord, expand, parse};
//!
//! let file = parse(b"KUBELET_EXTRA_ARGS=\"--v=4 --node-ip=10.0.0.7\"\n")?;
//! let environment = Environment::merge([("KUBELET_EXTRA_ARGS", "--v=2")], [&file]);
//! let words = [ExecWord::literal("/usr/bin/kubelet"), ExecWord::parse("$KUBELET_EXTRA_ARGS")];
//! let argv: Vec<_> = expand(&words, &environment).into_iter().map(|a| a.text).collect();
//! assert_eq!(argv, ["/usr/bin/kubelet", "--v=4", "--node-ip=10.0.0.7"]);
//! # Ok::<(), kubelet_unit::envfile::Rejected>(())
//! ```

mod class;
mod environment;
mod expand;
mod finding;
pub mod glob;
mod parse;
mod position;
pub mod quote;
mod read;
mod runs;
mod split;
mod value;

pub(crate) use class::is_noncharacter;
pub use class::is_valid_name;
pub use environment::{Environment, Origin, Overridden, Variable};
pub use expand::{Argument, ArgumentSource, ExecWord, Part, expand};
pub use finding::{Cause, Finding, NameProblem, Part as AssignmentPart, Rejected};
pub use parse::{ASSIGNMENT_MAX, Assignment, FILE_MAX, Parsed, parse};
pub use position::{Lines, Position};
pub(crate) use read::Reader;
pub use read::Unread;
pub use runs::{Run, Trace};
pub use split::{Word, split};
