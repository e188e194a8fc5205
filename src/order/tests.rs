use super::*;
use crate::backends::{BUILTIN, Layout, Registry, RenderError};
use crate::distro::{DEBIAN, GENERIC};
use crate::rendering::Rendered;
use crate::service::{AbsPath, LogTo};

/// An init with one file for all services, and two ways to keep them there.
struct Odd;

impl Backend for Odd {
    fn name(&self) -> &'static str {
        "odd"
    }

    fn title(&self) -> &'static str {
        "Odd"
    }

    fn default_distro(&self) -> &'static Distro {
        &GENERIC
    }

    fn layouts(&self) -> &'static [Layout] {
        &[
            Layout {
                name: "line",
                about: "a line of a table",
            },
            Layout {
                name: "file",
                about: "a file",
            },
        ]
    }

    fn place(&self, _distro: &Distro, layout: Option<&str>) -> Place {
        match layout {
            Some("file") => Place::Own("/etc/odd/{name}"),
            _ => Place::Fixed("/etc/oddtab"),
        }
    }

    fn express(&self, property: Property) -> Expression {
        match property {
            Property::StopKill => Expression::refused("it ends all processes or none"),
            Property::Nproc => Expression::note("there are no limits here"),
            _ => Expression::omitted("this is a test"),
        }
    }

    fn render(&self, request: &Request<'_>) -> Result<Rendered, RenderError> {
        if request.service.name.as_str() != "kubelet" {
            return Ok(Rendered::default());
        }
        let error = std::io::Error::other("it is odd");
        Err(RenderError::init("odd", error).hint("take an even one"))
    }
}

fn order(change: impl FnOnce(&mut Overrides)) -> Order {
    let mut order = Order::kubelet();
    change(&mut order.overrides);
    order
}

fn refused(order: &Order, backend: &'static dyn Backend) -> String {
    order.place(backend).err().unwrap().to_string()
}

#[test]
fn a_service_folder_that_is_asked_for_holds_for_every_init_of_this_crate() {
    for &backend in BUILTIN {
        let order = order(|asked| asked.service_folder = Some("/srv".parse().unwrap()));
        if matches!(backend.place(&DEBIAN, None), Place::Fixed(_)) {
            let refusal = refused(&order, backend);
            assert!(
                refusal.ends_with(" alone, and not from `/srv`"),
                "{refusal}"
            );
            continue;
        }
        let placed = order.place(backend).unwrap();
        assert_eq!(placed.places.service.parent(), "/srv", "{}", backend.name());
        let rendering = placed.render().unwrap();
        let mut paths = rendering.rendered.files();
        assert!(
            paths.any(|(path, _)| path.as_str().starts_with("/srv/")),
            "{}",
            backend.name()
        );
    }
}

#[test]
fn an_init_refuses_what_it_does_not_know() {
    let folder = |asked: &mut Overrides| asked.service_folder = Some("/srv".parse().unwrap());
    let layout = |name: &str| Some(name.parse().unwrap());
    assert_eq!(
        refused(&order(folder), &Odd),
        "odd reads services from `/etc/oddtab` alone, and not from `/srv`"
    );
    assert_eq!(
        refused(&order(|asked| asked.layout = layout("tree")), &Odd),
        "odd has no layout `tree`; it has `line` and `file`"
    );
    assert_eq!(
        refused(&order(|asked| asked.layout = layout("line")), BUILTIN[0]),
        "systemd has no layout `line`: there is only one way to keep services there"
    );
    let both = order(|asked| {
        folder(asked);
        asked.layout = layout("file");
    });
    let placed = both.place(&Odd).unwrap();
    assert_eq!(placed.places.service.as_str(), "/srv/kubelet");
    let error = placed.render().err().unwrap();
    assert_eq!(error.to_string(), "odd: it is odd");
}

#[test]
fn nothing_that_a_service_says_is_dropped_silently() {
    let of = |rest: &str| {
        let text = format!("name: x\ndescription: x\nprogram: /bin/x\n{rest}");
        let order = Order {
            spec: Spec::read("spec", text.as_bytes()).unwrap(),
            ..Order::kubelet()
        };
        order.place(&Odd).unwrap().rendered()
    };
    let limited = of("limits: {nproc: {soft: 1, hard: 1}}\n").unwrap();
    let notes: Vec<_> = limited
        .notes()
        .iter()
        .map(|note| (note.property, &*note.text))
        .collect();
    assert_eq!(notes, [("limits.nproc", "there are no limits here")]);
    assert_eq!(of("").unwrap().notes(), []);
    assert_eq!(
        of("stop: {kill: process}\n").unwrap_err().to_string(),
        "odd cannot run `x` with `stop.kill`: it ends all processes or none"
    );
}

