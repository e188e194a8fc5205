//! The table for readers: row × init with the measured figures, as Markdown.

use std::fmt::Write;

use kubelet_unit::backends::Registry;

use crate::bed;
use crate::report::Cell;
use crate::rows;

/// The rows that are about what is rendered, in their own order; empty when none has run.
pub(crate) fn markdown(cells: &[(String, String, Cell)]) -> String {
    let mut limits = Limits::default();
    let mut lines = Vec::new();
    for row in rows::all().filter(|row| row.shown) {
        let found = |init: &str| {
            let mut found = cells.iter();
            found.find(|(name, on, _)| name == row.name && on == init)
        };
        let figures: Vec<_> = bed::ALL
            .iter()
            .map(|init| found(init.name()).map(|(_, _, cell)| limits.figure(cell)))
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
    let titles = bed::ALL.iter().map(|init| {
        let backend = Registry::builtin().find(init.name());
        backend
            .map_or(init.name(), |backend| backend.title())
            .to_owned()
    });
    let head = line(std::iter::once(String::new()).chain(titles));
    let rule = line(std::iter::repeat_n("---".to_owned(), bed::ALL.len() + 1));
    let mut text = format!("{head}\n{rule}\n{}\n", lines.join("\n"));
    for (number, because) in limits.0.iter().enumerate() {
        let _ = write!(text, "\n{}. {because}", number + 1);
    }
    text.trim_end().to_owned() + "\n"
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

    fn number(&mut self, because: &'static str) -> usize {
        let known = self.0.iter().position(|other| *other == because);
        known.unwrap_or_else(|| {
            self.0.push(because);
            self.0.len() - 1
        }) + 1
    }
}
