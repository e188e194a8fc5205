//! The env-file cases, through live systemd and through every other init.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use kubelet_unit::backends::Launcher;
use serde::Deserialize;

use super::daemons::Lives;
use super::verdict::Failures;
use crate::bed::{self, Bed, Boot, Init, PATIENCE};
use crate::error::{Context, Result, fail};
use crate::lanes::{Once, Task};
use crate::recorder::Record;
use crate::report::Cell;
use crate::service::Rendering;

const CASES: &str = include_str!("../../../fixtures/envfile/cases.jsonl");
pub(super) const FLAGS: &str = "/var/lib/kubelet/kubeadm-flags.env";
pub(super) const DEFAULT: &str = "/etc/default/kubelet";

/// After as many the rest would only take time: a start that fails is waited for.
const HOPELESS: usize = 50;

/// One case as the file has it.
#[derive(Clone, Debug, Deserialize)]
struct Case {
    id: String,
    cat: String,
    flags_env_b64: Option<String>,
    default_b64: Option<String>,
    argv: Vec<String>,
    env: BTreeMap<String, String>,
    /// What systemd 252 and 253 give instead.
    v252: Option<Older>,
}

#[derive(Clone, Debug, Deserialize)]
struct Older {
    argv: Vec<String>,
    env: BTreeMap<String, String>,
}

/// What live systemd gave in this run: each case's start, as the reference has it.
#[derive(Default)]
pub(crate) struct References {
    cases: Once<BTreeMap<String, Record>>,
    /// For the rows about bad input.
    pub(super) inputs: Once<BTreeMap<&'static str, Record>>,
    pub(super) daemons: Lives,
}

/// Through systemd, and through every other init with the sh launcher.
pub(super) fn sh(task: &Task) -> Result<Cell> {
    if task.init.name() == "systemd" {
        let count = references(task)?.len();
        return Ok(Cell::Passed(format!("{count} cases, 0 differ")));
    }
    run(task, Launcher::Sh)
}

/// Through the native launcher.
pub(super) fn native(task: &Task) -> Result<Cell> {
    run(task, Launcher::Native)
}

/// Runs this init through its cases.
fn run(task: &Task, launcher: Launcher) -> Result<Cell> {
    let rendering = Rendering {
        launcher,
        ..Rendering::default()
    };
    let mut bed = boot(task.init, &rendering)?;
    let references = references(task)?;
    let cases = cases(task)?;
    // Each stop waits for busybox's PID 1, which looks for ends once a second.
    let slow = bed::ground().busybox || task.init.looks_each_second().is_some();
    let chosen = match task.init.cases() {
        _ if slow => choose(&cases, task.cases.map_or(4, |each| each.div_ceil(2))),
        None => cases,
        Some(each) => choose(&cases, each),
    };
    let left_open = task.init.leaves_open().filter(|_| launcher == Launcher::Sh);
    let mut failures = Failures::default();
    for (number, case) in chosen.iter().enumerate() {
        task.step(number, chosen.len());
        match start(&mut bed, case) {
            Ok(record) => {
                let mut differences = record.differences(&references[&case.id], &case.names());
                differences.retain(|it| left_open.is_none() || it.field != "descriptors");
                failures.add(&case.title(), &differences);
            }
            Err(error) => failures.add_text(&case.title(), error.to_string()),
        }
        if failures.count() > HOPELESS {
            return failures.result(number + 1);
        }
    }
    match (failures.result(chosen.len())?, left_open) {
        (Cell::Passed(figure), Some(because)) => Ok(Cell::Limit { figure, because }),
        (cell, _) => Ok(cell),
    }
}

