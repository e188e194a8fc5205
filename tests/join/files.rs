//! What is written, against what real kubeadm wrote, and how it is shown.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, OnceLock};

use super::server::{Authority, Reply, Server};
use super::{SECRET, TOKEN, by_token, cluster, cluster_info, discovery, kubeconfig, pin_of};
use crate::support::{Scratch, repository, run};

/// A join configuration of the fixtures, with the folder of its files.
fn fixture(name: &str, folder: &Path) -> String {
    let from = repository().join("fixtures/discovery/join");
    let text = fs::read_to_string(from.join(format!("{name}.yaml"))).unwrap();
    text.replace("/h/cfg/join", &folder.display().to_string())
}

#[test]
fn bootstrap_kubelet_conf_is_kubeadms_byte_for_byte() {
    let from = repository().join("fixtures/discovery");
    let scratch = Scratch::new();
    for entry in fs::read_dir(from.join("join")).unwrap().flatten() {
        let text = fs::read_to_string(entry.path()).unwrap();
        let text = text.replace("/h/cfg/join", &scratch.path().display().to_string());
        fs::write(scratch.path().join(entry.file_name()), text).unwrap();
    }
    // The key was replaced where this was recorded.
    fs::write(scratch.path().join("boot.key"), "REPLACED").unwrap();
    let ca = from.join("ca.crt").display().to_string();
    let mut compared = 0;
    for entry in fs::read_dir(from.join("bootstrap")).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        let name = name.strip_suffix(".bootstrap-kubelet.conf").unwrap();
        let config = fixture(name, scratch.path());
        let (code, out, err) = discovery(&config, &["--ca", &ca]);
        assert_eq!(code, 0, "{name}: {err}");
        assert_eq!(out, fs::read_to_string(entry.path()).unwrap(), "{name}");
        compared += 1;
    }
    assert_eq!(compared, 7);
}

#[test]
fn a_discovery_file_that_kubeadm_refuses_is_refused() {
    let from = repository().join("fixtures/discovery/join");
    let ca = from.join("../ca.crt").display().to_string();
    let join = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: JoinConfiguration\n";
    let scratch = Scratch::new();
    let mut told = Vec::new();
    let mut refused = |file: &Path, args: &[&str]| {
        let config = format!(
            "{join}discovery: {{file: {{kubeConfigPath: {}}}}}\n",
            file.display()
        );
        let (code, _, err) = discovery(&config, args);
        assert_eq!(code, 1, "{err}");
        let folder = scratch.path().display().to_string();
        told.push(
            err.replace(&*from.to_string_lossy(), "FILES")
                .replace(&folder, "SCRATCH"),
        );
    };
    for name in ["file-creds.conf", "file-plain.conf", "file-missing.conf"] {
        refused(&from.join(name), &["--ca", &ca]);
    }
    let creds = fs::read_to_string(from.join("file-creds2.conf")).unwrap();
    for (name, old, new) in [
        (
            "exec",
            "user: {token:",
            "user: {exec: {command: /bin/sh}, x:",
        ),
        ("context", "current-context: t", "current-context: u"),
        ("user", "user: tls}", "user: other}"),
        ("http", "https://", "http://"),
        (
            "insecure",
            "    server:",
            "    insecure-skip-tls-verify: true\n    server:",
        ),
        ("base64", "LS0tLS1CRUdJTiBD", "a.b."),
        ("pem", "LS0tLS1CRUdJTiBD", "AAAA"),
        ("yaml", "contexts:", "contexts: [token: x"),
        ("two", "{token:", "{username: a, password: b, token:"),
        (
            "file",
            "{token: abcdef.0123456789abcdef}",
            "{client-certificate: a.crt, client-key: a.key}",
        ),
    ] {
        let file = scratch.path().join(name);
        assert!(creds.contains(old), "{name}");
        fs::write(&file, creds.replace(old, new)).unwrap();
        refused(&file, &["--ca", &ca]);
    }
    let told = told.join("\n");
    assert!(!told.contains(SECRET), "{told}");
    insta::assert_snapshot!(told);
}

