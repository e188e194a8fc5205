//! The texts, compared as a whole.

use super::Situation;
use insta::assert_snapshot;
use kubelet_unit::explain::{Style, Unread};

fn text(situation: &Situation<'_>) -> String {
    situation.explained().text(Style::Plain).to_string()
}

#[test]
fn a_node_as_kubeadm_leaves_it() {
    assert_snapshot!(text(&Situation {
        flags: Ok(
            "KUBELET_KUBEADM_ARGS=\"--container-runtime-endpoint=unix:///run/containerd/containerd.sock --node-ip=10.0.0.7\"\n"
        ),
        extra: Ok("KUBELET_EXTRA_ARGS=\n"),
        version: Some("1.33.2"),
        ..Situation::default()
    }));
}

#[test]
fn a_node_without_files() {
    assert_snapshot!(text(&Situation::default()));
}

#[test]
fn a_stale_file_after_an_upgrade() {
    assert_snapshot!(text(&Situation {
        flags: Ok(
            "KUBELET_KUBEADM_ARGS=\"--container-runtime=remote --container-runtime-endpoint=unix:///run/containerd/containerd.sock --pod-infra-container-image=registry.k8s.io/pause:3.9\"\n"
        ),
        version: Some("v1.35.0"),
        ..Situation::default()
    }));
}

#[test]
fn a_file_that_was_written_as_for_a_shell() {
    assert_snapshot!(text(&Situation {
        flags: Ok("KUBELET_KUBEADM_ARGS=\"--node-ip=10.0.0.7 --v=2\"\n"),
        extra: Ok("\
# more logs
export KUBELET_EXTRA_ARGS=\"--v=4\"
KUBELET_EXTRA_ARGS=--v=5
KUBELET_EXTRA_ARGS=\"--node-ip=$(hostname -i) \\
  --v 6\" # debugging
  --max-pods=200
KUBELET_EXTRA_ARG=--fail-swap-on=false
HTTPS_PROXY=http://proxy:3128
"),
        ..Situation::default()
    }));
}

#[test]
fn files_that_are_ignored_as_a_whole() {
    assert_snapshot!(text(&Situation {
        flags: Ok("KUBELET_KUBEADM_ARGS=\"--v=2\"\nX=\u{ffff}\n"),
        extra: Err(Unread::Directory),
        ..Situation::default()
    }));
}

#[test]
fn a_required_file_is_missing() {
    assert_snapshot!(text(&Situation {
        flags: Ok("KUBELET_KUBEADM_ARGS='\n"),
        required: true,
        ..Situation::default()
    }));
}

#[test]
fn the_drop_in_is_overridden_and_colours_are_on() {
    let explanation = Situation {
        words: &[
            "/usr/bin/kubelet",
            "--v=1",
            "$KUBELET_CONFIG_ARGS",
            "--root-dir=${ROOT}/kubelet",
        ],
        extra: Ok("KUBELET_CONFIG_ARGS=\"--config=/etc/kubelet.yaml -v 4\x07\"\nROOT=/srv\n"),
        ..Situation::default()
    };
    assert_snapshot!(explanation.explained().text(Style::Colour).to_string());
}

#[test]
fn answers_about_one_flag() {
    let situation = Situation {
        flags: Ok("KUBELET_KUBEADM_ARGS=\"--v=2 --node_ip=10.0.0.7\"\n"),
        extra: Ok("\
export KUBELET_EXTRA_ARGS=\"--max-pods=50 --v=3\"
KUBELET_EXTRA_ARGS='--max-pods=100'
KUBELET_EXTRA_ARGS='-v 4'
OTHER=--max-pods=200
"),
        ..Situation::default()
    };
    let explanation = situation.explained();
    let answers = ["v", "--node-ip", "max_pods", "--cgroup-driver"]
        .map(|flag| format!("## {flag}\n{}", explanation.answer(flag).text(Style::Plain)));
    assert_snapshot!(answers.join("\n"));
}
