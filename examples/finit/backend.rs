//! finit, <https://troglobit.com/projects/finit/>, as a backend from outside the crate: it
//! uses what the crate promises to everybody, and nothing else.
//!
//! Written for finit 4.2 as Debian has it, from `finit.conf(5)` and `initctl(8)`.

use std::path::{Path, PathBuf};

use kubelet_unit::backends::{Activation, Backend, Expression, RenderError, Request, launcher};
use kubelet_unit::control::{
    Change, Control, ControlError, Enabled, LogRequest, Question, State, Step, Target, follow_files,
};
use kubelet_unit::detect::{Evidence, Signs};
use kubelet_unit::distro::{self, Distro, Place};
use kubelet_unit::process::Command;
use kubelet_unit::rendering::template::{Quoting, Source, Templates};
use kubelet_unit::rendering::{File, Rendered};
use kubelet_unit::service::{AbsPath, Property};
use serde::Serialize;

/// finit.
pub(crate) struct Finit;

/// The folder whose links finit starts.
const ENABLED: &str = "/etc/finit.d/enabled";

/// The longest that finit 4.2 waits before its KILL, in seconds: it refuses a `kill:` that
/// is not from 1 to 60.
const MOST_KILL: u64 = 60;

const TEMPLATES: &[Source] = &[("service", include_str!("service.conf"))];

/// A line of finit's has no quotes: words end at blanks, and the rest after `--` is text.
/// Paths with blanks are refused in [`Backend::render`], so only text needs a filter.
const QUOTING: &[Quoting] = &[("finit_text", |text| {
    text.replace(|c: char| c.is_control() || c == '#', " ")
})];

/// What finit cannot be told.
#[derive(Debug, thiserror::Error)]
#[error("`{path}` has a blank or a `$`, which ends a word or begins a variable there")]
struct NotAWord {
    path: AbsPath,
}

/// What the template sees.
#[derive(Serialize)]
struct Data<'a> {
    name: &'a str,
    description: &'a str,
    launcher: &'a str,
    log: &'a str,
    kill: u64,
}

impl Backend for Finit {
    fn name(&self) -> &'static str {
        "finit"
    }

    fn title(&self) -> &'static str {
        "finit"
    }

    fn default_distro(&self) -> &'static Distro {
        &distro::DEBIAN
    }

    fn place(&self, _distro: &Distro, _layout: Option<&str>) -> Place {
        Place::Own("/etc/finit.d/available/{name}.conf")
    }

    fn evidence(&self) -> Option<&dyn Evidence> {
        Some(self)
    }

    fn control(&self) -> Option<&dyn Control> {
        Some(self)
    }

    fn express(&self, property: Property) -> Expression {
        match property {
            Property::Name => Expression::native("`name:` and the name of the file"),
            Property::Description => Expression::native("the text after `--`"),
            Property::ConfiguredBy | Property::Documentation => {
                Expression::omitted("no place for it")
            }
            Property::Program
            | Property::Arguments
            | Property::Environment
            | Property::EnvFiles
            | Property::Specifiers
            | Property::Nofile
            | Property::Nproc
            | Property::Core
            | Property::OomScoreAdjust
            | Property::SuccessExitStatus
            | Property::ForceExitStatus
            | Property::PreventExitStatus
            | Property::Conditions
            | Property::PreStart
            | Property::PostStart
            | Property::StopCommands
            | Property::PostStop
            | Property::PidFile
            | Property::RemainAfterExit
            | Property::NotifyAccess
            | Property::StartTimeout
            | Property::Reload
            | Property::StopSendKill
            | Property::Process(_) => Expression::launcher("the launcher"),
            Property::RestartPolicy | Property::RestartDelay => Expression::launcher(
                "the launcher stays the parent (`supervise`): finit waits 2 s, then 5 s, and gives up after ten",
            ),
            Property::RestartLimit => {
                Expression::note("there is none here: the service is started again for ever")
            }
            Property::StopSignal | Property::StopKill => {
                Expression::launcher("the launcher, which gets TERM from finit")
            }
            Property::StopTimeout => Expression::partial(
                "the launcher; finit kills it after at most 60 s (`kill:`), and a note says what that means for a service that may take longer",
            ),
            Property::Conflicts => Expression::note("a start of the one does not stop the other"),
            Property::Type => Expression::partial("dependents start as soon as its process has"),
            Property::TasksMax => Expression::note("nothing bounds the number of its processes"),
            Property::Delegate => Expression::omitted("its control groups are left to it"),
            Property::Systemd => Expression::partial("a note says of each line what is lost"),
            Property::Needs | Property::Wants | Property::After | Property::Before => {
                Expression::note(
                    "finit's conditions name what only the administrator knows; the service starts with the runlevel",
                )
            }
            Property::LogTo => {
                Expression::refused("finit's own `log` directive keeps it in a file")
            }
            Property::LogMaxSize | Property::LogKeep => {
                Expression::note("finit's own `log` directive says it for all services at once")
            }
        }
    }

    fn render(&self, request: &Request<'_>) -> Result<Rendered, RenderError> {
        let service = request.service;
        let launcher = launcher::path(request)?;
        let log = log(&request.places.log_folder)?;
        for path in [&launcher, &log] {
            if path.as_str().contains([' ', '\t', '$']) {
                let error = NotAWord { path: path.clone() };
                return Err(RenderError::init(self.name(), error)
                    .hint("name a folder without one, with `--libexec-folder` or `--log-folder`"));
            }
        }
        let data = Data {
            name: service.name.as_str(),
            description: service.description.as_str(),
            launcher: launcher.as_str(),
            log: log.as_str(),
            kill: launcher::gives_up(request).seconds_up().min(MOST_KILL),
        };
        let text = Templates::with(TEMPLATES, QUOTING)?.render("service", &data)?;
        let mut rendered = Rendered::default();
        rendered.add(request.places.service.clone(), File::data(text))?;
        launcher::add(request, &mut rendered)?;
        if service.stop.timeout.seconds_up() >= MOST_KILL {
            rendered.note(
                Property::StopTimeout.key(),
                "finit kills the launcher after 60 s at the most; what takes longer to end is ended by the next start",
            );
        }
        Ok(rendered)
    }

    fn activation(&self, request: &Request<'_>) -> Activation {
        let words = |words: [&str; 3]| words.map(String::from).to_vec();
        Activation {
            reload: Vec::new(),
            start: vec![
                words(["initctl", "enable", request.service.name.as_str()]),
                vec!["initctl".into(), "reload".into()],
            ],
            is_widely_known: false,
        }
    }
}

