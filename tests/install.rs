//! install, check, diff and uninstall as their user meets them: whole outputs and
//! exit codes.

use std::fs;
use std::path::PathBuf;

use kubelet_unit::backends::BUILTIN;

use crate::support::{Tree, files as walk};

#[test]
fn from_a_dry_run_to_an_upgrade_and_back() {
    let tree = Tree::new();
    tree.kubelet();
    let install = ["install", "--init", "openrc", "--distro", "alpine"];
    let dry = [&install[..], &["--dry-run"]].concat();
    let mut said = tree.said(&dry);
    assert!(!tree.at("etc").exists());
    said += &tree.said(&[&install[..], &["--enable"]].concat());
    said += &tree.said(&[&install[..], &["--enable"]].concat());
    said += &tree.said(&["check"]);
    let conf = tree.at("etc/conf.d/kubelet");
    let text = fs::read_to_string(&conf).unwrap();
    fs::write(&conf, format!("{text}# mine\n")).unwrap();
    said += &tree.said(&["check"]);
    let upgrade = [&install[..], &["--log-folder", "/var/log/other"]].concat();
    said += &tree.said(&upgrade);
    said += &tree.said(&["install"]);
    said += &tree.said(&["uninstall", "--dry-run"]);
    said += &tree.said(&["uninstall"]);
    said += &tree.said(&["uninstall", "--init", "openrc"]);
    said += &tree.said(&["uninstall"]);
    insta::assert_snapshot!(said);
}

#[test]
fn what_differs_is_shown() {
    let tree = Tree::new();
    tree.kubelet();
    let (code, ..) = tree.run(&[
        "install", "--init", "systemd", "--distro", "fedora", "--enable",
    ]);
    assert_eq!(code, 0);
    let unit = tree.at("usr/lib/systemd/system/kubelet.service");
    let text = fs::read_to_string(&unit).unwrap();
    fs::write(&unit, text.replace("RestartSec=10", "RestartSec=1")).unwrap();
    let mut said = tree.said(&["diff"]);
    said += &tree.said(&["check"]);
    said += &tree.said(&["install"]);
    said += &tree.said(&["install", "--force", "--format", "json"]);
    said += &tree.said(&["diff"]);
    insta::assert_snapshot!(said);
}

#[test]
fn every_init_is_enabled_in_a_tree_and_clean() {
    for backend in BUILTIN {
        let tree = Tree::new();
        tree.kubelet();
        let install = ["install", "--init", backend.name(), "--enable"];
        // What runit and s6 watch is not known of a tree without them.
        let watched = match backend.name() {
            "runit" => Some("etc/runit/runsvdir/default"),
            "s6" => Some("etc/s6-linux-init/current/run-image/service"),
            _ => None,
        };
        if let Some(folder) = watched {
            let dry = [&install[..], &["--dry-run"]].concat();
            for install in [&dry[..], &install] {
                let (code, out, err) = tree.run(install);
                assert!(
                    code == 1
                        && out.contains("create")
                        && err.contains("which folder")
                        && err.contains("`kubelet-unit service enable --root "),
                    "{err}"
                );
            }
            fs::create_dir_all(tree.at(folder)).unwrap();
        }
        let (code, out, err) = tree.run(&install);
        assert_eq!(code, 0, "{}: {out}{err}", backend.name());
        let (code, out, err) = tree.run(&["check", "--format", "json"]);
        assert_eq!(code, 0, "{}: {out}{err}", backend.name());
        let (code, out, err) = tree.run(&install);
        assert!(
            code == 0 && err.contains("nothing to do"),
            "{}: {out}{err}",
            backend.name()
        );
        assert_eq!(tree.run(&["uninstall"]).0, 0);
        assert_eq!(walk(&tree.at("")), left(&tree, backend.name()));
    }
}

/// What is left when everything of ours has gone: s6-rc's boot starts its bundle by name, so
/// that it stays, with nothing in it.
fn left(tree: &Tree, init: &str) -> Vec<PathBuf> {
    let bundle = (init == "s6-rc").then_some("etc/s6/adminsv/default/type");
    let paths = bundle.into_iter().chain(["usr/bin/kubelet"]);
    paths.map(|path| tree.at(path)).collect()
}

