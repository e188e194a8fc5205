//! Does the kubelet take its configuration: `config.yaml`, the drop-ins that it merges over it,
//! and `instance-config.yaml`, which kubeadm puts over it?
//!
//! Judged are the fields at the top and the feature gates, of which the last one counts, as the
//! kubelet merges them: the file, then the `*.conf` below `--config-dir` in the order of their
//! paths (`cmd/kubelet/app/server.go`, `mergeKubeletConfigurations`), then the flag.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::Subject;
use super::finding::{Finding, Level, Rule};
use crate::explain::{Explanation, Role, Severity};
use crate::host::configuration;
use crate::kubeadm::yaml::{self, Node, Value};
use crate::kubelet::takes::{Kind, NEWEST, OLDEST, Refusal, gates_of_flag};
use crate::root::RootError;

/// Where kubeadm writes what holds for the node alone.
const INSTANCE: &str = "/var/lib/kubelet/instance-config.yaml";

/// A gate as a document has it.
struct Gate {
    value: String,
    path: String,
    line: usize,
}

pub(super) fn of_configuration(
    subject: &Subject<'_>,
    explanation: &Explanation,
) -> Result<Vec<Finding>, RootError> {
    if !subject.is_kubelet() {
        return Ok(Vec::new());
    }
    let value = |flag| explanation.value(flag).map(|(value, _)| value);
    let folder = value("config-dir");
    let mut documents =
        configuration::documents(subject.root, value("config"), folder, yaml::MAX_BYTES);
    documents.push(configuration::read(subject.root, INSTANCE, yaml::MAX_BYTES));
    let mut findings = Vec::new();
    let mut gates = BTreeMap::new();
    for read in documents {
        match read.content {
            Ok(content) => document(subject, &read.path, &content, &mut gates, &mut findings),
            Err(error) if error.is_not_found() => {}
            Err(error) => findings.push(Finding::of_denied(error)?),
        }
    }
    for name in gates_of_flags(explanation) {
        gates.remove(&name);
    }
    findings.extend(gates.iter().filter_map(|(name, gate)| {
        let refusal = Refusal::of_gate(name, &gate.value, subject.kubelet)?;
        Some(refused(subject, Rule::FeatureGate, &refusal, &gate.path).line(gate.line))
    }));
    Ok(findings)
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

/// Judges the fields of a document, and takes its gates over.
fn document(
    subject: &Subject<'_>,
    path: &str,
    content: &[u8],
    gates: &mut BTreeMap<String, Gate>,
    findings: &mut Vec<Finding>,
) {
    let node = match yaml::read_document(&String::from_utf8_lossy(content), 1) {
        Ok(node) => node,
        Err((problem, at)) => {
            let shown = subject.root.shown(path);
            let finding = Finding::new(Rule::Field, Level::Error, shown, problem.to_string());
            findings.push(finding.line(at.line));
            return;
        }
    };
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
        if entry.node.is_null() {
            gates.remove(name);
            continue;
        }
        let (value, path, line) = (text(&entry.node), path.to_owned(), entry.pos.line);
        gates.insert(name.to_owned(), Gate { value, path, line });
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
