//! What is in the way of an installation.

use super::*;

#[test]
fn an_offer_of_somebody_else_is_not_overwritten() {
    let mut bed = Bed::new();
    bed.install(1);
    bed.write(CONF, "mine\n");
    bed.write("/etc/conf.d/kubelet.pacnew", "of pacman\n");
    assert_eq!(
        bed.try_install(&version(2), false).unwrap_err(),
        "`BED/etc/conf.d/kubelet.pacnew` is there already and is not kubelet-unit's"
    );
    assert_eq!(
        (bed.read(CONF), bed.read(RUN)),
        ("mine\n".into(), "run 1\n".into())
    );
    bed.new_config = "._cfg{number}_{file}";
    bed.write("/etc/conf.d/._cfg0000_kubelet", "of portage\n");
    bed.install(2);
    assert_eq!(bed.read("/etc/conf.d/._cfg0001_kubelet"), "conf 2\n");
}

#[test]
fn what_is_not_ours_is_refused_whole_and_forced_on_request() {
    let bed = Bed::new();
    bed.write(RUN, "theirs\n");
    bed.write(CONF, "theirs\n");
    assert_eq!(
        bed.try_install(&version(1), false).unwrap_err(),
        "`BED/etc/sv/kubelet/run` is there already and is not kubelet-unit's"
    );
    assert_eq!(bed.files(), [CONF, RUN]);
    assert!(!bed.at(FOLDER).exists());
    bed.try_install(&version(1), true).unwrap();
    assert_eq!(
        (bed.read(CONF), bed.read(RUN)),
        ("theirs\n".into(), "run 1\n".into())
    );
    assert_eq!(bed.read("/etc/conf.d/kubelet.pacnew"), "conf 1\n");
    bed.write(RUN, "changed\n");
    assert_eq!(
        bed.try_install(&version(2), false).unwrap_err(),
        "`BED/etc/sv/kubelet/run` was changed since it was installed"
    );
}

#[test]
fn what_is_no_file_is_refused_even_when_forced() {
    let bed = Bed::new();
    fs::create_dir_all(bed.at(RUN)).unwrap();
    for force in [false, true] {
        assert_eq!(
            bed.try_install(&version(1), force).unwrap_err(),
            "`BED/etc/sv/kubelet/run` is a folder and not a file"
        );
    }
    fs::remove_dir(bed.at(RUN)).unwrap();
    symlink("/etc/passwd", bed.at(RUN)).unwrap();
    assert_eq!(
        bed.try_install(&version(1), false).unwrap_err(),
        "`BED/etc/sv/kubelet/run` is a link and not a file"
    );
    bed.try_install(&version(1), true).unwrap();
    assert_eq!(bed.read(RUN), "run 1\n");
}

#[test]
fn records_that_are_none_are_named() {
    let bed = Bed::new();
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
        bed.write("/var/lib/kubelet-unit/kubelet.runit.json", text);
        let error = bed.try_install(&version(1), false).unwrap_err();
        let start = format!("`BED/var/lib/kubelet-unit/kubelet.runit.json` {message}");
        assert!(error.starts_with(&start), "{error}");
    }
}