/// Where the init is not in the tree yet, where a file is in the way, and where that
/// is so of another daemon.
#[test]
fn what_cannot_be_enabled_is_installed_and_said_to_be() {
    let tree = Tree::new();
    let runit = [
        "install",
        "--init",
        "runit",
        "--launcher",
        "native",
        "--enable",
    ];
    let mut said = tree.said(&[&runit[..], &["--dry-run"]].concat());
    said += &tree.said(&runit);
    said += &tree.said(&runit);
    let folder = "etc/runit/runsvdir/default/kubelet";
    fs::create_dir_all(tree.at(folder)).unwrap();
    said += &tree.said(&[&runit[..], &["--force"]].concat());
    fs::remove_dir(tree.at(folder)).unwrap();
    said += &tree.said(&["service", "enable", "--init", "runit"]);
    tree.write(
        "agent.yaml",
        "name: agent\ndescription: An agent\nprogram: /usr/bin/agent\n",
    );
    tree.write("etc/runlevels", "");
    let spec = tree.at("agent.yaml");
    let install = ["install", "--init", "openrc", "--enable", "--spec"];
    said += &tree.said(&[&install[..], &[spec.to_str().unwrap()]].concat());
    insta::assert_snapshot!(said.replace(spec.to_str().unwrap(), "ROOT/agent.yaml"));
}

/// A tree with all that the inits watch, so that each can be enabled there.
pub fn watched() -> Tree {
    let tree = Tree::new();
    tree.kubelet();
    for folder in [
        "etc/runit/runsvdir/default",
        "etc/s6-linux-init/current/run-image/service",
    ] {
        fs::create_dir_all(tree.at(folder)).unwrap();
    }
    tree
}

#[test]
fn a_disabled_service_stays_so_and_is_whole() {
    for init in BUILTIN.iter().map(|backend| backend.name()) {
        let tree = watched();
        tree.join();
        let done = |arguments: &[&str]| {
            let (code, out, err) = tree.run(arguments);
            assert_eq!(code, 0, "{init}: {arguments:?}: {out}{err}");
            out
        };
        let rules = || {
            let (_, out, _) = tree.run(&["check", "--kubelet-version", "1.36", "--format", "json"]);
            let reports: serde_json::Value = serde_json::from_str(&out).unwrap();
            let findings = reports[0]["findings"].as_array().unwrap().iter();
            let rule = |finding: &serde_json::Value| finding["rule"].as_str().unwrap().to_owned();
            findings.map(rule).collect::<Vec<_>>()
        };
        done(&["install", "--init", init, "--enable"]);
        assert_eq!(rules(), [""; 0], "{init}");
        done(&["service", "disable", "--init", init]);
        assert_eq!(rules(), ["not-enabled"], "{init}");
        // In the tree, and not on the machine that it is checked on.
        let hint = format!("run `kubelet-unit service enable kubelet --init {init} --root ROOT`");
        let (_, said, _) = tree.run(&["check"]);
        assert!(said.contains(&hint), "{init}: {said}");
        assert_eq!(done(&["diff"]), "", "{init}");
        done(&["install"]);
        let upgraded = done(&["install", "--init", init, "--kubelet", "/opt/kubelet"]);
        assert!(upgraded.contains("replace "), "{init}: {upgraded}");
        assert_eq!(rules(), ["program", "not-enabled"], "{init}");
        done(&["install", "--init", init, "--kubelet", "/usr/bin/kubelet"]);
        done(&["service", "enable", "--init", init]);
        assert_eq!(rules(), [""; 0], "{init}");
        done(&["service", "disable", "--init", init]);
        done(&["uninstall"]);
        for of_cluster in ["var/lib/kubelet", "etc/kubernetes"] {
            fs::remove_dir_all(tree.at(of_cluster)).unwrap();
        }
        assert_eq!(walk(&tree.at("")), left(&tree, init), "{init}");
    }
}

#[test]
fn what_was_enabled_later_is_not_left_enabled() {
    for init in BUILTIN.iter().map(|backend| backend.name()) {
        let tree = watched();
        assert_eq!(tree.run(&["install", "--init", init]).0, 0, "{init}");
        let enable = ["service", "enable", "--init", init];
        assert_eq!(tree.run(&enable).0, 0, "{init}");
        let before = walk(&tree.at(""));
        let (_, dry, _) = tree.run(&["uninstall", "--dry-run"]);
        assert_eq!(walk(&tree.at("")), before, "{init}");
        let (code, out, err) = tree.run(&["uninstall"]);
        assert_eq!((code, &out), (0, &dry), "{init}: {err}");
        assert_eq!(walk(&tree.at("")), left(&tree, init), "{init}");
    }
}

