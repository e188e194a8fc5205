//! Units as a whole; each rule is one that live systemd was seen to follow.

use std::fmt::Write;

use indoc::indoc;

use super::*;
use crate::root::Root;
use crate::testing::{Tree, as_glibc};

/// A tree of files, of which a `->` before the content makes a link.
fn tree(files: &[(&str, &str)]) -> (Tree, Root) {
    let tree = Tree::of(files);
    std::fs::create_dir_all(tree.at("usr")).unwrap();
    let root = Root::open(tree.path()).unwrap();
    (tree, root)
}

fn found(files: &[(&str, &str)], name: &str) -> Result<Found, String> {
    let (scratch, root) = tree(files);
    let given = Given {
        unit: name,
        drop_ins: &[],
    };
    let below = scratch.path().display().to_string();
    let found = Finder::new(&root, true).find(given);
    found.map_err(|error| error.to_string().replace(&below, "ROOT"))
}

fn unit(text: &str) -> Unit {
    let fragment = Source {
        path: "a".into(),
        inside: "/etc/systemd/system/a".into(),
        bytes: text.as_bytes().to_vec(),
    };
    let name = "a-b@c-d.service".parse().unwrap();
    let found = Found::new(name, fragment, Vec::new());
    Unit::of(&found, &|_| None)
}

/// All that is known of a unit, for people.
fn told(unit: &Unit) -> String {
    let mut text = String::new();
    for line in &unit.lines {
        let _ = writeln!(text, "{:>3} {} {:?}", line.place.line, line.key, line.fate);
    }
    for setting in &unit.settings {
        let _ = writeln!(text, "{} = {:?}", setting.key, setting.value);
    }
    for (place, why) in &unit.ignored {
        let _ = writeln!(text, "ignored {}: {why}", place.line);
    }
    for (place, why) in &unit.faults {
        let _ = writeln!(text, "fault {}: {why}", place.line);
    }
    text
}

