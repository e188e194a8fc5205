//! Which containerd is installed, without running it.

use super::super::super::{Host, program_text};

/// What packages of it are called.
const PACKAGES: [&str; 3] = ["containerd", "containerd.io", "containerd2"];

/// What Go wrote into the program of any release of 1.x, and of 2.x: the path of its package.
const PATHS: [(u32, &str); 2] = [
    (1, "path\tgithub.com/containerd/containerd/cmd/containerd"),
    (
        2,
        "path\tgithub.com/containerd/containerd/v2/cmd/containerd",
    ),
];

/// Its major number, and its minor number where that is known too: from the package databases,
/// else from what Go wrote into the program (`debug/buildinfo`): the flags of the linker, or at
/// least the package's path, which has `v2` in it from 2.0 on.
pub(super) fn release(host: &Host) -> Option<(u32, Option<u32>)> {
    let packaged = PACKAGES.iter().find_map(|name| host.packaged(name));
    packaged
        .and_then(|it| numbers(&it.version))
        .or_else(|| in_program(&host.program_bytes("containerd")?))
}

fn in_program(program: &[u8]) -> Option<(u32, Option<u32>)> {
    for mark in [
        "github.com/containerd/containerd/v2/version.Version=",
        "github.com/containerd/containerd/version.Version=",
    ] {
        if let Some(release) = program_text::after(program, mark).and_then(numbers) {
            return Some(release);
        }
    }
    let mut paths = PATHS.iter();
    let found =
        paths.find(|(_, path)| program_text::all(program, path.as_bytes()).next().is_some());
    found.map(|(major, _)| (*major, None))
}

fn numbers(version: &str) -> Option<(u32, Option<u32>)> {
    // A packager may put an epoch before it.
    let bare = version.rsplit_once(':').map_or(version, |(_, rest)| rest);
    let bare = bare.trim_start_matches('v');
    let mut numbers = bare.split(['.', '-', '+', '~', '_']);
    let major = numbers.next()?.parse().ok()?;
    Some((major, Some(numbers.next()?.parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_tells_its_release() {
        let program = |text: &str| in_program(format!("\0ELF\0{text}\0").as_bytes());
        let flags =
            "-ldflags=\"-X github.com/containerd/containerd/v2/version.Version=v2.1.4 -X x\"";
        assert_eq!(program(flags), Some((2, Some(1))));
        let flags = "-X github.com/containerd/containerd/version.Version=1.7.28+ds1";
        assert_eq!(program(flags), Some((1, Some(7))));
        assert_eq!(program("v2.1.4"), None);
        // As Debian builds 1.6.20: without the linker's flags.
        let path = "\tgithub.com/containerd/containerd/cmd/containerd";
        assert_eq!(program(&format!("path{path}\n")), Some((1, None)));
        let path = path.replace("d/cmd", "d/v2/cmd");
        assert_eq!(program(&format!("path{path}\n")), Some((2, None)));
        assert_eq!(numbers("1.6.20~ds1-1+deb12u1"), Some((1, Some(6))));
        assert_eq!(numbers("2.2.1-r0"), Some((2, Some(2))));
    }
}
