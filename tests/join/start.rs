//! `kubelet-start --join` over the network, from the configuration to a node that has joined: under an init that is
//! played by a script, on a machine of its own (an overlay of this one that goes with the command).

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::io::{Read, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::server::{Authority, Reply, Server};
use super::{SECRET, TOKEN, cluster_info, kubeconfig, pin_of};
use crate::support::{Scratch, is_root, run, tool};

/// Plays supervisorctl and the kubelet that it starts, which asks its cluster and writes its kubeconfig a while later.
const SUPERVISORCTL: &str = r#"#!/bin/sh
state=/run/played
case $1 in
status)
	if [ -e $state ]; then echo "kubelet RUNNING pid 42, uptime 0:00:03"
	else echo "kubelet STOPPED Nov 22 05:32 PM"; fi ;;
stop) rm -f $state; echo "kubelet: stopped" ;;
start)
	: > $state
	cp -p /etc/kubernetes/bootstrap-kubelet.conf /seen
	echo "E1122 what the kubelet says" > /var/log/kubelet.log
	(sleep 0.4; echo "users: []" > /etc/kubernetes/kubelet.conf) > /dev/null 2>&1 &
	echo "kubelet: started" ;;
update) ;;
tail) cat /var/log/kubelet.log ;;
esac
"#;

/// Makes the machine in a mount namespace, runs the command of `$2` and keeps what it wrote.
const MACHINE: &str = r#"set -e
bed=$1; program=$2; shift 2
mount -t tmpfs bed "$bed/layers"
mkdir "$bed/layers/upper" "$bed/layers/work" "$bed/layers/root"
root=$bed/layers/root
mount -t overlay overlay -o "lowerdir=/,upperdir=$bed/layers/upper,workdir=$bed/layers/work" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs run "$root/run"
mount --rbind /dev "$root/dev"
rm -rf "$root/etc/kubernetes" "$root/var/lib/kubelet" "$root/etc/default/kubelet"
mkdir -p "$root/etc/supervisor/conf.d" "$root/var/log" "$root/usr/local/sbin"
cp "$program" "$root/usr/local/sbin/kubelet-unit"
cp -p "$bed/supervisorctl" "$root/usr/local/sbin/supervisorctl"
cp "$bed/join.yaml" "$root/join.yaml"
export PATH=/usr/local/sbin:$PATH
chroot "$root" kubelet-unit install --init supervisord > /dev/null 2>&1
code=0
chroot "$root" kubelet-unit kubeadm kubelet-start --init supervisord --node-name node-b \
	--join --config /join.yaml "$@" || code=$?
sleep 0.1
mkdir "$bed/out"
cd "$root"
for folder in etc/kubernetes var/lib/kubelet seen; do
	[ ! -e "$folder" ] || cp -a --parents "$folder" "$bed/out"
done
exit $code
"#;

/// A node, and what its cluster holds.
struct Node {
    scratch: Scratch,
    ca: Authority,
    server: Server,
    port: u16,
}