#[test]
fn lines_are_joined_and_sections_told_apart() {
    let text = indoc! {"
        ; a comment
        Before=section
        [Unit]
        Description=one \\
        # within a continuation
          two
        ConditionPathExist=/x
        ExecStart=/bin/no
        [X-Ours]
        Anything=goes
        [Sevrice]
        ExecStart=/bin/no
        [Service]
        =nothing
        nothing
        X-Own=key
        Restart = always \t
        RestartSec=5\\
        s
        ExecStart=/bin/a \\

        Type=simple
    "};
    insta::assert_snapshot!(told(&unit(text)));
}

#[test]
fn commands_are_read_word_by_word() {
    let text = indoc! {r#"
        [Service]
        Type=oneshot
        ExecStart=/bin/a "b c" 'd'e\x20f \; \q ; -@/bin//./g g %i %I %p %j %% %. %
        ExecStart=-/bin/z %z
        ExecStart=:+-/bin/h "$A" ${B}
        ExecStart=-relative/path
        ExecStart=-/bin/i "open
        ExecStart=-/dir/
        ExecStart=/bin/j %H
    "#};
    insta::assert_snapshot!(told(&unit(text)));
}

#[test]
fn values_are_those_of_their_kinds() {
    let text = indoc! {r#"
        [Unit]
        After=a.service b@.service "c.service" bad %i.service
        StartLimitInterval=1min 30s
        [Service]
        ExecStart=/bin/a
        Environment=A=1 "B=two words" C='x'\ty D
        Environment="A=%n" E="open
        EnvironmentFile=-/etc//a/./b
        EnvironmentFile=relative
        Restart=sometimes
        Restart=on-failure
        RestartSec=1.5
        TimeoutSec=0
        TimeoutStopSec=1h 2 min
        KillMode=mixed
        KillSignal=SIGRTMIN+3
        KillSignal=nonsense
        LimitNOFILE=1K
        LimitNOFILE=1024:4096
        LimitCORE=1M:infinity
        LimitNICE=-5
        LimitCPU=1min
        LimitNPROC=5:4
        OOMScoreAdjust=-2000
        OOMScoreAdjust=-999
        Capabilities=
        PrivateTmp=yes
        NoNewPrivileges=maybe
        StartLimitBurst=3
        User=a:b
        Nice=1
    "#};
    insta::assert_snapshot!(told(&unit(text)));
}

#[test]
fn an_empty_value_begins_anew() {
    let text = indoc! {"
        [Unit]
        Description=a
        Description=
        ConditionHost=a
        AssertPathExists=/b
        ConditionPathExists=
        After=a.service
        After=
        [Service]
        Environment=A=1
        Environment=
        Environment=B=2
        EnvironmentFile=/a
        EnvironmentFile=
        ExecStart=/bin/a
        ExecStart=
        ExecStart=/bin/b
    "};
    insta::assert_snapshot!(told(&unit(text)));
}

#[test]
fn broken_units_are_told_of() {
    let texts = [
        "[Service\nExecStart=/bin/a\n",
        "[Service]\nExecStart=/bin/a\nDescription=\u{fdd0}\n",
        "[Service]\nExecStart=/bin/a\0b\n",
        "[Service]\nExecStart=/bin/a \\",
        "[Service]\nRestart=always\n",
        "[Service]\nExecStart=/bin/a\nExecStart=/bin/b\n",
        "[Service]\nType=oneshot\nExecStart=/bin/a\nRestart=always\n",
        "[Service]\nType=dbus\nExecStart=/bin/a\n",
        "[Service]\nExecStart=\"/bin/a\n",
        "[Service]\nExecStart=/bin/a \"b\n",
        "[Service]\nExecStart=@\n",
        "\r\u{feff}[Service]\r\nExecStart=/bin/a\r\n",
    ];
    let told: Vec<_> = texts
        .iter()
        .map(|text| format!("{text:?}\n{}", told(&unit(text))))
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn drop_ins_count_by_name_and_the_earlier_folder_wins() {
    let files = [
        (
            "usr/lib/systemd/system/a-b@.service",
            "[Service]\nExecStart=/bin/a\n",
        ),
        ("usr/lib/systemd/system/a-b@.service.d/20.conf", "vendor"),
        ("usr/lib/systemd/system/a-b@.service.d/30.conf", "vendor"),
        ("etc/systemd/system/a-b@c.service.d/20.conf", "instance"),
        ("etc/systemd/system/a-@.service.d/25.conf", "prefix"),
        (
            "etc/systemd/system/a-.service.d/26.conf",
            "the template's prefix",
        ),
        ("etc/systemd/system/service.d/10.conf", "all"),
        ("etc/systemd/system/service.d/30.conf", "all, too late"),
        ("run/systemd/system/alias@c.service.d/15.conf", "alias"),
        (
            "etc/systemd/system/alias@.service",
            "->/usr/lib/systemd/system/a-b@.service",
        ),
        ("etc/systemd/system/service.d/.hidden.conf", "hidden"),
        ("etc/systemd/system/service.d/masked.conf", "->/dev/null"),
        ("usr/lib/systemd/system/service.d/masked.conf", "masked"),
        ("etc/systemd/system/service.d/folder.conf/x", ""),
        ("dev/null", ""),
        (
            "etc/systemd/system/a-b@c.service.wants/x.service",
            "->/nowhere",
        ),
    ];
    let found = found(&files, "alias@c").unwrap();
    let drop_ins = found.drop_ins.iter();
    let told: Vec<_> = drop_ins
        .map(|it| format!("{} {}", it.inside, String::from_utf8_lossy(&it.bytes)))
        .collect();
    insta::assert_snapshot!(format!(
        "{} {}\n{}\n{:?}",
        found.name,
        found.fragment.inside,
        told.join("\n"),
        found
            .links
            .iter()
            .map(|link| (link.key, link.unit.as_str()))
            .collect::<Vec<_>>()
    ));
}

#[test]
fn what_is_not_found_is_told_with_what_systemd_does() {
    let cases: [(&[(&str, &str)], &str); 7] = [
        (&[], "a"),
        (&[], "a@"),
        (&[], "a.socket"),
        (&[], "a b"),
        (&[("etc/systemd/system/a.service", "")], "a"),
        (&[("etc/systemd/system/a.service", "->/out/a.service")], "a"),
        (
            &[
                ("etc/systemd/system/a.service", "->b.service"),
                ("etc/systemd/system/b.service", "->a.service"),
            ],
            "a",
        ),
    ];
    let told: Vec<_> = cases
        .iter()
        .map(|(files, name)| format!("{name}: {}", found(files, name).unwrap_err()))
        .collect();
    insta::assert_snapshot!(as_glibc(&told.join("\n")));
}

/// As systemd 252, 257 and 262 were seen to do: whatever has the name of a drop-in hides those
/// of that name in later folders.
#[test]
fn what_systemd_goes_on_without_hides_what_has_its_name() {
    let files = [
        (
            "usr/lib/systemd/system/a.service",
            "[Service]\nExecStart=/a\n",
        ),
        ("usr/lib/systemd/system/a.service.d/10.conf", "hidden"),
        ("usr/lib/systemd/system/a.service.d/20.conf", "hidden"),
        ("usr/lib/systemd/system/a.service.d/30.conf", "hidden"),
        ("usr/lib/systemd/system/a.service.d/40.conf", "counts"),
        ("etc/systemd/system/a.service.d/10.conf", "->/nowhere"),
        ("etc/systemd/system/a.service.d/20.conf/x", ""),
        ("etc/systemd/system/a.service.d/30.conf", "->30.conf"),
        ("etc/systemd/system/service.d", "a file"),
        ("etc/systemd/system/a.service.wants", "->/out/wants"),
    ];
    let found = found(&files, "a").unwrap();
    let names = |text: &str| {
        text.rsplit('/')
            .next()
            .map(str::to_owned)
            .unwrap_or_default()
    };
    let read: Vec<_> = found.drop_ins.iter().map(|it| names(&it.inside)).collect();
    assert_eq!(read, ["40.conf"]);
    let unread: Vec<_> = found
        .unread
        .iter()
        .map(|it| {
            format!(
                "{}: {}; {}",
                names(&it.inside),
                it.fault,
                it.fault.systemd(true)
            )
        })
        .collect();
    let hides = "systemd goes on without it, and without what has its name in a later folder";
    assert_eq!(
        unread,
        [
            "service.d: it is not a folder; systemd goes on without what should be in it"
                .to_owned(),
            format!("10.conf: it is a link to `/nowhere`, which is not there; {hides}"),
            format!("20.conf: it is a folder and not a file; {hides}"),
            format!("30.conf: its link leads in a circle; {hides}"),
            "a.service.wants: it is a link to `/out/wants`, which is not there; systemd goes on \
             without what should be in it"
                .to_owned(),
        ]
    );
    assert!(Unit::of(&found, &|_| None).is_loaded());
}

/// `Unit=` and `Service=` name another service than that of a unit's own name.
#[test]
fn units_that_start_a_service_are_found() {
    let files = [
        (
            "usr/lib/systemd/system/a.service",
            "[Service]\nExecStart=/a\n",
        ),
        (
            "usr/lib/systemd/system/a.timer",
            "[Timer]\nOnBootSec=1min\n",
        ),
        ("usr/lib/systemd/system/a.socket", "[Socket]\nAccept=yes\n"),
        ("usr/lib/systemd/system/a.path", ""),
        ("usr/lib/systemd/system/b.path", "[Path]\nUnit=a.service\n"),
        (
            "usr/lib/systemd/system/c.timer",
            "[Timer]\nUnit=a.service\n",
        ),
        ("etc/systemd/system/c.timer", "[Timer]\nUnit=c.service\n"),
        (
            "usr/lib/systemd/system/f.timer",
            "[Timer]\nUnit=\\\n# a comment\n  a.service\n",
        ),
        (
            "usr/lib/systemd/system/g.timer",
            "[Timer]\nOnCalendar=a \\\nUnit=a.service\n",
        ),
        (
            "usr/lib/systemd/system/d.socket",
            "[Socket]\nService=a.service\n",
        ),
        (
            "usr/lib/systemd/system/e.socket",
            "[Socket]\n[X]\nService=a.service\n",
        ),
        (
            "usr/lib/systemd/system/i@.service",
            "[Service]\nExecStart=/a %i\n",
        ),
        (
            "usr/lib/systemd/system/i@.timer",
            "[Timer]\nOnBootSec=1min\n",
        ),
        ("usr/lib/systemd/system/i.socket", "[Socket]\nAccept=true\n"),
        (
            "usr/lib/systemd/system/k@.timer",
            "[Timer]\nUnit=i@%i.service\n",
        ),
        (
            "usr/lib/systemd/system/l@.timer",
            "[Timer]\nUnit=i@y.service\n",
        ),
    ];
    let (_scratch, root) = tree(&files);
    let of = |unit| {
        let finder = Finder::new(&root, true).with_triggers();
        let given = Given {
            unit,
            drop_ins: &[],
        };
        let found = finder.find(given).unwrap().triggers.into_iter();
        let name = |path: String| path.rsplit('/').next().map(str::to_owned);
        found.filter_map(|it| name(it.inside)).collect::<Vec<_>>()
    };
    assert_eq!(of("a"), ["a.timer", "b.path", "d.socket", "f.timer"]);
    assert_eq!(of("i@x"), ["i.socket", "i@.timer", "k@.timer"]);
}

#[test]
fn every_directive_is_there_once() {
    let mut names: Vec<_> = Directive::all().map(|it| it.name).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}

#[test]
fn spans_are_read_as_systemd_reads_them() {
    for (text, wanted) in [
        ("5", Some(Time::seconds(5))),
        ("1.5s", Some(Time::Micros(1_500_000))),
        ("1h 2min3", Some(Time::seconds(3723))),
        (".5 min", Some(Time::seconds(30))),
        ("2M", Some(Time::seconds(5_259_600))),
        (" infinity ", Some(Time::Infinity)),
        ("", None),
        ("1.2.3", None),
        ("-1", None),
        ("5 parsecs", None),
        ("99999999999999999999", None),
    ] {
        assert_eq!(Time::parse(text, 1_000_000), wanted, "{text}");
    }
}
