//! `kubelet-unit kubeadm kubelet-start` against the real inits.

use std::thread::sleep;
use std::time::Duration;

use super::beds::ms;
use super::drive::{ENV_FILE, ask, driven, json, program};
use crate::bed::{Bed, Boot, File, Output, PATIENCE};
use crate::error::{Result, fail};
use crate::lanes::Task;
use crate::recorder::{Behaviour, Created, End, Line, Record, Stream, text};
use crate::report::Cell;

const CONFIG: &str = "/root/kubeadm.yaml";
const KUBECONFIG: &str = "/etc/kubernetes/kubelet.conf";
const CONFIG_YAML: &str = "/var/lib/kubelet/config.yaml";
const HEALTHY: &str = "healthy      http://127.0.0.1:10248/healthz";
const INSTANCE_YAML: &str = "/var/lib/kubelet/instance-config.yaml";

/// A command within a second of a start can be lost (sv(8) counts in seconds).
const SETTLED: Duration = Duration::from_millis(1100);

fn configuration(verbosity: &str) -> String {
    format!(
        "apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\nnodeRegistration:\n  \
         name: node-a\n  kubeletExtraArgs: [{{name: v, value: {verbosity}}}]\n---\n\
         apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nkubernetesVersion: v1.36.0\n"
    )
}

/// The command with the configuration of the bed.
fn start(bed: &Bed, more: &[&str]) -> Result<Output> {
    let words = [&["kubeadm", "kubelet-start", "--config", CONFIG], more].concat();
    ask(bed, &words)
}

/// What it has to exit with, and to say.
fn told(output: &Output, code: i32, wanted: &[&str]) -> Result<()> {
    let all = output.all();
    if output.code != code {
        fail!("exit code {} and not {code}: {all}", output.code);
    }
    match wanted.iter().find(|wanted| !all.contains(**wanted)) {
        Some(missing) => fail!("it does not say {missing:?}: {all}"),
        None => Ok(()),
    }
}

/// The kubelet that runs is still the one of this record, and nothing was written.
fn left_alone(bed: &mut Bed, record: &Record) -> Result<()> {
    if !bed.is_alive(record.pid) || !bed.events()?.is_empty() {
        fail!("the kubelet was not left alone");
    }
    match bed.read_file(CONFIG_YAML) {
        Ok(_) => fail!("{CONFIG_YAML} was written"),
        Err(_) => Ok(()),
    }
}

pub(super) fn init(task: &Task) -> Result<Cell> {
    not_installed(task)?;
    let (mut bed, first) = driven(task)?;
    refused(&mut bed, &first)?;
    let driver = match task.init.name() {
        "systemd" => "cgroupDriver: systemd\n",
        _ => "cgroupDriver: cgroupfs\n",
    };
    bed.behave(&healthy())?;
    let mut before = first;
    let mut took = Duration::ZERO;
    for (verbosity, action) in [("'4'", "create "), ("'5'", "replace ")] {
        bed.put_file(CONFIG, configuration(verbosity).as_bytes())?;
        let output = start(&bed, &[])?;
        told(
            &output,
            0,
            &["stopped ", action, ENV_FILE, "started ", HEALTHY],
        )?;
        took = output.took;
        let after = bed.next_start(PATIENCE)?;
        let flag = format!("--v={}", verbosity.trim_matches('\''));
        if bed.is_alive(before.pid) || !after.argv.iter().any(|word| text(word) == flag) {
            fail!("the kubelet has not got {flag}: {:?}", after.argv);
        }
        before = after;
        sleep(SETTLED);
    }
    let config = String::from_utf8(bed.read_file(CONFIG_YAML)?)?;
    let instance = String::from_utf8(bed.read_file(INSTANCE_YAML)?)?;
    if !config.contains(driver) || !instance.starts_with("containerRuntimeEndpoint: ") {
        fail!("{CONFIG_YAML} has another driver: {config}{instance}");
    }
    let same = json(&start(&bed, &["--format", "json"])?)?;
    let actions: Vec<_> = same["files"].as_array().into_iter().flatten().collect();
    if actions.len() != 3 || actions.iter().any(|it| it["action"] != "unchanged") {
        fail!("the same once more: {same:#}");
    }
    if bed.next_start(PATIENCE)?.argv != before.argv {
        fail!("the same files give other arguments");
    }
    sleep(SETTLED);
    unhealthy(&mut bed)?;
    written(&mut bed)?;
    full(&mut bed)?;
    if task.init.name() == "systemd" {
        not_started(&bed)?;
    }
    Ok(Cell::Passed(ms(took)))
}

