//! The documents that make the kubelet's configuration, in the order in which it merges them:
//! the file of `--config`, then the `*.conf` below the folder of `--config-dir` in the order of
//! their paths (`cmd/kubelet/app/server.go`, `mergeKubeletConfigurations`).

use crate::root::{Kind, Root, RootError};

/// The most folders in each other that drop-ins are looked for in.
const MAX_DEPTH: usize = 8;

/// One document.
#[derive(Debug)]
pub struct Document {
    /// Its path in the tree; that of a folder, where the folder may not be listed.
    pub path: String,
    /// Its bytes, or why there are none.
    pub content: Result<Vec<u8>, RootError>,
}

/// Reads them, each with at most `limit` bytes. A folder that is missing has none.
pub fn documents(
    root: &Root,
    config: Option<&str>,
    folder: Option<&str>,
    limit: usize,
) -> Vec<Document> {
    let config = config.map(|path| read(root, path, limit));
    let mut found: Vec<_> = config.into_iter().collect();
    if let Some(folder) = folder {
        drop_ins(root, folder, MAX_DEPTH, limit, &mut found);
    }
    found
}

/// Reads one, such as a file that the kubelet does not read itself.
pub fn read(root: &Root, path: &str, limit: usize) -> Document {
    Document {
        path: path.to_owned(),
        content: root.read(path, limit),
    }
}

fn drop_ins(root: &Root, folder: &str, depth: usize, limit: usize, found: &mut Vec<Document>) {
    let mut failed = |path: &str, error: RootError| {
        found.push(Document {
            path: path.to_owned(),
            content: Err(error),
        });
    };
    let names = match root.list(folder) {
        Ok(names) => names,
        Err(error) if error.is_not_found() => return,
        Err(error) => return failed(folder, error),
    };
    for name in names {
        let Ok(name) = name.into_string() else {
            continue;
        };
        let path = format!("{}/{name}", folder.trim_end_matches('/'));
        match root.kind(&path) {
            Ok(Some(Kind::Folder)) if depth > 0 => drop_ins(root, &path, depth - 1, limit, found),
            Ok(Some(Kind::File | Kind::Link)) if is_drop_in(&name) => {
                found.push(read(root, &path, limit));
            }
            Ok(_) => {}
            Err(error) => found.push(Document {
                path,
                content: Err(error),
            }),
        }
    }
}

/// The kubelet takes `.conf` alone, and in lower case.
fn is_drop_in(name: &str) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(_, extension)| extension == "conf")
}
