//! One service under two inits, in one tree.

use super::*;

#[test]
fn a_file_of_two_inits_goes_with_the_second() {
    let target = Target::new();
    target.install(1);
    target.s6(1).unwrap();
    target.uninstall(false);
    assert_eq!(target.files(), [CONF, RUN]);
    target.uninstall_s6(false);
    assert_eq!(target.files(), [""; 0]);
}

impl Target {
    fn s6(&self, number: u32) -> Result<String, String> {
        self.install_with(&version(number), false, Vec::new(), "s6")
    }

    fn is_as_it_was(&self) -> bool {
        fs::read_dir(self.path()).unwrap().next().is_none()
    }
}

#[test]
fn a_file_that_another_init_needs_as_it_is_stays_so_even_when_forced() {
    let target = Target::new();
    target.install(1);
    let needed = |path: &str, init: &str| {
        format!(
            "`BED{path}` is what `kubelet` needs under `{init}`, and has to stay as it is there"
        )
    };
    let both = format!("{}; {}", needed(CONF, "runit"), needed(RUN, "runit"));
    assert_eq!(target.s6(2).unwrap_err(), both);
    let forced = target.install_with(&version(2), true, Vec::new(), "s6");
    assert_eq!(forced.unwrap_err(), both);
    assert_eq!(target.read(RUN), "run 1\n");
    target.s6(1).unwrap();
    let error = target.try_install(&version(2), false).unwrap_err();
    assert!(error.starts_with(&needed(CONF, "s6")), "{error}");
    target.uninstall_s6(true);
    assert_eq!(target.install(2), format!("Replace {CONF}, Replace {RUN}"));
}

#[test]
fn who_is_removed_last_leaves_the_tree_as_it_was() {
    for first in ["runit", "s6"] {
        let target = Target::new();
        target.install(1);
        target.s6(1).unwrap();
        if first == "runit" {
            target.uninstall(true);
            target.uninstall_s6(true);
        } else {
            target.uninstall_s6(true);
            target.uninstall(true);
        }
        assert!(target.is_as_it_was(), "{first} first");
    }
}

#[test]
fn edited_configuration_of_one_keeps_its_folders_for_the_other() {
    let target = Target::new();
    target.install(1);
    let mut other = Rendered::default();
    let path = "/etc/conf.d/other";
    other.add(path.parse().unwrap(), File::config("1")).unwrap();
    target
        .install_with(&other, false, Vec::new(), "s6")
        .unwrap();
    target.write(path, "mine");
    let name = "kubelet".parse().unwrap();
    uninstall(&target.root, &name, "s6", false, false).unwrap();
    target.uninstall(false);
    assert_eq!(target.files(), [path]);
    uninstall(&target.root, &name, "s6", true, false).unwrap();
    assert!(target.is_as_it_was());
}
