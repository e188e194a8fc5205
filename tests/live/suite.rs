//! The command line of the suite: which rows on which inits, on which root file systems, and where the tables go.

use std::cmp::Reverse;
use std::io::{Write, stdout};
use std::thread;

use clap::{Parser, ValueEnum};
use nix::sched::{CloneFlags, unshare};

use crate::bed::{self, Ground, Init};
use crate::docs;
use crate::error::{Context, Result};
use crate::generation;
use crate::lanes::{Job, Lanes};
use crate::leftovers;
use crate::report::{Cell, Report};
use crate::rows::{self, Row};
use crate::service;
use crate::table;

/// Starts the service on the real init systems and compares what the kubelet gets.
#[derive(Debug, Parser)]
#[command(name = "live", disable_version_flag = true)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
struct Args {
    /// Only this init; may be given more than once
    #[arg(long, value_name = "INIT", value_parser = inits().map(|init| init.name()).collect::<Vec<_>>())]
    only: Vec<String>,
    /// Also the rows that wait for the real delays of minutes
    #[arg(long)]
    slow: bool,
    /// Print the rows and end
    #[arg(long)]
    list: bool,
    /// A missing right or program is a failure, as it is with CI=true
    #[arg(long)]
    all: bool,
    /// Others use this machine too: a bar that is missed where times are measured is shown and is not a failure, and
    /// whatever else fails is tried once more at the end, with nothing beside it. More rows run at once
    #[arg(long)]
    shared: bool,
    /// Rows at the same time; by default two for each processor, because most of them wait, and three with `--shared`
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Boot the beds on the root file system in this folder; may be given more than once
    #[arg(long, value_name = "DIR")]
    root: Vec<std::path::PathBuf>,
    /// The same with one of Debian's generations, made by mmdebstrap where it is not there yet
    #[arg(long, value_name = "NAME", value_parser = generation::NAMES)]
    generation: Vec<String>,
    /// The beds get this `kubelet-unit`, and not the one that was built with the tests
    #[arg(long, value_name = "FILE")]
    program: Option<std::path::PathBuf>,
    /// Also with busybox as PID 1 and as every program in PATH, OpenRC on it; with `=only` not without
    #[arg(long, value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "also")]
    busybox: Option<Busybox>,
    /// Only the rows whose outcome can depend on the init's version
    #[arg(long)]
    versions: bool,
    /// Of each category of env-file cases only as many, an eighth of the instants, and a quarter of the crashes in a row
    #[arg(long, value_name = "N", conflicts_with = "docs", value_parser = clap::value_parser!(u16).range(1..))]
    cases: Option<u16>,
    /// Only rows whose name contains one of these
    filters: Vec<String>,
    /// Also write the table of the measured figures, as Markdown, into this file
    #[arg(long, value_name = "FILE")]
    table: Option<std::path::PathBuf>,
    /// Also write the figures into docs/generations.md, and those by which versions are compared into the README of
    /// each init; not with a part of the rows or inits, whose table would take the place of that of all
    #[arg(long, conflicts_with_all = ["filters", "only"])]
    docs: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Busybox {
    Also,
    Only,
}

/// All inits that there are beds of.
fn inits() -> impl Iterator<Item = &'static dyn Init> {
    bed::ALL.iter().chain(bed::EXAMPLES).copied()
}

pub(crate) fn main() -> i32 {
    let args = Args::parse();
    if args.list {
        list();
        return 0;
    }
    let required = args.all || std::env::var_os("CI").is_some_and(|value| value == "true");
    if let Err(why) = may_make_beds() {
        println!("live suite skipped: {why}");
        println!("0 passed, {} failed", u8::from(required));
        return i32::from(required);
    }
    if let Some(program) = &args.program {
        service::use_program(program);
    }
    // Better known before a run of an hour than after it.
    if let Err(error) = if args.docs {
        docs::have_places()
    } else {
        Ok(())
    } {
        eprintln!("error: {error}");
        return 2;
    }
    let grounds = match grounds(&args) {
        Ok(grounds) => grounds,
        Err(error) => {
            eprintln!("error: {error}");
            return 2;
        }
    };
    let mut columns = Vec::new();
    let mut code = 0;
    for ground in grounds {
        ground.use_it();
        println!("{}", table::versions(&ground));
        let before = leftovers::Machine::look();
        let report = Report::new(required, args.shared);
        let Some(jobs) = queue(&args, &ground, &report) else {
            eprintln!("error: no row matches, `--list` shows them all");
            return 2;
        };
        let lanes = Lanes {
            workers: args.jobs,
            cases: args.cases.map(usize::from),
            shared: args.shared,
        };
        lanes.work(&jobs, &report);
        if let Err(left) = before.same_as_now() {
            report.add("nothing is left", "all", Cell::Failed(left.to_string()));
        }
        code |= report.finish();
        columns.push((ground, report.cells()));
        // One after the other: a long run that is interrupted leaves what it has.
        if let Err(error) = keep(&args, &columns) {
            eprintln!("error: {error}");
            return 2;
        }
    }
    let table = table::markdown(&columns);
    if !table.is_empty() {
        println!("\n{table}");
    }
    code
}

