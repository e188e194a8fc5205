//! kubeadm's patches of config.yaml: `kubeletconfiguration[suffix][+type].yaml` or `.json`, from 1.25 on.
//!
//! A strategic merge of a KubeletConfiguration is a JSON merge (RFC 7386), because none of its lists is merged, with
//! the directive `$patch`. A JSON patch is RFC 6902. The result is written as it is: unknown fields stay.

use super::error::{Error, Input, Invalid, Place};
use super::schema;
use super::stream::split;
use super::version::{Behaviour, Version};
use super::warning::Warning;
use super::yaml::{self, MAX_BYTES, Map, Node, Pos, Value};
use crate::sorting;

const TARGET: &str = "kubeletconfiguration";

/// A file of kubeadm's `patches.directory`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatchFile {
    /// Its name without a folder: `target[suffix][+type].extension`.
    pub name: String,
    /// Its content.
    pub text: String,
}

/// How a patch says what it changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Merge,
    Strategic,
    Json,
}

/// Applies the patches for config.yaml, in the order of their names.
///
/// # Errors
/// Broken YAML, or a JSON patch that does not apply.
pub fn apply(
    node: &mut Node,
    files: &[PatchFile],
    version: Version,
    warnings: &mut Vec<Warning>,
) -> Result<(), Error> {
    let mut files: Vec<_> = files.iter().collect();
    sorting::by_key(&mut files, |file| &file.name);
    for file in files {
        let Some(words) = target(&file.name).filter(|_| version.has(Behaviour::KubeletPatches))
        else {
            warnings.push(Warning::IgnoredPatch(file.name.clone()));
            continue;
        };
        apply_file(node, file, words)?;
    }
    Ok(())
}

/// The word after `+` in the name of a file that patches config.yaml; `None` if it does not.
fn target(name: &str) -> Option<&str> {
    let stem = name
        .strip_suffix(".yaml")
        .or_else(|| name.strip_suffix(".json"))?;
    let (target, kind) = stem.split_once('+').unwrap_or((stem, "strategic"));
    target.starts_with(TARGET).then_some(kind)
}

fn apply_file(node: &mut Node, file: &PatchFile, kind: &str) -> Result<(), Error> {
    let input = Input::Patch;
    if file.text.len() > MAX_BYTES {
        return Err(Error::TooLarge {
            input,
            size: file.text.len(),
        });
    }
    let mut place = Place::start(input);
    place.kind.clone_from(&file.name);
    let kind = match kind {
        "merge" => Kind::Merge,
        "strategic" => Kind::Strategic,
        "json" => Kind::Json,
        other => {
            let problem = Invalid::PatchType(other.to_owned());
            return Err(schema::invalid(&place, "", place.pos, problem));
        }
    };
    for (index, (first_line, part)) in split(&file.text).into_iter().enumerate() {
        place.document = index + 1;
        let patch =
            yaml::read_document(part, first_line).map_err(|(problem, pos)| Error::Yaml {
                place: Box::new(Place {
                    pos,
                    ..place.clone()
                }),
                problem: problem.into(),
            })?;
        apply_document(node, &patch, kind, &place)?;
    }
    Ok(())
}

fn apply_document(node: &mut Node, patch: &Node, kind: Kind, place: &Place) -> Result<(), Error> {
    match (kind, &patch.value) {
        (_, Value::Null) => {}
        (Kind::Merge | Kind::Strategic, Value::Map(_)) => {
            merge(node, patch, kind == Kind::Strategic);
        }
        (Kind::Json, Value::Seq(operations)) => {
            for (at, operation) in operations.iter().enumerate() {
                operate(node, operation)
                    .ok_or_else(|| failed(place, &format!("[{at}]"), operation.pos))?;
            }
        }
        _ => return Err(failed(place, "", patch.pos)),
    }
    Ok(())
}

fn failed(place: &Place, path: &str, pos: Pos) -> Error {
    schema::invalid(place, path, pos, Invalid::Patch)
}

fn merge(target: &mut Node, patch: &Node, strategic: bool) {
    let Value::Map(changes) = &patch.value else {
        *target = patch.clone();
        return;
    };
    if !matches!(target.value, Value::Map(_)) {
        target.value = Value::Map(Map::default());
    }
    let directive = changes.get("$patch").and_then(Node::as_str);
    let Value::Map(map) = &mut target.value else {
        return;
    };
    if strategic && matches!(directive, Some("replace" | "delete")) {
        *map = Map::default();
    }
    for (key, entry) in changes.iter() {
        if strategic && key.starts_with('$') {
            continue;
        }
        if entry.node.is_null() {
            map.remove(key);
        } else if let Some(found) = map.get_mut(key) {
            merge(found, &entry.node, strategic);
        } else {
            let mut fresh = Node::from(Value::Null);
            merge(&mut fresh, &entry.node, strategic);
            map.set(key, fresh);
        }
    }
}