/// A kubelet that runs and is not healthy, and one that comes and goes: what it printed is told.
fn unhealthy(bed: &mut Bed) -> Result<()> {
    let line = "E1122 the runtime is not there";
    let ill = Behaviour {
        healthz: Some(500),
        ..printing(line, None)
    };
    bed.behave(&ill)?;
    let output = start(bed, &["--timeout", "3s"])?;
    let said = [
        "warning: `/var/lib/kubelet/config.yaml` line ",
        "`clientCAFile` names `/etc/kubernetes/pki/ca.crt`, which is missing: the kubelet exits",
        "the kubelet did not answer at `http://127.0.0.1:10248/healthz` within 3s: it answers with status 500, and it is active",
        "its files are in their places",
        line,
    ];
    told(&output, 1, &said)?;
    sleep(SETTLED);
    let crashing = Behaviour {
        end: End::Exit(1),
        after_ms: 1500,
        ..printing(line, None)
    };
    bed.behave(&crashing)?;
    let output = start(bed, &["--timeout", "9s"])?;
    let said = [
        "the kubelet did not answer at `http://127.0.0.1:10248/healthz` within 9s: nothing listens there",
        line,
    ];
    told(&output, 1, &said)?;
    bed.behave(&healthy())?;
    sleep(SETTLED);
    told(&start(bed, &[])?, 0, &[HEALTHY])?;
    sleep(SETTLED);
    bed.events()?;
    Ok(())
}

/// A kubelet that says that it is healthy.
fn healthy() -> Behaviour {
    Behaviour {
        healthz: Some(200),
        ..Behaviour::default()
    }
}

/// An error that says how it is installed. Some beds do not boot without the service.
fn not_installed(task: &Task) -> Result<()> {
    if !task.init.boots_without_service() {
        return Ok(());
    }
    let bed = Bed::boot(task.init, &[program()], &Boot::default())?;
    bed.put_file(CONFIG, configuration("'4'").as_bytes())?;
    let output = start(&bed, &[])?;
    let install = format!("`kubelet-unit install --init {}`", task.init.backend());
    told(&output, 4, &["`kubelet` is not a service of", &install])
}

/// What cannot be done does not stop the kubelet.
fn refused(bed: &mut Bed, first: &Record) -> Result<()> {
    bed.put_file(CONFIG, configuration("4").as_bytes())?;
    told(
        &start(bed, &[])?,
        1,
        &["nodeRegistration.kubeletExtraArgs[0].value"],
    )?;
    left_alone(bed, first)?;
    bed.put_file(CONFIG, configuration("'4'").as_bytes())?;
    let none = start(bed, &["--init", "none"])?;
    told(&none, 2, &["without an init nothing starts the kubelet"])?;
    let nobody = ["setpriv", "--reuid", "65534", "--clear-groups"];
    let own = [super::drive::PROGRAM, "kubeadm", "kubelet-start"];
    let named = [
        "--config",
        "/tmp/kubeadm.yaml",
        "--init",
        bed.init.backend(),
    ];
    bed.put_file("/tmp/kubeadm.yaml", configuration("'4'").as_bytes())?;
    let words = [&nobody[..], &own, &named].concat();
    let output = bed.machine.run(&words, 4 * PATIENCE)?;
    told(&output, 1, &[])?;
    left_alone(bed, first)?;
    let dry = start(bed, &["--dry-run"])?;
    let diff = "+KUBELET_KUBEADM_ARGS=\"--hostname-override=node-a --v=4\"";
    let said = [
        "# stop the kubelet",
        diff,
        "# start it",
        "this is a dry run",
    ];
    told(&dry, 0, &said)?;
    left_alone(bed, first)?;
    // A file that cannot be written is found out while the kubelet runs.
    bed.put(&File::folder(INSTANCE_YAML, 0o755))?;
    told(&start(bed, &[])?, 1, &["is a folder and not a file"])?;
    left_alone(bed, first)?;
    bed.expect(&["rmdir", INSTANCE_YAML].map(str::to_owned))?;
    Ok(())
}

