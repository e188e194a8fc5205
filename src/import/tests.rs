//! The table, and units with the specs that they come to.

use proptest::prelude::*;

use super::*;
use crate::backends::{Registry, Request};
use crate::distro::{DEBIAN, Overrides};
use crate::order;
use crate::service::process::{Directory, DirectoryKind, IoClass, Preserve};
use crate::service::{
    Bound, Capability, Dependency, End, Ends, Limits, Policy, Process, Resource, Restart, Service,
};
use crate::unit::{Directive, Found, Kind, Source};

fn source(path: &str, text: &str) -> Source {
    Source {
        path: path.into(),
        inside: path.into(),
        bytes: text.as_bytes().to_vec(),
    }
}

fn imported(name: &str, text: &str, drop_ins: Vec<Source>) -> Imported {
    let fragment = source(&format!("/etc/systemd/system/{name}"), text);
    let found = Found::new(name.parse().unwrap(), fragment, drop_ins);
    import(&Unit::of(&found, &|_| None), &|_| None)
}

/// The spec, which its YAML gives as well.
fn spec(imported: &Imported) -> Spec {
    let Some(spec) = imported.spec.clone() else {
        panic!("{:#?}", imported.decisions);
    };
    let yaml = imported.yaml.as_ref().unwrap();
    assert_eq!(
        Spec::read("yaml", yaml.as_bytes()),
        Ok(spec.clone()),
        "{yaml}"
    );
    spec
}

/// A service under systemd, and what its files are imported as.
fn there_and_back(service: &Service) -> Spec {
    let registry = Registry::builtin();
    let systemd = registry.find("systemd").unwrap();
    let places = order::places(systemd, &DEBIAN, &service.name, &Overrides::default()).unwrap();
    let request = Request {
        service,
        places: &places,
        launcher: crate::backends::Launcher::Sh,
    };
    let rendered = systemd.render(&request).unwrap();
    let mut files = rendered.files();
    let (path, unit) = files.next().unwrap();
    let drop_ins = files
        .map(|(path, file)| source(path.as_str(), std::str::from_utf8(&file.content).unwrap()));
    let text = std::str::from_utf8(&unit.content).unwrap();
    spec(&imported(path.file_name(), text, drop_ins.collect()))
}

/// What systemd's files keep of a service.
fn kept(service: &Service) -> Service {
    let of_all = |it: &Dependency| matches!(it, Dependency::Cgroups | Dependency::ContainerRuntime);
    let mut kept = service.clone();
    kept.needs.retain(|it| !of_all(it));
    kept.wants.retain(|it| !of_all(it));
    let nofile = kept.limits.nofile();
    kept.limits.set(Resource::Nofile, Some(nofile));
    kept.log = Spec::kubelet().log;
    if kept.configured_by.is_none() {
        // The unit itself has no comments.
        kept.env_files.iter_mut().for_each(|file| file.about = None);
    }
    kept
}

fn settled(spec: Spec) -> Service {
    spec.service(&DEBIAN, &Overrides::default()).unwrap()
}

#[test]
fn every_directive_has_a_treatment() {
    for directive in Directive::all() {
        let known = table::is_known(directive.name);
        // It is two others.
        assert_eq!(known, directive.name != "TimeoutSec", "{}", directive.name);
        if directive.kind == Kind::Obsolete {
            assert!(matches!(
                table::treatment(directive.name),
                Treatment::NoEffect
            ));
        }
    }
}

#[test]
fn our_own_systemd_output_is_the_same_spec() {
    let service = settled(Spec::kubelet());
    assert_eq!(there_and_back(&service), Spec::kubelet());
    let texts = [
        include_str!("../spec/containerd.yaml"),
        include_str!("../../fixtures/specs/kube-proxy.yaml"),
    ];
    for text in texts {
        let service = settled(Spec::read("spec", text.as_bytes()).unwrap());
        let again = settled(there_and_back(&service));
        assert_eq!(kept(&again), kept(&service));
    }
}