/// One operation of a JSON patch; `None` if it does not apply.
fn operate(root: &mut Node, operation: &Node) -> Option<()> {
    let field = |name: &str| operation.as_map()?.get(name);
    let text = |name: &str| field(name).and_then(Node::as_str);
    let path = pointer(text("path")?)?;
    match text("op")? {
        "add" => add(root, &path, field("value")?.clone()),
        "remove" => remove(root, &path).map(|_| ()),
        "replace" => {
            *find(root, &path)? = field("value")?.clone();
            Some(())
        }
        "test" => (find(root, &path)?.value == field("value")?.value).then_some(()),
        "copy" => {
            let node = find(root, &pointer(text("from")?)?)?.clone();
            add(root, &path, node)
        }
        "move" => {
            let node = remove(root, &pointer(text("from")?)?)?;
            add(root, &path, node)
        }
        _ => None,
    }
}

/// A JSON pointer's parts (RFC 6901).
fn pointer(text: &str) -> Option<Vec<String>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let parts = text.strip_prefix('/')?.split('/');
    Some(
        parts
            .map(|p| p.replace("~1", "/").replace("~0", "~"))
            .collect(),
    )
}

fn find<'n>(root: &'n mut Node, path: &[String]) -> Option<&'n mut Node> {
    path.iter()
        .try_fold(root, |node, part| match &mut node.value {
            Value::Map(map) => map.get_mut(part),
            Value::Seq(items) => items.get_mut(part.parse::<usize>().ok()?),
            _ => None,
        })
}

fn add(root: &mut Node, path: &[String], value: Node) -> Option<()> {
    let Some((last, parent)) = path.split_last() else {
        *root = value;
        return Some(());
    };
    match &mut find(root, parent)?.value {
        Value::Map(map) => map.set(last.as_str(), value),
        Value::Seq(items) if last == "-" => items.push(value),
        Value::Seq(items) => {
            let at = last.parse::<usize>().ok().filter(|at| *at <= items.len())?;
            items.insert(at, value);
        }
        _ => return None,
    }
    Some(())
}

fn remove(root: &mut Node, path: &[String]) -> Option<Node> {
    let (last, parent) = path.split_last()?;
    match &mut find(root, parent)?.value {
        Value::Map(map) => map.remove(last),
        Value::Seq(items) => {
            let at = last.parse::<usize>().ok().filter(|at| *at < items.len())?;
            Some(items.remove(at))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patched(name: &str, text: &str) -> Result<String, Error> {
        let mut node = yaml::read_document("a: 1\nb: {c: 2, d: [x, w]}\n", 1).unwrap();
        let file = PatchFile {
            name: name.to_owned(),
            text: text.to_owned(),
        };
        apply(&mut node, &[file], Version::NEWEST, &mut Vec::new())?;
        Ok(yaml::write(&node))
    }

    #[test]
    fn merges_replace_lists_and_drop_nulls() {
        for name in [
            "kubeletconfiguration.yaml",
            "kubeletconfiguration0+merge.yaml",
        ] {
            let out = patched(name, "a: null\nb: {d: [z], e: no}\n").unwrap();
            assert_eq!(out, "b:\n  c: 2\n  d:\n  - z\n  e: false\n");
        }
        let out = patched("kubeletconfiguration.yaml", "b: {$patch: replace, f: 1}\n").unwrap();
        assert_eq!(out, "a: 1\nb:\n  f: 1\n");
    }

    #[test]
    fn json_patches_apply_or_fail() {
        let name = "kubeletconfiguration+json.json";
        let text = r#"[{"op":"test","path":"/a","value":1},{"op":"move","from":"/a","path":"/b/a~1b"},
            {"op":"add","path":"/b/d/-","value":"z"},{"op":"remove","path":"/b/d/0"},
            {"op":"copy","from":"/b/c","path":"/n"},{"op":"replace","path":"/b/c","value":3}]"#;
        assert_eq!(
            patched(name, text).unwrap(),
            "b:\n  a/b: 1\n  c: 3\n  d:\n  - w\n  - z\n\"n\": 2\n"
        );
        let text = "[{op: remove, path: /b}, {op: replace, path: /none, value: 1}]";
        assert_eq!(
            patched(name, text).unwrap_err().to_string(),
            "patch, document 1 (kubeletconfiguration+json.json), line 1, column 26: `[1]`: the patch does not apply"
        );
    }

    #[test]
    fn other_targets_are_left_alone() {
        for name in ["etcd.yaml", "README", "kubeletconfiguration.txt"] {
            assert_eq!(
                patched(name, "z: 1\n").unwrap(),
                "a: 1\nb:\n  c: 2\n  d:\n  - x\n  - w\n"
            );
        }
    }
}
