//! By what a script is known for a launcher of ours, in whatever tree it lies.

/// What interprets the native launcher.
pub(crate) const INTERPRETER: &str = "/usr/bin/kubelet-unit";

/// Whether a script is a launcher of ours, whose text has the names of other inits in it
/// and says nothing about the machine.
pub(crate) fn is_launcher(text: &str) -> bool {
    let mut lines = text.lines();
    let native = lines
        .next()
        .and_then(|line| line.strip_prefix("#!")?.strip_suffix(" exec"));
    native == Some(INTERPRETER)
        || lines
            .next()
            .is_some_and(|line| line.starts_with("# Runs ") && line.contains(SH_MARK))
}

/// What the second line of `service.sh` says of every service.
const SH_MARK: &str = " as systemd (254 or newer) runs it";
