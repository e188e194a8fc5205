//! What is in the way of an installation.

use super::*;

#[test]
fn an_offer_of_somebody_else_is_not_overwritten() {
    let mut target = Target::new();
    target.install(1);
    target.write(CONF, "mine\n");
    target.write("/etc/conf.d/kubelet.pacnew", "of pacman\n");
    assert_eq!(
        target.try_install(&version(2), false).unwrap_err(),
        "`BED/etc/conf.d/kubelet.pacnew` is there already and is not kubelet-unit's"
    );
    assert_eq!(
        (target.read(CONF), target.read(RUN)),
        ("mine\n".into(), "run 1\n".into())
    );
    target.new_config = "._cfg{number}_{file}";
    target.write("/etc/conf.d/._cfg0000_kubelet", "of portage\n");
    target.install(2);
    assert_eq!(target.read("/etc/conf.d/._cfg0001_kubelet"), "conf 2\n");
}

#[test]
fn what_is_not_ours_is_refused_whole_and_forced_on_request() {
    let target = Target::new();
    target.write(RUN, "theirs\n");
    target.write(CONF, "theirs\n");
    assert_eq!(
        target.try_install(&version(1), false).unwrap_err(),
        "`BED/etc/sv/kubelet/run` is there already and is not kubelet-unit's"
    );
    assert_eq!(target.files(), [CONF, RUN]);
    assert!(!target.at(FOLDER).exists());
    target.try_install(&version(1), true).unwrap();
    assert_eq!(
        (target.read(CONF), target.read(RUN)),
        ("theirs\n".into(), "run 1\n".into())
    );
    assert_eq!(target.read("/etc/conf.d/kubelet.pacnew"), "conf 1\n");
    target.write(RUN, "changed\n");
    assert_eq!(
        target.try_install(&version(2), false).unwrap_err(),
        "`BED/etc/sv/kubelet/run` was changed since it was installed"
    );
}

#[test]
fn what_is_no_file_is_refused_even_when_forced() {
    let target = Target::new();
    fs::create_dir_all(target.at(RUN)).unwrap();
    for force in [false, true] {
        assert_eq!(
            target.try_install(&version(1), force).unwrap_err(),
            "`BED/etc/sv/kubelet/run` is a folder and not a file"
        );
    }
    fs::remove_dir(target.at(RUN)).unwrap();
    symlink("/etc/passwd", target.at(RUN)).unwrap();
    assert_eq!(
        target.try_install(&version(1), false).unwrap_err(),
        "`BED/etc/sv/kubelet/run` is a link and not a file"
    );
    target.try_install(&version(1), true).unwrap();
    assert_eq!(target.read(RUN), "run 1\n");
}

#[test]
fn records_that_are_none_are_named() {
    let target = Target::new();
    for (text, message) in [
        ("{", "is not a record of kubelet-unit: EOF while parsing"),
        (
            "{\"format\": 3, \"new\": 1}",
            "has format 3; this version reads up to 2",
        ),
        (
            "{\"format\": 1}",
            "is not a record of kubelet-unit: missing field `version`",
        ),
    ] {
        target.write("/var/lib/kubelet-unit/kubelet.runit.json", text);
        let error = target.try_install(&version(1), false).unwrap_err();
        let start = format!("`BED/var/lib/kubelet-unit/kubelet.runit.json` {message}");
        assert!(error.starts_with(&start), "{error}");
    }
}
