//! What stands against a service in a tree.

use std::path::Path;

use crate::backends::Trouble;
use crate::install::Record;
use crate::order::Placed;
use crate::rendering::Rendered;

use super::site::Site;

/// What its init finds there, apart from what an earlier installation of it has left and
/// this one takes away.
pub(super) fn troubles(
    site: &Site<'_>,
    placed: &Placed,
    rendered: &Rendered,
    record: Option<&Record>,
) -> Vec<Trouble> {
    let goes = |trouble: &Trouble| {
        let is_below = |path: &str| Path::new(path).starts_with(&trouble.path);
        let stays = rendered.files().any(|(path, _)| is_below(path.as_str()));
        let mut recorded = record.iter().flat_map(|record| &record.files);
        !stays && recorded.any(|file| is_below(file.path.as_str()))
    };
    let mut all = placed.backend.troubles(site.host(), &placed.request());
    all.retain(|trouble| !goes(trouble));
    all
}