#[test]
fn kubeadms_drop_in_on_upstreams_unit_is_the_built_in_spec() {
    let unit = include_str!("../../fixtures/units/kubelet-upstream-deb.service");
    let text = include_str!("../../fixtures/units/kubelet-upstream-deb.service.d/10-kubeadm.conf");
    let path = "/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf";
    let mut spec = spec(&imported("kubelet.service", unit, vec![source(path, text)]));
    // Upstream links to a page below ours.
    spec.documentation = Spec::kubelet().documentation;
    assert_eq!(spec, Spec::kubelet());
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,20}",
        r#"[ '"\\%$;#=\t\n{}a-cé]{0,12}"#,
        "\\$\\{?[A-C]\\}?x?",
    ]
}

/// Exit codes and signals where systemd heeds them.
fn say_ends(restart: &mut Restart, ends: &[u8]) {
    let some: Ends = ends.iter().map(|&it| End::Code(it)).collect();
    let signals = ends.iter().map(|it| End::Signal(it % 31 + 1)).collect();
    let policy = restart.policy;
    if !matches!(policy, Policy::Always | Policy::Never) {
        restart.success_exit_status = some;
    }
    if policy != Policy::Always {
        restart.force_exit_status = signals;
    }
    if policy != Policy::Never {
        restart.prevent_exit_status = some;
    }
}

prop_compose! {
    /// What a process may be, but for what systemd does anyway.
    fn processes()(
        user in prop::option::of("[a-z_][a-z0-9_.-]{0,8}|[1-9][0-9]{0,3}"),
        group in prop::option::of("[a-z]{1,8}"),
        groups in prop::collection::vec("[a-z]{1,5}", 0..3),
        directory in prop::option::of(prop::sample::select(&["/srv/a b%", "-/srv", "/opt/%h"][..])),
        umask in prop::option::of("0[0-7]{2}7"),
        nice in prop::option::of(-20_i8..0),
        io in prop::option::of((prop::sample::select(&["realtime", "best-effort", "idle"][..]), 0_u8..8)),
        no_new_privileges in any::<bool>(),
        ignore_sigpipe in any::<bool>(),
        bounding in prop::option::of(prop::collection::btree_set(0_usize..41, 0..40)),
        ambient in prop::collection::btree_set(0_usize..41, 0..3),
        kinds in prop::collection::vec(prop::option::of("[a-z]{1,3}(/[a-z.@+_-]{1,3}x)?"), 5),
        mode in prop::option::of("0[0-7]{3}"),
        preserve in prop::sample::select(&[Preserve::No, Preserve::Restart, Preserve::Yes][..]),
    ) -> Process {
        let all: Vec<_> = Capability::all().collect();
        let named = |set: std::collections::BTreeSet<usize>| set.into_iter().map(|it| all[it]).collect();
        let mut process = Process {
            user: user.map(|it| it.parse().unwrap()),
            group: group.map(|it| it.parse().unwrap()),
            supplementary_groups: groups.iter().map(|it| it.parse().unwrap()).collect(),
            working_directory: directory.map(|it| it.parse().unwrap()),
            umask: umask.map(|it| it.parse().unwrap()),
            nice: nice.map(|it| it.to_string().parse().unwrap()),
            io_class: io.map(|(class, priority)| IoClass {
                class: serde_json::from_value(class.into()).unwrap(),
                priority: priority.to_string().parse().unwrap(),
            }),
            no_new_privileges,
            ignore_sigpipe,
            ..Process::default()
        };
        process.capabilities.bounding = bounding.map(named);
        if process.capabilities.bounding.is_none() {
            process.capabilities.ambient = named(ambient);
        }
        for (kind, name) in DirectoryKind::ALL.into_iter().zip(kinds) {
            *process.directories.get_mut(kind) = name.map(|name| Directory {
                names: vec![name.parse().unwrap()],
                mode: mode.as_ref().map(|it| it.parse().unwrap()),
                preserve: match kind {
                    DirectoryKind::Runtime => preserve,
                    _ => Preserve::No,
                },
            });
        }
        process
    }
}

