//! The arguments of a node, judged before anything is written: one that the kubelet does not
//! take ends it.

use super::error::NodeProblem;
use crate::kubelet::Version;
use crate::kubelet::flags::Flag;
use crate::kubelet::takes::{Effect, Kind, Reason, Refusal};

/// Judges the arguments of a kubelet, by its release where that is known.
///
/// # Errors
/// The first that no kubelet takes, or that of this release does not.
pub(super) fn judge(arguments: &[&str], version: Option<Version>) -> Result<(), NodeProblem> {
    let mut is_value = false;
    for argument in arguments {
        if std::mem::take(&mut is_value) {
            continue;
        }
        let Some(flag) = Flag::parse(argument) else {
            return Err(NodeProblem::NoFlag {
                argument: argument.chars().take(40).collect(),
            });
        };
        if are_several(argument) {
            return Err(NodeProblem::Several {
                argument: argument.chars().take(40).collect(),
            });
        }
        is_value = flag.takes_next();
        if let Some(refusal) = Refusal::of_name(Kind::Flag, &flag.name, version)
            && is_certain(&refusal)
        {
            return Err(NodeProblem::Flag(refusal));
        }
    }
    Ok(())
}

/// Whether an argument has several words of which another than the first is a flag of the
/// kubelet, or the value of a flag that is the first: a shell would have split it.
fn are_several(argument: &str) -> bool {
    let is_flag = |word: &str| {
        let flag = Flag::parse(word).filter(|_| word.starts_with("--"));
        flag.is_some_and(|flag| Kind::Flag.is_known(&flag.name))
    };
    let mut words = argument.split_ascii_whitespace();
    let is_bare = |word: &str| is_flag(word) && !word.contains('=');
    let first = words.next().is_some_and(is_bare);
    let mut rest = words.peekable();
    first && rest.peek().is_some() || rest.any(is_flag)
}

/// Whether the kubelet ends for certain, or no kubelet has such a flag.
fn is_certain(refusal: &Refusal) -> bool {
    refusal.effect() == Effect::Exits || matches!(refusal.reason, Reason::Never { .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_the_kubelet_is_refused() {
        let said = |arguments: &[&str], version: Option<&str>| {
            let version = version.map(|it| it.parse().unwrap());
            judge(arguments, version).map_or_else(|it| it.to_string(), |()| "taken".into())
        };
        assert_eq!(
            said(&["--v=2", "--node-ip", "10.0.0.1", "-v4"], None),
            "taken"
        );
        assert_eq!(
            [
                said(&["v=2"], None),
                said(&["--v=2", "10.0.0.1"], None),
                said(&["--nod-ip=10.0.0.1"], None),
                said(&["--v=2 --node-ip=10.0.0.1"], None),
                said(&["--node-ip 10.0.0.1"], None),
                said(&["--node-labels=a=b c", "--v=2"], None),
                said(&["--container-runtime=remote"], Some("1.35")),
                said(&["--container-runtime=remote"], Some("1.23")),
                said(&["--container-runtime=remote"], None),
                said(&["--image-credential-provider-config=/a"], Some("1.40")),
            ],
            [
                "`extraArgs`: `v=2` is not a flag, and the kubelet takes nothing else: flags begin with `--`",
                "`extraArgs`: `10.0.0.1` is not a flag, and the kubelet takes nothing else: flags begin with `--`",
                "`extraArgs`: no kubelet from 1.20 to 1.37 has the flag `--nod-ip`",
                "`extraArgs`: `--v=2 --node-ip=10.0.0.1` is one argument of the kubelet, with its blanks",
                "`extraArgs`: `--node-ip 10.0.0.1` is one argument of the kubelet, with its blanks",
                "taken",
                "`extraArgs`: the kubelet does not have the flag `--container-runtime` from 1.27 on and exits",
                "taken",
                "taken",
                "taken",
            ]
        );
    }
}
