use std::fs;

use super::*;
use crate::backends::{Backend, Registry};
use crate::order::Order;
use crate::spec::Spec;
use crate::testing::Scratch;

fn entries(text: &str) -> Vec<String> {
    Inventory::new("nodes.yaml", text.as_bytes())
        .map(|entry| match entry {
            Ok(entry) => format!("{} {}", entry.line, entry.node.name),
            Err(error) => error.to_string(),
        })
        .collect()
}

#[test]
fn lists_and_documents_are_read_node_by_node() {
    let list = "# all nodes\n- name: a\n  init: runit\n\n# the second\n-\n  name: b\n- {name: c}\n";
    assert_eq!(entries(list), ["2 a", "6 b", "8 c"]);
    assert_eq!(
        entries("---\n  - name: a\n    extraArgs:\n    - x\n    - y\n  - name: b\n"),
        ["2 a", "6 b"]
    );
    assert_eq!(
        entries("---\nname: a\n---\n# x\nname: b\nextraArgs:\n- x\n...\n---\nname: c"),
        ["2 a", "5 b", "10 c"]
    );
    assert_eq!(
        entries("- name: a\n  extraArgs:\n  - |\n    - name: z\n- name: b\n"),
        ["1 a", "5 b"]
    );
    assert_eq!(entries("# nothing\n---\n"), [""; 0]);
}

#[test]
fn what_is_no_node_is_named_with_its_line() {
    assert_eq!(
        entries(
            "- name: a\n- name: b\n  innit: runit\n- name: C\n- name: d\n  distro: alpin\n- name: e\n"
        ),
        [
            "1 a",
            "node `b`: nodes.yaml:3:3: unknown field `innit`, expected one of `name`, `init`, `distro`, `launcher`, `kubelet`, `extraArgsFile`, `serviceFolder`, `libexecFolder`, `logFolder`, `layout`, `hostname`, `kubeletVersion`, `extraArgs`",
            "node `C`: nodes.yaml:4:9: name: `C` is not a node's name: lower-case letters, digits, `-` and `.`, at most 253, beginning and ending with a letter or a digit",
            "5 d",
            "7 e",
        ]
    );
    for name in ["..", "a/b", "", "-a", "a..b", ".a"] {
        let text = format!("- name: '{name}'\n");
        assert!(entries(&text)[0].contains("is not a node's name"), "{name}");
    }
    let long = format!(
        "- name: a\n- name: b\n  extraArgs: ['{}']\n",
        "x".repeat(20_000)
    );
    let found = entries(&long);
    assert_eq!(found.len(), 2);
    assert!(found[1].contains("larger than 16384 bytes"), "{found:?}");
}

struct Folder {
    scratch: Scratch,
    defaults: Defaults,
    registry: Registry,
}

impl Folder {
    fn new(text: &str) -> Self {
        let scratch = Scratch::new();
        fs::write(scratch.path().join("nodes.yaml"), text).unwrap();
        Self {
            scratch,
            defaults: Defaults {
                order: Order::kubelet(),
                init: None,
                enable: false,
            },
            registry: Registry::builtin(),
        }
    }

    fn check(&self) -> Result<usize, Vec<String>> {
        let path = self.scratch.path().join("nodes.yaml");
        self.fleet(&path).check(20).map_err(|errors| {
            let folder = self.scratch.path().to_str().unwrap();
            errors
                .iter()
                .map(|error| error.to_string().replace(folder, "BED"))
                .collect()
        })
    }

    fn fleet<'a>(&'a self, path: &'a std::path::Path) -> Fleet<'a> {
        Fleet {
            path,
            text: None,
            defaults: &self.defaults,
            registry: &self.registry,
        }
    }

    fn write(&self, force: bool) -> Result<Outcome, FleetError> {
        let path = self.scratch.path().join("nodes.yaml");
        let out = self.out("");
        let mut tree = Tree::new(&out, force)?;
        self.fleet(&path).render(|node| tree.add(node))?;
        Ok(tree.outcome())
    }

    fn out(&self, path: &str) -> std::path::PathBuf {
        self.scratch.path().join("out").join(path)
    }
}

/// The names of the registry in backticks.
fn quoted<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    names.map(|name| format!("`{name}`")).collect()
}

#[test]
fn all_nodes_are_checked_before_one_is_written() {
    let folder = Folder::new(
        "- {name: a, init: runit}\n- name: b\n- {name: a, init: s6}\n- {name: c, init: sysv}\n",
    );
    let registry = Registry::builtin();
    let inits = quoted(registry.iter().map(Backend::name));
    assert_eq!(
        folder.check().unwrap_err(),
        [
            "BED/nodes.yaml:2: node `b`: it has no `init`, and no `--init` was given for all nodes"
                .into(),
            "BED/nodes.yaml:3: node `a`: an earlier node has the same name".into(),
            format!(
                "BED/nodes.yaml:4: node `c`: unknown init `sysv`; known are {}",
                inits.join(", ")
            ),
        ]
    );
}

/// A service that is not the kubelet, whose administrator's file sets `arguments`.
fn other(arguments: &str) -> Spec {
    let text = format!(
        "name: containerd\ndescription: c\nprogram: /usr/bin/containerd\narguments: [{arguments}]\n\
         envFiles: [{{path: '{{extra-args-file}}', optional: true}}]\n"
    );
    Spec::read("spec", text.as_bytes()).unwrap()
}

