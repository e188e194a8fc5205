//! What the files look like: a snapshot of every init × spec × distribution, in
//! the folder of its init, and what must hold for all of them.

use std::collections::BTreeSet;
use std::fmt::Write;

use kubelet_unit::backends::{BUILTIN, Backend, Launcher};
use kubelet_unit::distro::{self, Distro};
use kubelet_unit::order::{Order, OrderError};
use kubelet_unit::rendering::Rendered;
use kubelet_unit::spec::Spec;

use crate::support::{cases, render, rendered_cases, repository, specs};

/// Distributions whose places differ in every column of the table.
fn distros_shown(backend: &dyn Backend) -> Vec<&'static Distro> {
    let mut shown = vec![backend.default_distro()];
    for distro in [&distro::ARTIX, &distro::FEDORA, &distro::DEVUAN] {
        if !shown.contains(&distro) {
            shown.push(distro);
        }
    }
    shown
}

/// Everything of a rendering as one text. The launcher's text is long and the
/// same for every init, so it is shown once, by [`launchers`].
fn shown(rendered: &Rendered, launcher: Option<&str>) -> String {
    let mut text = String::new();
    for (path, file) in rendered.files() {
        let config = if file.config { " configuration" } else { "" };
        writeln!(text, "==> {path} ({:04o}){config}", file.mode).unwrap();
        if launcher == Some(path.as_str()) {
            writeln!(text, "(the launcher)\n").unwrap();
        } else {
            writeln!(text, "{}", String::from_utf8_lossy(&file.content)).unwrap();
        }
    }
    for note in rendered.notes() {
        writeln!(text, "note: {}: {}", note.property, note.text).unwrap();
    }
    text
}

#[test]
fn every_init_spec_and_distribution() {
    for &backend in BUILTIN {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(
            repository()
                .join("backends")
                .join(backend.name())
                .join("snapshots"),
        );
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| {
            for (spec, text) in specs() {
                for distro in distros_shown(backend) {
                    let rendered = render(backend, &text, distro, Launcher::Sh);
                    let launcher = distro.libexec_folder.to_owned() + "/" + &spec;
                    let name = format!("{spec}-{}", distro.name);
                    insta::assert_snapshot!(name, shown(&rendered, Some(&launcher)));
                }
            }
        });
    }
}

/// The files of a service whose output goes elsewhere than into files, and of one that says
/// when it is ready, short of the launcher.
#[test]
fn output_and_readiness_are_each_inits_own() {
    const SAID: [(&str, &str, Launcher); 4] = [
        ("log-inherit", "log: inherit\n", Launcher::Sh),
        ("log-syslog", "log: syslog\n", Launcher::Sh),
        ("ready-native", "type: notify\n", Launcher::Native),
        (
            "limit",
            "restart: {delay: 1s, limit: {starts: 5, within: 1min}}\n",
            Launcher::Sh,
        ),
    ];
    for &backend in BUILTIN {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(
            repository()
                .join("backends")
                .join(backend.name())
                .join("snapshots"),
        );
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| {
            for (name, said, launcher) in SAID {
                let text = format!("name: some\ndescription: A\nprogram: /bin/some\n{said}");
                let mut order = Order {
                    spec: Spec::read("spec", text.as_bytes()).unwrap(),
                    launcher,
                    ..Order::kubelet()
                };
                // Without a logger it is called otherwise there.
                let alone = name == "log-inherit" && backend.name() == "s6-rc";
                order.overrides.layout = alone.then(|| "alone".parse().unwrap());
                let distro = order.distro(backend);
                let launcher = distro.libexec_folder.to_owned() + "/some";
                let text = match order.place(backend).and_then(|placed| placed.rendered()) {
                    Ok(rendered) => shown(&rendered, Some(&launcher)),
                    Err(error @ OrderError::Refused { .. }) => error.to_string(),
                    Err(error) => panic!("{}: {name}: {error}", backend.name()),
                };
                insta::assert_snapshot!(name, text);
            }
        });
    }
}

