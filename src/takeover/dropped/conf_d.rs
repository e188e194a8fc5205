//! Commands in the settings of an OpenRC service, which its shell runs before the script. Their
//! variables are told of as settings.

use super::script::Walk;
use super::tables::of_variable;
use super::{Hint, LIMIT, Scene, Statement};
use crate::takeover::shown::shown;

/// Functions that our script has, in place of those of the settings.
const OF_OURS: [&str; 4] = ["depend", "start_pre", "stop_post", "stop_pre"];

/// A command of the settings.
pub(in crate::takeover) struct Command {
    pub(in crate::takeover) path: String,
    pub(in crate::takeover) line: usize,
    /// What is shown of it.
    pub(in crate::takeover) text: String,
    /// Where it is to be written now.
    pub(in crate::takeover) hint: String,
    /// Whether it counts for our service as well, as long as it stands there.
    pub(in crate::takeover) counts: bool,
}

/// The commands of a file of settings that do something.
pub(in crate::takeover) fn commands(scene: &Scene<'_>, path: &str, env_file: &str) -> Vec<Command> {
    let content = scene.root.read_if_there(path, LIMIT);
    let Some(content) = content.ok().flatten() else {
        return Vec::new();
    };
    let text = String::from_utf8_lossy(&content);
    let found = Walk::of_settings(scene, path).script(&text);
    let counts = |it: &Statement| {
        let within = it.within.as_deref();
        let is_variable = it.hint == Hint::EnvFile || of_variable(&it.text).is_some();
        !is_variable && !within.is_some_and(|it| OF_OURS.contains(&it))
    };
    let command = |it: Statement| Command {
        counts: counts(&it),
        text: shown(&it.text),
        hint: it.hint.told(scene.root, env_file),
        path: it.path,
        line: it.line,
    };
    found.into_iter().map(command).collect()
}
