use std::fs;
use std::ops::Deref;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use super::*;
use crate::backends::{Launcher, Registry};
use crate::distro::Overrides;
use crate::order::Choices;
use crate::rendering::{File, Rendered};
use crate::root::Root;
use crate::service::Name;
use crate::testing::{Tree, files};

mod kept;
mod line;
mod moved;
mod refused;
mod shared;

/// A tree and what is done to it.
struct Target {
    tree: Tree,
    root: Root,
    new_config: &'static str,
}

const RUN: &str = "/etc/sv/kubelet/run";
const CONF: &str = "/etc/conf.d/kubelet";

/// A version of a service: a program and a configuration file.
fn version(number: u32) -> Rendered {
    let mut rendered = Rendered::default();
    let mut add = |path: &str, file| rendered.add(path.parse().unwrap(), file).unwrap();
    add(RUN, File::program(format!("run {number}\n")));
    add(CONF, File::config(format!("conf {number}\n")));
    rendered
}

impl Deref for Target {
    type Target = Tree;

    fn deref(&self) -> &Tree {
        &self.tree
    }
}

impl Target {
    fn new() -> Self {
        let tree = Tree::new();
        let root = Root::open(tree.path()).unwrap();
        Self {
            tree,
            root,
            new_config: "{file}.pacnew",
        }
    }

    fn try_install(&self, rendered: &Rendered, force: bool) -> Result<String, String> {
        self.install_with(rendered, force, Vec::new(), "runit")
    }

    fn install_with(
        &self,
        rendered: &Rendered,
        force: bool,
        links: Vec<Link>,
        init: &str,
    ) -> Result<String, String> {
        let service: Name = "kubelet".parse().unwrap();
        let wanted = Wanted {
            service: &service,
            init,
            choices: Choices {
                distro: "void".into(),
                launcher: Launcher::Sh,
                spec: None,
                set: Vec::new(),
                overrides: Overrides::default(),
            },
            rendered,
            links,
            found: Vec::new(),
            taken: Taken::default(),
            new_config: self.new_config,
            // Knows no init: what counts is what the records say.
            registry: &Registry::default(),
        };
        let dry = Plan::new(&self.root, &wanted, force).map(|plan| show(&plan));
        let done = Plan::install(&self.root, &wanted, force).map(|plan| show(&plan));
        let dry = dry.map_err(|error| self.message(&error));
        let done = done.map_err(|error| self.message(&error));
        assert_eq!(dry, done, "a dry run says what is done");
        done
    }

    fn install(&self, number: u32) -> String {
        self.try_install(&version(number), false).unwrap()
    }

    fn uninstall(&self, purge: bool) -> Vec<Removal> {
        let name = "kubelet".parse().unwrap();
        let dry = uninstall(&self.root, &name, "runit", purge, true).unwrap();
        let done = uninstall(&self.root, &name, "runit", purge, false).unwrap();
        assert_eq!(dry, done, "a dry run says what is done");
        done.removals
    }

    /// Of what is shared with it: the same for s6.
    fn uninstall_s6(&self, purge: bool) {
        uninstall(&self.root, &"kubelet".parse().unwrap(), "s6", purge, false).unwrap();
    }

    fn message(&self, error: &InstallError) -> String {
        error
            .to_string()
            .replace(self.path().to_str().unwrap(), "BED")
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.at(path)).unwrap_or_else(|_| "(none)".into())
    }

    /// Every file of the tree but the record.
    fn files(&self) -> Vec<String> {
        let all = files(self.path());
        let mut names: Vec<_> = all
            .iter()
            .map(|path| path.strip_prefix(self.path()).unwrap())
            .map(|path| format!("/{}", path.display()))
            .filter(|path| !path.starts_with(FOLDER))
            .collect();
        names.sort();
        names
    }
}

fn show(plan: &Plan) -> String {
    if plan.changes_nothing() {
        return "nothing".into();
    }
    let steps = plan.steps().iter();
    let lines: Vec<_> = steps
        .map(|step| format!("{:?} {}", step.action, step.path))
        .collect();
    lines.join(", ")
}