#[test]
fn of_two_inits_one_has_to_be_named() {
    let tree = Tree::new();
    for init in ["s6", "runit"] {
        assert_eq!(
            tree.run(&["install", "--init", init, "--distro", "void"]).0,
            0
        );
    }
    let (code, out, err) = tree.run(&["uninstall"]);
    assert_eq!(
        (code, out.as_str(), err.as_str()),
        (
            2,
            "",
            "error: which init? `kubelet` is installed for `runit` and `s6`\n\n\
             hint: add `--init` with one of `runit`, `s6`\n"
        )
    );
    let (code, out, err) = tree.run(&["uninstall", "--name", "other"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert_eq!(err, "error: `other` is not installed in `ROOT`\n");
}

#[test]
fn a_native_launcher_needs_what_interprets_it() {
    let tree = Tree::new();
    tree.kubelet();
    tree.join();
    let install = ["install", "--init", "openrc", "--launcher", "native"];
    assert_eq!(tree.run(&install).0, 0);
    let (code, out, err) = tree.run(&["check", "--kubelet-version", "1.36"]);
    assert_eq!((code, err.as_str()), (1, ""));
    assert_eq!(
        out,
        "kubelet, installed by kubelet-unit for openrc\n\
         error[program]: `ROOT/usr/libexec/kubelet-unit/kubelet` is interpreted by \
         `/usr/bin/kubelet-unit`, which is missing\n  \
         hint: install kubelet-unit there, or choose `--launcher sh`\n\
         warning[not-enabled]: `ROOT/etc/init.d/kubelet` is installed and not enabled: \
         `kubelet` does not start with the machine\n  \
         hint: run `kubelet-unit service enable kubelet --init openrc --root ROOT`\n"
    );
    tree.write("usr/bin/kubelet-unit", "");
    let (_, out, _) = tree.run(&["check"]);
    assert!(!out.contains("interpreted"), "{out}");
}

/// A launcher has more than 1000 lines, and what counts would be lost in them.
#[test]
fn what_is_missing_is_named_and_not_shown() {
    let tree = Tree::new();
    tree.kubelet();
    let (code, out, err) = tree.run(&[
        "check",
        "--init",
        "supervisord",
        "--kubelet-version",
        "1.36",
    ]);
    assert_eq!((code, err.as_str()), (1, ""));
    assert_eq!(
        out,
        "there is no service kubelet of supervisord at `ROOT/etc/supervisor/conf.d/kubelet.conf`\n\
         error[missing]: `ROOT/etc/supervisor/conf.d/kubelet.conf` is missing\n\
         error[missing]: `ROOT/usr/libexec/kubelet-unit/kubelet` is missing\n"
    );
    let (_, out, _) = tree.run(&["diff", "--init", "supervisord", "--new-files"]);
    assert!(out.contains("+program=/usr/bin/kubelet\n"), "{out}");
}

#[test]
fn bad_trees_are_refused() {
    let tree = Tree::new();
    tree.write("var/lib/kubelet-unit/kubelet.runit.json", "{");
    let mut said = tree.said(&["install", "--init", "runit"]);
    fs::remove_file(tree.at("var/lib/kubelet-unit/kubelet.runit.json")).unwrap();
    tree.write("etc/sv", "a file");
    said += &tree.said(&["install", "--init", "runit"]);
    tree.write("etc/init.d/kubelet", "theirs");
    said += &tree.said(&["install", "--init", "openrc"]);
    said += &tree.said(&["check"]);
    insta::assert_snapshot!(said);
}

#[test]
fn what_is_typed_for_a_tree_is_typed_outside_of_it() {
    let tree = Tree::new();
    tree.kubelet();
    fs::create_dir_all(tree.at("etc/s6/adminsv")).unwrap();
    let install = [
        "install", "--init", "s6-rc", "--distro", "artix", "--enable",
    ];
    let mut said = tree.said(&install);
    said += &tree.said(&["service", "is-enabled"]);
    said += &tree.said(&["uninstall"]);
    insta::assert_snapshot!(said);
}
