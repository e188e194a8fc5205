//! What check says, whole: to people, and as SARIF to code scanners.

use std::fs;

use kubelet_unit::backends::BUILTIN;

use crate::install::Bed;

/// A tree with a kubelet and its service for these inits.
fn bed(inits: &[&str]) -> Bed {
    let bed = Bed::new();
    bed.kubelet();
    for init in inits {
        let (code, out, err) = bed.run(&["install", "--init", init, "--distro", "void"]);
        assert_eq!(code, 0, "{out}{err}");
    }
    bed
}

#[test]
fn what_stands_in_the_service_is_shown_at_its_program() {
    let bed = bed(&[]);
    let spec = "name: kubelet\ndescription: A\nprogram: /usr/bin/kubelet\n\
                arguments: [--cgroup-driver=systemd, --container-runtime=remote]\n";
    bed.write("own.yaml", spec);
    let spec = bed.at("own.yaml");
    let install = ["install", "--init", "supervisord", "--spec"];
    assert_eq!(
        bed.run(&[&install[..], &[spec.to_str().unwrap()]].concat())
            .0,
        0
    );
    insta::assert_snapshot!(bed.said(&["check", "--kubelet-version", "1.35"]));
}

#[test]
fn a_file_that_is_ignored_is_set_apart_from_why() {
    let bed = bed(&["supervisord"]);
    bed.write("etc/default/kubelet/a-file", "");
    insta::assert_snapshot!(bed.said(&["check"]));
}

#[test]
fn a_service_that_is_not_enabled_is_named_by_what_defines_it() {
    let inits = BUILTIN.iter().map(|backend| backend.name());
    insta::assert_snapshot!(inits.map(not_enabled).collect::<String>());
}

/// What check says of a service that was installed and not enabled.
fn not_enabled(init: &str) -> String {
    let bed = bed(&[init]);
    for watched in [
        "etc/runit/runsvdir/default",
        "etc/s6-linux-init/current/run-image/service",
    ] {
        fs::create_dir_all(bed.at(watched)).unwrap();
    }
    if init == "supervisord" {
        // It starts whatever it reads.
        assert_eq!(bed.run(&["service", "disable", "--init", init]).0, 0);
    }
    format!("# {init}\n{}", bed.said(&["check"]))
}

/// A tree with two inits' services, one of them whole, and another daemon's.
fn several() -> Bed {
    let bed = bed(&["openrc", "supervisord"]);
    let spec = "name: agent\ndescription: An agent\nprogram: /usr/bin/agent\n";
    bed.write("agent.yaml", spec);
    let spec = bed.at("agent.yaml");
    let install = ["install", "--init", "openrc", "--distro", "void", "--spec"];
    assert_eq!(
        bed.run(&[&install[..], &[spec.to_str().unwrap()]].concat())
            .0,
        0
    );
    bed
}

#[test]
fn of_several_services_each_is_named_above_what_was_found() {
    let bed = several();
    let mut said = bed.said(&["check"]);
    said += &bed.said(&["check", "--init", "openrc"]);
    for service in ["kubelet", "agent"] {
        assert_eq!(
            bed.run(&["service", "enable", service, "--init", "openrc"])
                .0,
            0
        );
    }
    bed.write("usr/bin/agent", "");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(bed.at("usr/bin/agent"), mode).unwrap();
    said += &bed.said(&["check"]);
    insta::assert_snapshot!(said);
}

#[test]
fn notes_are_counted_where_nothing_else_was_found() {
    let bed = bed(&["openrc"]);
    assert_eq!(bed.run(&["service", "enable", "--init", "openrc"]).0, 0);
    let mut said = bed.said(&["check"]);
    for path in ["etc/conf.d/kubelet", "etc/logrotate.d/kubelet"] {
        bed.write(path, "# mine\n");
        said += &bed.run(&["check"]).2;
    }
    said += &bed.run(&["check", "--format", "sarif"]).2;
    insta::assert_snapshot!(said);
}

#[test]
fn a_line_is_told_of_once_and_with_one_remedy() {
    let bed = bed(&["supervisord"]);
    bed.write(
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
    insta::assert_snapshot!(bed.said(&["check"]));
}
