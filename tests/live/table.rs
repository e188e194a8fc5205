//! The table for readers: rows × inits, or × generations, with the measured figures, as Markdown.

use std::fmt::Write;

use kubelet_unit::backends::Registry;

use crate::bed::{self, Ground, Init};
use crate::report::Cell;
use crate::rows;

/// A run of the suite: on what, and the row, the init and the outcome of each cell.
pub(crate) type Column = (Ground, Vec<(String, String, Cell)>);

/// The rows by which versions of an init are compared in its README.
const COMPARED: [&str; 12] = [
    "vectors: sh",
    "vectors: native",
    "delay: 1 s",
    "stop",
    "stop: TERM ignored",
    "delay: stop",
    "delay: restart",
    "delay: start",
    "crash: children",
    "instants",
    "output: rotation",
    "supervisor killed",
];

/// The rows that are about what is rendered, in their own order; empty when none has run. One run is a table of
/// rows × inits, several are a table of rows × runs for each init.
pub(crate) fn markdown(columns: &[Column]) -> String {
    let mut limits = Limits::default();
    let tables: Vec<String> = match columns {
        [] => Vec::new(),
        [only] => {
            let ran = |init: &&&dyn Init| only.1.iter().any(|(_, on, _)| on == init.name());
            let ran: Vec<_> = bed::ALL.iter().filter(ran).collect();
            let cells: Vec<_> = ran.iter().map(|init| (**init, only)).collect();
            let heads = ran.iter().map(|init| {
                let version = version(&only.0, **init);
                format!("{} {version}", title(**init)).trim_end().to_owned()
            });
            let heads: Vec<_> = heads.collect();
            vec![table(&heads, &cells, &mut limits, |row| row.shown)]
        }
        _ => bed::ALL
            .iter()
            .map(|init| {
                let table = runs(columns, *init, &mut limits, |row| row.shown);
                match table.is_empty() {
                    true => table,
                    false => format!("## {}\n\n{table}", title(*init)),
                }
            })
            .collect(),
    };
    let tables: Vec<_> = tables
        .into_iter()
        .filter(|table| !table.is_empty())
        .collect();
    let mut text = tables.join("\n");
    if !text.is_empty() && columns.len() > 1 {
        text = format!("{}\n{text}", tools(columns));
    }
    limits.below(text)
}

/// What is compared of one init alone, × the runs that it was in; empty when it was in none.
pub(crate) fn of_init(columns: &[Column], init: &dyn Init) -> String {
    let mut limits = Limits::default();
    let compared = |row: &rows::Row| COMPARED.contains(&row.name);
    let text = runs(columns, init, &mut limits, compared);
    limits.below(text)
}

/// Rows of an init × the runs that it was in.
fn runs(
    columns: &[Column],
    init: &dyn Init,
    limits: &mut Limits,
    wanted: impl Fn(&rows::Row) -> bool,
) -> String {
    let ran = |(_, cells): &&Column| cells.iter().any(|(_, on, _)| on == init.name());
    let ran: Vec<&Column> = columns.iter().filter(ran).collect();
    let heads: Vec<_> = ran.iter().map(|(ground, _)| head(ground, init)).collect();
    let cells: Vec<_> = ran.into_iter().map(|column| (init, column)).collect();
    table(&heads, &cells, limits, wanted)
}

fn table(
    heads: &[String],
    of: &[(&dyn Init, &Column)],
    limits: &mut Limits,
    wanted: impl Fn(&rows::Row) -> bool,
) -> String {
    let mut lines = Vec::new();
    for row in rows::all().filter(|row| wanted(row)) {
        let figures: Vec<_> = of
            .iter()
            .map(|(init, (_, cells))| {
                let mut cells = cells.iter();
                let found = cells.find(|(name, on, _)| name == row.name && on == init.name());
                found.map(|(_, _, cell)| limits.figure(cell))
            })
            .collect();
        if figures.iter().any(Option::is_some) {
            let figures = figures
                .into_iter()
                .map(|figure| figure.unwrap_or_else(|| "–".to_owned()));
            lines.push(line(std::iter::once(row.about.to_owned()).chain(figures)));
        }
    }
    if lines.is_empty() {
        return String::new();
    }
    let head = line(std::iter::once(String::new()).chain(heads.iter().cloned()));
    let rule = line(std::iter::repeat_n("---".to_owned(), heads.len() + 1));
    format!("{head}\n{rule}\n{}\n", lines.join("\n"))
}

/// What each run has beside the inits.
fn tools(columns: &[Column]) -> String {
    let mut text = String::new();
    for (ground, _) in columns {
        let _ = writeln!(text, "- {}", versions(ground));
    }
    text
}

/// `trixie: systemd 257.13, OpenRC 0.56, …`
pub(crate) fn versions(ground: &Ground) -> String {
    let inits = bed::ALL
        .iter()
        .filter(|init| !ground.busybox || init.name() == bed::ON_BUSYBOX)
        .map(|init| (title(*init).to_owned(), version(ground, *init)));
    let mut found: Vec<_> = inits.filter(|(_, version)| !version.is_empty()).collect();
    let tools: &[&str] = match ground.busybox {
        true => &["busybox-static", "busybox"],
        false => &["execline", "dash", "busybox-static", "busybox"],
    };
    for package in tools {
        if let Some(version) = ground.version(&[package]) {
            found.push((package.trim_end_matches("-static").to_owned(), version));
        }
    }
    found.dedup();
    let found: Vec<_> = found
        .iter()
        .map(|(what, version)| format!("{what} {version}"))
        .collect();
    format!("{}: {}", ground.name, found.join(", "))
}

fn head(ground: &Ground, init: &dyn Init) -> String {
    format!("{}: {}", ground.name, version(ground, init))
        .trim_end_matches([':', ' '])
        .to_owned()
}

fn title(init: &dyn Init) -> &'static str {
    let backend = Registry::builtin().find(init.name());
    backend.map_or(init.name(), |backend| backend.title())
}

/// Empty where it is not told.
fn version(ground: &Ground, init: &dyn Init) -> String {
    init.version(ground).unwrap_or_default()
}

fn line(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<_> = cells.collect();
    format!("| {} |", cells.join(" | "))
}

/// Why a figure is as it is: a list below the table, to which figures refer.
#[derive(Default)]
struct Limits(Vec<&'static str>);

impl Limits {
    fn figure(&mut self, cell: &Cell) -> String {
        let text = match cell {
            Cell::Passed(figure) if figure.is_empty() => "yes".to_owned(),
            Cell::Passed(figure) => figure.clone(),
            Cell::Failed(why) | Cell::Late(why) => {
                format!("**not met**: {}", why.lines().next().unwrap_or_default())
            }
            Cell::Limit { figure, because } => format!("{figure} ({})", self.number(because)),
            Cell::Skipped(why) => format!("not run: {why}"),
        };
        text.replace('|', "\\|")
    }

    /// A table with them below it.
    fn below(&self, mut table: String) -> String {
        for (number, because) in self.0.iter().enumerate() {
            let _ = write!(table, "\n{}. {because}", number + 1);
        }
        match table.is_empty() {
            true => table,
            false => table.trim_end().to_owned() + "\n",
        }
    }

    fn number(&mut self, because: &'static str) -> usize {
        let known = self.0.iter().position(|other| *other == because);
        known.unwrap_or_else(|| {
            self.0.push(because);
            self.0.len() - 1
        }) + 1
    }
}
