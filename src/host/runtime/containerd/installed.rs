//! Which containerd is installed, without running it.

use super::super::super::{Host, program_text};

/// What packages of it are called.
const PACKAGES: [&str; 3] = ["containerd", "containerd.io", "containerd2"];

/// Its major and minor number: from the package databases, else from what Go wrote into the
/// program (`debug/buildinfo`): the flags of the linker, or at least the module's path, which
/// ends with `v2` from 2.0 on.
pub(super) fn release(host: &Host) -> Option<(u32, u32)> {
    let packaged = PACKAGES.iter().find_map(|name| host.packaged(name));
    packaged
        .and_then(|it| numbers(&it.version))
        .or_else(|| in_program(&host.program_bytes("containerd")?))
}

fn in_program(program: &[u8]) -> Option<(u32, u32)> {
    for mark in [
        "github.com/containerd/containerd/v2/version.Version=",
        "github.com/containerd/containerd/version.Version=",
    ] {
        if let Some(release) = program_text::after(program, mark).and_then(numbers) {
            return Some(release);
        }
    }
    None
}

fn numbers(version: &str) -> Option<(u32, u32)> {
    // A packager may put an epoch before it.
    let bare = version.rsplit_once(':').map_or(version, |(_, rest)| rest);
    let bare = bare.trim_start_matches('v');
    let mut numbers = bare.split(['.', '-', '+', '~', '_']);
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_tells_its_release() {
        let program = |text: &str| in_program(format!("\0ELF\0{text}\0").as_bytes());
        let flags =
            "-ldflags=\"-X github.com/containerd/containerd/v2/version.Version=v2.1.4 -X x\"";
        assert_eq!(program(flags), Some((2, 1)));
        let flags = "-X github.com/containerd/containerd/version.Version=1.7.28+ds1";
        assert_eq!(program(flags), Some((1, 7)));
        assert_eq!(program("v2.1.4"), None);
        assert_eq!(numbers("1.6.20~ds1-1+deb12u1"), Some((1, 6)));
        assert_eq!(numbers("2.2.1-r0"), Some((2, 2)));
    }
}
