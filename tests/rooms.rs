//! The rooms of the crate: which there are, in which order, and that each uses only those
//! above it in the list of `src/lib.rs`; and that no modules of one room go in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The path of a module: `["check", "lint"]`.
type Module = Vec<String>;

/// The modules of the crate, without those of tests, and what each of them names.
fn modules() -> BTreeMap<Module, BTreeSet<Module>> {
    let mut files = BTreeMap::new();
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (folder, above) in [("src", None), ("backends", Some("backends"))] {
        for path in rust_files(&top.join(folder)) {
            let name = path
                .strip_prefix(top.join(folder))
                .unwrap()
                .with_extension("");
            let parts = name.iter().map(|part| part.to_str().unwrap());
            let module: Module = above.into_iter().chain(parts).map(Into::into).collect();
            let module = match module.last().map(String::as_str) {
                Some("mod") => module[..module.len() - 1].to_vec(),
                _ => module,
            };
            let of_tests = |part: &String| ["tests", "testing", "fixture"].contains(&part.as_str());
            if !module.iter().any(of_tests) {
                files.insert(module, code(&fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let named = |module: &Module, text: &String| {
        let paths = paths(text)
            .into_iter()
            .filter_map(|path| resolve(module, path));
        let files = paths.filter_map(|path| nearest(&files, path));
        files.filter(|file| file != module).collect()
    };
    let named: Vec<_> = files
        .iter()
        .map(|(module, text)| (module.clone(), named(module, text)))
        .collect();
    named.into_iter().collect()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(rust_files(&path)),
            false if path.extension().is_some_and(|it| it == "rs") => found.push(path),
            false => {}
        }
    }
    found
}

/// Without comments and without the tests at a file's end.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let lines = text.lines().map(|line| line.split("//").next().unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

/// The paths of `use` items, and every path that begins with `crate` or `super`.
fn paths(text: &str) -> Vec<Module> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("use ") {
        let before = text[..at].rsplit('\n').next().unwrap_or_default().trim();
        let is_public = before.starts_with("pub(") && before.ends_with(')');
        let begins = before.is_empty() || before == "pub" || is_public;
        let item: String = text[at + 4..]
            .split(';')
            .next()
            .unwrap()
            .split_whitespace()
            .collect();
        if begins {
            spread(&item, &[], &mut found);
        }
    }
    for first in ["crate::", "super::"] {
        for (at, _) in text.match_indices(first) {
            let part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
            let end = text[at..]
                .find(|c| !part(c))
                .map_or(text.len(), |end| at + end);
            let starts = !text[..at].ends_with(part);
            found.extend(starts.then(|| split(&text[at..end])));
        }
    }
    found
}

/// A tree of `use` as single paths.
fn spread(item: &str, before: &[String], found: &mut Vec<Module>) {
    let Some(open) = item.find('{') else {
        found.push([before, &split(item)].concat());
        return;
    };
    let before = [before, &split(&item[..open])].concat();
    let inner = &item[open + 1..item.rfind('}').unwrap_or(item.len())];
    let (mut depth, mut from) = (0, 0);
    for (at, c) in inner.char_indices().chain([(inner.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                if from < at {
                    spread(&inner[from..at], &before, found);
                }
                from = at + 1;
            }
            _ => {}
        }
    }
}

fn split(path: &str) -> Module {
    let parts = path.split("::").filter(|part| !part.is_empty());
    parts.map(Into::into).collect()
}

/// A path as one of the crate; none for that of another crate.
fn resolve(module: &Module, path: Module) -> Option<Module> {
    let mut path = path.into_iter().peekable();
    let first = path.next()?;
    let mut whole = match first.as_str() {
        "crate" => Vec::new(),
        "super" => module[..module.len().checked_sub(1)?].to_vec(),
        "self" => module.clone(),
        _ => return Some([module.as_slice(), &[first], &path.collect::<Vec<_>>()].concat()),
    };
    while path.next_if(|part| part == "super").is_some() {
        whole.pop();
    }
    whole.extend(path);
    Some(whole)
}

/// The module that a path leads into.
fn nearest(files: &BTreeMap<Module, String>, mut path: Module) -> Option<Module> {
    while !path.is_empty() && !files.contains_key(&path) {
        path.pop();
    }
    (!path.is_empty()).then_some(path)
}

/// The rooms in the order of the list.
fn rooms() -> Vec<String> {
    let lib = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs");
    let text = fs::read_to_string(lib).unwrap();
    let names = text
        .lines()
        .filter_map(|line| line.strip_prefix("//! - `")?.split('`').next());
    names.map(Into::into).collect()
}

#[test]
fn every_room_is_in_the_list_and_uses_only_those_above_it() {
    let rooms = rooms();
    let place = |module: &Module| rooms.iter().position(|room| *room == module[0]);
    let mut wrong = Vec::new();
    for (module, named) in modules() {
        // `main.rs` is a program of its own, and `lib.rs` the house itself.
        if ["main", "lib"].contains(&module[0].as_str()) {
            continue;
        }
        let Some(here) = place(&module) else {
            wrong.push(format!("`{}` is not in the list", module[0]));
            continue;
        };
        let higher = named
            .iter()
            .filter(|other| place(other).is_none_or(|there| there > here));
        wrong
            .extend(higher.map(|other| format!("{} uses {}", module.join("::"), other.join("::"))));
    }
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Between a module and those inside of it there is no order, and between neighbours there is.
#[test]
fn no_modules_go_in_a_circle() {
    let mut uses: BTreeMap<Module, BTreeSet<Module>> = BTreeMap::new();
    for (module, named) in modules() {
        for other in named {
            let same = module
                .iter()
                .zip(&other)
                .take_while(|(one, two)| one == two)
                .count();
            if same < module.len() && same < other.len() {
                let (one, two) = (module[..=same].to_vec(), other[..=same].to_vec());
                uses.entry(one).or_default().insert(two);
            }
        }
    }
    let reached = |from: &Module| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
        while let Some(module) = next.pop() {
            let new = uses
                .get(module)
                .into_iter()
                .flatten()
                .filter(|it| seen.insert(*it));
            next.extend(new);
        }
        seen.contains(from)
    };
    let circle: Vec<_> = uses
        .keys()
        .filter(|it| reached(it))
        .map(|it| it.join("::"))
        .collect();
    assert!(circle.is_empty(), "in a circle: {}", circle.join(", "));
}

/// The check sees what it is there for.
#[test]
fn every_way_to_name_a_module_is_seen() {
    let text = "use crate::{root::Root, host::{self, Host}};\npub use super::model::Place;\nfn f() { crate::check::check(super::super::lint::g()) }\n";
    let mut found: Vec<_> = paths(&code(text))
        .into_iter()
        .filter_map(|path| resolve(&split("a::b::c"), path))
        .filter(|path| !path.is_empty())
        .map(|path| path.join("::"))
        .collect();
    found.sort();
    found.dedup();
    assert_eq!(
        found,
        [
            "a::b::model::Place",
            "a::lint::g",
            "check::check",
            "host::Host",
            "host::self",
            "root::Root"
        ]
    );
}
