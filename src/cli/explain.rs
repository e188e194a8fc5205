//! `kubelet-unit explain`: why the kubelet runs with the arguments that it has.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::backends::{Backend, Registry, Trouble};
use crate::distro::GENERIC;
use crate::effective::{Definition, Origin, OriginKind, Standing};
use crate::envfile::Reader;
use crate::explain::{Answer, Document, Explanation, Setting, Style, explain_definition};
use crate::hint::Hint;
use crate::host::Host;
use crate::host::configuration::documents;
use crate::install::Record;
use crate::kubeadm::yaml::MAX_BYTES;
use crate::kubelet::Version;
use crate::kubelet::flags::normalize;
use crate::kubelet::takes::Kind;
use crate::manage::{self, InitError, ManageError, Recorded, Site};
use crate::root::{Root, RootError};
use crate::service::Service;
use crate::spec::Spec;

use super::failure::Failure;
use super::format::Format;
use super::json;
use super::message;
use super::service_arguments::ServiceArguments;
use super::target::{Target, warn_of_another};
use super::text;

/// Show the kubelet's command line and where every argument comes from
///
/// Each argument is shown with the file, line and variable that it is written
/// in, with what overrides it, what is ignored and why, and which flags the
/// kubelet no longer has. Without further options, the service is explained as its init
/// has it, under systemd with all of its drop-ins, and the first line says which service
/// that is. Exit codes: 0 it is explained, with whatever problems are shown, and for a flag
/// that is set nowhere as well; 1 the tree, a record, a spec or a file that counts cannot
/// be read, a part of the command line cannot be told, there is no service, or no kubelet
/// that is known has the flag; 2 wrong command line, or one of several inits has to be
/// named. To fail on problems, use `kubelet-unit check`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kubelet-unit explain
  kubelet-unit explain node-ip
  kubelet-unit explain --root /mnt/rootfs --kubelet-version 1.35 --format json")]
#[command(mut_arg("init", |argument| argument.help(INIT)))]
#[command(mut_arg("launcher", |argument| argument.hide(true)))]
#[command(mut_arg("service_folder", |argument| argument.hide(true)))]
#[command(mut_arg("libexec_folder", |argument| argument.hide(true)))]
#[command(mut_arg("log_folder", |argument| argument.hide(true)))]
pub(super) struct Arguments {
    /// Only this flag: where it is set, and where it is written without effect
    #[arg(value_name = "FLAG", value_parser = flag_name)]
    only: Option<String>,

    /// The same, with or without its dashes: `--flag v`, `--flag --node-ip`
    #[arg(
        long,
        value_name = "FLAG",
        allow_hyphen_values = true,
        value_parser = flag_name,
        conflicts_with = "only"
    )]
    flag: Option<String>,

    #[command(flatten)]
    target: Target,

    #[command(flatten)]
    service: ServiceArguments,

    /// The kubelet's version, to know which flags it no longer has; by default that of the
    /// installed one
    #[arg(long, value_name = "VERSION")]
    kubelet_version: Option<Version>,

    /// How to show it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Other commands fall back on what the tree shows; here no init is needed.
const INIT: &str = "The init, where the service is installed for several";

impl Arguments {
    pub(super) fn run(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        let site = self.target.site(registry)?;
        let definition = self.definition(&site)?;
        let explanation = self.explain(&definition, site.host());
        let asked = self.only.as_ref().or(self.flag.as_ref());
        let mut answer = asked.map(|flag| explanation.answer(flag));
        if let Some(answer) = answer.as_mut().filter(|_| definition.is_kubelet()) {
            answer.setting = setting(answer, &explanation, site.root());
        }
        let setting = answer.as_ref().and_then(|answer| answer.setting.as_ref());
        // A description in the stead of a service that is not read answers nothing of it.
        let is_read = !matches!(definition.origin.kind, OriginKind::BuiltIn { .. });
        let answered = answer.as_ref();
        let complete = is_read
            && answered.map_or(explanation.complete, Answer::is_complete)
            && answered.is_none_or(Answer::is_of_a_flag)
            && !matches!(setting, Some(Setting::CannotTell { .. }));
        self.write(&explanation, answer.as_ref())?;
        Ok(ExitCode::from(u8::from(!complete)))
    }