#[test]
fn a_second_run_changes_nothing() {
    let target = Target::new();
    assert_eq!(target.install(1), format!("Create {CONF}, Create {RUN}"));
    assert_eq!(target.read(RUN), "run 1\n");
    assert_eq!(fs::metadata(target.at(RUN)).unwrap().mode() & 0o7777, 0o755);
    let before = fs::metadata(target.at(FOLDER).join("kubelet.runit.json")).unwrap();
    assert_eq!(target.install(1), "nothing");
    let after = fs::metadata(target.at(FOLDER).join("kubelet.runit.json")).unwrap();
    assert_eq!(before.ino(), after.ino());
}

#[test]
fn an_upgrade_replaces_what_nobody_changed() {
    let target = Target::new();
    target.install(1);
    assert_eq!(target.install(2), format!("Replace {CONF}, Replace {RUN}"));
    assert_eq!(
        (target.read(CONF), target.read(RUN)),
        ("conf 2\n".into(), "run 2\n".into())
    );
    fs::set_permissions(target.at(RUN), fs::Permissions::from_mode(0o600)).unwrap();
    fs::set_permissions(target.at(CONF), fs::Permissions::from_mode(0o600)).unwrap();
    // The administrator's file may be private; a program has to run.
    assert_eq!(target.install(2), format!("Same {CONF}, SetMode {RUN}"));
    assert_eq!(target.install(2), "nothing");
}

#[test]
fn edited_configuration_is_kept_and_the_new_one_laid_beside() {
    for (pattern, beside) in [
        ("{file}.pacnew", "/etc/conf.d/kubelet.pacnew"),
        ("._cfg{number}_{file}", "/etc/conf.d/._cfg0000_kubelet"),
        (
            "{file}.new-{version}",
            concat!("/etc/conf.d/kubelet.new-", env!("CARGO_PKG_VERSION")),
        ),
    ] {
        let mut target = Target::new();
        target.new_config = pattern;
        target.install(1);
        target.write(CONF, "mine\n");
        // Nothing new, so nothing is laid anywhere.
        assert_eq!(target.install(1), "nothing");
        let offered = format!("Keep {CONF}, Offer {beside}, Replace {RUN}");
        assert_eq!(target.install(2), offered);
        assert_eq!(
            (target.read(CONF), target.read(beside)),
            ("mine\n".into(), "conf 2\n".into())
        );
        assert_eq!(target.install(2), "nothing");
        // The next version takes the place of an offer that nobody has looked at.
        assert_eq!(target.install(3), offered);
        assert_eq!(target.read(beside), "conf 3\n");
        // Merged and cleared away: nothing is offered again.
        fs::remove_file(target.at(beside)).unwrap();
        target.install(3);
        assert_eq!(target.read(beside), "(none)");
        assert_eq!(target.install(3), "nothing");
    }
}

#[test]
fn uninstalling_removes_what_the_record_names_and_keeps_the_rest() {
    let target = Target::new();
    target.write("/etc/sv/other/run", "other\n");
    target.install(1);
    target.write(CONF, "mine\n");
    target.write("/etc/sv/kubelet/supervise/pid", "1\n");
    let path = |path: &str| path.parse().unwrap();
    assert_eq!(
        target.uninstall(false),
        [
            Removal::KeepEdited(path(CONF)),
            Removal::Remove(path(RUN)),
            Removal::KeepFolder(path("/etc/sv/kubelet")),
            Removal::KeepFolder(path("/etc/conf.d")),
        ]
    );
    assert_eq!(
        target.files(),
        [CONF, "/etc/sv/kubelet/supervise/pid", "/etc/sv/other/run"]
    );
    let record = "/var/lib/kubelet-unit/kubelet.runit.json";
    assert!(target.read(record).contains("\"removed\": true"));
}

#[test]
fn uninstalling_leaves_the_tree_as_it_was() {
    let target = Target::new();
    fs::create_dir_all(target.at("/etc/sv")).unwrap();
    target.install(1);
    target.install(2);
    target.write(CONF, "mine\n");
    target.install(3);
    target.uninstall(true);
    assert_eq!(target.files(), [""; 0]);
    let left: Vec<_> = fs::read_dir(target.path()).unwrap().collect();
    assert_eq!(left.len(), 1);
    let message = uninstall(
        &target.root,
        &"kubelet".parse().unwrap(),
        "runit",
        false,
        false,
    );
    assert_eq!(
        target.message(&message.unwrap_err()),
        "`kubelet` is not installed for `runit` in `BED`"
    );
}