prop_compose! {
    /// Services with what systemd can say in more than one way.
    fn services()(
        words in prop::collection::vec(word(), 0..6),
        values in prop::collection::vec(word(), 0..3),
        optional in any::<bool>(),
        policy in prop::sample::select(&["always", "on-success", "on-failure", "on-abnormal", "on-abort", "never"][..]),
        delay in 0_u64..100_000,
        limit in prop::option::of((1_u32..9, 1_u64..100_000)),
        stop in (0_u64..200_000, prop::sample::select(&["group", "mixed", "process", "none"][..]), any::<bool>()),
        ends in prop::collection::vec(0_u8..=255, 0..6),
        signal in prop::sample::select(&["TERM", "INT", "QUIT", "HUP", "USR1"][..]),
        score in prop::option::of(-1000_i16..=1000),
        nofile in prop::option::of((0_u64..2000, 0_u64..2000)),
        names in prop::collection::hash_set("[a-z]{1,3}@?[a-z.]{1,3}", 0..3),
        owner in prop::option::of("[a-z]{1,5}"),
        process in processes(),
        limits in prop::collection::vec((0_usize..16, 0_u64..41, prop::option::of(0_u64..1 << 40)), 0..4),
    ) -> Option<Service> {
        let mut service = settled(Spec::kubelet());
        service.name = "some".parse().unwrap();
        service.configured_by = owner.map(|owner| owner.parse().unwrap());
        service.program = "/opt/a b/some".parse().unwrap();
        service.arguments = words.iter().filter_map(|word| word.parse().ok()).collect();
        service.environment.truncate(values.len());
        for (variable, value) in service.environment.iter_mut().zip(&values) {
            variable.value = value.parse().ok()?;
        }
        service.env_files[0].optional = optional;
        let restart = serde_json::json!({"policy": policy});
        service.restart.policy = serde_json::from_value(restart["policy"].clone()).ok()?;
        service.restart.delay = crate::service::Span::milliseconds_of(delay);
        service.restart.limit = limit.map(|(starts, within)| crate::service::StartLimit {
            starts,
            within: crate::service::Span::milliseconds_of(within),
        });
        service.stop.timeout = crate::service::Span::milliseconds_of(stop.0);
        service.stop.kill = serde_json::from_value(stop.1.into()).ok()?;
        service.stop.signal = signal.parse().ok()?;
        service.stop.send_kill = stop.2;
        say_ends(&mut service.restart, &ends);
        service.limits = Limits::default();
        service.limits.oom_score_adjust = score.and_then(|score| score.to_string().parse().ok());
        let nofile = nofile.map(|(one, other)| crate::service::Limit {
            soft: crate::service::Bound::At(one.min(other)),
            hard: crate::service::Bound::At(one.max(other)),
        });
        service.limits.set(Resource::Nofile, nofile);
        for (at, soft, more) in limits {
            let hard = more.map_or(Bound::Infinity, |more| Bound::At(soft + more));
            let limit = crate::service::Limit::new(Bound::At(soft), hard).ok();
            let limit = limit.filter(|_| Resource::ALL[at] != Resource::Nice);
            service.limits.set(Resource::ALL[at], limit);
        }
        service.process = process;
        service.needs = names.iter().filter_map(|name| name.parse().ok()).collect();
        service.wants = vec![Dependency::NetworkOnline];
        Some(service)
    }
}

proptest! {
    #[test]
    fn a_service_comes_back_from_its_systemd_files(service in services()) {
        prop_assume!(service.is_some());
        let service = service.unwrap();
        let again = settled(there_and_back(&service));
        prop_assert_eq!(kept(&again), kept(&service));
    }
}

#[test]
fn a_prefix_for_root_is_refused_beside_another_user() {
    let refused = |prefix: &str, user: &str| {
        let text = format!("[Service]\nExecStartPre={prefix}/bin/a\nExecStart=/bin/b\n{user}\n");
        let imported = imported("a.service", &text, Vec::new());
        imported.spec.is_none()
    };
    for prefix in ["+", "!", "!!", "-+"] {
        assert!(refused(prefix, "User=a"), "{prefix}");
        assert!(refused(prefix, "Group=a"), "{prefix}");
        assert!(!refused(prefix, ""), "{prefix}");
        assert!(!refused(prefix, "User=root"), "{prefix}");
    }
    assert!(!refused("-", "User=a"));
}

