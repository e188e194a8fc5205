//! `kubelet-unit explain`: why the kubelet runs with the arguments that it has.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::backends::{Backend, Registry};
use crate::distro::GENERIC;
use crate::envfile::Reader;
use crate::explain::{
    Answer, Document, EnvFile, Explanation, Input, Setting, Style, Unread, explain,
};
use crate::hint::Hint;
use crate::host::Host;
use crate::host::configuration::documents;
use crate::install::Record;
use crate::kubeadm::yaml::MAX_BYTES;
use crate::kubelet::Version;
use crate::kubelet::flags::normalize;
use crate::kubelet::takes::{Kind, Refusal};
use crate::manage::{InitError, Recorded, Site};
use crate::root::{Root, RootError};
use crate::service::Service;
use crate::spec::Spec;

use super::failure::Failure;
use super::format::Format;
use super::json;
use super::message;
use super::service_arguments::ServiceArguments;
use super::target::Target;

/// Show the kubelet's command line and where every argument comes from
///
/// Each argument is shown with the file, line and variable that it is written
/// in, with what overrides it, what is ignored and why, and which flags the
/// kubelet no longer has. Without further options, the service is explained as it
/// was installed. Exit codes: 0 it is explained, with whatever problems are shown, and
/// for a flag that is set nowhere as well; 1 the tree, a record, a spec or a file that
/// counts cannot be read; 2 wrong command line, or one of several inits has to be named.
/// To fail on problems, use `kubelet-unit check`.
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
        let (service, definition) = match self.installed(&site)? {
            Some(installed) => installed,
            None => (self.chosen(&site)?, self.service.definition()),
        };
        let explanation = self.explain(&service, &definition, site.host());
        let asked = self.only.as_ref().or(self.flag.as_ref());
        let mut answer = asked.map(|flag| explanation.answer(flag));
        if let Some(answer) = answer.as_mut().filter(|_| service.is_kubelet()) {
            answer.setting = setting(answer, &explanation, site.root());
        }
        let setting = answer.as_ref().and_then(|answer| answer.setting.as_ref());
        let complete = explanation.complete && !matches!(setting, Some(Setting::CannotTell { .. }));
        self.write(&explanation, answer.as_ref())?;
        Ok(ExitCode::from(u8::from(!complete)))
    }

    /// The service as it was installed, and what it comes from; none where something
    /// is chosen here, or nothing is installed.
    fn installed(&self, site: &Site<'_>) -> Result<Option<(Service, String)>, Failure> {
        if self.service.chooses() {
            return Ok(None);
        }
        let kubelet = Spec::kubelet().name;
        let named = self.target.named(site.registry()).map(Backend::name);
        let what = Recorded::Installed(Some(&kubelet));
        let mut inits = BTreeSet::new();
        let mut found: Option<(Service, String)> = None;
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
            differ |= found.as_ref().is_some_and(|(other, _)| *other != service);
            found.get_or_insert((service, definition));
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

    fn explain(&self, service: &Service, definition: &str, host: &Host) -> Explanation {
        let reader = Reader::of(host.root());
        let words = service.exec_words();
        let variables = service.environment.iter();
        let inline: Vec<_> = variables
            .map(|variable| (variable.name.as_str(), variable.value.as_str()))
            .collect();
        let shown: Vec<_> = service
            .env_files
            .iter()
            .map(|file| host.root().shown(file.path.as_str()).display().to_string())
            .collect();
        let files = service.env_files.iter();
        let contents: Vec<Result<Vec<u8>, Unread>> = files
            .clone()
            .map(|file| reader.read(file.path.as_str()))
            .collect();
        let files: Vec<_> = files
            .zip(&shown)
            .zip(&contents)
            .map(|((file, shown), content)| EnvFile {
                path: shown,
                optional: file.optional,
                content: content.as_deref().map_err(Clone::clone),
            })
            .collect();
        explain(&Input {
            service: service.name.as_str(),
            definition,
            words: &words,
            inline: &inline,
            files: &files,
            version: self.kubelet_version.or_else(|| version(service, host)),
        })
    }

    fn write(&self, explanation: &Explanation, answer: Option<&Answer<'_>>) -> Result<(), Failure> {
        match (self.format, answer) {
            (Format::Json, Some(answer)) => json::print(answer)?,
            (Format::Json, None) => json::print(explanation)?,
            (Format::Text, Some(answer)) => text(&answer.text(Style::Colour))?,
            (Format::Text, None) => text(&explanation.text(Style::Colour))?,
        }
        if let Some(meant) = answer.and_then(|answer| meant(answer, explanation)) {
            message::hint(&Hint::did_you_mean(&Kind::Flag.written(&meant)));
        }
        Ok(())
    }
}

/// What counts for a flag of the kubelet that is not on the command line.
fn setting(answer: &Answer<'_>, explanation: &Explanation, root: &Root) -> Option<Setting> {
    let is_elsewhere = !answer.uses.is_empty() || !answer.unreadable.is_empty();
    let version = explanation.kubelet_version;
    if is_elsewhere || Refusal::of_name(Kind::Flag, &answer.flag, version).is_some() {
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
        _ if error.is_denied() => "it may not be read; run it as root".into(),
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

/// For a flag that is written nowhere and that no kubelet has, one that is.
fn meant(answer: &Answer<'_>, explanation: &Explanation) -> Option<String> {
    let name = answer.flag.as_str();
    if explanation.written().any(|it| it == name) || Kind::Flag.is_known(name) {
        return None;
    }
    // Names of flags begin alike: one is meant if hardly a letter of it is wrong.
    let distance = |known: &str| (strsim::osa_distance(name, known), known.to_owned());
    let near = |(distance, known): &(usize, String)| *distance <= 2 && known.len() > 4;
    let written = explanation.written().map(distance).filter(near).min();
    let meant = || Kind::Flag.meant(name, explanation.kubelet_version);
    written.map_or_else(|| meant().map(Into::into), |(_, known)| Some(known))
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
fn version(service: &Service, host: &Host) -> Option<Version> {
    let kubelet = host.kubelet()?;
    (kubelet.path == Path::new(service.program.as_str())).then_some(kubelet.version)?
}

/// Text with colours, which are dropped where no terminal shows them.
fn text(text: &impl std::fmt::Display) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    write!(out, "{text}")?;
    Ok(out.flush()?)
}