/// `--write` puts the files into place, and leaves the kubelet alone.
fn written(bed: &mut Bed) -> Result<()> {
    bed.put_file(CONFIG, configuration("'6'").as_bytes())?;
    bed.events()?;
    let write = |file: &str| ask(bed, &["kubeadm", file, "--config", CONFIG, "--write"]);
    told(&write("flags")?, 0, &["replace ", ENV_FILE])?;
    told(&write("config")?, 0, &["unchanged ", CONFIG_YAML])?;
    let flags = String::from_utf8(bed.read_file(ENV_FILE)?)?;
    if flags != "KUBELET_KUBEADM_ARGS=\"--hostname-override=node-a --v=6\"\n" {
        fail!("{ENV_FILE} is {flags:?}");
    }
    match bed.events()?.first() {
        Some(event) => fail!("the kubelet was not left alone: {event:?}"),
        None => Ok(()),
    }
}

/// The disk is full after the first file: the error says what is written and that the kubelet is stopped.
fn full(bed: &mut Bed) -> Result<()> {
    let mount = [
        "mount",
        "-t",
        "tmpfs",
        "-o",
        "size=4k",
        "full",
        "/var/lib/kubelet",
    ];
    bed.expect(&mount.map(str::to_owned))?;
    let output = start(bed, &[])?;
    let said = [
        "cannot write `/var/lib/kubelet/instance-config.yaml`: No space left on device",
        "written before: `/var/lib/kubelet/kubeadm-flags.env`; the kubelet is stopped",
    ];
    told(&output, 1, &said)?;
    let state = ask(bed, &["service", "is-active"])?;
    if state.text() != "inactive" {
        fail!("the kubelet is {}", state.text());
    }
    bed.expect(&["umount", "/var/lib/kubelet"].map(str::to_owned))?;
    told(&start(bed, &[])?, 0, &["started "])?;
    bed.next_start(PATIENCE)?;
    Ok(())
}

/// A service that does not start: the error says that the files are there.
fn not_started(bed: &Bed) -> Result<()> {
    let broken = "[Service]\nExecStartPre=/bin/false\nRestart=no\n";
    bed.put_file(
        "/etc/systemd/system/kubelet.service.d/99.conf",
        broken.as_bytes(),
    )?;
    let said = ["the files are in their places, and the kubelet is failed"];
    told(&start(bed, &[])?, 1, &said)
}

pub(super) fn join(task: &Task) -> Result<Cell> {
    let (mut bed, first) = driven(task)?;
    let config = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: JoinConfiguration\n\
                  nodeRegistration: {name: node-b, taints: [{key: a, effect: NoSchedule}]}\n\
                  timeouts: {tlsBootstrap: 1m30s}\n";
    let cluster =
        "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nmaxPods: 42\n";
    bed.put_file(CONFIG, config.as_bytes())?;
    bed.put_file("/root/cluster.yaml", cluster.as_bytes())?;
    let joining = ["--cluster-config", "/root/cluster.yaml", "--join"];
    let line = "E1122 the cluster does not answer";
    let running = |creates| Behaviour {
        healthz: Some(200),
        ..printing(line, creates)
    };
    bed.behave(&running(None))?;
    let dry = json(&start(&bed, &["--dry-run", "--format", "json"])?)?;
    if dry["waitSeconds"] != 90.0 || dry["action"] != "join" {
        fail!("the configuration's own timeout is not taken: {dry:#}");
    }
    // busybox's init takes up to two seconds to start what is new.
    let output = start(&bed, &[&joining[..], &["--timeout", "6s"]].concat())?;
    let said = [
        "there is no `/etc/kubernetes/bootstrap-kubelet.conf`",
        " s of 6 s",
        "the kubelet did not write `/etc/kubernetes/kubelet.conf` within 6s: it is active",
        "its files are in their places",
        line,
    ];
    told(&output, 1, &said)?;
    let second = bed.next_start(PATIENCE)?;
    if bed.is_alive(first.pid)
        || !second
            .argv
            .iter()
            .any(|word| text(word) == "--register-with-taints=a:NoSchedule")
    {
        fail!("the kubelet has not got its taints: {:?}", second.argv);
    }
    if !String::from_utf8(bed.read_file(CONFIG_YAML)?)?.contains("maxPods: 42\n") {
        fail!("{CONFIG_YAML} is not the cluster's");
    }
    sleep(SETTLED);
    let output = start(&bed, &[&joining[..], &["--timeout", "0"]].concat())?;
    told(&output, 0, &["started "])?;
    bed.next_start(PATIENCE)?;
    sleep(SETTLED);
    // It writes its kubeconfig after a while, and is waited for.
    bed.put_file("/etc/kubernetes/bootstrap-kubelet.conf", b"")?;
    bed.behave(&running(Some(KUBECONFIG)))?;
    let output = start(&bed, &joining)?;
    let stays = "`/etc/kubernetes/bootstrap-kubelet.conf` stays: it was there before";
    told(&output, 0, &[stays, HEALTHY, "joined "])?;
    bed.read_file(KUBECONFIG)?;
    bed.read_file("/etc/kubernetes/bootstrap-kubelet.conf")?;
    bed.next_start(PATIENCE)?;
    sleep(SETTLED);
    // From here on none writes it by itself, so that what is removed is gone for good.
    bed.behave(&running(None))?;
    let output = start(&bed, &joining)?;
    told(
        &output,
        0,
        &["`/etc/kubernetes/kubelet.conf` is there already"],
    )?;
    bed.behave(&running(Some(KUBECONFIG)))?;
    alone(&mut bed, config, &joining)?;
    half(&mut bed, &joining)?;
    Ok(Cell::Passed(ms(output.took)))
}

