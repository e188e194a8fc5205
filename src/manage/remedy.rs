//! What may help where a service could not be driven or installed.

use std::path::Path;

use clap::ValueEnum;

use crate::control::{ControlError, Destination};
use crate::distro::Overrides;
use crate::effective::{Goes, Rival};
use crate::hint::{Call, Hint};
use crate::install::{Conflict, InstallError, Obstacle};
use crate::order::Choices;
use crate::process::{Command, ProcessError};
use crate::rendering::quote::sh;
use crate::service::AbsPath;
use crate::takeover::Lost;

/// What a command calls the options that a hint may name.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The one for how long a stop may take.
    pub timeout: &'static str,
    /// The init, where it may have to be installed before its scan directory is there.
    pub to_install: Option<&'static str>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            timeout: "--timeout",
            to_install: None,
        }
    }
}

/// What helps where a service cannot be driven.
pub(super) fn of_control(error: &ControlError, options: &Options) -> Option<Hint> {
    let detect = || Call::new("detect");
    Some(match error {
        ControlError::NotSupervised { name, .. } => {
            Hint::call(Call::new("service enable").word(name.as_str())).and(" links it there")
        }
        ControlError::NotLoaded { name, commands, .. } => {
            Hint::text(format!("{} makes it known; ", sequence(commands)))
                .and_call(Call::new("service enable").word(name.as_str()))
                .and(" does so, and starts it at boot")
        }
        ControlError::Untold { commands, .. } if !commands.is_empty() => {
            format!("to find out, run {}", sequence(commands)).into()
        }
        ControlError::Masked { .. } => "remove that link first".into(),
        ControlError::ByHand { commands, .. } => {
            format!("if you know its folders, run {}", sequence(commands)).into()
        }
        ControlError::NoScanFolder { .. } => match options.to_install {
            None => "name it with `--scan-folder`".into(),
            Some(init) => format!("install {init} first, or add `--scan-folder DIR`").into(),
        },
        ControlError::NoSupervisor { .. } => {
            Hint::text("a service directory can outlive its supervisor; ")
                .and_call(detect())
                .and(" shows what runs")
        }
        ControlError::Unreachable { .. } => {
            Hint::call(detect()).and(" shows what runs; `--init` chooses another init")
        }
        ControlError::NoPermission { .. } | ControlError::Denied { .. } => "run it as root".into(),
        ControlError::Process(ProcessError::Missing { .. }) => {
            Hint::text("is this the right init? ")
                .and_call(detect())
                .and(" shows what there is")
        }
        ControlError::LogElsewhere {
            to: Destination::Vlogger,
            ..
        } => {
            "it passes lines on to syslog: with socklog they are in /var/log/socklog, with others often in /var/log/messages; or to the program /etc/vlogger".into()
        }
        ControlError::Process(ProcessError::Timeout { .. }) => {
            format!("`{}` lets it wait longer", options.timeout).into()
        }
        _ => return None,
    })
}

/// Commands to be run one after another, as a person would type them.
fn sequence(commands: &[Command]) -> String {
    let words: Vec<_> = commands.iter().map(Command::to_string).collect();
    format!("`{}`", words.join(" && "))
}

/// What helps where something is in the way of an installation.
pub(super) fn of_install(
    error: &InstallError,
    root: &Path,
    init: &str,
    migrates: bool,
) -> Option<Hint> {
    let InstallError::Conflicts { conflicts } = error else {
        return None;
    };
    let nothing = Hint::text("nothing was written; ");
    if conflicts.iter().all(|it| it.why.yields()) {
        let diff = Call::new("diff").root(root).init(init);
        let is_foreign = |it: &Conflict| it.why == Obstacle::Foreign;
        return Some(nothing.and_call(diff).and(
            match migrates && conflicts.iter().any(is_foreign) {
                true => {
                    " shows the differences, `--migrate` takes over from a service that is there and keeps its files beside, `--force` overwrites"
                }
                false => " shows the differences, `--force` overwrites",
            },
        ));
    }
    let is_entrance = |why: &Obstacle| matches!(why, Obstacle::Entrance { .. });
    if conflicts.iter().any(|it| is_entrance(&it.why)) {
        return Some(nothing.and(
            "`--service-folder` names the folder in which the service's files are kept, such as \
             `/etc/sv`; `--enable` makes the link by which the init finds them",
        ));
    }
    let mut obstacles = conflicts.iter().map(|conflict| &conflict.why);
    let shared = obstacles.find_map(|why| match why {
        Obstacle::Shared {
            service,
            init,
            choices,
        } => Some((service, init, choices)),
        _ => None,
    });
    Some(match shared {
        Some((service, init, choices)) => {
            let remove = Call::new("uninstall").root(root).name(service).init(init);
            nothing
                .and(format!(
                    "that was installed with `{}`: give the same, or remove it first with ",
                    options(choices).join(" ")
                ))
                .and_call(remove)
        }
        None => nothing.and("remove it first; `--force` does not do that"),
    })
}

/// What helps where the service is defined elsewhere too.
pub(super) fn of_rivals(rivals: &[Rival], root: &Path, init: &str) -> Hint {
    let nothing = Hint::text("nothing was written; ");
    let migrate = Call::new("install").root(root).init(init).word("--migrate");
    let mut by_hand: Vec<&str> = Vec::new();
    for rival in rivals {
        if let Goes::ByHand(how) | Goes::Disable(how) = &rival.goes
            && !by_hand.contains(&how.as_str())
        {
            by_hand.push(how);
        }
    }
    let rest = "; `--force` installs beside it all the same";
    if !by_hand.is_empty() {
        return nothing.and(format!("{}, then run it again{rest}", by_hand.join(", ")));
    }
    nothing.and_call(migrate).and(format!(
        " takes its place: it moves the arguments into the administrator's env file, and keeps \
         the old files beside{rest}"
    ))
}

/// What helps where settings would have no effect.
pub(super) fn of_lost(lost: &[Lost], root: &Path, init: &str) -> Hint {
    let nothing = Hint::text("nothing was written; ");
    let mut others = lost.iter().filter(|it| !it.is_arguments);
    let other = others.next().map(|it| it.hint.clone());
    let move_it = lost.iter().any(|it| it.is_arguments).then(|| {
        let call = Call::new("install").root(root).init(init).word("--migrate");
        Hint::call(call).and(" moves the arguments and keeps the old files beside")
    });
    let hints = move_it.into_iter().chain(other.map(Hint::from));
    hints
        .reduce(Hint::then)
        .map_or_else(Hint::default, |hint| nothing.joined(hint))
}

/// The options that make these choices. A record has a spec's text, not its name.
fn options(choices: &Choices) -> Vec<String> {
    let launcher = choices.launcher.to_possible_value();
    let mut options = vec![format!("--distro {}", choices.distro)];
    options.extend(launcher.map(|launcher| format!("--launcher {}", launcher.get_name())));
    options.extend(choices.spec.as_ref().map(|_| "--spec FILE".into()));
    let Overrides {
        program,
        extra_args_file,
        service_folder,
        libexec_folder,
        log_folder,
        layout,
    } = &choices.overrides;
    let places = [
        ("kubelet", program),
        ("extra-args-file", extra_args_file),
        ("service-folder", service_folder),
        ("libexec-folder", libexec_folder),
        ("log-folder", log_folder),
    ];
    let asked = |(option, place): (&str, &Option<AbsPath>)| {
        let place = place.as_ref()?;
        Some(format!("--{option} {}", sh(place.as_str())))
    };
    options.extend(places.into_iter().filter_map(asked));
    options.extend(layout.as_ref().map(|name| format!("--layout {name}")));
    options
}
