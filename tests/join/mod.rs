//! Joining without kubeadm, against an API server that is played.

mod cluster;
mod files;
mod server;
mod start;

use std::process::Command;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use kubelet_unit::join::pin;

use crate::support::{Scratch, at_once, run};
use server::{Asked, Authority, Reply, Server};

const TOKEN: &str = "abcdef.0123456789abcdef";
const SECRET: &str = "0123456789abcdef";
const CLUSTER_INFO: &str = "/api/v1/namespaces/kube-public/configmaps/cluster-info?timeout=10s";

/// The kubeconfig of cluster-info.
fn kubeconfig(ca: &Authority, server: &str) -> String {
    let ca = STANDARD.encode(&ca.pem);
    format!(
        "apiVersion: v1\nclusters:\n- cluster:\n    certificate-authority-data: {ca}\n    server: {server}\n  name: \"\"\ncontexts: []\ncurrent-context: \"\"\nkind: Config\nusers: []\n"
    )
}

/// The ConfigMap, signed with a token.
fn cluster_info(kubeconfig: &str, token: &str) -> String {
    let (id, secret) = token.split_once('.').unwrap();
    let header = format!(r#"{{"alg":"HS256","kid":"{id}"}}"#);
    let header = URL_SAFE_NO_PAD.encode(header);
    let input = format!("{header}.{}", URL_SAFE_NO_PAD.encode(kubeconfig));
    let mac = URL_SAFE_NO_PAD.encode(hmac_sha256::HMAC::mac(input, secret));
    let key = format!("jws-kubeconfig-{id}");
    let signature = format!("{header}..{mac}");
    serde_json::json!({
        "kind": "ConfigMap",
        "apiVersion": "v1",
        "data": {"kubeconfig": kubeconfig, key: signature},
    })
    .to_string()
}

fn pin_of(ca: &Authority) -> String {
    pin::shown(&pin::public_key_hash(&ca.der).unwrap())
}

/// A configuration for a server, with a token and a pin.
fn by_token(server: &Server, token: &str, pin: &str, seconds: u64) -> String {
    let endpoint = server.address;
    format!(
        "apiVersion: kubeadm.k8s.io/v1beta4\nkind: JoinConfiguration\ndiscovery:\n  bootstrapToken:\n    apiServerEndpoint: {endpoint}\n    token: {token}\n    caCertHashes: ['{pin}']\ntimeouts: {{discovery: {seconds}s}}\n"
    )
}

/// Runs `kubeadm discovery`.
fn discovery(config: &str, more: &[&str]) -> (i32, String, String) {
    let scratch = Scratch::new();
    let file = scratch.path().join("join.yaml");
    std::fs::write(&file, config).unwrap();
    let (code, out, err) = run(Command::new(env!("CARGO_BIN_EXE_kubelet-unit"))
        .args(["kubeadm", "discovery", "--config"])
        .arg(&file)
        .args(more));
    (
        code,
        out,
        err.replace(&file.display().to_string(), "join.yaml"),
    )
}

/// A whole cluster that answers as a test says, with its CA.
fn cluster(
    reply: impl Fn(&Asked, usize, &str) -> Reply + Send + Sync + 'static,
) -> (Authority, Server) {
    let ca = Authority::new();
    let info = cluster_info(&kubeconfig(&ca, "https://10.77.0.1:6443"), TOKEN);
    let server = Server::play(ca.identity("127.0.0.1"), move |asked, before| {
        reply(asked, before, &info)
    });
    (ca, server)
}

/// A failure, with the server's address and its CA's hash replaced.
fn failure(ca: &Authority, server: &Server, token: &str, pin: Option<&str>) -> String {
    let own = pin_of(ca);
    let config = by_token(server, token, pin.unwrap_or(&own), 1);
    let start = Instant::now();
    let (code, out, err) = discovery(&config, &[]);
    assert_eq!((code, out.as_str()), (1, ""), "{err}");
    assert!(start.elapsed() < Duration::from_secs(4), "{err}");
    assert!(!err.contains(SECRET), "{err}");
    let err = err.replace(&server.address.to_string(), "SERVER");
    // What is left of the second when the connection stands.
    let left = (1..10).map(|tenths| format!("came within {tenths}00ms"));
    let err = left.fold(err, |err, left| err.replace(&left, "came within 1s"));
    err.replace(&own, "HASH")
}

fn answers(_: &Asked, _: usize, info: &str) -> Reply {
    Reply::Answer(200, info.to_owned())
}

#[test]
fn a_cluster_that_proves_itself_is_read_twice_and_asked_as_nobody() {
    let (ca, server) = cluster(answers);
    let (code, out, err) = discovery(&by_token(&server, TOKEN, &pin_of(&ca), 5), &[]);
    assert_eq!(code, 0, "{err}");
    let data = STANDARD.encode(&ca.pem);
    assert_eq!(
        out,
        format!(
            "apiVersion: v1\nclusters:\n- cluster:\n    certificate-authority-data: {data}\n    server: https://10.77.0.1:6443\n  name: kubernetes\ncontexts:\n- context:\n    cluster: kubernetes\n    user: tls-bootstrap-token-user\n  name: tls-bootstrap-token-user@kubernetes\ncurrent-context: tls-bootstrap-token-user@kubernetes\nkind: Config\nusers:\n- name: tls-bootstrap-token-user\n  user:\n    token: {TOKEN}\n"
        )
    );
    assert!(!err.contains(SECRET), "{err}");
    assert_eq!(server.paths(), [CLUSTER_INFO, CLUSTER_INFO]);
    assert!(server.asked().iter().all(|it| it.authorization.is_none()));
}

#[test]
fn without_a_pin_it_is_read_once() {
    let (_, server) = cluster(answers);
    let config = by_token(&server, TOKEN, "", 5);
    let config = config.replace("caCertHashes: ['']", "unsafeSkipCAVerification: true");
    let (code, _, err) = discovery(&config, &[]);
    assert_eq!(code, 0, "{err}");
    let told = "note: without `caCertHashes` whoever knows the token may answer as this cluster\n";
    assert!(err.ends_with(told), "{err}");
    assert_eq!(server.paths(), [CLUSTER_INFO]);
}

#[test]
fn what_proves_nothing_is_refused() {
    let (ca, server) = cluster(answers);
    insta::assert_snapshot!(
        "wrong_secret",
        failure(&ca, &server, "abcdef.ffffffffffffffff", None)
    );
    assert_eq!(server.paths().len(), 1, "a wrong secret does not get right");
    // A token that has expired or was deleted has no signature any more.
    insta::assert_snapshot!(
        "token_expired",
        failure(&ca, &server, "f6f6f6.0123456789abcdef", None)
    );
    let zeros = format!("sha256:{}", "0".repeat(64));
    insta::assert_snapshot!("wrong_pin", failure(&ca, &server, TOKEN, Some(&zeros)));
}

#[test]
fn a_man_in_the_middle_is_not_believed() {
    // One that passes on what the cluster says, signed, has no certificate of its CA.
    let ca = Authority::new();
    let info = cluster_info(&kubeconfig(&ca, "https://10.77.0.1:6443"), TOKEN);
    let other = Authority::new();
    let server = Server::play(other.identity("127.0.0.1"), move |_, _| {
        Reply::Answer(200, info.clone())
    });
    insta::assert_snapshot!("another_ca", failure(&ca, &server, TOKEN, None));
    // One that puts in its own CA cannot sign that.
    let forged = kubeconfig(&other, "https://10.77.0.1:6443");
    let forged = cluster_info(&forged, "abcdef.ffffffffffffffff");
    let server = Server::play(other.identity("127.0.0.1"), move |_, _| {
        Reply::Answer(200, forged.clone())
    });
    insta::assert_snapshot!("forged", failure(&ca, &server, TOKEN, None));
    // One that knows the token can, and is found by the pin.
    let known = cluster_info(&kubeconfig(&other, "https://10.77.0.1:6443"), TOKEN);
    let server = Server::play(other.identity("127.0.0.1"), move |_, _| {
        Reply::Answer(200, known.clone())
    });
    let told = failure(&ca, &server, TOKEN, None).replace(&pin_of(&other), "OTHER");
    insta::assert_snapshot!("token_is_known", told);
    // A certificate of the right CA for another host.
    let info = cluster_info(&kubeconfig(&ca, "https://10.77.0.1:6443"), TOKEN);
    let server = Server::play(ca.identity("127.0.0.2"), move |_, _| {
        Reply::Answer(200, info.clone())
    });
    insta::assert_snapshot!("another_host", failure(&ca, &server, TOKEN, None));
}

#[test]
fn a_cluster_info_that_changes_between_the_reads_is_refused() {
    let ca = Authority::new();
    let infos = ["https://10.77.0.1:6443", "https://10.77.0.2:6443"]
        .map(|url| cluster_info(&kubeconfig(&ca, url), TOKEN));
    let server = Server::play(ca.identity("127.0.0.1"), move |_, before| {
        Reply::Answer(200, infos[before.min(1)].clone())
    });
    insta::assert_snapshot!("changed", failure(&ca, &server, TOKEN, None));
}

#[test]
fn a_server_that_misbehaves_does_not_hold_a_node_up() {
    type Misbehaves = fn() -> Reply;
    let all: [(&str, Misbehaves); 8] = [
        ("stalls", || Reply::Stall),
        ("drips", || Reply::Drip),
        ("long", || Reply::Long(100 << 20, true)),
        ("long_chunks", || Reply::Long(100 << 20, false)),
        ("redirects", || {
            Reply::Redirect("https://127.0.0.1:1/".to_owned())
        }),
        ("breaks", || Reply::Break),
        ("other", || Reply::Answer(200, "<html>".to_owned())),
        ("forbidden", || {
            let status =
                r#"{"kind":"Status","message":"configmaps \"cluster-info\" is forbidden"}"#;
            Reply::Answer(403, status.to_owned())
        }),
    ];
    at_once(all, |(name, misbehaves)| {
        let (ca, server) = cluster(move |_, _, _| misbehaves());
        insta::assert_snapshot!(name, failure(&ca, &server, TOKEN, None));
    });
    // Nobody listens.
    let (ca, server) = cluster(answers);
    let address = server.address;
    let config = by_token(&server, TOKEN, &pin_of(&ca), 1);
    drop(server);
    let (code, _, err) = discovery(&config, &[]);
    assert_eq!(code, 1);
    insta::assert_snapshot!("refused", err.replace(&address.to_string(), "SERVER"));
}

#[test]
fn a_server_that_recovers_is_asked_again() {
    let (ca, server) = cluster(|_, before, info| match before {
        0 => Reply::Answer(500, "{\"message\":\"etcd is slow\"}".to_owned()),
        // The signature comes a while after the token.
        1 => Reply::Answer(200, "{\"data\":{}}".to_owned()),
        _ => Reply::Answer(200, info.to_owned()),
    });
    let (code, out, err) = discovery(&by_token(&server, TOKEN, &pin_of(&ca), 9), &[]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains(TOKEN));
    let err = err.replace(&server.address.to_string(), "SERVER");
    insta::assert_snapshot!("recovers", err);
    assert_eq!(server.paths().len(), 4);
}

#[test]
fn a_proxy_of_the_environment_is_used() {
    let ca = Authority::new();
    let info = cluster_info(&kubeconfig(&ca, "https://10.77.0.1:6443"), TOKEN);
    let server = Server::play(ca.identity("cluster.invalid"), move |_, _| {
        Reply::Answer(200, info.clone())
    });
    let (proxy, asked) = server::proxy(server.address);
    let config = by_token(&server, TOKEN, &pin_of(&ca), 1);
    let config = config.replace(&server.address.to_string(), "cluster.invalid:6443");
    let scratch = Scratch::new();
    let file = scratch.path().join("join.yaml");
    std::fs::write(&file, config).unwrap();
    let run = |no_proxy: &str| {
        run(Command::new(env!("CARGO_BIN_EXE_kubelet-unit"))
            .args(["kubeadm", "discovery", "--config"])
            .arg(&file)
            .env("HTTPS_PROXY", format!("http://me:geheim@{proxy}"))
            .env("NO_PROXY", no_proxy))
    };
    let (code, _, err) = run("10.0.0.0/8");
    assert_eq!(code, 0, "{err}");
    let heads = asked.lock().unwrap().clone();
    assert_eq!(heads.len(), 2);
    for head in heads {
        assert!(
            head.starts_with("CONNECT cluster.invalid:6443 HTTP/1.1\r\n"),
            "{head}"
        );
        let basic = STANDARD.encode("me:geheim");
        assert!(head.contains(&format!("Basic {basic}")), "{head}");
    }
    let (code, _, err) = run("invalid");
    assert_eq!(code, 1, "the name has no address");
    assert!(
        err.contains("failed to lookup address information"),
        "{err}"
    );
    assert!(!err.contains("geheim"), "{err}");
    assert_eq!(asked.lock().unwrap().len(), 2);
}