#[test]
fn lines_for_systemd_alone_are_written_there_and_told_of_elsewhere() {
    let of = |backend: &'static dyn Backend, lines: &str| {
        let text = format!("name: x\ndescription: x\nprogram: /bin/x\nsystemd: {{{lines}}}\n");
        let order = Order {
            spec: Spec::read("spec", text.as_bytes()).unwrap(),
            ..Order::kubelet()
        };
        order.place(backend).unwrap().rendered()
    };
    let lines = "unit: [After=x.socket], service: [Slice=a.slice, SyslogIdentifier=%n], install: [Alias=b.service]";
    let rendered = of(BUILTIN[0], lines).unwrap();
    let (_, unit) = rendered.files().next().unwrap();
    let unit = String::from_utf8(unit.content.clone()).unwrap();
    assert!(unit.contains("\nAfter=x.socket\n\n[Service]\n"), "{unit}");
    let end = "\nSlice=a.slice\nSyslogIdentifier=%n\n\n[Install]\nWantedBy=multi-user.target\nAlias=b.service\n";
    assert!(unit.ends_with(end), "{unit}");
    assert_eq!(rendered.notes(), []);
    let unit = of(BUILTIN[0], "install: [WantedBy=x.target]").unwrap();
    let (_, unit) = unit.files().next().unwrap();
    assert!(
        unit.content
            .ends_with(b"\n\n[Install]\nWantedBy=x.target\n")
    );

    let elsewhere = of(&Odd, lines).unwrap();
    let notes: Vec<_> = elsewhere.notes().iter().map(|it| &*it.text).collect();
    assert_eq!(
        notes,
        [
            "`After=`: left out: no other init hands over a socket",
            "`Slice=`: left out: under other inits the service is in no slice; arguments that name one have to be changed",
            "`Alias=`: left out: the service has one name under other inits",
        ]
    );
    for (backend, lines, error) in [
        (
            &Odd as &dyn Backend,
            "unit: [Requires=x.socket]",
            "odd cannot run `x` with `Requires=` of `systemd`: the service gets its socket from systemd, and from no other init",
        ),
        (
            BUILTIN[0],
            "service: [Restart=no]",
            "systemd cannot run `x` with `Restart=` of `systemd`: a spec has a word of its own for it",
        ),
    ] {
        assert_eq!(of(backend, lines).unwrap_err().to_string(), error);
    }
}

#[test]
fn notes_are_on_what_an_init_does_not_wholly_express() {
    // What a note is on besides is the launcher itself, and a file that another thing reads.
    const OTHERS: &[&str] = &["launcher", "envFiles", "runtimeDirectory"];
    for &backend in BUILTIN {
        for property in Property::ALL {
            assert!(
                !backend.express(*property).by.is_empty(),
                "{}",
                backend.name()
            );
        }
        let mut order = Order::kubelet();
        order.spec = Spec::read("spec", include_bytes!("everything.yaml")).unwrap();
        // What an init refuses is an error, and no note.
        if backend.express(Property::LogTo).how == How::Refused {
            order.spec.log.to = LogTo::Folder;
        }
        // A sh program cannot do all that there is.
        order.launcher = Launcher::Native;
        let rendered = order.place(backend).unwrap().rendered().unwrap();
        for note in rendered.notes() {
            let mut all = Property::ALL.iter();
            let how = all.find(|it| it.key() == note.property);
            let how = how.map(|property| backend.express(*property).how);
            let is_expected = matches!(how, Some(How::Partial | How::Note));
            assert!(
                is_expected || OTHERS.contains(&note.property),
                "{}: {note:?}",
                backend.name()
            );
        }
        for property in order.place(backend).unwrap().service.properties() {
            let how = backend.express(property).how;
            let mut notes = rendered.notes().iter();
            let has_note = notes.any(|note| note.property == property.key());
            assert!(
                has_note || how != How::Note,
                "{}: {property}",
                backend.name()
            );
        }
    }
}

#[test]
fn choices_give_the_order_back() {
    let registry = Registry::builtin();
    let mut order = order(|asked| asked.log_folder = Some("/srv/log".parse().unwrap()));
    order.launcher = Launcher::Native;
    for &backend in BUILTIN {
        let choices = order.choices(backend);
        assert_eq!(choices.distro, backend.default_distro().name);
        let again = choices.order(&registry).unwrap();
        let files = |order: &Order| order.place(backend).unwrap().render().unwrap().rendered;
        assert_eq!(files(&order), files(&again), "{}", backend.name());
    }
    let unknown = Choices {
        distro: "plan9".into(),
        ..order.choices(BUILTIN[0])
    };
    let error = unknown.order(&registry).unwrap_err().to_string();
    assert!(
        error.starts_with("unknown distribution `plan9`; known are `alpine`, "),
        "{error}"
    );
}

