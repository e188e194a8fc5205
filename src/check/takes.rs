//! Does the kubelet take its configuration: `config.yaml`, the drop-ins that it merges over it,
//! and `instance-config.yaml`, which kubeadm puts over it?
//!
//! Judged are the fields at the top and the feature gates, of which the last one counts, as the
//! kubelet merges them: the file, then the `*.conf` below `--config-dir` in the order of their
//! paths (`cmd/kubelet/app/server.go`, `mergeKubeletConfigurations`), then the flag.

use std::path::PathBuf;

use super::Subject;
use super::finding::{Finding, Level, Rule};
use super::settings::{Files, Settings, Unusable};
use crate::explain::{Explanation, Role, Severity};
use crate::kubeadm::yaml::{self, Node, Value};
use crate::kubelet::takes::{Kind, NEWEST, OLDEST, Refusal, gates_of_flag};
use crate::sorting::Few;

/// Where kubeadm writes what holds for the node alone.
const INSTANCE: &str = "/var/lib/kubelet/instance-config.yaml";

/// A gate as a document has it.
struct Gate {
    value: String,
    path: String,
    line: usize,
}

/// What the kubelet does not take of its configuration.
pub(super) fn of_configuration(
    subject: &Subject<'_>,
    settings: &Settings,
    files: &Files<'_>,
) -> Vec<Finding> {
    let instance = files.document(INSTANCE);
    let mut findings = Vec::new();
    let mut gates = Few::new();
    for document in settings.documents().iter().chain([&instance]) {
        let shown = subject.root.shown(&document.path);
        match &document.content {
            Ok(node) => judge(subject, &document.path, node, &mut gates, &mut findings),
            Err(Unusable::NotYaml(problem, at)) => {
                let finding = Finding::new(Rule::Field, Level::Error, shown, problem.to_string());
                findings.push(finding.line(at.line));
            }
            Err(Unusable::Unread(error)) if error.is_not_found() => {}
            Err(Unusable::Unread(error)) if error.is_denied() => {
                findings.push(Finding::unreadable(shown));
            }
            Err(Unusable::Unread(error)) => findings.push(Finding {
                path: None,
                ..Finding::new(Rule::Field, Level::Error, shown, error.to_string())
            }),
        }
    }
    for name in gates_of_flags(settings.explanation()) {
        gates.insert(name, None);
    }
    findings.extend(gates.iter().filter_map(|(name, gate)| {
        let gate = gate.as_ref()?;
        let refusal = Refusal::of_gate(name, &gate.value, subject.kubelet)?;
        Some(refused(subject, Rule::FeatureGate, &refusal, &gate.path).line(gate.line))
    }));
    findings
}

/// That it is not known which kubelet it is, so that nothing can be said of what is gone.
pub(super) fn unknown_version(subject: &Subject<'_>) -> Option<Finding> {
    let unknown = subject.is_kubelet() && subject.kubelet.is_none();
    unknown.then(|| {
        let shown = subject.root.shown(subject.program());
        let message = format!(
            "the version of this kubelet is not known, so it cannot be told which flags, fields \
             and feature gates it no longer takes (1.{OLDEST} to 1.{NEWEST} are known)"
        );
        Finding::new(Rule::Release, Level::Note, shown, message)
            .hint("name it with `--kubelet-version`")
    })
}

fn gates_of_flags(explanation: &Explanation) -> Vec<String> {
    let values = explanation
        .arguments
        .iter()
        .filter_map(|it| match &it.role {
            Role::Flag { flag, value } if flag == "feature-gates" => value.as_deref(),
            _ => None,
        });
    let pairs = values.flat_map(gates_of_flag);
    pairs.map(|(name, _)| name.to_owned()).collect()
}

/// Judges the fields of a document, and takes its gates over; `null` takes one back.
fn judge(
    subject: &Subject<'_>,
    path: &str,
    node: &Node,
    gates: &mut Few<String, Option<Gate>>,
    findings: &mut Vec<Finding>,
) {
    let Some(map) = node.as_map() else {
        return;
    };
    for (name, entry) in map.iter() {
        if let Some(refusal) = Refusal::of_name(Kind::Field, name, subject.kubelet) {
            let finding = refused(subject, Rule::Field, &refusal, path);
            findings.push(finding.line(entry.pos.line));
        }
    }
    let set = map.get("featureGates").and_then(Node::as_map);
    for (name, entry) in set.into_iter().flat_map(yaml::Map::iter) {
        let gate = (!entry.node.is_null()).then(|| Gate {
            value: text(&entry.node),
            path: path.to_owned(),
            line: entry.pos.line,
        });
        gates.insert(name.to_owned(), gate);
    }
}

fn text(node: &Node) -> String {
    match &node.value {
        Value::Bool(value) => value.to_string(),
        _ => "neither".into(),
    }
}

fn refused(subject: &Subject<'_>, rule: Rule, refusal: &Refusal, path: &str) -> Finding {
    let level = match Severity::from(refusal.effect()) {
        Severity::Error => Level::Error,
        Severity::Warning => Level::Warning,
        Severity::Note => Level::Note,
    };
    let shown: PathBuf = subject.root.shown(path);
    Finding {
        hint: refusal.hint(),
        ..Finding::new(rule, level, shown, refusal.to_string())
    }
}
