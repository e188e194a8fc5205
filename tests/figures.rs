//! What becomes of the real units in `fixtures/units/` under every init: the figures in `docs/units.md` are counted here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;

use kubelet_unit::backends::{BUILTIN, Backend, Launcher, RenderError};
use kubelet_unit::import::{Imported, Outcome, import, specifier};
use kubelet_unit::order::{Order, OrderError};
use kubelet_unit::rendering::Weight;
use kubelet_unit::root::Root;
use kubelet_unit::unit::{Finder, Given, Unit};

use crate::support::{self, repository};

const BEGIN: &str =
    "<!-- figures: `UPDATE_TABLES=1 cargo test --test main figures` writes these tables -->\n";
const END: &str = "<!-- end of figures -->\n";

/// Reasons that as many units have are shown.
const SHOWN: usize = 2;

/// What stands between a unit and a service that is the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Reason {
    is_refused: bool,
    /// The directive or the property, and what is said of it.
    what: String,
}

/// The specs of all units, or what becomes of their lines.
fn units() -> Vec<Imported> {
    let folder = repository().join("fixtures/units");
    let root = Root::open(folder).unwrap();
    let finder = Finder::new(&root, false);
    let unit = |name: String| {
        let given = Given {
            unit: &format!("/{name}"),
            drop_ins: &[],
        };
        let found = finder.find(given).unwrap();
        // A node has what its units start.
        let locate = |program: &str| Some(format!("/usr/bin/{program}"));
        import(&Unit::of(&found, &specifier), &locate)
    };
    support::units().into_iter().map(unit).collect()
}

/// What is lost of a unit before any init is asked.
fn of_import(imported: &Imported) -> Vec<Reason> {
    let lost = |it: &&kubelet_unit::import::Decision| {
        matches!(it.outcome, Outcome::Noted | Outcome::Refused)
    };
    let reason = |it: &kubelet_unit::import::Decision| {
        let note = it.note.clone().unwrap_or_default();
        let directive = match it.directive.as_str() {
            "" => "the unit".to_owned(),
            directive => format!("`{directive}=`"),
        };
        Reason {
            is_refused: it.is_refused(),
            what: format!("{directive}: {note}"),
        }
    };
    imported.decisions.iter().filter(lost).map(reason).collect()
}

/// What an init says of its spec.
fn of_init(imported: &Imported, backend: &'static dyn Backend, launcher: Launcher) -> Vec<Reason> {
    let Some(spec) = imported.spec.clone() else {
        return Vec::new();
    };
    let order = Order {
        spec,
        launcher,
        ..Order::kubelet()
    };
    let refused = |property: &dyn std::fmt::Display, why: &dyn std::fmt::Display| {
        vec![Reason {
            is_refused: true,
            what: format!("`{property}`: {why}"),
        }]
    };
    match order.place(backend).and_then(|placed| placed.rendered()) {
        Ok(rendered) => {
            let notes = rendered.notes().iter();
            notes
                .filter(|note| note.weight > Weight::Detail)
                .map(|note| Reason {
                    is_refused: false,
                    what: format!("`{}`: {}", note.property, note.text),
                })
                .collect()
        }
        Err(
            OrderError::Refused { property, why, .. }
            | OrderError::Render(RenderError::NotInSh { property, why }),
        ) => refused(&property, &why),
        Err(OrderError::ForSystemd { key, why, .. }) => refused(&format!("{key}="), &why),
        Err(error) => panic!("{}: {}: {error}", imported.unit, backend.name()),
    }
}

/// The ways to run a service: each init with either launcher, and systemd, which needs none.
fn ways() -> Vec<(&'static dyn Backend, Launcher, String)> {
    let mut ways = Vec::new();
    for &backend in BUILTIN {
        for launcher in [Launcher::Native, Launcher::Sh] {
            let name = match (backend.name(), launcher) {
                ("systemd", Launcher::Native) => continue,
                ("systemd", Launcher::Sh) => backend.title().to_owned(),
                (_, launcher) => format!("{}, {}", backend.title(), word(launcher)),
            };
            ways.push((backend, launcher, name));
        }
    }
    ways
}

fn word(launcher: Launcher) -> &'static str {
    match launcher {
        Launcher::Sh => "sh",
        Launcher::Native => "native",
    }
}

/// What each reason concerns: units, and ways to run them.
type Concerned = (BTreeSet<String>, BTreeSet<String>);

