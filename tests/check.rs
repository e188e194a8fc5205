//! What check says, whole: to people, and as SARIF to code scanners.



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