/// Writes the tables that are asked for.
fn keep(args: &Args, columns: &[table::Column]) -> Result<()> {
    if let Some(file) = &args.table {
        std::fs::write(file, table::markdown(columns)).context(file.display())?;
    }
    match args.docs {
        true => docs::write(columns),
        false => Ok(()),
    }
}

/// What the beds are booted on: the machine's own tree, where nothing else is asked for.
fn grounds(args: &Args) -> Result<Vec<Ground>> {
    let mut grounds = Vec::new();
    for name in &args.generation {
        grounds.push(generation::ground(name)?);
    }
    for root in &args.root {
        let root = root.canonicalize().context(root.display())?;
        grounds.push(Ground::of(root));
    }
    if grounds.is_empty() {
        grounds.push(Ground::machine());
    }
    if let Some(how) = args.busybox {
        let with_busybox = grounds.iter().map(|ground| Ground {
            name: format!("{}, busybox", ground.name),
            busybox: true,
            ..ground.clone()
        });
        let with_busybox: Vec<_> = with_busybox.collect();
        if how == Busybox::Only {
            grounds.clear();
        }
        grounds.extend(with_busybox);
    }
    Ok(grounds)
}

fn list() {
    let mut text = String::new();
    for row in rows::all() {
        let inits = inits().filter(|init| row.runs_on(*init));
        let inits: Vec<_> = inits.map(Init::name).collect();
        let slow = match (row.named, row.slow) {
            (true, _) => "only by its name: ",
            (false, true) => "slow: ",
            (false, false) => "",
        };
        let (name, inits, about) = (row.name, inits.join(" "), row.about);
        text += format!("{name:<24} {inits}\n{:24} {slow}{about}\n", "").as_str();
    }
    // A reader who has seen enough is no error.
    let _ = stdout().write_all(text.as_bytes());
}

/// A mount namespace in a thread that ends with it tells whether this process may make beds.
fn may_make_beds() -> Result<(), String> {
    if !nix::unistd::geteuid().is_root() {
        return Err("not root, which namespaces and mounts need".to_owned());
    }
    let probe = thread::spawn(|| unshare(CloneFlags::CLONE_NEWNS)).join();
    match probe {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(format!("root may not make a mount namespace here: {error}")),
        Err(_) => Err("the probe for a mount namespace panicked".to_owned()),
    }
}

/// What is to be done; what cannot be done goes into the report.
fn queue(args: &Args, ground: &Ground, report: &Report) -> Option<Vec<Job>> {
    let wanted = |init: &&'static dyn Init| {
        let named = args.only.is_empty() || args.only.iter().any(|name| name == init.name());
        let is_here = ground.is_machine() || !init.is_example();
        named && is_here && (!ground.busybox || init.name() == bed::ON_BUSYBOX)
    };
    let chosen = |row: &&'static Row| {
        let named =
            args.filters.is_empty() || args.filters.iter().any(|filter| row.name.contains(filter));
        let asked = args.filters.iter().any(|filter| row.is_named_by(filter));
        named && (args.slow || !row.slow) && (asked || !row.named)
    };
    let left_out = |row: &&'static Row| args.versions && !row.depends_on_version();
    let skipped: Vec<_> = rows::all()
        .filter(|row| chosen(row) && left_out(row))
        .map(|row| row.name)
        .collect();
    if !skipped.is_empty() {
        println!(
            "not run, because no version changes them: {}",
            skipped.join(", ")
        );
    }
    let chosen = |row: &&'static Row| chosen(row) && !left_out(row);
    let (mut jobs, mut any) = (Vec::new(), false);
    for init in inits().filter(wanted) {
        let missing = init.missing(ground);
        if !missing.is_empty() {
            println!("{} skipped, missing: {}", init.name(), missing.join(", "));
        }
        for row in rows::all().filter(chosen).filter(|row| row.runs_on(init)) {
            any = true;
            if missing.is_empty() {
                jobs.push((row, init));
            } else if !init.is_optional() {
                let why = format!("missing: {}", missing.join(", "));
                report.add(row.name, init.name(), Cell::Skipped(why));
            }
        }
    }
    // The longest first, so that the short ones fill the gaps; runit is the slowest.
    jobs.sort_by_key(|(row, init)| (Reverse(row.weight), init.name() != "runit"));
    any.then_some(jobs)
}