    /// What is explained: what is described here, else what the init has, else what was
    /// installed, else the built-in service.
    fn definition(&self, site: &Site<'_>) -> Result<Definition, Failure> {
        if self.service.describes() {
            let kind = OriginKind::Chosen {
                definition: self.service.definition(),
            };
            return self.built(site, None, kind);
        }
        let installed = self.installed(site)?;
        let name = Spec::kubelet().name;
        let backend = match manage::chosen(self.target.init(), Some(&name), site) {
            Ok(backend) => backend,
            // Without an init there is no service of one.
            Err(InitError::Undecided { why, .. }) if installed.is_none() => {
                let looked = format!("that could be explained: {why}");
                let origin = Origin {
                    service: name.to_string(),
                    init: None,
                    kind: OriginKind::Nowhere { looked },
                };
                return Err(no_service(&origin, None, site).hint(WHICH));
            }
            Err(error) => {
                return installed
                    .as_ref()
                    .map(of_record)
                    .ok_or_else(|| error.into());
            }
        };
        if self.target.named(site.registry()).is_none() {
            warn_of_another(site, backend);
            if let Some(Trouble { path, what, hint }) =
                manage::starts_instead(site, backend, &name)?
            {
                let path = site.root().shown(path);
                let hint = hint.map(|hint| format!("; {hint}")).unwrap_or_default();
                message::warning(&format!("`{}` {what}{hint}", path.display()));
            }
        }
        let record = Record::read(site.root(), &name, backend.name())?;
        let order = match &record {
            Some(record) => record.choices.order(site.registry())?,
            None => self.service.order_in(site, backend)?,
        };
        let placed = order.place(backend)?;
        match manage::standing(site, &placed, record.as_ref())? {
            Some(Standing::Runs(definition)) => Ok(*definition),
            Some(Standing::Absent(origin)) => Err(no_service(&origin, None, site)),
            Some(Standing::Stopped { origin, why }) => Err(no_service(&origin, Some(why), site)),
            None => {
                let why = format!("services of {} are not read", backend.title());
                self.built(site, Some(backend.name()), OriginKind::BuiltIn { why })
            }
        }
    }

    /// The service as it is chosen here.
    fn built(
        &self,
        site: &Site<'_>,
        init: Option<&'static str>,
        kind: OriginKind,
    ) -> Result<Definition, Failure> {
        let service = self.chosen(site)?;
        let origin = Origin {
            service: service.name.to_string(),
            init,
            kind,
        };
        let definition = self.service.definition();
        Ok(Definition::of_service(&service, origin, &definition))
    }

    /// The service as it was installed, and what it comes from; none where something
    /// is chosen here, or nothing is installed.
    fn installed(&self, site: &Site<'_>) -> Result<Option<Found>, Failure> {
        if self.service.chooses() {
            return Ok(None);
        }
        let kubelet = Spec::kubelet().name;
        let named = self.target.named(site.registry()).map(Backend::name);
        let what = Recorded::Installed(Some(&kubelet));
        let mut inits = BTreeSet::new();
        let mut found: Option<Found> = None;
        let mut differ = false;
        for (backend, record) in what.records(site.root(), site.registry())? {
            if named.is_some_and(|init| init != backend.name()) {
                continue;
            }
            let service = record
                .choices
                .order(site.registry())?
                .place(backend)?
                .service;
            let path = Record::path(&kubelet, backend.name());
            let path = site.root().shown(path).display().to_string();
            let definition = match &record.choices.spec {
                None => self.service.definition(),
                Some(_) => path,
            };
            inits.insert(backend.name());
            differ |= found.as_ref().is_some_and(|other| other.service != service);
            found.get_or_insert(Found {
                service,
                definition,
                init: backend.name(),
            });
        }
        match differ {
            // Which of them it is would change the answer.
            true => Err(InitError::several(what, &inits).into()),
            false => Ok(found),
        }
    }

    /// The service as it is chosen here.
    fn chosen(&self, site: &Site<'_>) -> Result<Service, Failure> {
        let host = Some(site.host());
        let order = self
            .service
            .order_of(site.registry(), site.distro(), host)?;
        let named = || {
            self.target
                .named(site.registry())
                .map(Backend::default_distro)
        };
        let distro = order.distro.or_else(named).unwrap_or(&GENERIC);
        Ok(order.service(distro)?)
    }

    fn explain(&self, definition: &Definition, host: &Host) -> Explanation {
        let reader = Reader::of(host.root());
        let files = definition.env_files.iter();
        let contents: Vec<_> = files.map(|file| reader.read(&file.path)).collect();
        let version = self.kubelet_version.or_else(|| version(definition, host));
        explain_definition(&definition.shown(host.root()), &contents, version)
    }

