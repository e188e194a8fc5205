use std::cell::RefCell;
use std::collections::VecDeque;

use super::perform::Performer;
use super::*;
use crate::backends::{BUILTIN, Backend, Registry};
use crate::distro::{DEBIAN, Distro, Overrides};
use crate::host::fixture::Fake;
use crate::order;
use crate::process::{ProcessError, Runner};

/// A machine with all inits and the kubelet installed for each.
fn full() -> Fake {
    let fake = Fake::empty();
    fake.file(
        "/usr/lib/systemd/system/kubelet.service",
        "[Unit]\nDescription=k\n[Install]\nWantedBy=multi-user.target\n",
    )
    .file(
        "/etc/supervisor/conf.d/kubelet.conf",
        "[program:kubelet]\ncommand=k\nstdout_logfile=/var/log/kubelet/kubelet.log\n",
    )
    .program("/usr/libexec/kubelet-unit/kubelet", "#!/bin/sh\n")
    .file("/var/log/kubelet/kubelet.log", "")
    .file("/var/log/kubelet/current", "")
    .program(
        "/etc/init.d/kubelet",
        "#!/sbin/openrc-run\n: \"${output_log:=/var/log/$RC_SVCNAME/$RC_SVCNAME.log}\"\n: \"${error_log:=$output_log}\"\n",
    )
    .file("/etc/runlevels/boot/sysfs", "")
    .program("/etc/sv/kubelet/run", "#!/bin/sh\n")
    .program("/etc/sv/kubelet/log/run", "#!/bin/sh\nexec svlogd -tt /var/log/kubelet\n")
    .program("/etc/s6/sv/kubelet/run", "#!/bin/sh\n")
    .program("/etc/s6/sv/kubelet/log/run", "#!/bin/sh\nexec s6-log -d3 T n5 s1 /var/log/kubelet\n")
    .file("/etc/runit/2", "#!/bin/sh\nexec runsvdir -P /etc/service\n")
    .file("/etc/service/README", "")
    .file("/run/service/README", "")
    .file("/etc/services.d/README", "")
    .file("/etc/dinit.d/boot", "type = internal\nwaits-for.d = boot.d\n")
    .file(
        "/etc/dinit.d/kubelet",
        "type = process\ncommand = k\nlogfile = /var/log/kubelet/kubelet.log\n",
    )
    .file(
        "/etc/inittab",
        "::sysinit:/bin/true\n#::respawn:/usr/libexec/kubelet-unit/kubelet.line\n",
    )
    .file("/etc/inittab.d/kubelet.tab", "k1:2345:respawn:k\n")
    .file("/etc/s6/adminsv/default/type", "bundle\n")
    .file("/etc/s6/rc/compiled/resolve.cdb", "")
    .file("/etc/s6-rc/source/kubelet-srv/type", "longrun\n")
    .file("/etc/s6-rc/source/kubelet-srv/producer-for", "kubelet-log\n")
    .file("/etc/s6-rc/source/kubelet-log/type", "longrun\n")
    .file("/etc/s6-rc/source/kubelet-log/consumer-for", "kubelet-srv\n")
    .file("/etc/s6-rc/source/kubelet-log/pipeline-name", "kubelet\n")
    .program("/etc/s6-rc/source/kubelet-log/run", "#!/bin/sh\nexec s6-log -d3 T n5 s1 /var/log/kubelet\n");
    fake
}

/// The same, supervised.
fn supervised() -> Fake {
    let fake = full();
    fake.link("/etc/service/kubelet", "/etc/sv/kubelet")
        .link("/run/service/kubelet", "/etc/s6/sv/kubelet")
        .link("/etc/services.d/kubelet", "/etc/s6/sv/kubelet")
        .file("/run/s6-rc/servicedirs/kubelet-srv/run", "")
        .file("/etc/s6/adminsv/default/contents.d/kubelet", "")
        .link("/etc/runlevels/default/kubelet", "/etc/init.d/kubelet")
        .link("/etc/dinit.d/boot.d/kubelet", "../kubelet")
        .link(
            "/etc/systemd/system/multi-user.target.wants/kubelet.service",
            "/usr/lib/systemd/system/kubelet.service",
        );
    fake
}