#[test]
fn further_arguments_go_to_the_variable_of_the_service_and_are_never_lost() {
    let mut folder = Folder::new("- {name: a, init: systemd, extraArgs: [--log-level=debug]}\n");
    folder.defaults.order.spec = other("--root=/r, $CONTAINERD_ARGS");
    folder.write(false).unwrap();
    let extra = fs::read_to_string(folder.out("a/etc/default/containerd")).unwrap();
    assert_eq!(extra, "CONTAINERD_ARGS=--log-level=debug\n");
    folder.defaults.order.spec = other("--root=/r");
    assert_eq!(
        folder.check().unwrap_err(),
        [
            "BED/nodes.yaml:1: node `a`: `extraArgs`: none of the arguments of `containerd` is a variable that `/etc/default/containerd` could set, so no further arguments can be added"
        ]
    );
}

#[test]
fn a_hostname_is_for_the_kubelet_and_a_distribution_has_to_be_known() {
    let mut folder =
        Folder::new("- {name: a, init: systemd, hostname: a.b}\n- {name: b, distro: plan9}\n");
    folder.defaults.order.spec = other("$CONTAINERD_ARGS");
    folder.defaults.init = Some("runit".into());
    let registry = Registry::builtin();
    let distros = registry.distros();
    let distros = quoted(distros.iter().map(|distro| distro.name));
    let (last, others) = distros.split_last().unwrap();
    assert_eq!(
        folder.check().unwrap_err(),
        [
            "BED/nodes.yaml:1: node `a`: `hostname` is for the kubelet, which `containerd` is not; `extraArgs` takes any argument".into(),
            format!(
                "BED/nodes.yaml:2: node `b`: unknown distribution `plan9`; known are {} and {last}",
                others.join(", ")
            ),
        ]
    );
    // A kubelet under another name is one all the same.
    let mut kubelet = Spec::kubelet();
    kubelet.name = "kubelet-a".parse().unwrap();
    let mut folder = Folder::new("- {name: a, init: systemd, hostname: a.b}\n");
    folder.defaults.order.spec = kubelet;
    folder.write(false).unwrap();
    let extra = fs::read_to_string(folder.out("a/etc/default/kubelet-a")).unwrap();
    assert_eq!(extra, "KUBELET_EXTRA_ARGS=--hostname-override=a.b\n");
}

#[test]
fn every_node_gets_what_is_its_own() {
    let folder = Folder::new(
        "- name: one\n  init: runit\n  hostname: one.example\n  extraArgs: ['--v=2', '--node-labels=a b$\"']\n\
         - name: two\n  init: systemd\n  distro: fedora\n  kubelet: /opt/kubelet\n",
    );
    assert_eq!(folder.check(), Ok(2));
    let outcome = folder.write(false).unwrap();
    assert_eq!((outcome.written, outcome.unchanged), (2, 0));
    let extra = fs::read(folder.out("one/etc/default/kubelet")).unwrap();
    let parsed = crate::envfile::parse(&extra).unwrap();
    let words = crate::envfile::split(&parsed.assignments[0].value);
    let words: Vec<_> = words.iter().map(|word| word.text.as_ref()).collect();
    assert_eq!(
        words,
        [
            "--hostname-override=one.example",
            "--v=2",
            "--node-labels=a b$\""
        ]
    );
    assert!(folder.out("one/etc/sv/kubelet/run").exists());
    let unit =
        fs::read_to_string(folder.out("two/usr/lib/systemd/system/kubelet.service")).unwrap();
    assert!(unit.contains("ExecStart=/opt/kubelet\n"), "{unit}");
    let again = folder.write(false).unwrap();
    assert_eq!((again.written, again.unchanged), (0, 2));
}

#[test]
fn a_tree_that_differs_is_replaced_only_by_force() {
    let folder = Folder::new("- {name: a, init: systemd}\n");
    folder.write(false).unwrap();
    let unit = folder.out("a/usr/lib/systemd/system/kubelet.service");
    fs::write(&unit, "mine").unwrap();
    // What a run that was killed has left goes away.
    fs::create_dir(folder.out(".a.kubelet-unit~")).unwrap();
    let error = folder.write(false).unwrap_err().to_string();
    assert!(
        error.ends_with("kubelet.service` already exists and has other content"),
        "{error}"
    );
    assert_eq!(fs::read_to_string(&unit).unwrap(), "mine");
    folder.write(true).unwrap();
    assert_ne!(fs::read_to_string(&unit).unwrap(), "mine");
    let names: Vec<_> = fs::read_dir(folder.out(""))
        .unwrap()
        .map(|it| it.unwrap().file_name())
        .collect();
    assert_eq!(names, ["a"]);
}

#[test]
fn an_archive_has_each_node_below_its_name() {
    let folder = Folder::new("- {name: a, init: systemd}\n- {name: b, init: systemd}\n");
    let path = folder.scratch.path().join("nodes.yaml");
    let mut bytes = Vec::new();
    let mut archive = TarStream::new(&mut bytes);
    folder
        .fleet(&path)
        .render(|node| archive.add(node))
        .unwrap();
    archive.finish().unwrap();
    let mut read = tar::Archive::new(bytes.as_slice());
    let names: Vec<_> = read
        .entries()
        .unwrap()
        .map(|entry| entry.unwrap().path().unwrap().display().to_string())
        .filter(|name| !name.ends_with('/'))
        .collect();
    assert_eq!(
        names,
        [
            "a/usr/lib/systemd/system/kubelet.service",
            "a/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf",
            "b/usr/lib/systemd/system/kubelet.service",
            "b/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf",
        ]
    );
}

#[test]
fn what_cannot_be_read_twice_is_refused() {
    let folder = Folder::new("");
    let fifo = folder.scratch.path().join("fifo");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
    for path in [
        &fifo,
        folder.scratch.path(),
        &folder.scratch.path().join("none"),
    ] {
        assert!(folder.fleet(path).check(1).is_err());
    }
}
