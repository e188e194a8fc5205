//! Finding what a service printed: helpers for inits that keep it in files.

use std::path::{Path, PathBuf};

use super::{Command, ControlError, Target};
use crate::root::Kind;

/// How much of a log is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogRequest {
    /// The number of last lines.
    pub lines: u32,
    /// Whether to go on with what comes.
    pub follow: bool,
}

/// The command that shows the end of files, and follows them under their name, so
/// across rotations.
///
/// # Errors
/// None of them is there.
pub fn follow_files(
    target: &Target<'_>,
    request: LogRequest,
    files: Vec<PathBuf>,
) -> Result<Command, ControlError> {
    let there: Vec<String> = files
        .iter()
        .filter(|path| target.host.kind(path) == Some(Kind::File))
        .map(|path| target.host.root().shown(path).display().to_string())
        .collect();
    if there.is_empty() {
        return Err(ControlError::NoLog {
            name: target.name.clone(),
            looked: files,
        });
    }
    let mut argv = vec!["tail".into(), "-n".into(), request.lines.to_string()];
    argv.extend(request.follow.then(|| "-F".into()));
    argv.extend(there);
    Ok(Command::new(argv))
}

/// The folders that a `log/run` has a logger program write to: its arguments that
/// are paths. A relative one begins at the folder of the script. Empty where the
/// script does not call the program.
pub fn logger_folders(script: &str, program: &str, folder: &Path) -> Vec<PathBuf> {
    let calls = |line: &&str| {
        let mut words = line.split_whitespace();
        !line.trim_start().starts_with('#') && words.any(|word| file_name(word) == program)
    };
    let Some(line) = script.lines().rfind(calls) else {
        return Vec::new();
    };
    line.split_whitespace()
        .skip_while(|word| file_name(word) != program)
        .skip(1)
        .map(|word| word.trim_matches(['"', '\'']))
        .filter(|word| word.starts_with(['/', '.']))
        .map(|word| folder.join(word.strip_prefix("./").unwrap_or(word)))
        .collect()
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(script: &str, program: &str) -> Vec<PathBuf> {
        logger_folders(script, program, Path::new("/etc/sv/a/log"))
    }

    #[test]
    fn a_logger_is_found_with_its_folders() {
        let script = "#!/bin/sh\n# svlogd /old\nmkdir -p /x\nexec chpst -u log /usr/bin/svlogd -tt /var/log/a ./main\n";
        assert_eq!(
            folders(script, "svlogd"),
            [Path::new("/var/log/a"), Path::new("/etc/sv/a/log/main")]
        );
        let script = "#!/bin/execlineb -P\ns6-log -d3 T n5 s10000000 \"/var/log/a\"\n";
        assert_eq!(folders(script, "s6-log"), [Path::new("/var/log/a")]);
    }

    #[test]
    fn another_logger_has_no_folder() {
        assert!(folders("#!/bin/sh\nexec vlogger -t a\n", "svlogd").is_empty());
    }
}
