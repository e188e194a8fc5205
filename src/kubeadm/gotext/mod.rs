//! Text as Go writes and reads it: `%q`, durations, cleaned paths, URLs and Kubernetes' quantities.

mod duration;
mod quantity;
mod quote;
mod url;

pub use duration::{format_duration, parse_duration};
pub use quantity::canonical_quantity;
pub use quote::quote;
pub use url::{join_path, parse_url};
