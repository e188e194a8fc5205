//! What tests need, those of single rooms as well as those of the whole program,
//! which take this folder in by its path.

mod libc;
pub(crate) mod schema;
mod scratch;
mod skip;
mod tree;

#[allow(unused_imports, reason = "the library's own tests alone use it")]
pub(crate) use libc::as_glibc;
pub(crate) use scratch::Scratch;
#[allow(
    unused_imports,
    reason = "not everyone who takes this in has use for all"
)]
pub(crate) use skip::{is_root, skipped};
#[allow(unused_imports, reason = "as above")]
pub(crate) use tree::{Snapshot, Tree, copy, files, snapshot, walk};
