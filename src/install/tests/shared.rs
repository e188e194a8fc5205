//! One service under two inits, in one tree.

use super::*;

#[test]
fn a_file_of_two_inits_goes_with_the_second() {
    let bed = Bed::new();
    bed.install(1);
    bed.install_with(&version(1), false, Vec::new(), "s6")
        .unwrap();
    bed.uninstall(false);
    assert_eq!(bed.files(), [CONF, RUN]);
    uninstall(&bed.root, &"kubelet".parse().unwrap(), "s6", false, false).unwrap();
    assert_eq!(bed.files(), [""; 0]);
}

impl Bed {
    fn s6(&self, number: u32) -> Result<String, String> {
        self.install_with(&version(number), false, Vec::new(), "s6")
    }

    fn without_s6(&self) {
        uninstall(&self.root, &"kubelet".parse().unwrap(), "s6", true, false).unwrap();
    }

    fn is_as_it_was(&self) -> bool {
        fs::read_dir(self.scratch.path()).unwrap().next().is_none()
    }
}

#[test]
fn a_file_that_another_init_needs_as_it_is_stays_so_even_when_forced() {
    let bed = Bed::new();
    bed.install(1);
    let needed = |path: &str, init: &str| {
        format!(
            "`BED{path}` is what `kubelet` needs under `{init}`, and has to stay as it is there"
        )
    };
    let both = format!("{}; {}", needed(CONF, "runit"), needed(RUN, "runit"));
    assert_eq!(bed.s6(2).unwrap_err(), both);
    let forced = bed.install_with(&version(2), true, Vec::new(), "s6");
    assert_eq!(forced.unwrap_err(), both);
    assert_eq!(bed.read(RUN), "run 1\n");
    bed.s6(1).unwrap();
    let error = bed.try_install(&version(2), false).unwrap_err();
    assert!(error.starts_with(&needed(CONF, "s6")), "{error}");
    bed.without_s6();
    assert_eq!(bed.install(2), format!("Replace {CONF}, Replace {RUN}"));
}

#[test]
fn who_is_removed_last_leaves_the_tree_as_it_was() {
    for first in ["runit", "s6"] {
        let bed = Bed::new();
        bed.install(1);
        bed.s6(1).unwrap();
        if first == "runit" {
            bed.uninstall(true);
            bed.without_s6();
        } else {
            bed.without_s6();
            bed.uninstall(true);
        }
        assert!(bed.is_as_it_was(), "{first} first");
    }
}

#[test]
fn edited_configuration_of_one_keeps_its_folders_for_the_other() {
    let bed = Bed::new();
    bed.install(1);
    let mut other = Rendered::default();
    let path = "/etc/conf.d/other";
    other.add(path.parse().unwrap(), File::config("1")).unwrap();
    bed.install_with(&other, false, Vec::new(), "s6").unwrap();
    bed.write(path, "mine");
    let name = "kubelet".parse().unwrap();
    uninstall(&bed.root, &name, "s6", false, false).unwrap();
    bed.uninstall(false);
    assert_eq!(bed.files(), [path]);
    uninstall(&bed.root, &name, "s6", true, false).unwrap();
    assert!(bed.is_as_it_was());
}
