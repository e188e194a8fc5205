//! The one test binary.

mod envfile;