/// Live systemd's starts, checked against the file; made once, by whoever needs them first.
fn references<'a>(task: &Task<'a>) -> Result<&'a BTreeMap<String, Record>> {
    task.references.cases.get(|| {
        let Some(init) = bed::by_name("systemd") else {
            fail!("no systemd among the inits")
        };
        let mut bed = boot(init, &Rendering::default())?;
        let version = version(&bed)?;
        let cases = cases(task)?;
        let nothing = Case {
            flags_env_b64: None,
            default_b64: None,
            ..cases[0].clone()
        };
        let base = start(&mut bed, &nothing)?;
        let mut references = BTreeMap::new();
        let mut failures = Failures::default();
        for (number, case) in cases.iter().enumerate() {
            task.step(number, cases.len());
            let mut record = start(&mut bed, case).context(&case.id)?;
            let older = case.v252.as_ref().filter(|_| version < 254);
            let (argv, env) =
                older.map_or((&case.argv, &case.env), |older| (&older.argv, &older.env));
            let expected = expected(&base, argv, env);
            let names: Vec<_> = env.keys().map(String::as_str).collect();
            failures.add(&case.title(), &record.differences(&expected, &names));
            if older.is_some() {
                // The reference is 254 and newer: what this systemd gives else, with what that one gives here.
                let newer = self::expected(&base, &case.argv, &case.env);
                (record.argv, record.env) = (newer.argv, newer.env);
            }
            references.insert(case.id.clone(), record);
        }
        failures.result(cases.len())?;
        Ok(references)
    })
}

/// Those of this run: all, or some of each category.
fn cases(task: &Task) -> Result<Vec<Case>> {
    let cases = CASES
        .lines()
        .map(|line| serde_json::from_str(line).context(line))
        .collect::<Result<Vec<Case>>>()?;
    Ok(match task.cases {
        Some(each) => choose(&cases, each),
        None => cases,
    })
}

/// At least `each` of every category, spread over all of it.
fn choose(cases: &[Case], each: usize) -> Vec<Case> {
    let categories: BTreeSet<_> = cases.iter().map(|case| &case.cat).collect();
    let mut chosen = Vec::new();
    for category in categories {
        let all: Vec<_> = cases.iter().filter(|case| case.cat == *category).collect();
        chosen.extend(
            all.iter()
                .step_by((all.len() / each).max(1))
                .map(|&case| case.clone()),
        );
    }
    chosen
}

fn boot(init: &'static dyn Init, rendering: &Rendering) -> Result<Bed> {
    let files = rendering.files(init)?;
    let mut bed = Bed::boot(init, &files, &Boot::default())?;
    // The first start is none of the cases': a restart needs something to restart.
    bed.start()?;
    bed.next_start(PATIENCE)?;
    Ok(bed)
}

/// One start with the case's files.
fn start(bed: &mut Bed, case: &Case) -> Result<Record> {
    for (path, content) in [(FLAGS, &case.flags_env_b64), (DEFAULT, &case.default_b64)] {
        match content {
            Some(text) => bed.put_file(path, &BASE64_STANDARD.decode(text)?)?,
            None => bed.remove_file(path)?,
        }
    }
    bed.init.cycle(bed)?;
    bed.next_start(PATIENCE)
}

/// The major version of the systemd in the bed.
fn version(bed: &Bed) -> Result<u32> {
    let text = bed.run(&["systemctl", "--version"])?.text();
    let number = text.split_whitespace().nth(1).unwrap_or_default();
    number
        .parse()
        .context(format_args!("systemctl --version says {text:?}"))
}

/// The start without files, with this argv and these variables: the same in everything else.
fn expected(base: &Record, argv: &[String], env: &BTreeMap<String, String>) -> Record {
    let mut record = base.clone();
    record.argv = argv.iter().map(|word| word.clone().into_bytes()).collect();
    for (name, value) in env {
        let (name, value) = (name.clone().into_bytes(), value.clone().into_bytes());
        match record.env.iter_mut().find(|(own, _)| *own == name) {
            Some((_, own)) => *own = value,
            None => record.env.push((name, value)),
        }
    }
    record
}

impl Case {
    /// For a message.
    fn title(&self) -> String {
        format!("{} ({})", self.id, self.cat)
    }

    /// The variables that its files set.
    fn names(&self) -> Vec<&str> {
        self.env.keys().map(String::as_str).collect()
    }
}
