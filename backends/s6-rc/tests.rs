use super::*;
use crate::backends::{Registry, S6};
use crate::control::{ControlError, Enabled, LogRequest, Question, Target};
use crate::distro::Overrides;
use crate::host::fixture::Fake;
use crate::order::Order;
use crate::service::{Name, Span};

/// The kubelet on a distribution.
fn order(distro: &'static Distro) -> Order {
    Order {
        distro: Some(distro),
        ..Order::kubelet()
    }
}

fn of(order: &Order, fake: &Fake) -> Vec<Trouble> {
    let placed = order.place(&S6Rc).unwrap();
    S6Rc.troubles(&fake.host(), &placed.request())
}

fn told(troubles: &[Trouble]) -> String {
    let told = troubles.iter().map(|trouble| {
        let Trouble { path, what, hint } = trouble;
        let hint = hint.as_deref().unwrap_or("none");
        format!("`{}` {what}\nhint: {hint}\n", path.display())
    });
    told.collect()
}

/// A machine of Artix with a service of somebody else's.
fn artix() -> Fake {
    let fake = Fake::empty();
    fake.file("/etc/s6/adminsv/default/type", "bundle\n")
        .file("/etc/s6/adminsv/default/contents.d/dbus", "")
        .file("/etc/s6/sv/dbus/type", "longrun\n")
        .file("/etc/s6/sv/containerd-srv/type", "longrun\n");
    fake
}

/// An image with s6-overlay, whose user bundle is in one of these folders.
fn image(bundles: &[&str]) -> Fake {
    let fake = Fake::empty();
    fake.link("/package/admin/s6-overlay", "s6-overlay-3.2.1.0")
        .file(
            "/package/admin/s6-overlay-3.2.1.0/etc/s6-rc/sources/base/type",
            "bundle\n",
        )
        .file("/etc/s6-overlay/s6-rc.d/.empty", "");
    for bundle in bundles {
        fake.file(&format!("/etc/s6-overlay/{bundle}/user/type"), "bundle\n");
    }
    fake
}

#[test]
fn a_tree_that_has_nothing_against_it() {
    assert_eq!(told(&of(&order(&distro::ARTIX), &artix())), "");
    assert_eq!(told(&of(&order(&distro::ARTIX), &Fake::empty())), "");
    for bundles in [&["s6-rc.d"][..], &["user-bundles.d"], &[]] {
        assert_eq!(told(&of(&order(&overlay::OVERLAY), &image(bundles))), "");
    }
}

#[test]
fn what_its_own_files_define_is_not_a_second_definition() {
    let fake = artix();
    let placed = order(&distro::ARTIX).place(&S6Rc).unwrap();
    for (path, file) in placed.rendered().unwrap().files() {
        fake.file(path.as_str(), &String::from_utf8_lossy(&file.content));
    }
    assert_eq!(told(&of(&order(&distro::ARTIX), &fake)), "");
}

/// A layer that holds nothing but our own files is as good as nothing: what it is laid over
/// has the rest.
#[test]
fn a_layer_is_written_twice() {
    let fake = Fake::empty();
    let mut order = order(&overlay::OVERLAY);
    order
        .spec
        .needs
        .push(Dependency::Service("containerd".parse().unwrap()));
    for _ in 0..2 {
        assert_eq!(told(&of(&order, &fake)), "");
        let placed = order.place(&S6Rc).unwrap();
        for (path, file) in placed.rendered().unwrap().files() {
            fake.file(path.as_str(), &String::from_utf8_lossy(&file.content));
        }
    }
    assert!(told(&of(&order, &image(&[]))).contains("dependencies.d/containerd"));
}

#[test]
fn everything_that_stands_against_it_is_told_at_once() {
    let fake = artix();
    fake.file("/etc/s6/sv/kubelet/run", "")
        .file("/etc/s6/sv/other-log/pipeline-name", "kubelet\n")
        .file("/etc/s6/adminsv/kubelet-srv/type", "longrun\n");
    std::fs::remove_dir_all(fake.path().join("etc/s6/adminsv/default/contents.d")).unwrap();
    fake.file("/etc/s6/adminsv/default/contents.d", "dbus\n");
    let mut order = order(&distro::ARTIX);
    for need in ["containerd-srv", "containerd"] {
        let need = Dependency::Service(need.parse().unwrap());
        order.spec.needs.push(need);
    }
    insta::assert_snapshot!(told(&of(&order, &fake)));
}

