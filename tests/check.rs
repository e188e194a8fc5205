//! What check says, whole: to people, and as SARIF to code scanners.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::process::Command;

use kubelet_unit::backends::BUILTIN;
use kubelet_unit::check::Rule;
use serde_json::Value;

use crate::support::{Scratch, Tree, run};

/// A tree with a kubelet and its service for these inits.
fn tree(inits: &[&str]) -> Tree {
    let tree = Tree::new();
    tree.kubelet();
    for init in inits {
        let (code, out, err) = tree.run(&["install", "--init", init, "--distro", "void"]);
        assert_eq!(code, 0, "{out}{err}");
    }
    tree
}

#[test]
fn what_stands_in_the_service_is_shown_at_its_program() {
    let tree = tree(&[]);
    let spec = "name: kubelet\ndescription: A\nprogram: /usr/bin/kubelet\n\
                arguments: [--cgroup-driver=systemd, --container-runtime=remote]\n";
    tree.write("own.yaml", spec);
    let spec = tree.at("own.yaml");
    let install = ["install", "--init", "supervisord", "--spec"];
    assert_eq!(
        tree.run(&[&install[..], &[spec.to_str().unwrap()]].concat())
            .0,
        0
    );
    insta::assert_snapshot!(tree.said(&["check", "--kubelet-version", "1.35"]));
}

#[test]
fn a_file_that_is_ignored_is_set_apart_from_why() {
    let tree = tree(&["supervisord"]);
    tree.write("etc/default/kubelet/a-file", "");
    insta::assert_snapshot!(tree.said(&["check"]));
}

#[test]
fn a_service_that_is_not_enabled_is_named_by_what_defines_it() {
    let inits = BUILTIN.iter().map(|backend| backend.name());
    insta::assert_snapshot!(inits.map(not_enabled).collect::<String>());
}

/// What check says of a service that was installed and not enabled.
fn not_enabled(init: &str) -> String {
    let tree = tree(&[init]);
    for watched in [
        "etc/runit/runsvdir/default",
        "etc/s6-linux-init/current/run-image/service",
    ] {
        fs::create_dir_all(tree.at(watched)).unwrap();
    }
    if init == "supervisord" {
        // It starts whatever it reads.
        assert_eq!(tree.run(&["service", "disable", "--init", init]).0, 0);
    }
    format!("# {init}\n{}", tree.said(&["check"]))
}

/// A tree with two inits' services, one of them whole, and another daemon's.
fn several() -> Tree {
    let tree = tree(&["openrc", "supervisord"]);
    let spec = "name: agent\ndescription: An agent\nprogram: /usr/bin/agent\n";
    tree.write("agent.yaml", spec);
    let spec = tree.at("agent.yaml");
    let install = ["install", "--init", "openrc", "--distro", "void", "--spec"];
    assert_eq!(
        tree.run(&[&install[..], &[spec.to_str().unwrap()]].concat())
            .0,
        0
    );
    tree
}

/// The command lines of ours in backticks.
fn hinted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').filter(|it| it.starts_with("kubelet-unit "))
}

#[test]
fn what_a_hint_says_can_be_pasted() {
    let scratch = Scratch::new();
    let root = scratch.path().join("a $(b)'s");
    for (folder, name) in [
        ("var/lib/kubelet", "config.yaml"),
        ("etc/kubernetes", "kubelet.conf"),
    ] {
        fs::create_dir_all(root.join(folder)).unwrap();
        fs::write(root.join(folder).join(name), "").unwrap();
    }
    let program = env!("CARGO_BIN_EXE_kubelet-unit");
    let called = |words: &[&str]| run(Command::new(program).args(words).arg("--root").arg(&root));
    let install = [
        "install",
        "--init",
        "openrc",
        "--log-folder",
        "/var/log/a b",
    ];
    assert_eq!(called(&install).0, 0);
    let record = root.join("var/lib/kubelet-unit/kubelet.openrc.json");
    let begun = fs::read_to_string(&record).unwrap();
    fs::write(
        &record,
        begun.replace("\"complete\": true", "\"complete\": false"),
    )
    .unwrap();
    let (_, found, _) = called(&["check"]);
    let (code, _, refused) = called(&["install", "--init", "runit", "--launcher", "native"]);
    assert_eq!(code, 1, "{refused}");
    assert!(refused.contains("--log-folder '/var/log/a b'"), "{refused}");
    let text = found + &refused;
    let lines: Vec<_> = hinted(&text).collect();
    let verbs = lines.iter().map(|line| line.split(' ').nth(1).unwrap());
    assert_eq!(
        verbs.collect::<Vec<_>>(),
        ["install", "service", "uninstall"]
    );
    for line in lines {
        let line = line.replacen("kubelet-unit", program, 1);
        let (code, _, err) = run(Command::new("sh").arg("-c").arg(&line));
        assert_eq!(code, 0, "{line}: {err}");
    }
}

