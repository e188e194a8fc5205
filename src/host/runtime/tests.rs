//! Configurations as they are found, and what follows from them.

use std::fs;
use std::path::Path;

use super::super::fixture::Fake;
use super::*;

/// The drivers of everything that is there, one line each.
fn drivers(fake: &Fake) -> Vec<String> {
    let runtimes = fake.host().runtimes();
    let said = |runtime: &Runtime| {
        let said = match (&runtime.cgroup_driver, &runtime.source, &runtime.problem) {
            (Some(driver), Some(path), None) => format!("{driver} {}", path.display()),
            (Some(driver), None, None) => driver.to_string(),
            (None, None, Some(problem)) => problem.to_string(),
            other => format!("{other:?}"),
        };
        format!("{}: {said}", runtime.name)
    };
    runtimes.iter().map(said).collect()
}

/// That of one runtime with these files.
fn of(files: &[(&str, &str)]) -> String {
    let fake = Fake::empty();
    for (path, text) in files {
        fake.file(path, text);
    }
    let drivers = drivers(&fake);
    assert_eq!(drivers.len(), 1, "{drivers:?}");
    drivers[0].split_once(": ").unwrap().1.to_owned()
}

fn containerd(text: &str) -> String {
    of(&[(containerd::CONFIG, text)])
}

/// What `containerd config default` of 1.7 writes, shortened.
const CONTAINERD_1_7: &str = r#"disabled_plugins = []
imports = []
oom_score = 0
plugin_dir = ""
required_plugins = []
root = "/var/lib/containerd"
state = "/run/containerd"
temp = ""
version = 2

[cgroup]
  path = ""

[grpc]
  address = "/run/containerd/containerd.sock"
  max_recv_message_size = 16777216
  uid = 0

