//! The answer to "why does my kubelet run with this flag", or without it.

use super::input::Input;
use super::lost::{Lost, LostBecause};
use super::model::{Argument, Explanation, Role, Variable};
use super::problem::{FileProblem, Problem, ProblemKind};
use super::setting::Setting;
use super::sources::Sources;
use crate::effective::{Definition, Origin as ServiceOrigin, Place, Superseded, Unknown};
use crate::envfile::{Cause, Environment, Finding, Origin, Parsed, split};
use crate::kubelet::Version;
use crate::kubelet::flags::{Flag, normalize};
use crate::kubelet::takes::{Kind, Refusal};
use serde::Serialize;

/// Everything about one flag.
#[derive(Debug, Clone, Serialize)]
pub struct Answer<'e> {
    /// Its name, without dashes.
    pub flag: String,
    /// The kubelet's version, if it is known.
    #[serde(skip)]
    pub version: Option<Version>,
    /// Its arguments on the command line in order; what is not overridden is
    /// in effect.
    pub uses: Vec<&'e Argument>,
    /// Which service this is about, and where it comes from, if that was looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<&'e ServiceOrigin>,
    /// What cannot be told without running anything, and may set the flag.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<&'e Unknown>,
    /// Where it is written without being on the command line.
    pub lost: Vec<&'e Lost>,
    /// The kubelet's config file, which decides where no flag does.
    pub config: Option<&'e str>,
    /// What counts where the flag is not on the command line; it is looked up by who can read
    /// the configuration, and missing where that does not matter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub setting: Option<Setting>,
    /// Why the kubelet does not take it, or why that cannot be told, where it is not on the
    /// command line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refused>,
    /// The flag that was probably meant instead, without dashes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meant: Option<String>,
    /// Files of which it is not known what they set, so that the flag may be written there.
    pub unreadable: Vec<&'e str>,
    /// Problems of the places that it is written in.
    pub problems: Vec<&'e Problem>,
}

/// Why the kubelet does not take a flag, as programs read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// A word for it.
    pub kind: &'static str,
    /// A sentence.
    pub message: String,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self {
            kind: refusal.reason.code(),
            message: refusal.to_string(),
        }
    }
}

impl Answer<'_> {
    /// Whether there is such a flag: one that is written somewhere, or that some kubelet has.
    pub fn is_of_a_flag(&self) -> bool {
        let is_written = !self.uses.is_empty() || !self.lost.is_empty();
        is_written || self.refusal.is_none() || Kind::Flag.is_known(&self.flag)
    }

    /// Whether everything that can set the flag was read.
    pub fn is_complete(&self) -> bool {
        self.unreadable.is_empty() && self.unknown.is_empty()
    }
}

impl Explanation {
    /// Everything about the flag `name`, with or without dashes: `v`, `-v`,
    /// `--node-ip`, `node_ip`.
    pub fn answer(&self, name: &str) -> Answer<'_> {
        let flag = normalize(name.trim_start_matches('-')).into_owned();
        let named = |argument: &&Argument| match &argument.role {
            Role::Flag { flag: found, .. } => *found == flag,
            _ => false,
        };
        let uses: Vec<_> = self.arguments.iter().filter(named).collect();
        let lost: Vec<_> = self.lost.iter().filter(|lost| lost.flag == flag).collect();
        let about = |problem: &&Problem| match &problem.kind {
            ProblemKind::File { problem, .. } if problem.is_unknown() => true,
            // Nobody can tell what else an ignored file holds, and an ignored line may have been
            // meant to set it.
            ProblemKind::File { .. } | ProblemKind::Remark(_) => uses.is_empty(),
            ProblemKind::Line(_) => lost
                .iter()
                .any(|lost| same_line(&lost.place, &problem.place)),
            _ => uses.iter().any(|argument| argument.place == problem.place),
        };
        let problems = self.problems.iter().filter(about).collect();
        let is_missing = self.is_kubelet && uses.is_empty();
        let refusal = || Refusal::of_name(Kind::Flag, &flag, self.kubelet_version);
        let refusal = is_missing.then(refusal).flatten().map(Into::into);
        let config = self.value("config").map(|(path, _)| path);
        // Where the flag is not passed, the files of those two decide.
        let concerned = |unknown: &&Unknown| {
            let decide = ["config", "config-dir"];
            unknown.concerns(&flag)
                || uses.is_empty() && decide.iter().any(|flag| unknown.concerns(flag))
        };
        let unknown = self.unknown.iter().filter(concerned).collect();
        Answer {
            meant: is_missing.then(|| self.meant(&flag)).flatten(),
            flag,
            refusal,
            version: self.kubelet_version,
            origin: self.origin.as_ref(),
            unknown,
            uses,
            lost,
            config,
            setting: None,
            unreadable: self.unreadable().collect(),
            problems,
        }
    }
}

impl Explanation {
    /// For a flag that is written nowhere and that no kubelet has, one that is.
    fn meant(&self, name: &str) -> Option<String> {
        if self.written().any(|it| it == name) || Kind::Flag.is_known(name) {
            return None;
        }
        // Names of flags begin alike: one is meant if hardly a letter of it is wrong.
        let distance = |known: &str| (strsim::osa_distance(name, known), known.to_owned());
        let near = |(distance, known): &(usize, String)| *distance <= 2 && known.len() > 4;
        let written = self.written().map(distance).filter(near).min();
        let meant = || Kind::Flag.meant(name, self.kubelet_version);
        written.map_or_else(|| meant().map(Into::into), |(_, known)| Some(known))
    }