#[test]
fn an_interrupted_installation_is_finished_by_what_began_it() {
    let tree = several();
    for service in ["kubelet", "agent"] {
        let path = format!("var/lib/kubelet-unit/{service}.openrc.json");
        let record = fs::read_to_string(tree.at(&path)).unwrap();
        tree.write(
            &path,
            &record.replace("\"complete\": true", "\"complete\": false"),
        );
    }
    let (_, out, _) = tree.run(&["check"]);
    let lines: Vec<_> = out.lines().collect();
    let at = |line: &&str| line.starts_with("error[unfinished]");
    let found = lines.windows(2).filter(|pair| at(&pair[0]));
    let found: Vec<_> = found.flatten().copied().collect();
    insta::assert_snapshot!(found.join("\n"));
}

#[test]
fn of_several_services_each_is_named_above_what_was_found() {
    let tree = several();
    let mut said = tree.said(&["check"]);
    said += &tree.said(&["check", "--init", "openrc"]);
    for service in ["kubelet", "agent"] {
        assert_eq!(
            tree.run(&["service", "enable", service, "--init", "openrc"])
                .0,
            0
        );
    }
    tree.write("usr/bin/agent", "");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(tree.at("usr/bin/agent"), mode).unwrap();
    said += &tree.said(&["check"]);
    insta::assert_snapshot!(said);
}

#[test]
fn differences_of_several_services_are_a_patch_with_headings() {
    let tree = several();
    let mut said = tree.said(&["diff"]);
    let edited = |path: &str| {
        let text = fs::read_to_string(tree.at(path)).unwrap();
        tree.write(
            path,
            &text.replace("#!/sbin/openrc-run", "#!/bin/openrc-run"),
        );
    };
    edited("etc/init.d/agent");
    edited("etc/init.d/kubelet");
    fs::set_permissions(
        tree.at("etc/init.d/kubelet"),
        std::os::unix::fs::PermissionsExt::from_mode(0o644),
    )
    .unwrap();
    said += &tree.said(&["diff"]);
    said += &tree.said(&["diff", "--init", "supervisord"]);
    insta::assert_snapshot!(said);
}

#[test]
fn notes_are_counted_where_nothing_else_was_found() {
    let tree = tree(&["openrc"]);
    assert_eq!(tree.run(&["service", "enable", "--init", "openrc"]).0, 0);
    let mut said = tree.said(&["check"]);
    for path in ["etc/conf.d/kubelet", "etc/logrotate.d/kubelet"] {
        tree.write(path, "# mine\n");
        said += &tree.run(&["check"]).2;
    }
    said += &tree.run(&["check", "--format", "sarif"]).2;
    insta::assert_snapshot!(said);
}

#[test]
fn a_line_is_told_of_once_and_with_one_remedy() {
    let tree = tree(&["supervisord"]);
    tree.write(
        "etc/default/kubelet",
        "export KUBELET_EXTRA_ARGS=\"--v=2 $HOME\"\n\
         reboot\n\
         A-B=c\n\
         1A=$HOME\n\
         COMMENT=b # c\n\
         KUBELET_EXTRA_ARGS=\"--v=2 \\\n  --node-ip=$IP\"\n\
         ONE=\"$HOME\"\n\
         TWO=~/x\n\
         THREE=c d\n\
         FOUR =c\n\
         FIVE=c;d\n\
         SIX=c'd\n\
         LAST='c\n",
    );
    insta::assert_snapshot!(tree.said(&["check"]));
}

/// The log with the tree called ROOT, without the rules, which have to be there.
fn sarif(tree: &Tree, arguments: &[&str]) -> String {
    let (_, out, err) = tree.run(&[arguments, &["--format", "sarif"]].concat());
    let mut log: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    let run = &mut log["runs"][0];
    let driver = run["tool"]["driver"].as_object_mut().unwrap();
    let rules = driver.remove("rules").unwrap();
    let rules = rules.as_array().unwrap();
    assert_eq!(rules.len(), Rule::ALL.len());
    for result in run["results"].as_array().unwrap() {
        let id = &result["ruleId"];
        assert!(rules.iter().any(|rule| rule["id"] == *id), "{result}");
    }
    format!("{log:#}")
}

#[test]
fn sarif_has_places_in_the_tree_and_sentences() {
    let tree = tree(&["runit"]);
    tree.write(
        "var/lib/kubelet/config.yaml",
        "a: {}\ncgroupDriver: systemd\n",
    );
    tree.write("var/lib/kubelet/kubeadm-flags.env/a-file", "");
    tree.write("etc/default/kubelet", "KUBELET_EXTRA_ARGS=--v=${LEVEL}\n");
    let run = fs::read_to_string(tree.at("etc/sv/kubelet/run")).unwrap();
    tree.write("etc/sv/kubelet/run", &(run + "# mine\n"));
    insta::assert_snapshot!(sarif(&tree, &["check"]));
}

#[test]
fn sarif_of_several_services_says_which() {
    insta::assert_snapshot!(sarif(&several(), &["check"]));
}