[plugins]

  [plugins."io.containerd.gc.v1.scheduler"]
    deletion_threshold = 0
    startup_delay = "100ms"

  [plugins."io.containerd.grpc.v1.cri"]
    cdi_spec_dirs = ["/etc/cdi", "/var/run/cdi"]
    device_ownership_from_security_context = false
    sandbox_image = "registry.k8s.io/pause:3.8"

    [plugins."io.containerd.grpc.v1.cri".cni]
      bin_dir = "/opt/cni/bin"

    [plugins."io.containerd.grpc.v1.cri".containerd]
      default_runtime_name = "runc"
      snapshotter = "overlayfs"

      [plugins."io.containerd.grpc.v1.cri".containerd.default_runtime_options]

      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes]

        [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
          base_runtime_spec = ""
          runtime_type = "io.containerd.runc.v2"

          [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
            BinaryName = ""
            IoGid = 0
            SystemdCgroup = false

    [plugins."io.containerd.grpc.v1.cri".registry]
      config_path = ""

[stream_processors]

  [stream_processors."io.containerd.ocicrypt.decoder.v1.tar"]
    accepts = ["application/vnd.oci.image.layer.v1.tar+encrypted"]
    args = ["--decryption-keys-path", "/etc/containerd/ocicrypt/keys"]
    env = ["OCICRYPT_KEYPROVIDER_CONFIG=/etc/containerd/ocicrypt/ocicrypt_keyprovider.conf"]
    path = "ctd-decoder"

[timeouts]
  "io.containerd.timeout.bolt.open" = "0s"
"#;

/// The same of 2.x.
const CONTAINERD_2: &str = r"version = 3
root = '/var/lib/containerd'
temp = ''
disabled_plugins = []
imports = ['/etc/containerd/conf.d/*.toml']

[plugins]
  [plugins.'io.containerd.cri.v1.images']
    snapshotter = 'overlayfs'

    [plugins.'io.containerd.cri.v1.images'.pinned_images]
      sandbox = 'registry.k8s.io/pause:3.10.1'

  [plugins.'io.containerd.cri.v1.runtime']
    enable_selinux = false
    cdi_spec_dirs = ['/etc/cdi', '/var/run/cdi']

    [plugins.'io.containerd.cri.v1.runtime'.containerd]
      default_runtime_name = 'runc'

      [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes]
        [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
          runtime_type = 'io.containerd.runc.v2'
          container_annotations = []

          [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
            BinaryName = ''
            SystemdCgroup = true

  [plugins.'io.containerd.grpc.v1.cri']
    disable_tcp_service = true
";

const SAYS: &str = " /etc/containerd/config.toml";

#[test]
fn containerd_s_own_defaults_and_changes_to_them() {
    assert_eq!(containerd(CONTAINERD_1_7), format!("cgroupfs{SAYS}"));
    let on = CONTAINERD_1_7.replace("SystemdCgroup = false", "SystemdCgroup = true");
    assert_eq!(containerd(&on), format!("systemd{SAYS}"));
    assert_eq!(containerd(CONTAINERD_2), format!("systemd{SAYS}"));
    let off = CONTAINERD_2.replace("SystemdCgroup = true", "ShimCgroup = ''");
    assert_eq!(containerd(&off), format!("cgroupfs{SAYS}"));
    // As in the documentation of Kubernetes, without a type.
    let short = "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.runc.options]\nSystemdCgroup = true\n";
    assert_eq!(containerd(short), format!("systemd{SAYS}"));
    let first = "[plugins.cri.containerd.runtimes.runc]\nruntime_type = \"io.containerd.runc.v2\"\noptions = { SystemdCgroup = true }\n";
    // 2.0 to 2.2 rename this section and then leave it out, since it counts as version 3.
    assert_eq!(
        containerd(first),
        "`/etc/containerd/config.toml` gives one driver or the other, depending on the release"
    );
    assert_eq!(containerd(""), "cgroupfs");
    assert_eq!(containerd("version = 3\n"), "cgroupfs");
}

#[test]
fn another_default_runtime_of_containerd() {
    let nvidia = CONTAINERD_2.replace(
        "default_runtime_name = 'runc'",
        "default_runtime_name = 'nvidia'",
    );
    let other =
        "`/etc/containerd/config.toml` makes `nvidia` the default, whose options are not known";
    assert_eq!(containerd(&nvidia), other);
    let runtime = |kind: &str| {
        format!(
            "{nvidia}[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.nvidia]\nruntime_type = '{kind}'\n"
        )
    };
    assert_eq!(
        containerd(&runtime("io.containerd.runc.v2")),
        format!("cgroupfs{SAYS}")
    );
    assert_eq!(containerd(&runtime("io.containerd.kata.v2")), other);
}

#[test]
fn what_containerd_imports_counts() {
    let with = |name: &str, text: &str| of(&[(containerd::CONFIG, CONTAINERD_2), (name, text)]);
    let section = "[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]\nruntime_type = 'io.containerd.runc.v2'\n";
    let off = format!("version = 3\n{section}options.SystemdCgroup = false\n");
    assert_eq!(
        with("/etc/containerd/conf.d/50-a.toml", &off),
        "cgroupfs /etc/containerd/conf.d/50-a.toml"
    );
    // Another name is not imported.
    assert_eq!(
        with("/etc/containerd/conf.d/50-a.conf", &off),
        format!("systemd{SAYS}")
    );
    // Version 3 is read by 2.x alone, which merges, so it stays with systemd.
    let half = "version = 3\n[plugins.'io.containerd.cri.v1.runtime']\nenable_selinux = true\n";
    assert_eq!(
        with("/etc/containerd/conf.d/a.toml", half),
        "systemd /etc/containerd/conf.d/a.toml"
    );
    let nothing = "version = 3\n[debug]\nlevel = 'info'\n";
    assert_eq!(
        with("/etc/containerd/conf.d/a.toml", nothing),
        format!("systemd{SAYS}")
    );
    let relative = [
        (
            containerd::CONFIG,
            "version = 2\nimports = ['more.toml', '/etc/containerd/config.toml']\n",
        ),
        ("/etc/containerd/more.toml", CONTAINERD_1_7),
    ];
    assert_eq!(of(&relative), "cgroupfs /etc/containerd/more.toml");
    assert_eq!(
        containerd("version = 2\nimports = ['/etc/none.toml']\n"),
        "`/etc/none.toml` cannot be read"
    );
    for import in ["conf.d/*.toml", "/etc/*/a.toml", "/etc/[ab].toml"] {
        assert_eq!(
            containerd(&format!("version = 2\nimports = ['{import}']\n")),
            format!("`/etc/containerd/config.toml` imports `{import}`, which cannot be followed")
        );
    }
}

/// What `containerd config default` of 1.3 to 1.7 has before its runtimes.
const EMPTY_TABLES: &str = r#"
      [plugins."io.containerd.grpc.v1.cri".containerd.default_runtime]
        base_runtime_spec = ""
        runtime_engine = ""
        runtime_type = ""

        [plugins."io.containerd.grpc.v1.cri".containerd.default_runtime.options]

      [plugins."io.containerd.grpc.v1.cri".containerd.untrusted_workload_runtime]
        runtime_type = ""
"#;

#[test]
fn an_empty_default_runtime_of_containerd_has_no_effect() {
    let printed = CONTAINERD_1_7.replace(
        "\n[stream_processors]\n",
        &format!("{EMPTY_TABLES}\n[stream_processors]\n"),
    );
    assert!(printed.contains("default_runtime]"));
    assert_eq!(containerd(&printed), format!("cgroupfs{SAYS}"));
    let on = printed.replace("SystemdCgroup = false", "SystemdCgroup = true");
    assert_eq!(containerd(&on), format!("systemd{SAYS}"));
    // With a type 1.x takes it, and 2.x does not know it.
    let typed = on.replacen(
        "runtime_type = \"\"",
        "runtime_type = \"io.containerd.runc.v2\"",
        1,
    );
    assert_eq!(
        containerd(&typed),
        "`/etc/containerd/config.toml` gives one driver or the other, depending on the release"
    );
    let installed = |version: &str| {
        let status =
            format!("Package: containerd\nStatus: install ok installed\nVersion: {version}\n");
        of(&[
            (containerd::CONFIG, &typed),
            ("/var/lib/dpkg/status", &status),
        ])
    };
    assert_eq!(installed("1.7.24~ds1-6"), format!("cgroupfs{SAYS}"));
    assert_eq!(installed("2.1.4-1"), format!("systemd{SAYS}"));
}

#[test]
fn versions_of_containerd_s_files_and_their_drop_ins() {
    const OPTIONS: &str = "containerd.runtimes.runc.options]\nSystemdCgroup = ";
    const GRPC: &str = "[plugins.'io.containerd.grpc.v1.cri'.";
    const RUNTIME: &str = "[plugins.'io.containerd.cri.v1.runtime'.";
    let at = "/etc/containerd/conf.d/a.toml";
    let told = |root: &str, drop_in: &str, installed: Option<&str>| {
        let root = format!("imports = ['/etc/containerd/conf.d/*.toml']\n{root}");
        let status = installed.map(|it| format!("P:containerd\nV:{it}\n"));
        let mut files = vec![(containerd::CONFIG, root.as_str()), (at, drop_in)];
        files.extend(status.as_deref().map(|it| ("/lib/apk/db/installed", it)));
        of(&files)
    };
    let on = |section: &str| format!("{section}{OPTIONS}true\n");
    let off = |section: &str| format!("{section}{OPTIONS}false\n");
    let root = |version: u8, rest: &str| format!("version = {version}\n{rest}");
    // 1.x reads a drop-in without a version under the root's, and 2.x keeps a dotted name.
    assert_eq!(told(&root(2, ""), &on(GRPC), None), format!("systemd {at}"));
    assert_eq!(
        told(&root(2, &on(GRPC)), &off(GRPC), None),
        format!("cgroupfs {at}")
    );
    // What one file has and the other not stays in 2.x, and in 1.x it goes.
    let other = format!("{GRPC}cni]\nbin_dir = '/opt'\n");
    assert_eq!(
        told(&root(2, &on(GRPC)), &other, Some("1.7.28-r0")),
        format!("cgroupfs {at}")
    );
    assert_eq!(
        told(&root(2, &on(GRPC)), &other, Some("2.2.1-r0")),
        format!("systemd {at}")
    );
    // A later version than the root's: 2.0 to 2.2 leave the root's section out, 2.3 refuses it.
    let later = root(3, "");
    assert_eq!(
        told(&root(2, &on(GRPC)), &later, Some("2.1.0-r0")),
        "cgroupfs /etc/containerd/config.toml"
    );
    let refused = "containerd does not start with `/etc/containerd/config.toml` and what it imports: their `version`s or plugins are not those of the release";
    assert_eq!(told(&root(2, &on(GRPC)), &later, Some("2.3.1-r0")), refused);
    // 1.x knows nothing of later versions, and takes them for its own.
    assert_eq!(
        told(&root(2, &on(GRPC)), &later, Some("1.7.28-r0")),
        "systemd /etc/containerd/config.toml"
    );
    assert_eq!(
        told(&root(4, &on(RUNTIME)), &root(2, &off(GRPC)), None),
        format!("cgroupfs {at}")
    );
    assert_eq!(told(&root(4, &on(RUNTIME)), "", Some("2.2.0-r0")), refused);
}

/// Configurations as they are found, each with the answer for every line of releases.
#[test]
fn configurations_of_containerd_in_files() {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/containerd");
    let folders = fs::read_dir(&all).unwrap().map(|it| it.unwrap().path());
    for folder in folders.filter(|it| it.is_dir()) {
        let release = |named: &str, version: Option<&str>| {
            let fake = Fake::empty();
            let text = |path: &Path| fs::read_to_string(path).unwrap();
            fake.file(containerd::CONFIG, &text(&folder.join("config.toml")));
            for drop_in in fs::read_dir(folder.join("conf.d")).into_iter().flatten() {
                let path = drop_in.unwrap().path();
                let name = path.file_name().unwrap().to_str().unwrap();
                fake.file(&format!("/etc/containerd/conf.d/{name}"), &text(&path));
            }
            if let Some(version) = version {
                fake.file(
                    "/lib/apk/db/installed",
                    &format!("P:containerd\nV:{version}\n"),
                );
            }
            let drivers = drivers(&fake);
            format!("{named}: {}", drivers[0].split_once(": ").unwrap().1)
        };
        let said = [
            release("1.6", Some("1.6.20-r0")),
            release("1.7", Some("1.7.28-r0")),
            release("2.0 to 2.2", Some("2.1.4-r0")),
            release("from 2.3 on", Some("2.3.1-r0")),
            release("not known", None),
        ];
        insta::with_settings!({snapshot_path => &folder, prepend_module_to_snapshot => false, omit_expression => true}, {
            insta::assert_snapshot!("answers", said.join("\n"));
        });
    }
}

#[test]
fn a_doubt_about_containerd_is_told() {
    let at = "`/etc/containerd/config.toml`";
    for (text, told) in [
        (
            "version = 2\ndisabled_plugins = [\"cri\"]\n",
            " disables the CRI plugin, so no kubelet can use it",
        ),
        (
            "version = two\n",
            ", line 1: invalid boolean, expected `true`",
        ),
        ("version = '2'\n", " has no known value for `version`"),
        ("imports = 'x'\n", " has no known value for `imports`"),
        (
            "[plugins.cri]\nsystemd_cgroup = true\n",
            " has `systemd_cgroup`, which not all releases read alike",
        ),
        (
            "version = 3\n[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]\nSystemdCgroup = 'true'\n",
            " has no known value for `SystemdCgroup`",
        ),
    ] {
        assert_eq!(containerd(text), format!("{at}{told}"), "{text}");
    }
}

#[test]
fn crio_takes_the_last_word() {
    let main = "[crio]\nlog_dir = \"/var/log/crio/pods\"\n[crio.runtime]\n# cgroup_manager = \"systemd\"\ndefault_runtime = \"crun\"\n\n[crio.runtime.runtimes.crun]\nruntime_path = \"/usr/bin/crun\"\n";
    assert_eq!(of(&[(crio::CONFIG, main)]), "systemd");
    let said = |driver: &str| {
        format!("[crio.runtime]\nconmon_cgroup = \"pod\"\ncgroup_manager = \"{driver}\"\n")
    };
    let drop_in = |name: &str| format!("{}/{name}", crio::DROP_INS);
    let (cgroupfs, systemd) = (said("cgroupfs"), said("systemd"));
    let (ten, twenty, below) = (drop_in("10-a.conf"), drop_in("20-b"), drop_in("15/x.conf"));
    assert_eq!(
        of(&[(crio::CONFIG, &cgroupfs)]),
        format!("cgroupfs {}", crio::CONFIG)
    );
    let all = [
        (crio::CONFIG, main),
        (&ten, &cgroupfs),
        (&twenty, &systemd),
        (&below, &cgroupfs),
    ];
    assert_eq!(of(&all), format!("systemd {twenty}"));
    assert_eq!(
        of(&[(&ten, &systemd), (&below, &cgroupfs)]),
        format!("cgroupfs {below}")
    );
    assert_eq!(
        of(&[(&ten, &said("runc"))]),
        format!("`{ten}` has no known value for `cgroup_manager`")
    );
    assert_eq!(
        of(&[(&ten, "[crio.runtime\n")]),
        format!("`{ten}`, line 1: unclosed table, expected `]`")
    );
}

#[test]
fn crio_does_not_read_a_link_to_a_folder() {
    let fake = Fake::empty();
    for name in '0'..='9' {
        fake.link(&format!("{}/{name}", crio::DROP_INS), ".");
    }
    assert_eq!(
        drivers(&fake),
        [format!("crio: `{}/0` cannot be read", crio::DROP_INS)]
    );
}

#[test]
fn docker_s_default_depends_on_what_runs() {
    let at = docker::CONFIG;
    let text = r#"{"log-driver": "json-file", "exec-opts": ["native.cgroupdriver=systemd"], "storage-driver": "overlay2"}"#;
    assert_eq!(of(&[(at, text)]), format!("systemd {at}"));
    let text = r#"{"exec-opts": ["x=y", "native.CgroupDriver = cgroupfs"]}"#;
    assert_eq!(of(&[(at, text)]), format!("cgroupfs {at}"));
    for text in ["", "{}", r#"{"exec-opts": ["native.cgroupdriver="]}"#] {
        assert_eq!(
            of(&[(at, text)]),
            "its default follows the init and the cgroups that run"
        );
    }
    assert_eq!(
        of(&[(at, "{\n]")]),
        format!("`{at}`, line 2, column 1: this is not valid JSON")
    );
    let wrong = format!("`{at}` has no known value for `exec-opts`");
    assert_eq!(
        of(&[(at, r#"{"exec-opts": "native.cgroupdriver=systemd"}"#)]),
        wrong
    );
    let running = |systemd: bool| {
        let folder = if systemd {
            "folders: [/run/systemd/system]\n"
        } else {
            ""
        };
        let text = format!(
            "{folder}files: {{/etc/docker/daemon.json: '{{}}', /sys/fs/cgroup/cgroup.controllers: cpu}}\nprocesses: {{1: {{name: init, arguments: [init]}}}}\n"
        );
        let (_, fake) = Fake::build(&text);
        drivers(&fake)
    };
    assert_eq!(running(true), ["docker: systemd"]);
    assert_eq!(running(false), ["docker: cgroupfs"]);
}

#[test]
fn runtimes_are_known_by_their_programs_too() {
    let fake = Fake::empty();
    assert_eq!(drivers(&fake), [""; 0]);
    fake.program("/usr/bin/crio", "")
        .program("/usr/bin/containerd", "");
    assert_eq!(drivers(&fake), ["containerd: cgroupfs", "crio: systemd"]);
    // What is not a file is not taken for a missing one.
    fake.file("/etc/containerd/config.toml/x", "");
    assert_eq!(
        drivers(&fake)[0],
        "containerd: `/etc/containerd/config.toml` cannot be read"
    );
}