#[test]
fn what_is_written_is_for_root_alone_and_what_is_shown_has_no_secret() {
    let (ca, server) = cluster(super::answers);
    let config = by_token(&server, TOKEN, &pin_of(&ca), 5);
    let scratch = Scratch::new();
    let root = scratch.path().display().to_string();
    let clean = |text: &str| {
        let text = text
            .replace(&root, "ROOT")
            .replace(&server.address.to_string(), "SERVER");
        let data = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &ca.pem);
        text.replace(&data, "CA").replace(ca.pem.trim_end(), "PEM")
    };
    let (code, out, err) = discovery(&config, &["--root", &root, "--dry-run"]);
    assert_eq!(code, 0, "{err}");
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0);
    // A diff marks every line.
    let pem = format!("+{}\n", ca.pem.trim_end().replace('\n', "\n+"));
    let out = out.replace(&pem, "+PEM\n");
    insta::assert_snapshot!("dry_run", clean(&format!("{err}{out}")));
    let (code, out, err) = discovery(&config, &["--root", &root, "--format", "json"]);
    assert_eq!(code, 0, "{err}");
    assert!(!format!("{out}{err}").contains(SECRET), "{out}{err}");
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json["files"][0]["mode"], "0600");
    let mode = |path: &str| {
        let status = fs::metadata(scratch.path().join(path)).unwrap();
        status.permissions().mode() & 0o7777
    };
    assert_eq!(mode("etc/kubernetes/bootstrap-kubelet.conf"), 0o600);
    assert_eq!(mode("etc/kubernetes/pki/ca.crt"), 0o644);
    assert_eq!(
        (mode("etc/kubernetes"), mode("etc/kubernetes/pki")),
        (0o755, 0o755)
    );
    let written = fs::read_to_string(scratch.path().join("etc/kubernetes/pki/ca.crt"));
    assert_eq!(written.unwrap(), ca.pem);
    // Again it changes nothing, and another cluster's CA stays.
    let (code, _, err) = discovery(&config, &["--root", &root]);
    assert_eq!(code, 0, "{err}");
    assert_eq!(err.matches("unchanged").count(), 2, "{err}");
    let other = Authority::new().pem;
    let at = scratch.path().join("etc/kubernetes/pki/ca.crt");
    fs::write(&at, &other).unwrap();
    let (code, _, err) = discovery(&config, &["--root", &root]);
    assert_eq!(code, 1);
    insta::assert_snapshot!("other_ca", clean(&err));
    assert_eq!(fs::read_to_string(&at).unwrap(), other);
}

#[test]
fn a_discovery_file_is_proven_over_tls_and_completed() {
    let ca = Authority::new();
    let scratch = Scratch::new();
    let known_address = Arc::new(OnceLock::new());
    let host = known_address.clone();
    let known = cluster_info(&kubeconfig(&ca, "https://other:6443"), TOKEN);
    let server = Server::play(ca.identity("127.0.0.1"), move |asked, _| {
        match asked.path.as_str() {
            "/moved.conf" => Reply::Redirect("/d.conf".to_owned()),
            "/down.conf" => Reply::Redirect("http://127.0.0.1:1/d.conf".to_owned()),
            "/gone.conf" => Reply::Answer(404, String::new()),
            // The CA is left out: what this machine trusts proves the server.
            "/d.conf" => Reply::Answer(
                200,
                format!(
                    "clusters: [{{cluster: {{server: 'https://{}'}}}}]",
                    host.get().unwrap()
                ),
            ),
            _ => Reply::Answer(200, known.clone()),
        }
    });
    let trusted = scratch.path().join("trusted.pem");
    fs::write(&trusted, &ca.pem).unwrap();
    let address = *known_address.get_or_init(|| server.address);
    let run = |what: &str| {
        let config = scratch.path().join("join.yaml");
        let text = format!(
            "apiVersion: kubeadm.k8s.io/v1beta4\nkind: JoinConfiguration\ntimeouts: {{discovery: 1s}}\ndiscovery:\n  tlsBootstrapToken: {TOKEN}\n  file: {{kubeConfigPath: '{what}'}}\n"
        );
        fs::write(&config, text).unwrap();
        run(Command::new(env!("CARGO_BIN_EXE_kubelet-unit"))
            .args(["kubeadm", "discovery", "--config"])
            .arg(&config)
            .env("SSL_CERT_FILE", &trusted))
    };
    // A path, without a CA in it.
    let file = scratch.path().join("d.conf");
    let text = format!("clusters: [{{name: '', cluster: {{server: 'https://{address}'}}}}]");
    fs::write(&file, text).unwrap();
    let (code, out, err) = run(&file.display().to_string());
    assert_eq!(code, 0, "{err}");
    assert!(
        out.contains("certificate-authority-data") && out.contains(TOKEN),
        "{out}"
    );
    assert!(
        out.contains(&format!("server: https://{address}\n")),
        "the file's address: {out}"
    );
    assert!(err.contains("calls itself `https://other:6443`"), "{err}");
    // A URL is followed, but never out of TLS.
    let url = |path: &str| format!("https://{address}{path}");
    let (code, out, err) = run(&url("/moved.conf"));
    assert_eq!(code, 0, "{err}");
    assert!(
        out.contains(&format!("server: https://{address}\n")),
        "{out}"
    );
    for (path, told) in [
        ("/down.conf", "cannot get"),
        ("/gone.conf", "it answers 404"),
    ] {
        let (code, _, err) = run(&url(path));
        assert!(code == 1 && err.contains(told), "{path}: {err}");
    }
    // Without trust in who answers, it is not taken.
    fs::write(&trusted, Authority::new().pem).unwrap();
    let (code, _, err) = run(&url("/d.conf"));
    assert!(
        code == 1 && err.contains("not signed by a CA that is trusted"),
        "{err}"
    );
}
