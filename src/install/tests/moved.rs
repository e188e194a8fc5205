//! Another folder for the service's files.

use super::*;

const LINK: &str = "/var/service/kubelet";

/// The service with its run script in a folder.
fn kept_in(folder: &str) -> Rendered {
    let mut rendered = Rendered::default();
    let mut add = |path: &str, file| rendered.add(path.parse().unwrap(), file).unwrap();
    add(&format!("{folder}/kubelet/run"), File::program("run 1\n"));
    add(CONF, File::config("conf 1\n"));
    rendered
}

impl Target {
    /// A service in `/etc/sv` with the link by which it is found.
    fn enabled() -> Self {
        let target = Self::new();
        let link = Link {
            path: LINK.parse().unwrap(),
            target: "/etc/sv/kubelet".into(),
        };
        target
            .install_with(&version(1), false, vec![link], "runit")
            .unwrap();
        target
    }

    fn link(&self) -> String {
        let target = fs::read_link(self.at(LINK)).unwrap();
        target.display().to_string()
    }
}

#[test]
fn files_are_not_removed_through_the_link_that_finds_them() {
    let target = Target::enabled();
    for force in [false, true] {
        let refused = target.try_install(&kept_in("/var/service"), force);
        assert_eq!(
            refused.unwrap_err(),
            "`BED/var/service/kubelet` is the link by which the init finds the service, \
             whose files are kept in `/etc/sv/kubelet`"
        );
        assert_eq!(target.read(RUN), "run 1\n");
        assert_eq!(target.files(), [CONF, RUN, LINK]);
        assert_eq!(target.install(1), "nothing");
    }
}

#[test]
fn another_name_of_the_folder_is_the_folder() {
    let target = Target::enabled();
    symlink("sv", target.at("/etc/runit")).unwrap();
    let steps = target.try_install(&kept_in("/etc/runit"), false).unwrap();
    assert_eq!(
        steps,
        format!("Same {CONF}, Same /etc/runit/kubelet/run, Link {LINK}")
    );
    assert_eq!(target.read(RUN), "run 1\n");
    assert_eq!(target.link(), "/etc/runit/kubelet");
    let name = "kubelet".parse().unwrap();
    uninstall(&target.root, &name, "runit", false, false).unwrap();
    assert_eq!(target.files(), ["/etc/runit"]);
}

#[test]
fn the_link_moves_with_the_files() {
    let target = Target::enabled();
    let there = target.try_install(&kept_in("/srv"), false).unwrap();
    assert_eq!(
        there,
        format!("Same {CONF}, Create /srv/kubelet/run, Link {LINK}, Remove {RUN}")
    );
    assert_eq!(target.link(), "/srv/kubelet");
    assert_eq!(target.files(), [CONF, "/srv/kubelet/run", LINK]);
    assert_eq!(
        target.try_install(&kept_in("/srv"), false).unwrap(),
        "nothing"
    );
    target.install(1);
    assert_eq!(target.link(), "/etc/sv/kubelet");
    target.uninstall(false);
    assert_eq!(target.files(), [""; 0]);
}

#[test]
fn a_link_that_would_lead_nowhere_is_refused() {
    let target = Target::enabled();
    let mut without = Rendered::default();
    without
        .add(CONF.parse().unwrap(), File::config("conf 1\n"))
        .unwrap();
    assert_eq!(
        target.try_install(&without, false).unwrap_err(),
        format!("`BED{LINK}` leads to `/etc/sv/kubelet`, which would be removed")
    );
    assert_eq!(target.files(), [CONF, RUN, LINK]);
}

#[test]
fn a_run_that_was_killed_before_the_link_moved_is_finished_by_the_next() {
    let target = Target::enabled();
    target.try_install(&kept_in("/srv"), false).unwrap();
    // As if the link and the old files were still to be done.
    fs::remove_file(target.at(LINK)).unwrap();
    symlink("/etc/sv/kubelet", target.at(LINK)).unwrap();
    target.write(RUN, "run 1\n");
    let record = "/var/lib/kubelet-unit/kubelet.runit.json";
    let mut under_way: serde_json::Value = serde_json::from_str(&target.read(record)).unwrap();
    under_way["complete"] = false.into();
    let mut old = under_way["files"][1].clone();
    old["path"] = RUN.into();
    under_way["files"].as_array_mut().unwrap().push(old);
    target.write(record, &under_way.to_string());
    target.try_install(&kept_in("/srv"), false).unwrap();
    assert_eq!(target.link(), "/srv/kubelet");
    assert_eq!(target.files(), [CONF, "/srv/kubelet/run", LINK]);
}
