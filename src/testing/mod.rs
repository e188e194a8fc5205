//! What the unit tests of several rooms need.

mod scratch;

pub(crate) use scratch::Scratch;