fn tables() -> String {
    let units = units();
    let ways = ways();
    let mut text =
        String::from("| Init and launcher | Exact | With a note | Refused |\n|---|---|---|---|\n");
    let mut reasons: BTreeMap<Reason, Concerned> = BTreeMap::new();
    let mut exact: BTreeMap<&str, usize> = BTreeMap::new();
    for (backend, launcher, name) in &ways {
        let mut counts = [0; 3];
        for unit in &units {
            let found = [of_import(unit), of_init(unit, *backend, *launcher)].concat();
            let worst = match found.iter().map(|it| it.is_refused).max() {
                None => 0,
                Some(false) => 1,
                Some(true) => 2,
            };
            counts[worst] += 1;
            *exact.entry(&unit.unit).or_default() += usize::from(worst == 0);
            for reason in found {
                let (units, inits) = reasons.entry(reason).or_default();
                units.insert(unit.unit.clone());
                inits.insert(name.clone());
            }
        }
        let [exact, noted, refused] = counts;
        writeln!(text, "| {name} | {exact} | {noted} | {refused} |").unwrap();
    }
    let everywhere: Vec<_> = exact
        .iter()
        .filter(|(_, count)| **count == ways.len())
        .collect();
    writeln!(
        text,
        "\n{} of the {} units are exact in every row.\n",
        everywhere.len(),
        units.len()
    )
    .unwrap();
    text + &most_frequent(reasons, &ways)
}

/// The reasons that several units have, the most frequent first.
fn most_frequent(
    reasons: BTreeMap<Reason, Concerned>,
    ways: &[(&'static dyn Backend, Launcher, String)],
) -> String {
    let mut text = String::from("| What is said | Becomes | Units | Under |\n|---|---|---|---|\n");
    let mut sorted: Vec<_> = reasons.into_iter().collect();
    let rare = sorted
        .iter()
        .filter(|(_, (units, _))| units.len() < SHOWN)
        .count();
    sorted.retain(|(_, (units, _))| units.len() >= SHOWN);
    sorted.sort_by_key(|(reason, (units, _))| (std::cmp::Reverse(units.len()), reason.clone()));
    for (reason, (units, inits)) in sorted {
        let becomes = if reason.is_refused {
            "refused"
        } else {
            "a note"
        };
        writeln!(
            text,
            "| {} | {becomes} | {} | {} |",
            reason.what.replace('|', "\\|"),
            units.len(),
            under(&inits, ways)
        )
        .unwrap();
    }
    writeln!(text, "\n{rare} other reasons are those of one unit each.").unwrap();
    text
}

/// Which of the ways these are, in few words.
fn under(inits: &BTreeSet<String>, ways: &[(&'static dyn Backend, Launcher, String)]) -> String {
    let of = |launcher: Launcher| -> BTreeSet<String> {
        let ways = ways.iter();
        ways.filter(|(backend, by, _)| *by == launcher && backend.name() != "systemd")
            .map(|(.., name)| name.clone())
            .collect()
    };
    if inits.len() == ways.len() {
        return "every init".into();
    }
    for launcher in [Launcher::Sh, Launcher::Native] {
        if *inits == of(launcher) {
            return format!("every init, {}", word(launcher));
        }
    }
    let both: BTreeSet<String> = of(Launcher::Sh)
        .union(&of(Launcher::Native))
        .cloned()
        .collect();
    if *inits == both {
        return "every init but systemd".into();
    }
    // What both launchers have is the init's.
    let mut shown: Vec<String> = Vec::new();
    for &backend in BUILTIN {
        let title = backend.title();
        let mut of_it = inits
            .iter()
            .filter(|name| name.split(", ").next() == Some(title));
        match (of_it.next(), of_it.next()) {
            (Some(_), Some(_)) => shown.push(title.to_owned()),
            (Some(one), None) => shown.push(one.replace(", ", " with ")),
            _ => {}
        }
    }
    shown.join(", ")
}

#[test]
fn the_figures_in_the_docs_are_those_of_the_units() {
    let path = repository().join("docs/units.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (there, after) = rest.split_once(END).unwrap();
    let tables = tables();
    if std::env::var_os("UPDATE_TABLES").is_some() {
        fs::write(&path, format!("{before}{BEGIN}{tables}{END}{after}")).unwrap();
    } else {
        assert_eq!(there, tables, "{}", path.display());
    }
}