fn log(folder: &AbsPath) -> Result<AbsPath, RenderError> {
    Ok(folder.with_suffix(".log")?)
}

impl Evidence for Finit {
    fn look(&self, signs: &mut Signs<'_>) {
        signs.first_process(&["finit"]);
        signs.boots(&["finit"]);
        signs.installed(&["finit"]);
    }
}

impl Control for Finit {
    /// The launcher knows what runs: it keeps the PID of the program while that is up.
    fn state(&self, target: &Target<'_>) -> Result<Question<State>, ControlError> {
        if !target.host.exists(file(target)) {
            return Ok(Question::Known(State::Unknown));
        }
        let path = format!("/run/kubelet-unit/{}/pid", target.name);
        let pid = target.host.text(path);
        let pid = pid.and_then(|text| text.split_whitespace().next()?.parse::<u32>().ok());
        let runs = |pid: &u32| target.host.exists(format!("/proc/{pid}/stat"));
        Ok(Question::Known(match pid.filter(runs) {
            Some(pid) => State::Active { pid: Some(pid) },
            None => State::Inactive,
        }))
    }

    fn change(&self, target: &Target<'_>, change: Change) -> Result<Vec<Step>, ControlError> {
        known(target)?;
        let name = target.name.as_str();
        let command = match change {
            Change::Start => Command::new(["initctl", "start", name]),
            Change::Stop => Command::new(["initctl", "stop", name]).within(target.stop_limit()),
            Change::Restart => {
                Command::new(["initctl", "restart", name]).within(target.stop_limit())
            }
            Change::Reload => return launcher::reload_steps(target),
            Change::Reread => Command::new(["initctl", "reload"]),
        };
        Ok(vec![Step::Run(command)])
    }

    fn enabled(&self, target: &Target<'_>) -> Result<Question<Enabled>, ControlError> {
        Ok(Question::Known(
            match (
                target.host.exists(link(target)),
                target.host.exists(file(target)),
            ) {
                (true, _) => Enabled::Yes,
                (false, true) => Enabled::No,
                (false, false) => Enabled::Unknown,
            },
        ))
    }

    /// On the machine itself finit is told as well: it starts what is new in its folder.
    fn set_enabled(&self, target: &Target<'_>, enabled: bool) -> Result<Vec<Step>, ControlError> {
        known(target)?;
        let is_there = target.host.exists(link(target));
        let mut steps = match (enabled, is_there) {
            (true, false) => vec![Step::Link {
                path: link(target),
                target: file(target),
            }],
            (false, true) => vec![Step::Remove(link(target))],
            _ => Vec::new(),
        };
        if target.host.is_machine() && !steps.is_empty() {
            steps.push(Step::Run(Command::new(["initctl", "reload"])));
        }
        Ok(steps)
    }

    /// `logit` writes into the file in blocks of 4 KiB: it calls `fsync` for each line, but what it
    /// has read stays in its own memory (4.2, measured with `strace`). The last lines are in the
    /// file when the service has been stopped.
    fn log(&self, target: &Target<'_>, request: LogRequest) -> Result<Command, ControlError> {
        known(target)?;
        let file = format!("{}.log", target.places.log_folder);
        follow_files(target, request, vec![file.into()])
    }

    fn note(&self) -> Option<&'static str> {
        Some("under finit, `enable` starts the service too, and `disable` stops it")
    }
}

fn file(target: &Target<'_>) -> PathBuf {
    PathBuf::from(target.places.service.as_str())
}

fn link(target: &Target<'_>) -> PathBuf {
    Path::new(ENABLED).join(format!("{}.conf", target.name))
}

fn known(target: &Target<'_>) -> Result<(), ControlError> {
    match target.host.exists(file(target)) {
        true => Ok(()),
        false => Err(target.unknown("finit", &[file(target)])),
    }
}