    fn write(&self, explanation: &Explanation, answer: Option<&Answer<'_>>) -> Result<(), Failure> {
        match (self.format, answer) {
            (Format::Json, Some(answer)) => json::print(answer)?,
            (Format::Json, None) => json::print(explanation)?,
            (Format::Text, Some(answer)) => text::print(&answer.text(Style::Colour).to_string())?,
            (Format::Text, None) => text::print(&explanation.text(Style::Colour).to_string())?,
        }
        let meant = answer.and_then(|answer| answer.meant.as_ref());
        if let Some(meant) = meant.filter(|_| self.format == Format::Text) {
            message::hint(&Hint::did_you_mean(&Kind::Flag.written(meant)));
        }
        Ok(())
    }
}

/// What counts for a flag of the kubelet that is not on the command line.
fn setting(answer: &Answer<'_>, explanation: &Explanation, root: &Root) -> Option<Setting> {
    let is_elsewhere = !answer.uses.is_empty() || !answer.is_complete();
    let version = explanation.kubelet_version;
    if is_elsewhere || answer.refusal.is_some() {
        return None;
    }
    let value = |flag| explanation.value(flag).map(|(value, _)| value);
    let read = documents(root, value("config"), value("config-dir"), MAX_BYTES);
    let documents: Vec<_> = read
        .iter()
        .map(|document| Document {
            path: root.shown(&document.path).display().to_string(),
            content: document.content.as_deref().map_err(unread),
        })
        .collect();
    Some(Setting::of(&answer.flag, &documents, version))
}

/// Why a document of the configuration was not read, without its path; nothing where it is
/// missing.
fn unread(error: &RootError) -> Option<String> {
    Some(match error {
        _ if error.is_not_found() => return None,
        _ if error.is_denied() => "it may not be read; run kubelet-unit as root".into(),
        RootError::NotAFile { kind, .. } => format!("it is {kind} and not a file"),
        error => error.to_string(),
    })
}

/// The words of a command line in which a flag of the kubelet stands where ours do, so that
/// clap does not know it: `explain --node-ip` is `explain --flag=node-ip`. What is nearly an
/// option of ours stays an error.
pub(super) fn with_flag(error: &clap::Error, words: &[OsString]) -> Option<Vec<OsString>> {
    if error.kind() != ErrorKind::UnknownArgument || words.get(1)? != "explain" {
        return None;
    }
    let unknown = match error.get(ContextKind::InvalidArg)? {
        ContextValue::String(unknown) => flag_name(unknown).ok()?,
        _ => return None,
    };
    let is_ours = error.get(ContextKind::SuggestedArg).is_some();
    if is_ours && !Kind::Flag.is_known(&normalize(&unknown)) {
        return None;
    }
    let is_it = |word: &OsString| {
        let text = word.to_str().filter(|text| text.starts_with('-'));
        text.is_some_and(|text| flag_name(text).is_ok_and(|name| name == unknown))
    };
    let at = words.iter().skip(2).position(is_it)? + 2;
    let mut words = words.to_vec();
    words[at] = format!("--flag={unknown}").into();
    Some(words)
}

/// What helps where no init shows.
const WHICH: &str = "`--init` names the init whose service is meant; `--spec`, `--from-unit` and `--kubelet` describe one that is not installed";

/// A service as it was installed.
struct Found {
    service: Service,
    definition: String,
    init: &'static str,
}

fn of_record(found: &Found) -> Definition {
    let origin = Origin {
        service: found.service.name.to_string(),
        init: Some(found.init),
        kind: OriginKind::Installed,
    };
    Definition::of_service(&found.service, origin, &found.definition)
}

fn no_service(origin: &Origin, why: Option<String>, site: &Site<'_>) -> Failure {
    let origin = Box::new(origin.shown(site.root()));
    ManageError::NoService { origin, why }.into()
}

/// The name of a flag, of which a person may also give the argument.
fn flag_name(text: &str) -> Result<String, &'static str> {
    let name = text.trim_start_matches('-').split('=').next();
    let part = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    name.filter(|name| !name.is_empty() && name.chars().all(part))
        .map(Into::into)
        .ok_or("this is not a valid name of a flag")
}

/// The version of the kubelet that the service starts, where it can be told.
fn version(definition: &Definition, host: &Host) -> Option<Version> {
    host.kubelet_of(&definition.program)?.version
}
