//! What real kubeadm wrote (`fixtures/kubeadm/`), against what we write.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use kubelet_unit::kubeadm::{
    Action, File, Host, HostInit, Output, Overrides, PatchFile, Plan, Request, Stream, Version,
    yaml,
};
use serde::Deserialize;
use serde_json::Value;

/// Of the corner cases, at least this share in hundredths must be equal.
const EXTRA_PERCENT: usize = 97;

#[derive(Deserialize)]
struct Case {
    id: String,
    kubeadm: String,
    kind: String,
    tier: String,
    command: String,
    config: Option<String>,
    cluster_config: Option<String>,
    host: CaseHost,
    rc: i32,
    #[serde(default)]
    files: BTreeMap<String, CaseFile>,
    dryrun_files: Option<BTreeMap<String, String>>,
    #[serde(default)]
    objects: Vec<Value>,
}

#[derive(Deserialize)]
struct CaseHost {
    hostname: String,
    init: String,
    resolved_active: bool,
    resolved_process: Option<bool>,
    #[serde(default)]
    sockets: Vec<String>,
    docker: Option<Docker>,
    #[serde(default)]
    files: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
struct Docker {
    cgroup_driver: String,
}

#[derive(Deserialize)]
struct CaseFile {
    content: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/kubeadm")
}

fn cases() -> Vec<Case> {
    let mut files: Vec<_> = fs::read_dir(folder().join("vectors"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let read = |path: &PathBuf| fs::read_to_string(path).unwrap();
    let texts: Vec<_> = files.iter().map(read).collect();
    texts
        .iter()
        .flat_map(|text| text.lines())
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The cases that may differ, with their reasons: `id: reason`.
fn exceptions() -> BTreeMap<String, String> {
    let text = fs::read_to_string(folder().join("exceptions.txt")).unwrap();
    text.lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| {
            let (id, reason) = line.split_once(": ").expect("`id: reason`");
            (id.to_owned(), reason.to_owned())
        })
        .collect()
}

fn overrides(command: &str) -> Overrides {
    let words: Vec<&str> = command.split_whitespace().collect();
    let value = |option: &str| {
        let at = words.iter().position(|word| *word == option)?;
        Some((*words.get(at + 1)?).to_owned())
    };
    Overrides {
        node_name: value("--node-name"),
        cri_socket: value("--cri-socket"),
        service_subnet: value("--service-cidr"),
        pod_subnet: value("--pod-network-cidr"),
        dns_domain: value("--service-dns-domain"),
        certificates_dir: value("--cert-dir"),
        image_repository: value("--image-repository"),
        kubernetes_version: value("--kubernetes-version"),
    }
}

fn host(case: &CaseHost) -> Host {
    Host {
        hostname: case.hostname.clone(),
        init: match case.init.as_str() {
            "systemd" => HostInit::Systemd,
            "openrc" => HostInit::OpenRc,
            "openrc-only" => HostInit::OpenRcOnly,
            "none" => HostInit::Other,
            init => panic!("unknown init {init}"),
        },
        resolved_active: case.resolved_active,
        resolved_process: case.resolved_process,
        sockets: case.sockets.clone(),
        docker_cgroup_driver: case.docker.as_ref().map(|d| d.cgroup_driver.clone()),
        ..Host::default()
    }
}

fn patches(case: &CaseHost) -> Vec<PatchFile> {
    let folder = "/etc/kubernetes/patches/";
    case.files
        .iter()
        .filter_map(|(path, content)| {
            let name = path.strip_prefix(folder)?.to_owned();
            Some(PatchFile {
                name,
                text: content.as_str()?.to_owned(),
            })
        })
        .collect()
}

/// What a case's files should be, and what of them we write; an empty text says that both are equal.
fn differences(case: &Case) -> String {
    let (host, overrides, patches) = (
        host(&case.host),
        overrides(&case.command),
        patches(&case.host),
    );
    let version = Version::parse(&case.kubeadm).unwrap();
    let cluster = case.cluster_config.as_deref().map(Stream::from);
    let config = case.config.as_deref().map(Stream::from);
    let request = Request {
        config: config.as_ref(),
        cluster_config: cluster.as_ref(),
        action: Some(if case.kind == "join" {
            Action::Join
        } else {
            Action::Init
        }),
        overrides: &overrides,
        patches: &patches,
        as_kubeadm: true,
        ..Request::new(version, &host)
    };
    let mut ours = Vec::new();
    let mut errors = Vec::new();
    let mut take = |result: Result<Output, kubelet_unit::kubeadm::Error>| match result {
        Ok(output) => ours.extend(output.files),
        Err(error) => errors.push(error.to_string()),
    };
    let plan = Plan::new(request);
    match (&plan, case.kind.as_str()) {
        (Ok(plan), "upload") => take(plan.config_map()),
        (Ok(plan), kind) => {
            take(plan.flags());
            take(plan.config());
            if kind == "dryrun" && !case.objects.is_empty() {
                take(plan.config_map());
            }
        }
        (Err(error), _) => errors.push(error.to_string()),
    }
    let mut out = String::new();
    if (case.rc == 0) != errors.is_empty() {
        let _ = writeln!(out, "kubeadm ended with {}, we say {errors:?}", case.rc);
    }
    compare_files(case, &ours, &mut out);
    compare_objects(case, &ours, &mut out);
    out
}

fn compare_files(case: &Case, ours: &[File], out: &mut String) {
    let expected: BTreeMap<&str, &str> = match &case.dryrun_files {
        Some(files) => files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
            .collect(),
        None => case
            .files
            .iter()
            .map(|(path, file)| (path.as_str(), file.content.as_str()))
            .collect(),
    };
    for (path, expected) in &expected {
        let Some(file) = ours.iter().find(|file| file.path == *path) else {
            let _ = writeln!(out, "{path} is missing");
            continue;
        };
        if file.text != old_floats(expected, &case.kubeadm) {
            let _ = writeln!(out, "{path}:\n-- kubeadm\n{expected}-- we\n{}", file.text);
        }
    }
    let all_there = case.rc == 0 && case.dryrun_files.is_none();
    for file in ours
        .iter()
        .filter(|file| all_there && !file.path.is_empty())
    {
        if !expected.contains_key(&*file.path) {
            let _ = writeln!(out, "{} should not be there", file.path);
        }
    }
}

/// The go-yaml of 1.11 and 1.12 took `1e3` for text and wrote it without quotes.
fn old_floats(text: &str, kubeadm: &str) -> String {
    if !(kubeadm.starts_with("1.11.") || kubeadm.starts_with("1.12.")) {
        return text.to_owned();
    }
    let quote = |line: &str| match line.rsplit_once(": ") {
        Some((key, value))
            if value.starts_with(|c: char| c.is_ascii_digit())
                && value.contains('e')
                && value.chars().all(|c| c.is_ascii_digit() || c == 'e') =>
        {
            format!("{key}: \"{value}\"\n")
        }
        _ => format!("{line}\n"),
    };
    text.lines().map(quote).collect()
}

/// A document with the places left out.
fn document(text: &str) -> Value {
    fn json(node: &yaml::Node) -> Value {
        match &node.value {
            yaml::Value::Null => Value::Null,
            yaml::Value::Bool(flag) => (*flag).into(),
            yaml::Value::Int(number) => number.to_string().into(),
            yaml::Value::Float(number) => (*number).into(),
            yaml::Value::Str(text) => Value::from(vec![text.as_str()]),
            yaml::Value::Seq(items) => {
                Value::from(vec![Value::Null, items.iter().map(json).collect()])
            }
            yaml::Value::Map(map) => map
                .iter()
                .map(|(k, e)| (k.to_owned(), json(&e.node)))
                .collect(),
        }
    }
    json(&yaml::read_document(text, 1).unwrap())
}

fn compare_objects(case: &Case, ours: &[File], out: &mut String) {
    if case.objects.is_empty() {
        return;
    }
    let Some(file) = ours.iter().find(|file| file.path.is_empty()) else {
        out.push_str("the ConfigMap is missing\n");
        return;
    };
    // The independent reader: what `kubectl apply` would see.
    let written: Vec<Value> = serde_yaml::Deserializer::from_str(&file.text)
        .map(|document| Value::deserialize(document).unwrap())
        .collect();
    for expected in &case.objects {
        let found = written
            .iter()
            .find(|object| object["kind"] == expected["kind"]);
        let expected = normal(expected, &case.kubeadm);
        let found = found.map(|found| normal(found, &case.kubeadm));
        if found.as_ref() != Some(&expected) {
            let _ = writeln!(
                out,
                "-- kubeadm\n{expected:#}\n-- we\n{:#}",
                found.unwrap_or_default()
            );
        }
    }
}

/// An object with its configuration as a document, and without the group that is the default for subjects.
fn normal(object: &Value, kubeadm: &str) -> Value {
    let mut object = object.clone();
    if let Some(text) = object["data"]["kubelet"].as_str() {
        object["data"]["kubelet"] = document(&old_floats(text, kubeadm));
    }
    for subject in object["subjects"].as_array_mut().into_iter().flatten() {
        subject.as_object_mut().unwrap().remove("apiGroup");
    }
    object
}

#[test]
fn kubeadm_s_files_are_written_as_kubeadm_writes_them() {
    let exceptions = exceptions();
    let mut report = String::new();
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut unused: Vec<_> = exceptions.keys().cloned().collect();
    for case in cases() {
        let difference = differences(&case);
        let count = counts.entry(case.tier.clone()).or_default();
        count.1 += 1;
        count.0 += usize::from(difference.is_empty());
        unused.retain(|id| *id != case.id);
        match (difference.is_empty(), exceptions.get(&case.id)) {
            (true, Some(_)) => {
                let _ = writeln!(
                    report,
                    "{}: is equal, but listed in exceptions.txt",
                    case.id
                );
            }
            (false, None) => {
                let _ = writeln!(report, "{}:\n{difference}", case.id);
            }
            _ => {}
        }
        assert!(
            case.tier != "core" || !exceptions.contains_key(&case.id),
            "{} is a core case",
            case.id
        );
    }
    assert!(unused.is_empty(), "no such cases: {unused:?}");
    println!("equal, of all: {counts:?}");
    assert!(report.is_empty(), "{report}\n{counts:?}");
    let (equal, all) = counts["extra"];
    assert!(
        equal * 100 >= all * EXTRA_PERCENT,
        "{equal} of {all} corner cases"
    );
}
