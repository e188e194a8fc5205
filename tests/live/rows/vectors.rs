//! The env-file cases, through live systemd and through every other init.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use kubelet_unit::backends::Launcher;
use serde::Deserialize;

use crate::bed::{self, Bed, Boot, Init, PATIENCE};
use crate::error::{Context, Result, fail};
use crate::recorder::{Difference, Record};
use crate::report::Cell;
use crate::service::Rendering;
use crate::suite::{Once, Task};

const CASES: &str = include_str!("../../../fixtures/envfile/cases.jsonl");
const FLAGS: &str = "/var/lib/kubelet/kubeadm-flags.env";
const DEFAULT: &str = "/etc/default/kubelet";

/// As many failing cases are shown.
const SHOWN: usize = 5;
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
pub(crate) struct References(Once<BTreeMap<String, Record>>);

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
    let Some(mut bed) = boot(task.init, &rendering)? else {
        return Ok(Cell::Skipped("its service is not rendered yet".to_owned()));
    };
    let references = references(task)?;
    let cases = cases()?;
    let chosen = match task.init.name() {
        "s6" | "supervisord" => cases,
        "openrc" => choose(&cases, 20),
        // One start a second is the floor.
        _ => choose(&cases, 4),
    };
    let mut failures = Failures::default();
    for (number, case) in chosen.iter().enumerate() {
        task.step(number, chosen.len());
        let reference = &references[&case.id];
        match start(&mut bed, case) {
            Ok(record) => failures.add(case, &record.differences(reference, &case.names())),
            Err(error) => failures.add_text(case, &error.to_string()),
        }
        if failures.count > HOPELESS {
            failures.text += "\n  and the rest was not tried";
            break;
        }
    }
    failures.result(chosen.len())
}

/// Live systemd's starts, checked against the file; made once, by whoever needs them first.
fn references<'a>(task: &Task<'a>) -> Result<&'a BTreeMap<String, Record>> {
    task.references.0.get(|| {
        let Some(init) = bed::by_name("systemd") else {
            fail!("no systemd among the inits")
        };
        let Some(mut bed) = boot(init, &Rendering::default())? else {
            fail!("no service for systemd")
        };
        let version = version(&bed)?;
        let cases = cases()?;
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
            failures.add(case, &record.differences(&expected, &names));
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

fn cases() -> Result<Vec<Case>> {
    CASES
        .lines()
        .map(|line| serde_json::from_str(line).context(line))
        .collect()
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

fn boot(init: &'static dyn Init, rendering: &Rendering) -> Result<Option<Bed>> {
    let Some(files) = rendering.files(init)? else {
        return Ok(None);
    };
    let mut bed = Bed::boot(init, &files, &Boot::default())?;
    // The first start is none of the cases': a restart needs something to restart.
    bed.start()?;
    bed.next_start(PATIENCE)?;
    Ok(Some(bed))
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
    /// The variables that its files set.
    fn names(&self) -> Vec<&str> {
        self.env.keys().map(String::as_str).collect()
    }
}

/// The cases that differ.
#[derive(Default)]
struct Failures {
    count: usize,
    text: String,
}

impl Failures {
    fn add(&mut self, case: &Case, differences: &[Difference]) {
        if !differences.is_empty() {
            let lines: Vec<_> = differences
                .iter()
                .map(|difference| format!("\n    {difference}"))
                .collect();
            self.add_text(case, &lines.concat());
        }
    }

    fn add_text(&mut self, case: &Case, why: &str) {
        self.count += 1;
        if self.count <= SHOWN {
            let _ = write!(self.text, "\n  {} ({}): {why}", case.id, case.cat);
        }
    }

    fn result(self, of: usize) -> Result<Cell> {
        match self.count {
            0 => Ok(Cell::Passed(format!("{of} cases, 0 differ"))),
            count => fail!("{count} of {of} cases differ{}", self.text),
        }
    }
}