/// Calls `work` with the target `name` of a host.
fn with<T>(
    host: &Host,
    backend: &dyn Backend,
    distro: &'static Distro,
    name: &str,
    work: impl FnOnce(Target<'_>) -> T,
) -> T {
    let name: Name = name.parse().unwrap();
    let places = order::places(backend, distro, &name, &Overrides::default()).unwrap();
    work(Target {
        name: &name,
        places: &places,
        host,
        scan_folder: None,
        patience: Span::seconds(120),
    })
}

fn control(backend: &'static dyn Backend) -> &'static dyn Control {
    backend.control().unwrap()
}

fn listed(steps: Result<Vec<Step>, ControlError>) -> String {
    match steps {
        Ok(steps) if steps.is_empty() => "    nothing\n".into(),
        Ok(steps) => {
            let lines: Vec<String> = steps.iter().map(|step| format!("    {step}\n")).collect();
            lines.concat()
        }
        Err(error) => format!("    error: {error}\n"),
    }
}

fn question<T: fmt::Display>(question: Result<Question<T>, ControlError>) -> String {
    match question {
        Ok(Question::Known(answer)) => format!("    {answer}\n"),
        Ok(Question::Ask(query)) => format!("    {}\n", query.command),
        Ok(Question::Among { command, names, .. }) => {
            format!(
                "    {command}, and whether it lists {}\n",
                names.join(" or ")
            )
        }
        Err(error) => format!("    error: {error}\n"),
    }
}

/// Everything that can be asked of a backend, as text without the tree's own folder.
fn everything(backend: &'static dyn Backend, host: &Host, name: &str) -> String {
    let control = control(backend);
    let text = with(host, backend, &DEBIAN, name, |target| {
        let request = LogRequest {
            lines: 10,
            follow: true,
        };
        let change = |change| listed(control.change(&target, change));
        let log = match control.log(&target, request) {
            Ok(command) => format!("    {command}\n"),
            Err(error) => format!("    error: {error}\n"),
        };
        [
            ("state", question(control.state(&target))),
            ("start", change(Change::Start)),
            ("stop", change(Change::Stop)),
            ("restart", change(Change::Restart)),
            ("reload", change(Change::Reload)),
            ("daemon-reload", change(Change::Reread)),
            ("is enabled", question(control.enabled(&target))),
            ("enable", listed(control.set_enabled(&target, true))),
            ("disable", listed(control.set_enabled(&target, false))),
            ("log", log),
        ]
        .map(|(verb, text)| format!("  {verb}\n{text}"))
        .concat()
    });
    let root = host.root().path().to_str().unwrap().to_owned();
    format!("{}\n{}", backend.name(), text.replace(&root, ""))
}

fn of_all(host: &Host, name: &str) -> String {
    BUILTIN
        .iter()
        .map(|backend| everything(*backend, host, name))
        .collect()
}

#[test]
fn a_running_machine_is_driven_by_the_inits_own_tools() {
    let fake = supervised();
    let host = fake.host().taken_for_the_machine();
    insta::assert_snapshot!(of_all(&host, "kubelet"));
}

#[test]
fn a_service_that_is_installed_and_not_enabled() {
    let fake = full();
    let host = fake.host().taken_for_the_machine();
    insta::assert_snapshot!(of_all(&host, "kubelet"));
}

#[test]
fn a_tree_that_does_not_run_is_changed_by_links_alone() {
    let fake = full();
    insta::assert_snapshot!(of_all(&fake.host(), "kubelet"));
}

#[test]
fn a_tree_in_which_it_is_enabled() {
    let fake = supervised();
    insta::assert_snapshot!(of_all(&fake.host(), "kubelet"));
}

#[test]
fn a_service_that_is_not_there_is_named_with_where_it_would_be() {
    let fake = full();
    insta::assert_snapshot!(of_all(&fake.host(), "no-such"));
}

#[test]
fn enabling_in_a_tree_and_back_leaves_it_as_it_was() {
    for backend in BUILTIN {
        let fake = full();
        let host = fake.host();
        let control = control(*backend);
        with(&host, *backend, &DEBIAN, "kubelet", |target| {
            let performer = performer(target, backend.title(), &Silent);
            // Where that has to be compiled, nobody can tell, and the files alone say it.
            let compiled = !control.in_tree(&target, true).is_empty();
            let marked = || host.exists("/etc/s6/adminsv/default/contents.d/kubelet");
            let is_enabled = || match (compiled, marked()) {
                (false, _) => performer.ask(control.enabled(&target).unwrap()).unwrap(),
                (true, is_marked) => {
                    let error = control.enabled(&target).unwrap_err();
                    assert!(matches!(error, ControlError::Untold { .. }), "{error}");
                    if is_marked { Enabled::Yes } else { Enabled::No }
                }
            };
            let set = |enabled| {
                let steps = control.set_enabled(&target, enabled).unwrap();
                performer.take(&steps).unwrap();
            };
            set(false);
            assert_eq!(is_enabled(), Enabled::No, "{}", backend.name());
            set(true);
            assert_eq!(is_enabled(), Enabled::Yes, "{}", backend.name());
            set(true);
            assert_eq!(is_enabled(), Enabled::Yes, "{}", backend.name());
            set(false);
            assert_eq!(is_enabled(), Enabled::No, "{}", backend.name());
        });
    }
}

/// A link in the tree that leads out of it changes nothing outside.
#[test]
fn a_folder_of_links_that_leads_out_is_not_followed_out() {
    let outside = Fake::empty();
    outside.file("/runlevels/x", "");
    let fake = full();
    let target = outside.path().join("runlevels");
    fake.link("/etc/runlevels/default", target.to_str().unwrap());
    let host = fake.host();
    let openrc = Registry::builtin().find("openrc").unwrap();
    with(&host, openrc, &DEBIAN, "kubelet", |target| {
        let steps = control(openrc).set_enabled(&target, true).unwrap();
        let error = performer(target, "OpenRC", &Silent)
            .take(&steps)
            .unwrap_err();
        assert!(matches!(error, ControlError::Root(_)), "{error}");
    });
    let names: Vec<_> = std::fs::read_dir(outside.path().join("runlevels"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["x"]);
}

fn performer<'a>(target: Target<'a>, init: &'static str, runner: &'a dyn Runner) -> Performer<'a> {
    Performer {
        target,
        init,
        runner,
        waiting: &|_, _, _| {},
    }
}

/// Where nothing may be run.
struct Silent;

impl Runner for Silent {
    fn run(&self, command: &Command, _: &mut dyn FnMut(Duration)) -> Result<Answer, ProcessError> {
        panic!("`{command}` is run");
    }
}

/// Gives answers in a row, and keeps what was asked.
struct Script {
    answers: RefCell<VecDeque<Answer>>,
    asked: RefCell<Vec<String>>,
}

impl Runner for Script {
    fn run(&self, command: &Command, _: &mut dyn FnMut(Duration)) -> Result<Answer, ProcessError> {
        self.asked.borrow_mut().push(command.to_string());
        Ok(self.answers.borrow_mut().pop_front().unwrap())
    }
}

fn answer(code: i32, stdout: &str, stderr: &str) -> Answer {
    Answer {
        code: Some(code),
        stdout: stdout.into(),
        stderr: stderr.into(),
    }
}

/// What comes of a start of `init` when its tool gives this answer.
fn start_that_says(init: &str, said: Answer) -> String {
    let fake = supervised();
    let host = fake.host().taken_for_the_machine();
    let backend = Registry::builtin().find(init).unwrap();
    let runner = Script {
        answers: RefCell::new([said].into()),
        asked: RefCell::default(),
    };
    with(&host, backend, &DEBIAN, "kubelet", |target| {
        let steps = control(backend).change(&target, Change::Start).unwrap();
        let performer = performer(target, backend.title(), &runner);
        performer.take(&steps).unwrap_err().to_string()
    })
}

/// The answers are those of the tools: runit 2.1.2, s6 2.11, supervisor 4.2,
/// OpenRC 0.45, systemd 252.
#[test]
fn what_tools_complain_of_is_told_in_the_same_words() {
    let cases = [
        (
            "runit",
            answer(
                1,
                "warning: /etc/service/kubelet: unable to open supervise/ok: access denied\n",
                "",
            ),
        ),
        (
            "runit",
            answer(1, "fail: /etc/service/kubelet: runsv not running\n", ""),
        ),
        (
            "runit",
            answer(
                1,
                "timeout: down: /etc/service/kubelet: 15s, normally up, want up\n",
                "",
            ),
        ),
        (
            "s6",
            answer(
                111,
                "",
                "s6-svc: fatal: unable to control /run/service/kubelet: Permission denied\n",
            ),
        ),
        (
            "s6",
            answer(
                111,
                "",
                "s6-svlisten1: fatal: unable to s6_svstatus_read: No such file or directory\n",
            ),
        ),
        ("s6", answer(99, "", "s6-svlisten1: fatal: timed out\n")),
        (
            "supervisord",
            answer(4, "unix:///run/supervisor.sock refused connection\n", ""),
        ),
        (
            "supervisord",
            answer(4, "unix:///run/supervisor.sock no such file\n", ""),
        ),
        (
            "supervisord",
            answer(
                1,
                "error: <class 'PermissionError'>, [Errno 13] Permission denied\n",
                "",
            ),
        ),
        (
            "openrc",
            answer(1, "", " * rc-service: superuser access required\n"),
        ),
        (
            "openrc",
            answer(1, "", " * ERROR: kubelet failed to start\n"),
        ),
        (
            "systemd",
            answer(1, "", "Failed to connect to bus: Host is down\n"),
        ),
        ("systemd", Answer::default()),
    ];
    let told: Vec<String> = cases
        .into_iter()
        .map(|(init, said)| format!("{init}: {}", start_that_says(init, said)))
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn a_step_that_fails_is_the_last() {
    let fake = supervised();
    let host = fake.host().taken_for_the_machine();
    let runit = Registry::builtin().find("runit").unwrap();
    let runner = Script {
        answers: RefCell::new([answer(1, "timeout: run: k: (pid 1) 9s, got TERM\n", "")].into()),
        asked: RefCell::default(),
    };
    with(&host, runit, &DEBIAN, "kubelet", |target| {
        let steps = control(runit).change(&target, Change::Restart).unwrap();
        assert_eq!(steps.len(), 3);
        performer(target, "runit", &runner)
            .take(&steps)
            .unwrap_err();
    });
    assert_eq!(
        *runner.asked.borrow(),
        ["sv -w 120 stop /etc/service/kubelet"]
    );
}

#[test]
fn the_scan_directory_is_what_the_running_supervisor_watches() {
    let (_, fake) = Fake::build(
        "init: ~\nprocesses:\n  1: {name: runsvdir, arguments: [runsvdir, -P, here, 'log: ...']}\n  2: {name: s6-svscan, arguments: [s6-svscan, -d4, -t, '5', --, /somewhere], parent: 1}\n",
    );
    fake.program("/here/kubelet/run", "")
        .program("/somewhere/kubelet/run", "");
    let host = fake.host().taken_for_the_machine();
    for (init, place) in [("runit", "/here/kubelet"), ("s6", "/somewhere/kubelet")] {
        let backend = Registry::builtin().find(init).unwrap();
        with(&host, backend, &DEBIAN, "kubelet", |target| {
            let steps = control(backend).change(&target, Change::Start).unwrap();
            let last = steps[0].to_string();
            assert!(last.ends_with(place), "{last}");
        });
    }
}

#[test]
fn where_an_output_goes_that_is_in_no_file_is_said() {
    let supervisord = Registry::builtin().find("supervisord").unwrap();
    let said = |settings: &str| {
        let fake = Fake::empty();
        fake.file(
            "/etc/supervisor/conf.d/kubelet.conf",
            &format!("[program: kubelet]\ncommand=k\n{settings}"),
        );
        let host = fake.host();
        with(&host, supervisord, &DEBIAN, "kubelet", |target| {
            let request = LogRequest {
                lines: 1,
                follow: false,
            };
            let log = control(supervisord).log(&target, request);
            log.map_or_else(
                |error| error.to_string().replace(fake.path().to_str().unwrap(), ""),
                |command| command.to_string(),
            )
        })
    };
    let says = "`/etc/supervisor/conf.d/kubelet.conf` says that the output of `kubelet`";
    let init = "goes to the output of the init, which in a container is the container's own";
    for (settings, expected) in [
        ("stdout_logfile=/dev/stdout\n", format!("{says} {init}")),
        (
            "stdout_logfile=/dev/fd/1\nstderr_logfile=/dev/fd/2\n",
            format!("{says} {init}"),
        ),
        ("stdout_logfile=syslog\n", format!("{says} goes to syslog")),
        ("stdout_logfile=NONE\n", format!("{says} is thrown away")),
        (
            "stdout_logfile=/dev/null\n",
            format!("{says} is thrown away"),
        ),
        ("", "supervisorctl tail -200 kubelet".to_owned()),
    ] {
        assert_eq!(said(settings), expected, "{settings}");
    }
}
