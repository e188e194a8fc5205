//! A backend from outside the crate: one type and one call of the registry.

use std::process::ExitCode;

use kubelet_unit::backends::{Backend, Expression, Registry, RenderError, Request};
use kubelet_unit::cli;
use kubelet_unit::distro::{self, Distro, Place};
use kubelet_unit::rendering::{File, Rendered};
use kubelet_unit::service::Property;

/// An init of somebody's own, as far as a test needs it.
struct Mine;

impl Backend for Mine {
    fn name(&self) -> &'static str {
        "mine"
    }

    fn title(&self) -> &'static str {
        "mine"
    }

    fn default_distro(&self) -> &'static Distro {
        &distro::ARTIX
    }

    fn place(&self, _: &Distro, _: Option<&str>) -> Place {
        Place::Own("/etc/mine.d/{name}")
    }

    fn express(&self, _: Property) -> Expression {
        Expression::omitted("this is a test")
    }

    fn render(&self, request: &Request<'_>) -> Result<Rendered, RenderError> {
        let mut rendered = Rendered::default();
        let text = format!("type = process\ncommand = {}\n", request.service.program);
        rendered.add(request.places.service.clone(), File::data(text))?;
        rendered.note("restart.delay", "it has its own");
        Ok(rendered)
    }
}

fn registry() -> Registry {
    Registry::builtin().with(&Mine)
}

#[test]
fn the_registry_has_it_beside_the_others() {
    let names: Vec<_> = registry().iter().map(Backend::name).collect();
    let builtin = Registry::builtin();
    let expected: Vec<_> = builtin.iter().map(Backend::name).chain(["mine"]).collect();
    assert_eq!(names, expected);
}

#[test]
fn the_command_line_offers_and_renders_it() {
    let folder = crate::support::Scratch::new();
    let out = folder.path().join("tree");
    let typed = |init| {
        ["kubelet-unit", "render", "--init", init, "--output"]
            .map(std::ffi::OsString::from)
            .into_iter()
            .chain([out.clone().into_os_string()])
    };
    assert_eq!(
        cli::run_words(&registry(), typed("mine")),
        ExitCode::SUCCESS
    );
    assert_eq!(
        std::fs::read_to_string(out.join("etc/mine.d/kubelet")).unwrap(),
        "type = process\ncommand = /usr/bin/kubelet\n"
    );
    assert_eq!(
        cli::run_words(&Registry::builtin(), typed("mine")),
        ExitCode::from(2)
    );
}

#[test]
fn one_of_the_same_name_goes_before_ours() {
    struct Other;
    impl Backend for Other {
        fn name(&self) -> &'static str {
            "runit"
        }
        fn title(&self) -> &'static str {
            "another runit"
        }
        fn default_distro(&self) -> &'static Distro {
            &distro::VOID
        }
        fn place(&self, _: &Distro, _: Option<&str>) -> Place {
            Place::Own("/etc/sv/{name}")
        }
        fn express(&self, _: Property) -> Expression {
            Expression::omitted("this is a test")
        }
        fn render(&self, _: &Request<'_>) -> Result<Rendered, RenderError> {
            Ok(Rendered::default())
        }
    }
    let registry = Registry::builtin().with(&Other);
    assert_eq!(registry.find("runit").unwrap().title(), "another runit");
    assert_eq!(registry.iter().count(), Registry::builtin().iter().count());
}
