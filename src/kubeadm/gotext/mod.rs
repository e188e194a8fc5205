//! Text as Go writes and reads it: `%q`, durations, cleaned paths, URLs and Kubernetes' quantities.
//!
//! The files have to be kubeadm's byte for byte, and what is refused has to be what kubeadm refuses. Rust's libraries for
//! durations, URLs and escapes have rules of their own, so these few functions follow Go's sources.

mod duration;
mod quantity;
mod quote;
mod url;

pub use duration::{format_duration, parse_duration};
pub use quantity::canonical_quantity;
pub use quote::quote;
pub use url::{join_path, parse_url};