impl Node {
    /// A node for a cluster of a release, with more of its kubelets' configuration. `config` is of kubeadm's API.
    fn new(release: &str, api: &str, kubelet: &str) -> Self {
        let ca = Authority::new();
        // A free port for the kubelet, which is played as well.
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let cluster = format!(
            "apiVersion: kubeadm.k8s.io/{api}\nkind: ClusterConfiguration\nkubernetesVersion: {release}\nnetworking: {{serviceSubnet: 10.96.0.0/16}}\n"
        );
        let kubelet = format!(
            "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nauthentication:\n  x509:\n    clientCAFile: /etc/kubernetes/pki/ca.crt\nhealthzPort: {port}\n{kubelet}"
        );
        let info = std::sync::OnceLock::<String>::new();
        let info = Arc::new(info);
        let answers = info.clone();
        let server = Server::play(ca.identity("127.0.0.1"), move |asked, _| {
            let map = |key: &str, text: &str| serde_json::json!({"data": {key: text}}).to_string();
            match asked
                .path
                .split('?')
                .next()
                .unwrap()
                .rsplit('/')
                .next()
                .unwrap()
            {
                "cluster-info" => Reply::Answer(200, answers.get().unwrap().clone()),
                "kubeadm-config" => Reply::Answer(200, map("ClusterConfiguration", &cluster)),
                "kubelet-config" => Reply::Answer(200, map("kubelet", &kubelet)),
                _ => Reply::Answer(404, String::new()),
            }
        });
        let url = format!("https://{}", server.address);
        info.set(cluster_info(&kubeconfig(&ca, &url), TOKEN))
            .unwrap();
        let node = Self {
            scratch: Scratch::new(),
            ca,
            server,
            port,
        };
        let config = super::by_token(&node.server, TOKEN, &pin_of(&node.ca), 20);
        let timeouts = "timeouts: {discovery: 20s}\n";
        node.put(
            "join.yaml",
            &match api {
                "v1beta4" => config,
                older => config.replace("v1beta4", older).replace(timeouts, ""),
            },
        );
        node.put("supervisorctl", SUPERVISORCTL);
        let mode = PermissionsExt::from_mode(0o755);
        fs::set_permissions(node.scratch.path().join("supervisorctl"), mode).unwrap();
        fs::create_dir(node.scratch.path().join("layers")).unwrap();
        node
    }

    fn put(&self, name: &str, text: &str) {
        fs::write(self.scratch.path().join(name), text).unwrap();
    }

    /// The kubelet's answers about its health: this many times 500, then 200; gives how often it was asked.
    fn healthz(&self, ill: usize) -> Arc<AtomicUsize> {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = asked.clone();
        // It ends with the test's process.
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let before = count.fetch_add(1, Ordering::SeqCst);
                let status = if before < ill { 500 } else { 200 };
                let answered = stream.read(&mut [0; 512]).and_then(|_| {
                    write!(stream, "HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n")
                });
                drop(answered);
            }
        });
        asked
    }

    /// Joins; gives the exit code, standard output and standard error.
    fn join(&self, more: &[&str]) -> (i32, String, String) {
        let mut command = Command::new("unshare");
        command.args(["-m", "sh", "-c", MACHINE, "sh"]);
        command
            .arg(self.scratch.path())
            .arg(env!("CARGO_BIN_EXE_kubelet-unit"));
        let (code, out, err) = run(command.args(more).env_remove("HTTPS_PROXY"));
        assert!(!format!("{out}{err}").contains(SECRET), "{out}{err}");
        (code, self.plain(&out), self.plain(&err))
    }

    /// A text without what is new every time.
    fn plain(&self, text: &str) -> String {
        text.replace(&self.server.address.to_string(), "SERVER")
            .replace(&STANDARD.encode(&self.ca.pem), "CA")
            .replace(&self.ca.pem, "CA\n")
            .replace(&in_a_diff(&self.ca.pem), "CA")
            .replace(&pin_of(&self.ca), "HASH")
            .replace(&self.port.to_string(), "PORT")
    }

    /// All that is on the node, with the modes.
    fn files(&self) -> String {
        let out = self.scratch.path().join("out");
        let mut files = BTreeMap::new();
        collect(&out, &out, &mut files);
        let mut text = String::new();
        for (path, (mode, content)) in files {
            write!(text, "{path} {mode:04o}\n{}", self.plain(&content)).unwrap();
            if !content.is_empty() {
                text.push('\n');
            }
        }
        text
    }
}

/// A text as a diff shows it, but for what is before its first line and after its last.
fn in_a_diff(text: &str) -> String {
    text.lines().collect::<Vec<_>>().join("\n+")
}

fn collect(base: &Path, folder: &Path, files: &mut BTreeMap<String, (u32, String)>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o7777;
        if path.is_dir() {
            collect(base, &path, files);
            continue;
        }
        let name = path.strip_prefix(base).unwrap().display().to_string();
        files.insert(name, (mode, fs::read_to_string(&path).unwrap()));
    }
}

/// Whether such a machine can be made here.
fn possible() -> bool {
    tool("unshare").is_some() && tool("chroot").is_some() && is_root()
}

