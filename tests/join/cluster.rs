//! What a node asks its cluster with its credentials.

use std::fs;
use std::time::Duration;

use kubelet_unit::join::{AskProblem, Client, Credentials, JoinError, Trust, Watch, cluster};

use super::server::{Authority, Reply, Server};
use super::{SECRET, TOKEN};
use crate::support::repository;

/// Nobody is told.
struct Silent;

impl Watch for Silent {
    fn asks(&self, _: &str, _: &str) {}
    fn again(&self, _: &str, _: &str, _: &AskProblem) {}
    fn waits(&self, _: &str, _: Duration, _: Duration) {}
    fn note(&self, _: &str) {}
}

/// For what has to come: a machine that is busy may take its time.
const WITHIN: Duration = Duration::from_secs(60);
/// For what is asked again until that is over.
const SHORT: Duration = Duration::from_millis(900);

fn client(ca: &Authority, server: &Server) -> Client {
    let url = format!("https://{}", server.address);
    let token = Credentials::Token(TOKEN.to_owned());
    Client::new(&url, Trust::Ca(ca.pem.as_bytes()), Some(&token), None).unwrap()
}

fn play(reply: impl Fn(&str, usize) -> Reply + Send + Sync + 'static) -> (Client, Server) {
    let ca = Authority::new();
    let server = Server::play(ca.identity("127.0.0.1"), move |asked, before| {
        reply(&asked.path, before)
    });
    (client(&ca, &server), server)
}

fn fixture(name: &str) -> String {
    fs::read_to_string(repository().join("fixtures/discovery").join(name)).unwrap()
}

fn told(error: &JoinError, server: &Server) -> String {
    let hint = error
        .hint()
        .map_or_else(String::new, |it| format!("\nhint: {it}"));
    let text = format!("{error}{hint}").replace(&server.address.to_string(), "SERVER");
    assert!(!text.contains(SECRET), "{text}");
    text
}

#[test]
fn the_configuration_of_a_real_cluster_is_read_with_the_tokens_credentials() {
    let maps = ["kubeadm-config", "kubelet-config"].map(|it| fixture(&format!("{it}.raw.json")));
    let data = |index: usize, key: &str| {
        let object: serde_json::Value = serde_json::from_str(&maps[index]).unwrap();
        object["data"][key].as_str().unwrap().to_owned()
    };
    let (cluster, kubelet) = (data(0, "ClusterConfiguration"), data(1, "kubelet"));
    let answers = maps.clone();
    let (client, server) = play(move |path, _| {
        let index = usize::from(path.contains("kubelet-config"));
        Reply::Answer(200, answers[index].clone())
    });
    let text = cluster::configuration(&client, WITHIN, &Silent).unwrap();
    assert_eq!(text, format!("{}\n---\n{kubelet}", cluster.trim_end()));
    assert_eq!(
        server.paths(),
        ["kubeadm-config", "kubelet-config"]
            .map(|it| format!("/api/v1/namespaces/kube-system/configmaps/{it}?timeout=10s"))
    );
    let bearer = format!("Bearer {TOKEN}");
    let asked = server.asked();
    assert!(
        asked
            .iter()
            .all(|it| it.authorization.as_deref() == Some(bearer.as_str()))
    );
    assert_eq!(
        cluster::endpoint(&text.into()).as_deref(),
        Some("10.77.0.1:6443")
    );
}

#[test]
fn an_older_cluster_has_its_release_in_the_name() {
    let (client, server) = play(|path, _| {
        let text = "apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\nkubernetesVersion: v1.23.4\n";
        let data = match path {
            path if path.contains("kubeadm-config") => {
                serde_json::json!({"ClusterConfiguration": text})
            }
            path if path.contains("kubelet-config-1.23") => {
                serde_json::json!({"kubelet": "a: b\n"})
            }
            _ => return Reply::Answer(403, String::new()),
        };
        Reply::Answer(200, serde_json::json!({"data": data}).to_string())
    });
    let text = cluster::configuration(&client, WITHIN, &Silent).unwrap();
    assert!(text.ends_with("\n---\na: b\n"), "{text}");
    assert_eq!(server.paths().len(), 2);
}

#[test]
fn what_a_cluster_refuses_is_told() {
    let status =
        |message: &str| serde_json::json!({"kind": "Status", "message": message}).to_string();
    let all = [
        (401, status("Unauthorized")),
        (
            403,
            status("configmaps \"kubeadm-config\" is forbidden: User \"system:anonymous\"\ncannot"),
        ),
        (404, status("configmaps \"kubeadm-config\" not found")),
        (200, "{\"data\":{}}".to_owned()),
        (200, "[]".to_owned()),
    ];
    let told: Vec<String> = all
        .into_iter()
        .map(|(code, body)| {
            let (client, server) = play(move |_, _| Reply::Answer(code, body.clone()));
            let error = cluster::configuration(&client, SHORT, &Silent).unwrap_err();
            told(&error, &server)
        })
        .collect();
    insta::assert_snapshot!(told.join("\n\n"));
}

#[test]
fn a_node_that_is_ready_is_not_taken_over() {
    let node = |ready: &str| {
        let conditions = serde_json::json!([
            {"type": "MemoryPressure", "status": "True"},
            {"type": "Ready", "status": ready},
        ]);
        serde_json::json!({"kind": "Node", "status": {"conditions": conditions}}).to_string()
    };
    let (ready, unready) = (node("True"), node("Unknown"));
    let (client, server) = play(move |path, before| match path {
        "/api/v1/nodes/ready?timeout=10s" => Reply::Answer(200, ready.clone()),
        "/api/v1/nodes/unready?timeout=10s" => Reply::Answer(200, unready.clone()),
        "/api/v1/nodes/forbidden?timeout=10s" => Reply::Answer(403, String::new()),
        _ if before == 0 => Reply::Answer(503, String::new()),
        _ => Reply::Answer(404, String::new()),
    });
    let free = |name: &str| cluster::name_is_free(&client, name, WITHIN, &Silent);
    free("new").unwrap();
    assert_eq!(server.paths().len(), 2, "an answer of 503 is asked again");
    free("unready").unwrap();
    let refused = ["ready", "forbidden"].map(|name| told(&free(name).unwrap_err(), &server));
    insta::assert_snapshot!(refused.join("\n\n"));
}