#[test]
fn sarif_of_a_distributions_service_has_each_difference() {
    let tree = Tree::new();
    tree.kubelet();
    tree.write(
        "etc/sv/kubelet/run",
        "#!/bin/sh\n. ./conf\nexec kubelet $OPTS\n",
    );
    let check = ["check", "--init", "runit", "--distro", "void"];
    insta::assert_snapshot!(sarif(&tree, &check));
}

/// Blanks, percent signs and colons in names, a tree that is named by a relative path
/// and by a link, and a configuration file of a strange name.
#[test]
fn uris_are_encoded_and_absolute() {
    let tree = Tree::new();
    let folder = "a b/50%: #?";
    tree.write(
        &format!("{folder}/etc/default/kubelet"),
        "KUBELET_EXTRA_ARGS=--config=/k: 1.yaml\n",
    );
    std::os::unix::fs::symlink(tree.at(folder), tree.at("link")).unwrap();
    let mut said = Vec::new();
    for root in ["link", "./a b/../link/"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kubelet-unit"));
        command.current_dir(tree.at(""));
        command.args([
            "check",
            "--init",
            "supervisord",
            "--distro",
            "void",
            "--root",
            root,
        ]);
        let (_, out, err) = run(command.args(["--format", "sarif"]));
        let log: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
        let base = log["runs"][0]["originalUriBaseIds"]["ROOT"]["uri"]
            .as_str()
            .unwrap();
        let real = fs::canonicalize(tree.at("")).unwrap();
        assert_eq!(
            base,
            format!("file://{}/a%20b/50%25%3A%20%23%3F/", real.display())
        );
        let uris = log["runs"][0]["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|result| {
                let artifact = &result["locations"][0]["physicalLocation"]["artifactLocation"];
                assert_eq!(artifact["uriBaseId"], "ROOT");
                artifact["uri"].as_str().unwrap().to_owned()
            });
        said.push(uris.collect::<Vec<_>>());
    }
    assert_eq!(said[0], said[1]);
    assert!(
        said[0].contains(&"etc/supervisord.d/kubelet.conf".to_owned()),
        "{said:?}"
    );
}

#[test]
fn a_tree_in_a_folder_of_a_strange_name_is_told_of_in_every_format() {
    let tree = tree(&[]);
    let folder = tree.at("").join(OsStr::from_bytes(b"\xff"));
    fs::create_dir_all(folder.join("etc")).unwrap();
    for (format, wanted) in [("json", "/\u{fffd}/etc/supervisord.d/"), ("sarif", "/%FF/")] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kubelet-unit"));
        command.args(["check", "--init", "supervisord", "--distro", "void"]);
        command.args(["--format", format, "--root"]).arg(&folder);
        let (code, out, err) = run(&mut command);
        assert_eq!((code, err.as_str()), (1, ""));
        assert!(out.contains(wanted), "{out}");
    }
}

#[test]
fn a_node_is_checked_before_the_upgrade_of_its_kubelet() {
    let tree = tree(&["runit"]);
    let before = |release: &str| {
        let (code, out, err) = tree.run(&["check", "--for", release]);
        format!("{release}: exit {code}\n{out}{err}")
    };
    let clean = before("1.36");
    tree.write(
        "var/lib/kubelet/config.yaml",
        "kind: KubeletConfiguration\nmaxpods: 50\nfeatureGates: {SidecarContainers: true}\n",
    );
    tree.write(
        "etc/default/kubelet",
        "KUBELET_EXTRA_ARGS=--containerd=/run/c.sock\n",
    );
    let after = ["1.36", "1.37", "1.38"].map(before).concat();
    let shown = tree.at("").display().to_string();
    insta::assert_snapshot!((clean + &after).replace(shown.trim_end_matches('/'), "ROOT"));
    let (code, out, _) = tree.run(&["check", "--for", "1.37", "--format", "json"]);
    let reports: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &reports[0]["kubelet"]), (1, &Value::from("1.37")));
    let rules = reports[0]["findings"].as_array().unwrap();
    assert!(
        rules
            .iter()
            .any(|it| it["rule"] == "feature-gate" && it["line"] == 3)
    );
    // Nothing is said of a release of which nothing is known.
    tree.write(
        "var/lib/kubelet/config.yaml",
        "kind: KubeletConfiguration\n",
    );
    let releases = [
        "1.3", "1.4", "1.19", "0.9", "1.22", "1.40", "2.0", "1.03", "36", "1.36.x", "latest",
    ];
    let unknown = releases.map(before).concat();
    insta::assert_snapshot!(
        "a_release_that_is_not_known_gets_no_verdict",
        unknown.replace(shown.trim_end_matches('/'), "ROOT")
    );
    let (code, out, _) = tree.run(&["check", "--for", "1.3", "--format", "json"]);
    let reports: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &reports[0]["clean"]), (1, &Value::from(false)));
    let (_, out, _) = tree.run(&["check", "--for", "1.37", "--format", "sarif"]);
    let sarif: Value = serde_json::from_str(&out).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert!(results.iter().any(|it| it["ruleId"] == "flag"));
}