/// supervisord makes no folders, so that its own file is beside the usual folder.
#[test]
fn a_folder_for_logs_is_one_under_supervisord_too() {
    let registry = Registry::builtin();
    let supervisord = registry.find("supervisord").unwrap();
    for (folder, file, noted) in [
        (None, "/var/log/kubelet.log", false),
        (Some("/var/log"), "/var/log/kubelet.log", false),
        (Some("/srv/logs"), "/srv/logs/kubelet.log", true),
    ] {
        let order = order(|asked| asked.log_folder = folder.map(|it| it.parse().unwrap()));
        let rendered = order.place(supervisord).unwrap().rendered().unwrap();
        let mut texts = rendered
            .files()
            .map(|(_, file)| String::from_utf8_lossy(&file.content));
        let line = format!("\nstdout_logfile={file}\n");
        assert!(texts.any(|text| text.contains(&line)), "{folder:?}");
        let mut notes = rendered.notes().iter();
        assert_eq!(
            notes.any(|note| note.property == "log"),
            noted,
            "{folder:?}"
        );
    }
}

fn extra(spec: &str) -> Result<(AbsPath, String), String> {
    let order = Order {
        spec: Spec::read("spec", spec.as_bytes()).unwrap(),
        distro: Some(&DEBIAN),
        ..Order::kubelet()
    };
    let placed = order.place(BUILTIN[0]).unwrap();
    extra_arguments(&placed.service, &placed.places, &["--a", "b c"])
        .map(|(path, file)| (path, String::from_utf8(file.content).unwrap()))
        .map_err(|error| error.to_string())
}

#[test]
fn further_arguments_go_to_the_variable_that_the_service_has_for_them() {
    let kubelet = extra(crate::spec::KUBELET).unwrap();
    assert_eq!(kubelet.0.as_str(), "/etc/default/kubelet");
    assert_eq!(kubelet.1, "KUBELET_EXTRA_ARGS=\"--a \\\"b c\\\"\"\n");
    let head = "name: x\ndescription: x\nprogram: /usr/bin/x\n";
    let files = "envFiles: [{path: '{extra-args-file}'}]\n";
    let own = extra(&format!(
        "{head}{files}arguments: [$X_ARGS, $Y, --z]\nenvironment: {{Y: y}}\n"
    ));
    assert!(own.unwrap().1.starts_with("X_ARGS="));
    assert_eq!(
        extra(&format!("{head}arguments: [$X_ARGS]\n")).unwrap_err(),
        "`x` does not read `/etc/default/x`, where its further arguments would go"
    );
    assert_eq!(
        extra(&format!("{head}{files}arguments: [--a]\n")).unwrap_err(),
        "none of the arguments of `x` is a variable that `/etc/default/x` could set, so no further arguments can be added"
    );
}

#[test]
fn order_alone_and_readiness_are_said_as_each_init_says_them() {
    let text = "name: x\ndescription: x\nprogram: /bin/x\nafter: [earlier]\nbefore: [later]\n\
        type: notify\ndelegate: true\ntasksMax: 100\n";
    let mut told = Vec::new();
    for &backend in BUILTIN {
        let mut order = Order::kubelet();
        order.spec = Spec::read("spec", text.as_bytes()).unwrap();
        let rendered = order.place(backend).unwrap().rendered().unwrap();
        told.push(format!("== {}", backend.name()));
        let words = ["earlier", "later", "notify", "Delegate=", "TasksMax="];
        for (path, file) in rendered.files() {
            let lines = std::str::from_utf8(&file.content).unwrap().lines();
            let said = lines.filter(|line| {
                let mut all = line.split([' ', '\t', '=', '.', ';']);
                all.any(|word| words.contains(&word))
                    || words[3..].iter().any(|it| line.starts_with(it))
            });
            told.extend(said.map(|line| format!("{path}: {}", line.trim())));
        }
        let keys = ["after", "before", "type", "tasksMax", "delegate"];
        let notes = rendered
            .notes()
            .iter()
            .filter(|note| keys.contains(&note.property));
        told.extend(notes.map(|note| format!("note: {}: {}", note.property, note.text)));
    }
    insta::assert_snapshot!(told.join("\n"));
}
