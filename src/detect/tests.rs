use std::fs;
use std::path::Path;

use super::*;
use crate::backends::{Launcher, OpenRc, Registry, launcher};
use crate::host::fixture::Fake;
use crate::order::Order;

fn verdict(fake: &Fake) -> Result<&'static str, Undecided> {
    Registry::builtin().signs(&fake.host()).verdict()
}

/// The table as a snapshot has it.
fn shown(table: &Table) -> String {
    let lines = table.signs.iter().map(|sign| {
        let Sign {
            weight,
            level,
            init,
            seen,
            place,
            reason,
        } = sign;
        format!("{weight} {level} {init} | {place} | {seen} | {reason}\n")
    });
    lines.collect()
}

#[test]
fn every_fake_root_has_its_verdict() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/hosts");
    let mut seen = 0;
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    for path in paths {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let (description, fake) = Fake::build(&fs::read_to_string(&path).unwrap());
        let table = Registry::builtin().signs(&fake.host());
        assert_eq!(
            table.verdict().ok(),
            description.init.as_deref(),
            "{name}\n{}",
            shown(&table)
        );
        let verdict = match table.verdict() {
            Ok(init) => init.to_owned(),
            Err(undecided) => undecided.to_string(),
        };
        insta::assert_snapshot!(name, format!("{verdict}\n{}", shown(&table)));
        seen += 1;
    }
    assert!(seen >= 16, "{seen}");
}

#[test]
fn strength_beats_number() {
    let fake = Fake::empty();
    for path in ["/usr/bin/s6-svscan", "/usr/bin/runsvdir"] {
        fake.program(path, "");
    }
    fake.file(
        "/etc/inittab",
        "::respawn:/usr/bin/runsvdir -P /etc/service\n",
    );
    assert_eq!(verdict(&fake), Ok("runit"));
}

#[test]
fn a_line_that_is_off_or_starts_what_is_not_there_says_nothing() {
    let fake = Fake::empty();
    fake.file(
        "/etc/inittab",
        "a::off:/usr/bin/runsvdir /s\n#b::respawn:/usr/bin/runsvdir /s\nc::respawn:/sbin/openrc default\n",
    )
    .program("/usr/bin/runsvdir", "")
    .program("/usr/bin/s6-svscan", "");
    let tie = Undecided::Tie {
        inits: vec!["runit", "s6"],
        level: Level::Installed,
    };
    assert_eq!(verdict(&fake), Err(tie));
}

#[test]
fn links_are_followed_inside_the_tree_alone() {
    let fake = Fake::empty();
    fake.link("/sbin/init", "../../../../../lib/systemd/systemd")
        .link("/lib", "/usr/lib")
        .program("/usr/lib/systemd/systemd", "")
        .link("/etc/inittab", "/etc/inittab")
        .link("/etc/os-release", "/../../../../etc/hostname");
    assert_eq!(verdict(&fake), Ok("systemd"));
}

#[test]
fn a_link_to_something_outside_is_a_link_to_nothing() {
    let outside = Fake::empty();
    outside.program("/systemd", "");
    let fake = Fake::empty();
    let target = outside.path().join("systemd");
    fake.link("/sbin/init", target.to_str().unwrap());
    assert_eq!(verdict(&fake), Err(Undecided::Nothing));
}

#[test]
fn an_init_that_is_not_rendered_is_named_as_such() {
    let fake = Fake::empty();
    fake.link("/sbin/init", "/usr/sbin/finit")
        .program("/usr/sbin/finit", "")
        .program("/usr/bin/runsvdir", "");
    let undecided = verdict(&fake).unwrap_err();
    assert_eq!(
        undecided.to_string(),
        "this is finit, which is what will boot and not rendered by kubelet-unit"
    );
}

#[test]
fn our_own_launcher_says_nothing_of_an_init() {
    for launcher in [Launcher::Sh, Launcher::Native] {
        let distro = &crate::distro::DEVUAN;
        let order = Order {
            distro: Some(distro),
            launcher,
            ..Order::kubelet()
        };
        let placed = order.place(&OpenRc).unwrap();
        let rendered = placed.rendered().unwrap();
        let path = launcher::path(&placed.request()).unwrap();
        let mut files = rendered.files();
        let (_, file) = files.find(|(it, _)| **it == path).unwrap();
        let text = String::from_utf8(file.content.clone()).unwrap();
        assert!(launcher::is_launcher(&text));
        let fake = Fake::empty();
        fake.program(path.as_str(), &text)
            .program("/sbin/openrc", "")
            .file(
                "/etc/inittab",
                &format!("ku:2345:respawn:{path} supervise\n"),
            );
        assert_eq!(verdict(&fake), Err(Undecided::Nothing));
    }
}

#[test]
fn messages_name_what_is_alike() {
    let tie = |inits: &[&'static str]| {
        Undecided::Tie {
            inits: inits.to_vec(),
            level: Level::Running,
        }
        .to_string()
    };
    assert_eq!(
        tie(&["runit", "s6"]),
        "`runit` and `s6` are equally likely, all running"
    );
    assert_eq!(
        tie(&["openrc", "runit", "s6"]),
        "`openrc`, `runit` and `s6` are equally likely, all running"
    );
    assert_eq!(
        Undecided::Nothing.to_string(),
        "nothing shows which init this is"
    );
}

#[test]
fn a_line_that_was_seen_has_its_number() {
    let sign = |seen: Seen| Sign {
        init: "runit",
        weight: 55,
        level: Level::Configured,
        seen,
        place: "/etc/inittab".into(),
        reason: "r".into(),
    };
    let of_line = sign(Seen::Line {
        line: 3,
        does: "starts `runsvdir`".into(),
    });
    // Whatever a text says, it is no line.
    let whole = sign("line by line".into());
    assert_eq!(of_line.told(), "`/etc/inittab` line 3 starts `runsvdir`");
    assert_eq!(whole.told(), "line by line");
    assert_eq!(
        serde_json::to_string(&[of_line, whole]).unwrap(),
        "[{\"init\":\"runit\",\"weight\":55,\"level\":\"configured\",\"seen\":\"line 3 starts `runsvdir`\",\"line\":3,\"place\":\"/etc/inittab\",\"reason\":\"r\"},\
         {\"init\":\"runit\",\"weight\":55,\"level\":\"configured\",\"seen\":\"line by line\",\"place\":\"/etc/inittab\",\"reason\":\"r\"}]"
    );
}