#[test]
fn a_bundle_that_is_none_is_told() {
    let fake = artix();
    fake.file("/etc/s6/adminsv/default/type", "longrun\n");
    insta::assert_snapshot!(told(&of(&order(&distro::ARTIX), &fake)));
}

/// Beside a folder `contents.d`, s6-rc does not read it any more: the machine would boot with the
/// kubelet alone.
#[test]
fn a_bundle_that_is_a_list_in_a_file_is_told() {
    let fake = artix();
    std::fs::remove_dir_all(fake.path().join("etc/s6/adminsv/default/contents.d")).unwrap();
    fake.file("/etc/s6/adminsv/default/contents", "dbus\n");
    insta::assert_snapshot!(told(&of(&order(&distro::ARTIX), &fake)));
    // Where there is such a folder, nobody reads it.
    fake.file("/etc/s6/adminsv/default/contents.d/dbus", "");
    assert_eq!(told(&of(&order(&distro::ARTIX), &fake)), "");
}

#[test]
fn a_folder_that_s6_frontend_passes_over_is_told() {
    let fake = artix();
    fake.file("/etc/s6/repo/.ref", "")
        .file("/etc/s6-frontend.conf", "storelist=/etc/s6/sv\n");
    assert_eq!(told(&of(&order(&distro::ARTIX), &fake)), "");
    assert_eq!(
        told(&of(&order(&distro::GENERIC), &fake)),
        "`/etc/s6-rc/source` is not in the `storelist` of s6-frontend, which takes no services from there\n\
         hint: name one of those folders with `--service-folder`\n"
    );
}

/// What the sources of a tree lack.
fn lacking(order: &Order, fake: &Fake) -> String {
    let placed = order.place(&S6Rc).unwrap();
    told(&S6Rc.unmet(&fake.host(), &placed.request()))
}

#[test]
fn a_folder_that_is_no_service_is_told() {
    let fake = artix();
    fake.file("/etc/s6/sv/old/run", "");
    insta::assert_snapshot!(lacking(&order(&distro::ARTIX), &fake));
}

/// s6-overlay 3.2.3.2 makes it, and the types of both, where `user` is among the services.
#[test]
fn a_bundle_that_an_image_makes_when_it_starts_is_not_missed() {
    let fake = image(&["s6-rc.d"]);
    fake.file(
        "/package/admin/s6-overlay-3.2.1.0/etc/s6-rc/sources/top/type",
        "bundle\n",
    )
    .file(
        "/package/admin/s6-overlay-3.2.1.0/etc/s6-rc/sources/top/contents.d/user2",
        "",
    );
    std::fs::remove_file(fake.path().join("etc/s6-overlay/s6-rc.d/user/type")).unwrap();
    assert_eq!(lacking(&order(&overlay::OVERLAY), &fake), "");
    let without = image(&["user-bundles.d"]);
    without
        .file(
            "/package/admin/s6-overlay-3.2.1.0/etc/s6-rc/sources/top/type",
            "bundle\n",
        )
        .file(
            "/package/admin/s6-overlay-3.2.1.0/etc/s6-rc/sources/top/contents.d/user2",
            "",
        );
    let told = lacking(&order(&overlay::OVERLAY), &without);
    assert!(told.contains("contents.d/user2` names a service"), "{told}");
}

#[test]
fn plain_s6_in_a_folder_that_is_compiled_is_told() {
    let order = order(&distro::ARTIX);
    let placed = order.place(&S6).unwrap();
    let request = placed.request();
    assert_eq!(told(&S6.troubles(&Fake::empty().host(), &request)), "");
    insta::assert_snapshot!(told(&S6.troubles(&artix().host(), &request)));
}

#[test]
fn names_that_it_takes_for_something_else_are_refused() {
    let refused = |distro, name: &str| {
        let mut order = order(distro);
        order.spec.name = name.parse().unwrap();
        let rendered = order.place(&S6Rc).unwrap().rendered();
        rendered.err().map(|error| error.to_string())
    };
    let told = [
        refused(&distro::ARTIX, "s6rc-kubelet"),
        refused(&distro::ARTIX, "s6-rc-kubelet"),
        refused(&distro::ARTIX, "default"),
        refused(&overlay::OVERLAY, "user"),
    ];
    let told: Vec<_> = told.into_iter().map(Option::unwrap).collect();
    insta::assert_snapshot!(told.join("\n"));
    assert_eq!(refused(&overlay::OVERLAY, "default"), None);
    assert_eq!(refused(&distro::ARTIX, "user"), None);
}