#[test]
fn what_was_there_before_stays_when_it_is_removed() {
    let target = Target::new();
    target.write(CONF, "conf 1\n");
    assert_eq!(target.install(1), format!("Same {CONF}, Create {RUN}"));
    target.uninstall(true);
    assert_eq!(target.files(), [CONF]);
}

#[test]
fn what_a_new_version_no_longer_has_is_removed_unless_it_was_changed() {
    let target = Target::new();
    let mut with_log = version(1);
    for path in ["/etc/sv/kubelet/log/run", "/etc/sv/kubelet/check"] {
        with_log
            .add(path.parse().unwrap(), File::program("log"))
            .unwrap();
    }
    target.try_install(&with_log, false).unwrap();
    target.write("/etc/sv/kubelet/check", "mine");
    let steps = target.install(1);
    assert!(steps.contains("Remove /etc/sv/kubelet/log/run"), "{steps}");
    assert!(steps.contains("Leave /etc/sv/kubelet/check"), "{steps}");
    assert_eq!(target.files(), [CONF, "/etc/sv/kubelet/check", RUN]);
}

#[test]
fn links_are_made_kept_and_removed() {
    let target = Target::new();
    let link = Link {
        path: "/etc/runit/runsvdir/default/kubelet".parse().unwrap(),
        target: "/etc/sv/kubelet".into(),
    };
    let install = |links| {
        target
            .install_with(&version(1), false, links, "runit")
            .unwrap()
    };
    assert!(install(vec![link.clone()]).contains("Link /etc/runit/runsvdir/default/kubelet"));
    assert_eq!(install(vec![link.clone()]), "nothing");
    assert_eq!(install(Vec::new()), "nothing");
    target.uninstall(false);
    assert_eq!(target.files(), [""; 0]);
    target.write(link.path.as_str(), "a file");
    let error = target
        .install_with(&version(1), false, vec![link], "runit")
        .unwrap_err();
    assert!(
        error.contains("runsvdir/default/kubelet` is there already"),
        "{error}"
    );
}

#[test]
fn a_run_that_was_killed_is_finished_by_the_next() {
    let target = Target::new();
    target.install(1);
    let done = target.read("/var/lib/kubelet-unit/kubelet.runit.json");
    target.write(CONF, "mine\n");
    // Killed before, between and after the files: with the old or the new of each.
    for (run, offer) in [
        ("run 1\n", None),
        ("run 2\n", None),
        ("run 2\n", Some("conf 2\n")),
    ] {
        target.write("/var/lib/kubelet-unit/kubelet.runit.json", &done);
        target.write(RUN, "run 1\n");
        fs::set_permissions(target.at(RUN), fs::Permissions::from_mode(0o755)).unwrap();
        target.install(2);
        let mut record: serde_json::Value =
            serde_json::from_str(&target.read("/var/lib/kubelet-unit/kubelet.runit.json")).unwrap();
        record["complete"] = false.into();
        for file in record["files"].as_array_mut().unwrap() {
            file["before"] = match file["path"] == RUN {
                true => checksum(b"run 1\n"),
                false => checksum(b"conf 1\n"),
            }
            .into();
        }
        target.write(
            "/var/lib/kubelet-unit/kubelet.runit.json",
            &record.to_string(),
        );
        target.write(RUN, run);
        target.write("/etc/sv/kubelet/.run.7.kubelet-unit~", "ru");
        match offer {
            Some(content) => target.write("/etc/conf.d/kubelet.pacnew", content),
            None => fs::remove_file(target.at("/etc/conf.d/kubelet.pacnew")).unwrap(),
        }
        target.install(2);
        assert_eq!(target.read(RUN), "run 2\n");
        assert_eq!(target.read(CONF), "mine\n");
        assert_eq!(target.read("/etc/conf.d/kubelet.pacnew"), "conf 2\n");
        assert_eq!(target.files(), [CONF, "/etc/conf.d/kubelet.pacnew", RUN]);
        assert_eq!(target.install(2), "nothing");
    }
}