#[test]
fn a_layout_with_a_logger_is_not_one_for_output_that_has_none() {
    let mut said = String::new();
    for (init, layout, to) in [
        ("s6-rc", None, "inherit"),
        ("s6-rc", Some("alone"), "syslog"),
        ("runit", Some("svlogd"), "syslog"),
        ("runit", Some("vlogger"), "inherit"),
    ] {
        let backend = BUILTIN.iter().find(|it| it.name() == init).unwrap();
        let text = format!("name: some\ndescription: A\nprogram: /bin/some\nlog: {to}\n");
        let mut order = Order {
            spec: Spec::read("spec", text.as_bytes()).unwrap(),
            ..Order::kubelet()
        };
        order.overrides.layout = layout.map(|name| name.parse().unwrap());
        let refusal = order.place(*backend).unwrap().rendered().unwrap_err();
        writeln!(said, "{refusal}").unwrap();
    }
    insta::assert_snapshot!(said, @r"
    s6-rc: a service with `log: inherit` does not have the layout `pipeline`
    s6-rc: a service with `log: syslog` does not have the layout `alone`
    runit: a service with `log: syslog` does not have the layout `svlogd`
    runit: a service with `log: inherit` does not have the layout `vlogger`
    ");
}

/// haproxy, nginx, docker and others write their own number there: a stop by it would reach the wrong process.
#[test]
fn no_supervisor_has_the_pid_file_that_services_have() {
    for (init, layout) in [("openrc", None), ("sysvinit", Some("script"))] {
        let backend = BUILTIN.iter().find(|it| it.name() == init).unwrap();
        let text = "name: haproxy\ndescription: A\nprogram: /usr/sbin/haproxy\n";
        let mut order = Order {
            spec: Spec::read("spec", text.as_bytes()).unwrap(),
            ..Order::kubelet()
        };
        order.overrides.layout = layout.map(|name| name.parse().unwrap());
        let rendered = order.place(*backend).unwrap().rendered().unwrap();
        let script = rendered.file("/etc/init.d/haproxy").unwrap();
        let script = String::from_utf8_lossy(&script.content);
        let mut lines = script.lines();
        let line = lines.find(|line| line.starts_with("pidfile=")).unwrap();
        for theirs in ["/run/haproxy.pid", "/run/$RC_SVCNAME.pid"] {
            assert!(!line.contains(theirs), "{init}: {line}");
        }
    }
}

/// The part of the launcher that a service has of its own; the rest is parts as they are.
#[test]
fn launchers() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(repository().join("backends/launcher/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (spec, text) in specs() {
            for launcher in [Launcher::Sh, Launcher::Native] {
                let distro = &distro::GENERIC;
                let path = format!("{}/{spec}", distro.libexec_folder);
                let rendered = render(BUILTIN[1], &text, distro, launcher);
                let text = &rendered.file(&path).unwrap().content;
                let text = String::from_utf8_lossy(text);
                let end = text.find("# ------------------------------------------------------------ the common start");
                let own = &text[..end.unwrap_or(text.len())];
                insta::assert_snapshot!(format!("{spec}-{launcher:?}"), own);
            }
        }
    });
}

/// An administrator is to be able to read it.
#[test]
fn the_kubelets_launcher_in_sh_has_at_most_1100_lines() {
    let (spec, text) = specs().into_iter().find(|it| it.0 == "kubelet").unwrap();
    let distro = &distro::GENERIC;
    let rendered = render(BUILTIN[1], &text, distro, Launcher::Sh);
    let path = format!("{}/{spec}", distro.libexec_folder);
    let text = &rendered.file(&path).unwrap().content;
    let lines = String::from_utf8_lossy(text).lines().count();
    assert!(lines <= 1100, "{lines}");
}

#[test]
fn the_same_request_gives_the_same_bytes() {
    for (a, b) in cases().iter().zip(&rendered_cases()) {
        assert_eq!(a.rendered, b.rendered, "{}", a.name());
    }
}

#[test]
fn text_files_end_with_a_newline_and_have_no_blank_ends() {
    for case in cases() {
        for (path, file) in case.rendered.files() {
            let text = std::str::from_utf8(&file.content).unwrap();
            let place = format!("{} {path}", case.name());
            // Its name says it all.
            if text.is_empty() && path.parent().ends_with("dependencies.d") {
                continue;
            }
            assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{place}");
            assert!(!text.contains("\n\n\n"), "{place}: two blank lines");
            if case.spec == "kubelet" {
                let blank_end = text.lines().find(|line| line.ends_with([' ', '\t']));
                assert_eq!(blank_end, None, "{place}");
            }
        }
    }
}

#[test]
fn the_drop_in_has_exactly_kubeadms_directives() {
    let rendered = render(
        BUILTIN[0],
        kubelet_unit::spec::KUBELET,
        &distro::DEBIAN,
        Launcher::Sh,
    );
    let file = rendered
        .file("/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf")
        .unwrap();
    let text = String::from_utf8(file.content.clone()).unwrap();
    let directives: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(
        directives,
        [
            "[Service]",
            "Environment=\"KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf\"",
            "Environment=\"KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml\"",
            "EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env",
            "EnvironmentFile=-/etc/default/kubelet",
            "ExecStart=",
            "ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS",
        ]
    );
}

#[test]
fn no_two_inits_fight_over_a_file() {
    // All inits of one distribution can be installed side by side: where they
    // name the same path, they mean the same bytes.
    for (spec, text) in specs() {
        let mut all = Rendered::default();
        let mut paths = BTreeSet::new();
        for &backend in BUILTIN {
            let rendered = render(backend, &text, &distro::GENERIC, Launcher::Sh);
            for (path, file) in rendered.files() {
                paths.insert(path.clone());
                all.add(path.clone(), file.clone())
                    .unwrap_or_else(|error| panic!("{spec}: {}: {error}", backend.name()));
            }
        }
        assert_eq!(all.files().len(), paths.len());
    }
}
