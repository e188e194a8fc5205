//! The variables: who set them, what they replaced, and whether the command
//! line has a use for them.

use super::input::Input;
use super::model::{Replaced, Variable};
use super::sources::Sources;
use crate::envfile::{self, Environment, ExecWord};

/// How many letters may differ for one name to be taken for another misspelt.
const SLIPS: usize = 2;

pub(super) fn explain(
    input: &Input<'_>,
    environment: &Environment<'_>,
    sources: &Sources<'_, '_>,
) -> Vec<Variable> {
    let named: Vec<&str> = input.words.iter().flat_map(ExecWord::names).collect();
    let may_be = input.may_name_others();
    let variable = |variable: &envfile::Variable<'_>| {
        let used = named.contains(&variable.name);
        Variable {
            name: variable.name.to_owned(),
            value: variable.value.to_owned(),
            place: sources.of_value(variable.origin),
            used,
            untold: !used && may_be,
            meant: (!used).then(|| nearest(variable.name, &named)).flatten(),
            replaced: variable
                .overridden
                .iter()
                .map(|before| Replaced {
                    value: before.value.to_owned(),
                    place: sources.of_value(before.origin),
                })
                .collect(),
        }
    };
    environment.variables().iter().map(variable).collect()
}

/// The one of `named` that `name` nearly spells, whatever the case.
fn nearest(name: &str, named: &[&str]) -> Option<String> {
    let slips =
        |known: &str| strsim::damerau_levenshtein(&name.to_uppercase(), &known.to_uppercase());
    let near = named.iter().map(|known| (slips(known), *known));
    let near = near.filter(|&(slips, _)| slips <= SLIPS);
    near.min_by_key(|&(slips, _)| slips)
        .map(|(_, known)| known.to_owned())
}

#[cfg(test)]
mod tests {
    use super::nearest;

    const NAMED: [&str; 4] = [
        "KUBELET_KUBECONFIG_ARGS",
        "KUBELET_CONFIG_ARGS",
        "KUBELET_KUBEADM_ARGS",
        "KUBELET_EXTRA_ARGS",
    ];

    #[test]
    fn a_misspelt_name_finds_the_one_that_was_meant() {
        for (name, meant) in [
            ("KUBELET_EXTRA_ARG", "KUBELET_EXTRA_ARGS"),
            ("KUBLET_EXTRA_ARGS", "KUBELET_EXTRA_ARGS"),
            ("kubelet_extra_args", "KUBELET_EXTRA_ARGS"),
            ("KUBELET_KUBEADM_ARG", "KUBELET_KUBEADM_ARGS"),
        ] {
            assert_eq!(nearest(name, &NAMED).as_deref(), Some(meant), "{name}");
        }
        for name in [
            "KUBELET_ARGS",
            "HTTP_PROXY",
            "PATH",
            "GODEBUG",
            "EXTRA",
            "KUBECONFIG",
        ] {
            assert_eq!(nearest(name, &NAMED), None, "{name}");
        }
    }
}