    /// The names of all flags that are written somewhere, with effect or without.
    pub fn written(&self) -> impl Iterator<Item = &str> {
        let used = self.arguments.iter().filter_map(|it| match &it.role {
            Role::Flag { flag, .. } => Some(flag.as_str()),
            _ => None,
        });
        used.chain(self.lost.iter().map(|lost| lost.flag.as_str()))
    }
}

fn same_line(a: &Place, b: &Place) -> bool {
    a.path == b.path && a.at.map(|at| at.line) == b.at.map(|at| at.line)
}

/// The flags in values that another value replaced, in variables that the
/// command line does not name, and on lines that systemd ignores.
pub(super) fn lost(
    input: &Input<'_>,
    read: &[Result<Parsed<'_>, FileProblem>],
    variables: &[Variable],
    environment: &Environment<'_>,
    sources: &Sources<'_, '_>,
) -> Vec<Lost> {
    let mut lost = Vec::new();
    for (variable, merged) in variables.iter().zip(environment.variables()) {
        for before in &merged.overridden {
            let because = LostBecause::Replaced {
                by: variable.place.clone(),
            };
            collect(
                &variable.name,
                before.value,
                before.origin,
                &because,
                sources,
                &mut lost,
            );
        }
        if !variable.used {
            let (value, origin) = (merged.value, merged.origin);
            let because = match variable.untold {
                true => LostBecause::Untold,
                false => LostBecause::Unused,
            };
            collect(&variable.name, value, origin, &because, sources, &mut lost);
        }
    }
    for (file, read) in input.files.iter().zip(read) {
        let Ok(parsed) = read else { continue };
        let dropped = parsed
            .findings
            .iter()
            .filter(|finding| finding.cause.drops_line());
        dropped.for_each(|finding| collect_dropped(file.path, parsed, finding, &mut lost));
    }
    let superseded = input.read.into_iter().flat_map(|read| &read.superseded);
    superseded.for_each(|line| collect_superseded(line, &mut lost));
    if let Some(read) = input.read {
        lost.extend(elsewhere(read));
    }
    lost
}

/// The flags in variables of a script. Where not all of it can be followed, one of them may be
/// on the command line all the same.
fn elsewhere(read: &Definition) -> impl Iterator<Item = Lost> + '_ {
    read.elsewhere.iter().filter_map(|it| {
        let flag = Flag::parse(&it.text)?.name.into_owned();
        let because = match &it.replaced {
            _ if read.unknown.iter().any(|it| it.concerns(&flag)) => LostBecause::Untold,
            Some(by) => LostBecause::Replaced { by: by.clone() },
            None => LostBecause::Unused,
        };
        Some(Lost {
            flag,
            text: it.text.clone(),
            variable: Some(it.variable.clone()),
            place: it.place.clone(),
            because,
        })
    })
}

/// The flags on a line of a unit that a later one replaced.
fn collect_superseded(line: &Superseded, lost: &mut Vec<Lost>) {
    let is_edge = |c: char| c.is_whitespace() || matches!(c, '"' | '\'');
    // `Environment="NAME=--flag"` has a flag behind the name.
    let words = line.text.split(is_edge).map(|word| match word.find("=-") {
        Some(at) if !word.starts_with('-') => &word[at + 1..],
        _ => word,
    });
    for word in words.filter(|word| word.starts_with("--")) {
        if let Some(flag) = Flag::parse(word) {
            lost.push(Lost {
                flag: flag.name.into_owned(),
                text: word.to_owned(),
                variable: None,
                place: line.place.clone(),
                because: LostBecause::Superseded {
                    by: line.by.clone(),
                },
            });
        }
    }
}

/// The flags on a line that systemd ignores. Nobody says how it would be
/// split, so this only looks for what begins like a long flag.
fn collect_dropped(path: &str, parsed: &Parsed<'_>, finding: &Finding, lost: &mut Vec<Lost>) {
    let Ok(text) = std::str::from_utf8(&parsed.content()[finding.span.clone()]) else {
        return;
    };
    let lines = parsed.lines();
    let variable = match &finding.cause {
        Cause::InvalidName { name, .. } | Cause::TooLong { name, .. } => Some(name.clone()),
        _ => None,
    };
    let boundary = |c: char| c.is_whitespace() || c == '"' || c == '\'';
    let after = |at: usize| at == 0 || text[..at].ends_with(|c| boundary(c) || c == '=');
    for (at, _) in text.match_indices("--").filter(|&(at, _)| after(at)) {
        let word = text[at..].split(boundary).next().unwrap_or_default();
        let Some(flag) = Flag::parse(word) else {
            continue;
        };
        let place = Place {
            path: path.to_owned(),
            at: Some(lines.position(finding.span.start + at).into()),
        };
        let flag = flag.name.into_owned();
        let (text, variable) = (word.to_owned(), variable.clone());
        lost.push(Lost {
            flag,
            text,
            variable,
            place,
            because: LostBecause::Ignored,
        });
    }
}

fn collect(
    variable: &str,
    value: &str,
    origin: Origin,
    because: &LostBecause,
    sources: &Sources<'_, '_>,
    lost: &mut Vec<Lost>,
) {
    let words = split(value);
    let flags = words.iter().filter_map(|word| {
        let flag = Flag::parse(&word.text)?.name.into_owned();
        Some((flag, word))
    });
    let (flags, words): (Vec<_>, Vec<_>) = flags.unzip();
    let offsets: Vec<_> = words.iter().map(|word| word.span.start).collect();
    let places = sources.of_bytes(origin, &offsets);
    lost.extend(
        flags
            .into_iter()
            .zip(words)
            .zip(places)
            .map(|((flag, word), place)| Lost {
                flag,
                text: word.text.clone().into_owned(),
                variable: Some(variable.to_owned()),
                place,
                because: because.clone(),
            }),
    );
}
