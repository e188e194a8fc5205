//! What a configuration asks for that has to be known before the rest of it is read.
//!
//! Nothing is checked here: [`Plan::new`](super::Plan::new) does that, and what is no text of its kind counts as
//! if it were not there.

use std::time::Duration;

use super::documents;
use super::gotext;
use super::read::{INIT_KINDS, JOIN_KINDS, OLD_INIT_KINDS};
use super::yaml::{self, Node};

/// The folder of patches that a configuration names for this node: `patches.directory`, from v1beta3 on.
///
/// `join` says that it joins; otherwise the kinds of the documents do.
pub fn wanted_patches(config: &str, join: bool) -> Option<String> {
    let folder = wanted(config, join, "patches", "directory")?;
    (!folder.is_empty()).then_some(folder)
}

/// How long a configuration lets a kubelet take to join: `timeouts.tlsBootstrap`, from v1beta4 on.
pub fn wanted_timeout(config: &str) -> Option<Duration> {
    let text = wanted(config, true, "timeouts", "tlsBootstrap")?;
    let nanoseconds = gotext::parse_duration(&text)?;
    Some(Duration::from_nanos(u64::try_from(nanoseconds).ok()?))
}

/// The text in a field of a field of the document that the command reads: a file may have one for each.
fn wanted(config: &str, join: bool, outer: &str, inner: &str) -> Option<String> {
    let nodes: Vec<Node> = nodes(config).collect();
    let of = |kinds: &[&str]| {
        let is_it = |node: &&Node| kind(node).is_some_and(|kind| kinds.contains(&kind));
        nodes.iter().find(is_it)
    };
    let document = match of(INIT_KINDS).or_else(|| of(OLD_INIT_KINDS)) {
        Some(_) if !join => of(&["InitConfiguration"]),
        _ => of(JOIN_KINDS),
    };
    let outer = document?.as_map()?.get(outer)?.as_map()?;
    Some(outer.get(inner)?.as_str()?.to_owned())
}

fn kind(node: &Node) -> Option<&str> {
    node.as_map()?.get("kind")?.as_str()
}

/// The documents that can be read.
pub(super) fn nodes(config: &str) -> impl Iterator<Item = Node> + use<> {
    let parts: Vec<(usize, &str)> = match config.len() > yaml::MAX_BYTES {
        true => Vec::new(),
        false => documents::split(config),
    };
    let read = |(line, part)| yaml::read_document(part, line).ok();
    let read: Vec<Node> = parts.into_iter().filter_map(read).collect();
    read.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    const INIT: &str =
        "kind: InitConfiguration\npatches: {directory: /init}\ntimeouts: {tlsBootstrap: 1m}\n";
    const JOIN: &str =
        "kind: JoinConfiguration\npatches: {directory: /join}\ntimeouts: {tlsBootstrap: 10m}\n";
    const CLUSTER: &str = "kind: ClusterConfiguration\nkubernetesVersion: v1.36.0\n";

    #[test]
    fn the_document_of_the_command_counts() {
        let text = |documents: &[&str]| documents.join("---\n");
        let patches = |documents: &[&str], join| wanted_patches(&text(documents), join);
        let both = [INIT, JOIN, CLUSTER];
        assert_eq!(patches(&both, false).as_deref(), Some("/init"));
        assert_eq!(patches(&both, true).as_deref(), Some("/join"));
        assert_eq!(patches(&[JOIN], false).as_deref(), Some("/join"));
        assert_eq!(patches(&[CLUSTER, JOIN], false), None);
        assert_eq!(patches(&[INIT], true), None);
        let minutes = |minutes: u64| Some(Duration::from_secs(60 * minutes));
        assert_eq!(wanted_timeout(&text(&both)), minutes(10));
        assert_eq!(wanted_timeout(INIT), None);
    }
}
