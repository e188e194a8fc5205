//! What comes out: templates, how values are quoted in them, and the files that
//! they make.
//!
//! Nothing here knows an init. A backend brings its templates; a value goes into one
//! through the quoting of the file's format.

pub(crate) mod launcher;
pub mod line;
pub mod quote;
mod rendered;
pub mod template;

pub use rendered::{Collision, File, Note, Rendered, Weight};
