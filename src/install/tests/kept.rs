//! What outlives a service.

use super::*;

const RECORD: &str = "/var/lib/kubelet-unit/kubelet.runit.json";
const OFFER: &str = "/etc/conf.d/kubelet.pacnew";

impl Target {
    /// One out of which a service has gone whose configuration was edited.
    fn kept() -> Self {
        let target = Self::new();
        target.install(1);
        target.write(CONF, "mine\n");
        target.uninstall(false);
        assert_eq!(target.files(), [CONF]);
        target
    }

    fn changes(&self, purge: bool) -> bool {
        let name = "kubelet".parse().unwrap();
        let done = uninstall(&self.root, &name, "runit", purge, false).unwrap();
        done.changes
    }

    fn is_empty(&self) -> bool {
        fs::read_dir(self.path()).unwrap().next().is_none()
    }
}

#[test]
fn what_was_edited_stays_until_it_is_purged() {
    let target = Target::kept();
    let inode = || fs::metadata(target.at(RECORD)).unwrap().ino();
    let before = inode();
    assert!(!target.changes(false));
    assert_eq!((inode(), target.files()), (before, vec![CONF.into()]));
    assert!(target.changes(true));
    assert!(target.is_empty());
}

#[test]
fn what_was_removed_by_hand_is_forgotten() {
    let target = Target::kept();
    fs::remove_file(target.at(CONF)).unwrap();
    assert!(target.changes(false));
    assert!(target.is_empty());
}

#[test]
fn what_was_edited_and_is_as_before_goes() {
    let target = Target::kept();
    target.write(CONF, "conf 1\n");
    assert!(target.changes(false));
    assert!(target.is_empty());
}

#[test]
fn nobody_takes_what_is_left_for_a_service() {
    let target = Target::kept();
    let name = "kubelet".parse().unwrap();
    assert_eq!(Record::read(&target.root, &name, "runit").unwrap(), None);
    assert_eq!(Record::read_all(&target.root).unwrap(), []);
    let left = Record::read_removed(&target.root).unwrap();
    let paths: Vec<_> = left[0]
        .files
        .iter()
        .map(|file| file.path.as_str())
        .collect();
    assert_eq!((left.len(), paths), (1, vec![CONF]));
    // A version that knows nothing of it refuses it by its format.
    assert!(target.read(RECORD).starts_with("{\n  \"format\": 2,\n"));
    target.install(1);
    assert!(target.read(RECORD).starts_with("{\n  \"format\": 1,\n"));
}

#[test]
fn an_installation_takes_over_what_is_left() {
    for number in [1, 2] {
        let target = Target::kept();
        let offered = format!("Keep {CONF}, Offer {OFFER}, Create {RUN}");
        assert_eq!(target.install(number), offered);
        assert_eq!(target.read(CONF), "mine\n");
        assert_eq!(target.read(OFFER), format!("conf {number}\n"));
        assert_eq!(target.install(number), "nothing");
        target.uninstall(true);
        assert!(target.is_empty());
    }
    let target = Target::kept();
    target.write(CONF, "conf 1\n");
    assert_eq!(target.install(2), format!("Replace {CONF}, Create {RUN}"));
}

#[test]
fn an_edited_offer_is_left_without_its_file() {
    let target = Target::kept();
    target.install(2);
    target.write(OFFER, "half merged\n");
    fs::remove_file(target.at(CONF)).unwrap();
    target.uninstall(false);
    assert_eq!(target.files(), [OFFER]);
    // Whoever has the place now keeps it.
    target.write(CONF, "of a package\n");
    assert!(!target.changes(false));
    assert!(target.changes(true));
    assert_eq!(target.files(), [CONF]);
}

#[test]
fn what_is_left_of_one_init_yields_to_another() {
    let target = Target::kept();
    let s6 = || target.install_with(&version(1), false, Vec::new(), "s6");
    assert_eq!(
        s6().unwrap(),
        format!("Keep {CONF}, Offer {OFFER}, Create {RUN}")
    );
    let path = |path: &str| path.parse().unwrap();
    assert_eq!(
        target.uninstall(true),
        [
            Removal::KeepShared(path(CONF)),
            Removal::KeepFolder(path("/etc/conf.d")),
            Removal::KeepFolder(path("/etc")),
        ]
    );
    assert_eq!(target.files(), [CONF, OFFER, RUN]);
    assert_eq!(s6().unwrap(), "nothing");
}

#[test]
fn what_was_edited_and_is_no_longer_rendered_goes_with_its_service() {
    let target = Target::new();
    target.install(1);
    target.write(CONF, "mine\n");
    target.install(2);
    let mut without = Rendered::default();
    let program = File::program("run 3\n");
    without.add(RUN.parse().unwrap(), program).unwrap();
    let install = || target.try_install(&without, false).unwrap();
    assert_eq!(install(), format!("Replace {RUN}, Leave {CONF}"));
    assert_eq!(install(), "nothing");
    target.uninstall(false);
    assert_eq!(target.files(), [CONF]);
    assert_eq!(install(), format!("Create {RUN}, Leave {CONF}"));
    target.uninstall(true);
    assert!(target.is_empty());
}

#[test]
fn what_was_edited_and_is_rendered_again_is_known() {
    let target = Target::new();
    target.install(1);
    target.write(CONF, "mine\n");
    let mut without = Rendered::default();
    let program = File::program("run 1\n");
    without.add(RUN.parse().unwrap(), program).unwrap();
    target.try_install(&without, false).unwrap();
    // What it was edited from is what is rendered now: there is nothing to offer.
    target.install(1);
    assert_eq!(target.files(), [CONF, RUN]);
    // As it was written, it is nobody's choice any more.
    target.write(CONF, "conf 1\n");
    target.try_install(&without, false).unwrap();
    assert_eq!(target.files(), [RUN]);
}
