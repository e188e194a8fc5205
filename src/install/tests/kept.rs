//! What outlives a service.

use super::*;

const RECORD: &str = "/var/lib/kubelet-unit/kubelet.runit.json";
const OFFER: &str = "/etc/conf.d/kubelet.pacnew";

impl Bed {
    /// One out of which a service has gone whose configuration was edited.
    fn kept() -> Self {
        let bed = Self::new();
        bed.install(1);
        bed.write(CONF, "mine\n");
        bed.uninstall(false);
        assert_eq!(bed.files(), [CONF]);
        bed
    }

    fn changes(&self, purge: bool) -> bool {
        let name = "kubelet".parse().unwrap();
        let done = uninstall(&self.root, &name, "runit", purge, false).unwrap();
        done.changes
    }

    fn is_empty(&self) -> bool {
        fs::read_dir(self.scratch.path()).unwrap().next().is_none()
    }
}

#[test]
fn what_was_edited_stays_until_it_is_purged() {
    let bed = Bed::kept();
    let inode = || fs::metadata(bed.at(RECORD)).unwrap().ino();
    let before = inode();
    assert!(!bed.changes(false));
    assert_eq!((inode(), bed.files()), (before, vec![CONF.into()]));
    assert!(bed.changes(true));
    assert!(bed.is_empty());
}

#[test]
fn what_was_removed_by_hand_is_forgotten() {
    let bed = Bed::kept();
    fs::remove_file(bed.at(CONF)).unwrap();
    assert!(bed.changes(false));
    assert!(bed.is_empty());
}

#[test]
fn what_was_edited_and_is_as_before_goes() {
    let bed = Bed::kept();
    bed.write(CONF, "conf 1\n");
    assert!(bed.changes(false));
    assert!(bed.is_empty());
}

#[test]
fn nobody_takes_what_is_left_for_a_service() {
    let bed = Bed::kept();
    let name = "kubelet".parse().unwrap();
    assert_eq!(Record::read(&bed.root, &name, "runit").unwrap(), None);
    assert_eq!(Record::read_all(&bed.root).unwrap(), []);
    let left = Record::read_removed(&bed.root).unwrap();
    let paths: Vec<_> = left[0]
        .files
        .iter()
        .map(|file| file.path.as_str())
        .collect();
    assert_eq!((left.len(), paths), (1, vec![CONF]));
    // A version that knows nothing of it refuses it by its format.
    assert!(bed.read(RECORD).starts_with("{\n  \"format\": 2,\n"));
    bed.install(1);
    assert!(bed.read(RECORD).starts_with("{\n  \"format\": 1,\n"));
}

#[test]
fn an_installation_takes_over_what_is_left() {
    for number in [1, 2] {
        let bed = Bed::kept();
        let offered = format!("Keep {CONF}, Offer {OFFER}, Create {RUN}");
        assert_eq!(bed.install(number), offered);
        assert_eq!(bed.read(CONF), "mine\n");
        assert_eq!(bed.read(OFFER), format!("conf {number}\n"));
        assert_eq!(bed.install(number), "nothing");
        bed.uninstall(true);
        assert!(bed.is_empty());
    }
    let bed = Bed::kept();
    bed.write(CONF, "conf 1\n");
    assert_eq!(bed.install(2), format!("Replace {CONF}, Create {RUN}"));
}

#[test]
fn an_edited_offer_is_left_without_its_file() {
    let bed = Bed::kept();
    bed.install(2);
    bed.write(OFFER, "half merged\n");
    fs::remove_file(bed.at(CONF)).unwrap();
    bed.uninstall(false);
    assert_eq!(bed.files(), [OFFER]);
    // Whoever has the place now keeps it.
    bed.write(CONF, "of a package\n");
    assert!(!bed.changes(false));
    assert!(bed.changes(true));
    assert_eq!(bed.files(), [CONF]);
}

#[test]
fn what_is_left_of_one_init_yields_to_another() {
    let bed = Bed::kept();
    let s6 = || bed.install_with(&version(1), false, Vec::new(), "s6");
    assert_eq!(
        s6().unwrap(),
        format!("Keep {CONF}, Offer {OFFER}, Create {RUN}")
    );
    let path = |path: &str| path.parse().unwrap();
    assert_eq!(
        bed.uninstall(true),
        [
            Removal::KeepShared(path(CONF)),
            Removal::KeepFolder(path("/etc/conf.d")),
            Removal::KeepFolder(path("/etc")),
        ]
    );
    assert_eq!(bed.files(), [CONF, OFFER, RUN]);
    assert_eq!(s6().unwrap(), "nothing");
}

#[test]
fn what_was_edited_and_is_no_longer_rendered_goes_with_its_service() {
    let bed = Bed::new();
    bed.install(1);
    bed.write(CONF, "mine\n");
    bed.install(2);
    let mut without = Rendered::default();
    let program = File::program("run 3\n");
    without.add(RUN.parse().unwrap(), program).unwrap();
    let install = || bed.try_install(&without, false).unwrap();
    assert_eq!(install(), format!("Replace {RUN}, Leave {CONF}"));
    assert_eq!(install(), "nothing");
    bed.uninstall(false);
    assert_eq!(bed.files(), [CONF]);
    assert_eq!(install(), format!("Create {RUN}, Leave {CONF}"));
    bed.uninstall(true);
    assert!(bed.is_empty());
}

#[test]
fn what_was_edited_and_is_rendered_again_is_known() {
    let bed = Bed::new();
    bed.install(1);
    bed.write(CONF, "mine\n");
    let mut without = Rendered::default();
    let program = File::program("run 1\n");
    without.add(RUN.parse().unwrap(), program).unwrap();
    bed.try_install(&without, false).unwrap();
    // What it was edited from is what is rendered now: there is nothing to offer.
    bed.install(1);
    assert_eq!(bed.files(), [CONF, RUN]);
    // As it was written, it is nobody's choice any more.
    bed.write(CONF, "conf 1\n");
    bed.try_install(&without, false).unwrap();
    assert_eq!(bed.files(), [RUN]);
}