#[test]
fn conditions_of_which_any_is_enough_come_back() {
    let text = "[Unit]\nConditionPathExists=|/a\nConditionPathExists=|!/b\nConditionKernelVersion=>= 5.4\n\
        [Service]\nExecStart=/bin/b\n";
    let imported = imported("a.service", text, Vec::new());
    let conditions = spec(&imported).resolve().unwrap().life.conditions;
    let texts: Vec<_> = conditions.iter().map(ToString::to_string).collect();
    assert_eq!(texts, ["|/a", "|!/b", ">= 5.4"]);
}

/// What no other init has comes to systemd as it was written.
#[test]
fn what_is_for_systemd_alone_is_kept_as_it_is_written() {
    let text = "[Unit]\nRequires=a.socket\nAfter=a.socket network.target b.service\n\
        [Service]\nType=exec\nExecStart=/bin/b\nSlice=%p.slice\nCPUAccounting=yes\nProtectSystem=no\n\
        [Install]\nWantedBy=x.target multi-user.target\nAlias=c.service\n";
    let imported = imported("a.service", text, Vec::new());
    let spec = spec(&imported);
    let lines = |lines: &[crate::service::Assignment]| -> Vec<String> {
        lines.iter().map(ToString::to_string).collect()
    };
    let lines = spec.systemd.sections().map(|(_, of)| lines(of));
    assert_eq!(
        lines,
        [
            vec![
                "Requires=a.socket",
                "After=a.socket",
                "After=network.target"
            ],
            vec!["Type=exec", "Slice=%p.slice", "CPUAccounting=yes"],
            vec!["WantedBy=x.target multi-user.target", "Alias=c.service"],
        ]
    );
    let kept = imported.decisions.iter();
    let kept = kept.filter(|it| it.outcome == Outcome::Kept);
    let kept: Vec<_> = kept.filter_map(|it| it.note.as_deref()).collect();
    assert_eq!(
        kept,
        [
            "for systemd alone, and refused under other inits: the service gets its socket from systemd, and from no other init",
            "for systemd alone: no other init hands over a socket",
            "for systemd alone: under other inits the service is in no slice; arguments that name one have to be changed",
            "for systemd alone: under other inits an enabled service starts with the machine, and not with another unit",
            "for systemd alone: the service has one name under other inits",
        ]
    );
}

/// Root's commands are root's in any case, unless the service is confined.
#[test]
fn commands_that_are_run_as_root_change_nothing_for_root() {
    let kept = |more: &str| {
        let text = format!("[Service]\nPermissionsStartOnly=yes\nExecStart=/bin/b\n{more}\n");
        let systemd = spec(&imported("a.service", &text, Vec::new())).systemd;
        systemd
            .service
            .iter()
            .any(|it| it.key() == "PermissionsStartOnly")
    };
    assert!(!kept("") && !kept("User=root"));
    assert!(kept("User=a") && kept("ProtectSystem=yes") && kept("NoNewPrivileges=yes"));
}

/// `config_parse_delegate`: the empty string takes the controllers back, and delegates.
#[test]
fn an_empty_delegate_delegates() {
    for (lines, delegates) in [
        ("Delegate=", true),
        ("Delegate=cpu\nDelegate=", true),
        ("Delegate=no\nDelegate=", true),
        ("Delegate=\nDelegate=no", false),
        ("Delegate=yes", true),
    ] {
        let text = format!("[Service]\nExecStart=/bin/a\n{lines}\n");
        let imported = imported("a.service", &text, Vec::new());
        assert_eq!(spec(&imported).delegate, delegates, "{lines}");
    }
}

#[test]
fn a_folder_is_named_without_what_means_nothing() {
    let names = |value: &str| {
        let text = format!("[Service]\nExecStart=/bin/a\nRuntimeDirectory={value}\n");
        let service = settled(spec(&imported("a.service", &text, Vec::new())));
        let folder = service.process.directories.get(DirectoryKind::Runtime);
        let folder = folder.unwrap().names.iter();
        folder.map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(names("a/ b//c ./d/./e"), ["a", "b/c", "d/e"]);
}
