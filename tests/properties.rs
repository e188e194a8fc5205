//! What becomes of each property under each init: the tables in the inits' READMEs are
//! what the backends say.

use std::fmt::Write;
use std::fs;
use std::process::Command;

use kubelet_unit::backends::{BUILTIN, Backend, How};
use kubelet_unit::service::Property;

use crate::support::{repository, run};

const BEGIN: &str =
    "<!-- properties: `UPDATE_TABLES=1 cargo test --test main properties` writes this table -->\n";
const END: &str = "<!-- end of properties -->\n";

fn kubelet_unit(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kubelet-unit"));
    command.args(arguments);
    command
}

/// The table for an init: a row for properties that come one after another and are
/// expressed alike.
fn table(backend: &dyn Backend) -> String {
    let mut rows: Vec<(Vec<String>, How, &str)> = Vec::new();
    for property in Property::ALL {
        let expression = backend.express(*property);
        let key = format!("`{property}`");
        match rows.last_mut() {
            Some((keys, how, by)) if (*how, *by) == (expression.how, expression.by) => {
                keys.push(key);
            }
            _ => rows.push((vec![key], expression.how, expression.by)),
        }
    }
    let mut text = String::from("| Property of the service | How | By what |\n|---|---|---|\n");
    for (keys, how, by) in rows {
        let by = by.replace('|', "\\|");
        writeln!(text, "| {} | {how} | {by} |", keys.join(", ")).unwrap();
    }
    text
}

#[test]
fn the_table_of_every_init_is_what_its_backend_says() {
    for backend in BUILTIN {
        let path = repository()
            .join("backends")
            .join(backend.name())
            .join("README.md");
        let readme = fs::read_to_string(&path).unwrap();
        let (before, rest) = readme
            .split_once(BEGIN)
            .unwrap_or_else(|| panic!("{}", backend.name()));
        let (there, after) = rest
            .split_once(END)
            .unwrap_or_else(|| panic!("{}", backend.name()));
        let table = table(*backend);
        if std::env::var_os("UPDATE_TABLES").is_some() {
            fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
        } else {
            assert_eq!(there, table, "{}", path.display());
        }
    }
}

#[test]
fn the_program_prints_the_same() {
    let (code, text, _) = run(&mut kubelet_unit(&["list", "--properties"]));
    assert_eq!(code, 0);
    assert_eq!(text.lines().count(), Property::ALL.len() + 1);
    let (code, json, _) = run(&mut kubelet_unit(&[
        "list",
        "--properties",
        "--format",
        "json",
    ]));
    assert_eq!(code, 0);
    let rows: serde_json::Value = serde_json::from_str(&json).unwrap();
    for (property, line) in Property::ALL.iter().zip(text.lines().skip(1)) {
        let mut row = rows.as_array().unwrap().iter();
        let row = row.find(|row| row["property"] == property.key()).unwrap();
        let mut words = line.split_whitespace();
        assert_eq!(words.next(), Some(property.key()));
        for (backend, word) in BUILTIN.iter().zip(words) {
            let mut cells = row["inits"].as_array().unwrap().iter();
            let cell = cells.find(|cell| cell["init"] == backend.name()).unwrap();
            let said = backend.express(*property);
            assert_eq!(cell["how"], said.how.to_string());
            assert_eq!(cell["by"], said.by);
            assert_eq!(word, said.how.to_string());
        }
    }
}