/// The words about a container's output are no path.
#[test]
fn where_the_output_of_a_container_goes_is_told() {
    let fake = image(&["user-bundles.d"]);
    let placed = order(&overlay::OVERLAY).place(&S6Rc).unwrap();
    for (path, file) in placed.rendered().unwrap().files() {
        fake.file(path.as_str(), &String::from_utf8_lossy(&file.content));
    }
    let host = fake.host();
    let target = Target {
        name: &placed.service.name,
        places: &placed.places,
        host: &host,
        scan_folder: None,
        patience: Span::seconds(120),
    };
    let request = LogRequest {
        lines: 10,
        follow: false,
    };
    let told = S6Rc.control().unwrap().log(&target, request).unwrap_err();
    let told = told
        .to_string()
        .replace(&fake.path().display().to_string(), "");
    assert_eq!(
        told,
        "`/etc/s6-overlay/s6-rc.d/kubelet` says that the output of `kubelet` goes to the output of s6-svscan, \
         which in a container is the container's own"
    );
}

/// What is done in a tree to enable the kubelet, and what is to be run there.
fn enabling(fake: &Fake, distro: &'static Distro, layout: Option<&str>) -> String {
    let name: Name = "kubelet".parse().unwrap();
    let overrides = Overrides {
        layout: layout.map(|layout| layout.parse().unwrap()),
        ..Overrides::default()
    };
    let order = Order {
        overrides,
        ..order(distro)
    };
    let placed = order.place(&S6Rc).unwrap();
    for (path, file) in placed.rendered().unwrap().files() {
        fake.file(path.as_str(), &String::from_utf8_lossy(&file.content));
    }
    let host = fake.host();
    let target = Target {
        name: &name,
        places: &placed.places,
        host: &host,
        scan_folder: None,
        patience: Span::seconds(120),
    };
    let tools = S6Rc.control().unwrap();
    let steps = tools.set_enabled(&target, true).unwrap();
    let steps = steps.iter().map(|step| format!("{step}\n"));
    let commands = tools.in_tree(&target, true).into_iter();
    let commands = commands.map(|command| format!("in the tree: {command}\n"));
    let enabled = match tools.enabled(&target) {
        Ok(Question::Known(Enabled::No)) => "not enabled yet\n".to_owned(),
        Ok(_) => panic!("it is said to be enabled"),
        Err(error @ ControlError::Untold { .. }) => format!("{error}\n"),
        Err(error) => panic!("{error}"),
    };
    steps.chain(commands).chain([enabled]).collect()
}

#[test]
fn a_tree_is_enabled_as_far_as_files_can() {
    let frontend = artix();
    frontend.file("/etc/s6/repo/.ref", "");
    let upstream = Fake::empty();
    upstream.file("/etc/s6-rc/compiled/current/resolve.cdb", "");
    let pipeline = Some(PIPELINE);
    let told = [
        ("adminsv", enabling(&artix(), &distro::ARTIX, None)),
        (
            "adminsv, nothing there yet",
            enabling(&Fake::empty(), &distro::ARTIX, None),
        ),
        (
            "adminsv, without a logger",
            enabling(&artix(), &distro::ARTIX, Some(ALONE)),
        ),
        ("s6-frontend", enabling(&frontend, &distro::ARTIX, None)),
        ("upstream", enabling(&upstream, &distro::GENERIC, None)),
        (
            "s6-overlay 3.2.3.2",
            enabling(&image(&["user-bundles.d"]), &overlay::OVERLAY, None),
        ),
        (
            "s6-overlay 3.2.3.2, pipeline",
            enabling(&image(&["user-bundles.d"]), &overlay::OVERLAY, pipeline),
        ),
        (
            "s6-overlay 3.2.1.0",
            enabling(&image(&["s6-rc.d"]), &overlay::OVERLAY, None),
        ),
        (
            "s6-overlay, both",
            enabling(
                &image(&["s6-rc.d", "user-bundles.d"]),
                &overlay::OVERLAY,
                None,
            ),
        ),
    ];
    let told = told.map(|(title, text)| format!("{title}\n{text}"));
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn an_image_shows_its_distribution() {
    let registry = Registry::builtin();
    let of = |fake: &Fake| registry.distro_of(&fake.host()).map(|distro| distro.name);
    let fake = image(&[]);
    fake.file("/etc/os-release", "ID=debian\n");
    assert_eq!(of(&fake), Some("s6-overlay"));
    let version_2 = Fake::empty();
    version_2
        .program("/init", "")
        .file("/etc/s6/init/init-stage1", "")
        .file("/etc/os-release", "ID=alpine\n");
    assert_eq!(of(&version_2), Some("alpine"));
}
