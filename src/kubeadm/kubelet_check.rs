//! The kubelet's own validation, which kubeadm up to 1.17 runs on the configuration that it completed
//! (`pkg/kubelet/apis/config/validation`): bounds of numbers, and a few rules across fields.

use super::error::{Error, Invalid};
use super::model::Source;
use super::schema::{self, join};
use super::version::Version;
use super::yaml::{Map, Node, Pos, Value};

/// Fields that are numbers, and what they may be.
const BOUNDS: &[(&str, i128, i128, &str)] = &[
    ("eventBurst", 0, i128::MAX, "it may not be negative"),
    ("eventRecordQPS", 0, i128::MAX, "it may not be negative"),
    (
        "healthzPort",
        0,
        65535,
        "it must be a port from 1 to 65535, or 0 for none",
    ),
    (
        "imageGCHighThresholdPercent",
        0,
        100,
        "it must be from 0 to 100",
    ),
    (
        "imageGCLowThresholdPercent",
        0,
        100,
        "it must be from 0 to 100",
    ),
    ("iptablesDropBit", 0, 31, "it must be from 0 to 31"),
    ("iptablesMasqueradeBit", 0, 31, "it must be from 0 to 31"),
    ("kubeAPIBurst", 0, i128::MAX, "it may not be negative"),
    ("kubeAPIQPS", 0, i128::MAX, "it may not be negative"),
    ("maxOpenFiles", 0, i128::MAX, "it may not be negative"),
    ("maxPods", 0, i128::MAX, "it may not be negative"),
    (
        "nodeLeaseDurationSeconds",
        1,
        i128::MAX,
        "it must be positive",
    ),
    ("oomScoreAdj", -1000, 1000, "it must be from -1000 to 1000"),
    ("podsPerCore", 0, i128::MAX, "it may not be negative"),
    ("port", 1, 65535, "it must be a port from 1 to 65535"),
    (
        "readOnlyPort",
        0,
        65535,
        "it must be a port from 1 to 65535, or 0 for none",
    ),
    ("registryBurst", 0, i128::MAX, "it may not be negative"),
    ("registryPullQPS", 0, i128::MAX, "it may not be negative"),
];

const HAIRPIN_MODES: [&str; 3] = ["hairpin-veth", "none", "promiscuous-bridge"];
const ENFORCEMENTS: [&str; 4] = ["pods", "system-reserved", "kube-reserved", "none"];

/// Refuses a completed configuration that the kubelet would refuse.
///
/// # Errors
/// [`Invalid::Kubelet`] for the first rule that is broken.
pub fn check(map: &Map, source: &Source, version: Version) -> Result<(), Error> {
    let given = source.node.as_map();
    let fail = |field: &str, rule: &'static str| {
        let pos = given
            .and_then(|g| g.get(field))
            .map_or(Pos::default(), |n| n.pos);
        let path = join(&source.place.path, field);
        Err(schema::invalid(
            &source.place,
            &path,
            pos,
            Invalid::Kubelet(rule),
        ))
    };
    let number = |field: &str| match map.get(field).map(|n| &n.value) {
        Some(Value::Int(number)) => Some(*number),
        _ => None,
    };
    let text = |field: &str| map.get(field).and_then(Node::as_str).unwrap_or_default();
    for (field, min, max, rule) in BOUNDS {
        if number(field).is_some_and(|n| !(*min..=*max).contains(&n)) {
            return fail(field, rule);
        }
    }
    if number("imageGCLowThresholdPercent") >= number("imageGCHighThresholdPercent") {
        return fail(
            "imageGCLowThresholdPercent",
            "it must be below `imageGCHighThresholdPercent`",
        );
    }
    if !text("systemCgroups").is_empty() && text("cgroupRoot").is_empty() {
        return fail("systemCgroups", "it needs `cgroupRoot`");
    }
    if !HAIRPIN_MODES.contains(&text("hairpinMode")) {
        return fail(
            "hairpinMode",
            "it must be `hairpin-veth`, `promiscuous-bridge` or `none`",
        );
    }
    let enforced: Vec<&str> = match map.get("enforceNodeAllocatable").map(|n| &n.value) {
        Some(Value::Seq(items)) => items.iter().filter_map(Node::as_str).collect(),
        _ => Vec::new(),
    };
    let none_alone = !enforced.contains(&"none") || enforced.len() == 1;
    if !none_alone || enforced.iter().any(|e| !ENFORCEMENTS.contains(e)) {
        return fail(
            "enforceNodeAllocatable",
            "it takes `pods`, `system-reserved` and `kube-reserved`, or `none` alone",
        );
    }
    let off = |field: &str| {
        map.get(field)
            .is_some_and(|n| n.value == Value::Bool(false))
    };
    if off("cgroupsPerQOS") && !enforced.is_empty() && enforced != ["none"] {
        return fail("enforceNodeAllocatable", "it needs `cgroupsPerQOS`");
    }
    let gates = map.get("featureGates").and_then(Node::as_map);
    let rotate = gates
        .and_then(|g| g.get("RotateKubeletServerCertificate"))
        .map(|n| &n.value);
    // The gate is on by default from 1.12.
    let rotates = match rotate {
        Some(value) => *value == Value::Bool(true),
        None => version.minor() >= 12,
    };
    let bootstrap = map
        .get("serverTLSBootstrap")
        .is_some_and(|n| n.value == Value::Bool(true));
    if bootstrap && !rotates {
        return fail(
            "serverTLSBootstrap",
            "it needs the feature gate `RotateKubeletServerCertificate`",
        );
    }
    Ok(())
}