/// A node without kubeadm and without network: what it asks the cluster with is written as well.
fn alone(bed: &mut Bed, config: &str, joining: &[&str]) -> Result<()> {
    const BOOTSTRAP: &str = "/etc/kubernetes/bootstrap-kubelet.conf";
    let pin = include_str!("../../../fixtures/discovery/ca-pin-sha256").trim();
    let config = format!(
        "{config}discovery:\n  bootstrapToken:\n    apiServerEndpoint: 10.77.0.1:6443\n    \
         token: abcdef.0123456789abcdef\n    caCertHashes: ['sha256:{pin}']\n"
    );
    bed.put_file(CONFIG, config.as_bytes())?;
    let ca = include_bytes!("../../../fixtures/discovery/ca.crt");
    bed.put_file("/root/ca.crt", ca)?;
    let joining = [joining, &["--ca", "/root/ca.crt"]].concat();
    let there = "this node has joined already: `/etc/kubernetes/kubelet.conf` is there";
    told(&start(bed, &joining)?, 1, &[there])?;
    bed.expect(&["rm", KUBECONFIG, BOOTSTRAP].map(str::to_owned))?;
    let output = start(bed, &joining)?;
    let removed = "removed      /etc/kubernetes/bootstrap-kubelet.conf";
    let written = [BOOTSTRAP, "/etc/kubernetes/pki/ca.crt", "joined ", removed];
    told(&output, 0, &written)?;
    if output.all().contains("0123456789abcdef") {
        fail!("the token's secret is told: {}", output.all());
    }
    match bed.read_file(BOOTSTRAP) {
        Ok(_) => fail!("{BOOTSTRAP} is still there"),
        Err(_) => Ok(()),
    }
}

/// A kubelet that writes its kubeconfig and then does not run: it has not joined, and the token does not stay.
fn half(bed: &mut Bed, joining: &[&str]) -> Result<()> {
    let joining = [joining, &["--ca", "/root/ca.crt", "--timeout", "6s"]].concat();
    let line = "E1122 unable to load client CA file";
    let crashing = Behaviour {
        end: End::Exit(1),
        ..printing(line, Some(KUBECONFIG))
    };
    bed.behave(&crashing)?;
    bed.expect(&["rm", KUBECONFIG].map(str::to_owned))?;
    sleep(SETTLED);
    let output = start(bed, &joining)?;
    let said = [
        "/healthz` within ",
        ": nothing listens there",
        line,
        "removed      /etc/kubernetes/bootstrap-kubelet.conf",
    ];
    told(&output, 1, &said)?;
    if output.all().contains("\njoined ") {
        fail!("it counts as joined: {}", output.all());
    }
    bed.read_file(KUBECONFIG)?;
    Ok(())
}

/// It prints a line, and a second later there is this file.
fn printing(line: &str, creates: Option<&str>) -> Behaviour {
    Behaviour {
        print: vec![Line {
            stream: Stream::Err,
            text: line.to_owned(),
        }],
        creates: creates.map(|path| Created {
            path: path.to_owned(),
            after_ms: 1000,
        }),
        ..Behaviour::default()
    }
}