#[test]
fn a_node_joins_over_the_network() {
    if !possible() {
        return;
    }
    let node = Node::new(
        "v1.36.2",
        "v1beta4",
        "cgroupDriver: cgroupfs\nfailCgroupV1: false\n",
    );
    let asked = node.healthz(2);
    let (code, out, err) = node.join(&[]);
    assert_eq!((code, out.as_str()), (0, ""), "{err}");
    assert!(asked.load(Ordering::SeqCst) > 2, "it was not waited for");
    // Whether a runtime's socket is there is the machine's business, and so is what it says of cgroups.
    assert!(
        !err.contains("kubeadm writes `systemd`") && !err.contains("cgroup v1"),
        "{err}"
    );
    insta::assert_snapshot!("start_said", without_socket(&err));
    insta::assert_snapshot!("start_files", node.files());
}

#[test]
fn the_clusters_own_release_decides() {
    if !possible() {
        return;
    }
    let node = Node::new("v1.30.4", "v1beta3", "cgroupDriver: systemd\n");
    node.healthz(0);
    let (code, _, err) = node.join(&[]);
    assert_eq!(code, 0, "{err}");
    assert!(!err.contains("the newest"), "nothing is guessed: {err}");
    insta::assert_snapshot!("start_files_of_1_30", node.files());
}

#[test]
fn a_kubelet_that_does_not_run_has_not_joined_and_leaves_no_token() {
    if !possible() {
        return;
    }
    let node = Node::new("v1.36.2", "v1beta4", "");
    let (code, _, err) = node.join(&["--timeout", "2s"]);
    assert_eq!(code, 1, "{err}");
    insta::assert_snapshot!("start_in_vain", without_socket(&err));
    let files = node.files();
    assert!(files.contains("etc/kubernetes/kubelet.conf"), "{files}");
    assert!(
        !files.contains("etc/kubernetes/bootstrap-kubelet.conf"),
        "{files}"
    );
}

#[test]
fn a_kubelet_without_healthz_is_said_not_to_be_asked() {
    if !possible() {
        return;
    }
    let node = Node::new("v1.36.2", "v1beta4", "");
    node.put(
        "join.yaml",
        &fs::read_to_string(node.scratch.path().join("join.yaml")).unwrap().replace(
            "discovery:\n",
            "nodeRegistration:\n  kubeletExtraArgs: [{name: healthz-port, value: \"0\"}]\ndiscovery:\n",
        ),
    );
    let (code, _, err) = node.join(&[]);
    assert_eq!(code, 0, "{err}");
    assert!(
        err.contains("note: `--healthz-port` is 0: the kubelet cannot be asked whether it runs\n"),
        "{err}"
    );
    assert!(
        err.contains("joined ") && !err.contains("healthy "),
        "{err}"
    );
}

#[test]
fn a_dry_run_says_what_becomes_of_the_token() {
    if !possible() {
        return;
    }
    let node = Node::new("v1.36.2", "v1beta4", "");
    let (code, out, err) = node.join(&["--dry-run"]);
    assert_eq!(code, 0, "{err}");
    insta::assert_snapshot!("start_dry", out);
    assert_eq!(node.files(), "", "a dry run writes nothing");
    let node = Node::new("v1.36.2", "v1beta4", "");
    let (code, out, err) = node.join(&["--dry-run", "--timeout", "0", "--format", "json"]);
    assert_eq!(code, 0, "{err}");
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json["removes"], serde_json::json!([]));
    assert_eq!(json["healthWaitSeconds"], serde_json::Value::Null);
    let stays = "`/etc/kubernetes/bootstrap-kubelet.conf` stays, with the token in it, because this command does not wait until the kubelet has used it";
    assert!(
        json["warnings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|it| it == stays),
        "{json}"
    );
}

/// What was said, but for what this machine's runtimes give to say.
fn without_socket(text: &str) -> String {
    let lines = text.split_inclusive('\n');
    lines.filter(|line| !line.contains(".sock")).collect()
}
