//! Every test goes through both resolvers: the kernel's and the one by hand.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;

use nix::sys::stat::Mode;

use super::*;
use crate::testing::{Scratch, Snapshot, as_glibc, snapshot};

/// A folder that goes away with the test: the tree and what lies beside it.
struct Fenced {
    folder: PathBuf,
    root: Root,
    _scratch: Scratch,
}

impl Fenced {
    fn new(resolver: Resolver) -> Self {
        let scratch = Scratch::new();
        let folder = scratch.path().to_owned();
        fs::create_dir_all(folder.join("tree/etc")).unwrap();
        fs::create_dir_all(folder.join("outside")).unwrap();
        fs::write(folder.join("outside/secret"), "secret").unwrap();
        let root = Root::open_with(folder.join("tree"), Some(resolver)).unwrap();
        Self {
            folder,
            root,
            _scratch: scratch,
        }
    }

    fn tree(&self, path: &str) -> PathBuf {
        self.folder.join("tree").join(path)
    }

    fn link(&self, path: &str, target: &str) {
        symlink(target, self.tree(path)).unwrap();
    }

    fn read(&self, path: &str) -> String {
        match self.root.read(path, 1000) {
            Ok(bytes) => String::from_utf8(bytes).unwrap(),
            Err(error) => self.message(&error),
        }
    }

    /// What an error says, without the name of the fenced.
    fn message(&self, error: &RootError) -> String {
        error
            .to_string()
            .replace(self.folder.to_str().unwrap(), "BED")
    }

    /// Everything beside the tree.
    fn outside(&self) -> Snapshot {
        snapshot(&self.folder.join("outside"))
    }
}

fn both(test: impl Fn(&Fenced)) {
    for resolver in [Resolver::Kernel, Resolver::Walk] {
        let fenced = Fenced::new(resolver);
        let before = fenced.outside();
        test(&fenced);
        assert_eq!(fenced.outside(), before, "{resolver:?} touched the outside");
    }
}

#[test]
fn this_machine_has_the_kernels_resolver() {
    // Otherwise the tests below would go through one and the same.
    assert_eq!(Root::open("/").unwrap().resolver, Resolver::Kernel);
}

#[test]
fn links_stay_inside() {
    both(|fenced| {
        fs::write(fenced.tree("etc/inside"), "inside").unwrap();
        fs::create_dir(fenced.tree("etc/secret")).unwrap();
        fenced.link("absolute", "/etc/inside");
        fenced.link("relative", "etc/inside");
        fenced.link("upward", "../../../../../etc/inside");
        fenced.link("folder", "/etc");
        fenced.link("etc/again", "../folder/../folder/inside");
        for path in [
            "/absolute",
            "relative",
            "/upward",
            "/folder/inside",
            "/folder/again",
            "/../../etc/inside",
            "//etc/./inside",
        ] {
            assert_eq!(fenced.read(path), "inside", "{path}");
        }
        fenced.link(
            "out",
            fenced.folder.join("outside/secret").to_str().unwrap(),
        );
        fenced.link("up", "../outside/secret");
        for path in ["/out", "/up", "/../outside/secret"] {
            let message = fenced.read(path);
            assert!(message.contains("No such file"), "{path}: {message}");
        }
    });
}

#[test]
fn what_is_no_file_is_refused_with_its_name() {
    both(|fenced| {
        fenced.link("etc/loop", "loop");
        fenced.link("etc/ring", "../etc/ring2");
        fenced.link("etc/ring2", "/etc/ring");
        fenced.link("etc/nowhere", "nothing");
        nix::unistd::mkfifo(&fenced.tree("etc/fifo"), Mode::S_IRWXU).unwrap();
        let _socket = UnixListener::bind(fenced.tree("etc/socket")).unwrap();
        fenced.link("etc/to-fifo", "/etc/fifo");
        fs::write(fenced.tree("etc/file"), "x".repeat(1001)).unwrap();
        let messages: Vec<_> = [
            "/etc/loop",
            "/etc/ring",
            "/etc/nowhere",
            "/etc/fifo",
            "/etc/to-fifo",
            "/etc/socket",
            "/etc",
            "/",
            "/etc/file",
            "/etc/file/below",
            "/etc/absent/x",
        ]
        .map(|path| as_glibc(&fenced.read(path)))
        .into();
        assert_eq!(
            messages,
            [
                "cannot read `BED/tree/etc/loop`: its links lead in a circle",
                "cannot read `BED/tree/etc/ring`: its links lead in a circle",
                "cannot read `BED/tree/etc/nowhere`: No such file or directory (os error 2)",
                "`BED/tree/etc/fifo` is a FIFO and not a file",
                "`BED/tree/etc/to-fifo` is a FIFO and not a file",
                "`BED/tree/etc/socket` is a socket and not a file",
                "`BED/tree/etc` is a folder and not a file",
                "`BED/tree` is a folder and not a file",
                "`BED/tree/etc/file` is larger than 1000 bytes, which is the most that is read",
                "`BED/tree/etc/file` is not a folder",
                "cannot read `BED/tree/etc/absent/x`: No such file or directory (os error 2)",
            ]
        );
    });
}

#[test]
fn the_status_is_of_the_thing_or_of_what_it_leads_to() {
    both(|fenced| {
        fs::write(fenced.tree("etc/file"), "four").unwrap();
        fs::set_permissions(fenced.tree("etc/file"), fs::Permissions::from_mode(0o4751)).unwrap();
        fenced.link("link", "/etc/file");
        fenced.link("dangling", "/etc/none");
        let status = fenced.root.target("/link").unwrap().unwrap();
        assert_eq!(
            (status.kind, status.mode, status.size),
            (Kind::File, 0o4751, 4)
        );
        assert_eq!(fenced.root.status("/etc/file").unwrap(), Some(status));
        let kinds = ["/link", "/dangling", "/etc", "/none", "/etc/file/x", "/"]
            .map(|path| fenced.root.kind(path).unwrap());
        let link = Some(Kind::Link);
        let folder = Some(Kind::Folder);
        assert_eq!(kinds, [link, link, folder, None, None, folder]);
        assert_eq!(fenced.root.target("/dangling").unwrap(), None);
        assert_eq!(
            fenced.root.read_link("/link").unwrap(),
            Some("/etc/file".into())
        );
        assert_eq!(fenced.root.read_link("/etc/file").unwrap(), None);
        assert_eq!(fenced.root.read_link("/none").unwrap(), None);
        assert_eq!(fenced.root.list("/").unwrap(), ["dangling", "etc", "link"]);
        assert!(fenced.root.list("/none").unwrap_err().is_not_found());
    });
}

#[test]
fn files_and_folders_are_made_with_their_modes_inside() {
    both(|fenced| {
        fenced.link("usr", "/merged");
        fs::create_dir(fenced.tree("merged")).unwrap();
        let fresh = fenced.root.make_folders("/usr/lib/systemd/system").unwrap();
        assert_eq!(
            fresh,
            ["/usr/lib", "/usr/lib/systemd", "/usr/lib/systemd/system"].map(PathBuf::from)
        );
        assert_eq!(
            fenced.root.make_folders("/usr/lib/systemd").unwrap(),
            Vec::<PathBuf>::new()
        );
        let mode = |path| fs::metadata(fenced.tree(path)).unwrap().mode() & 0o7777;
        assert_eq!(mode("merged/lib/systemd"), 0o755);
        assert_eq!(
            fenced.root.make_folders("srv").unwrap(),
            [PathBuf::from("srv")]
        );
        fenced.root.write_whole("top", b"", 0o644).unwrap();
        assert!(fenced.root.remove("top").unwrap());
        fenced
            .root
            .write_whole("/usr/lib/run", b"one", 0o755)
            .unwrap();
        fenced
            .root
            .write_whole("/usr/lib/run", b"two", 0o640)
            .unwrap();
        assert_eq!(fenced.read("/merged/lib/run"), "two");
        assert_eq!(mode("merged/lib/run"), 0o640);
        fenced.root.set_mode("/usr/lib/run", 0o600).unwrap();
        assert_eq!(mode("merged/lib/run"), 0o600);
        assert_eq!(fenced.root.list("/usr/lib").unwrap(), ["run", "systemd"]);
        assert!(fenced.root.remove("/usr/lib/run").unwrap());
        assert!(!fenced.root.remove("/usr/lib/run").unwrap());
        assert!(!fenced.root.remove("/none/x").unwrap());
        assert!(!fenced.root.remove_folder("/usr/lib").unwrap());
        assert!(
            fenced
                .root
                .remove_folder("/usr/lib/systemd/system")
                .unwrap()
        );
    });
}

#[test]
fn writing_replaces_a_link_and_not_what_it_leads_to() {
    both(|fenced| {
        fs::write(fenced.tree("etc/other"), "other").unwrap();
        fenced.link("etc/in", "other");
        fenced.link("etc/out", "../../outside/secret");
        for path in ["/etc/in", "/etc/out"] {
            fenced.root.write_whole(path, b"new", 0o644).unwrap();
            assert_eq!(fenced.read(path), "new");
        }
        assert_eq!(fenced.read("/etc/other"), "other");
        assert!(
            fenced
                .root
                .set_mode("/etc/none", 0o600)
                .unwrap_err()
                .is_not_found()
        );
    });
}

#[test]
fn a_path_that_leads_out_leads_nowhere_when_it_is_written() {
    both(|fenced| {
        fenced.link("out", fenced.folder.join("outside").to_str().unwrap());
        fenced.link("up", "../outside");
        fs::write(fenced.tree("file"), "").unwrap();
        let messages: Vec<_> = [
            fenced.root.make_folders("/out/x"),
            fenced.root.make_folders("/up/x"),
            fenced.root.make_folders("/file/x"),
            fenced
                .root
                .write_whole("/up/x", b"", 0o644)
                .map(|()| vec![]),
            fenced
                .root
                .write_whole("/file/x", b"", 0o644)
                .map(|()| vec![]),
            fenced.root.write_whole("/etc", b"", 0o644).map(|()| vec![]),
            fenced
                .root
                .write_whole("/etc/..", b"", 0o644)
                .map(|()| vec![]),
            fenced.root.remove("/etc").map(|_| vec![]),
            fenced.root.link("/file", "x").map(|_| vec![]),
        ]
        .map(|outcome| fenced.message(&outcome.unwrap_err()))
        .into();
        assert_eq!(
            messages,
            [
                "`BED/tree/out` is a link to `BED/outside`, which is not there",
                "`BED/tree/up` is a link to `../outside`, which is not there",
                "`BED/tree/file` is not a folder",
                "cannot write `BED/tree/up/x`: No such file or directory (os error 2)",
                "`BED/tree/file` is not a folder",
                "cannot write `BED/tree/etc`: Is a directory (os error 21)",
                "`BED/tree/etc/..` does not name a file",
                "cannot remove `BED/tree/etc`: Is a directory (os error 21)",
                "`BED/tree/file` is there already and is a file",
            ]
        );
        assert_eq!(fenced.root.list("/").unwrap(), ["etc", "file", "out", "up"]);
    });
}

#[test]
fn a_link_is_made_once() {
    both(|fenced| {
        assert!(fenced.root.link("/etc/kubelet", "/etc/sv/kubelet").unwrap());
        assert!(!fenced.root.link("/etc/kubelet", "/etc/sv/kubelet").unwrap());
        let error = fenced
            .root
            .link("/etc/kubelet", "/etc/sv/other")
            .unwrap_err();
        assert!(matches!(
            error,
            RootError::InTheWay {
                kind: Kind::Link,
                ..
            }
        ));
        assert_eq!(
            fenced.root.read_link("/etc/kubelet").unwrap(),
            Some("/etc/sv/kubelet".into())
        );
    });
}

#[test]
fn what_a_killed_writer_left_is_removed_and_nothing_like_it() {
    both(|fenced| {
        let keep = [
            ".conf.d",
            ".conf.x.kubelet-unit~",
            ".other.1.kubelet-unit~",
            "conf",
        ];
        for name in keep
            .into_iter()
            .chain([".conf.1.kubelet-unit~", ".conf.99.kubelet-unit~"])
        {
            fs::write(fenced.tree("etc").join(name), "").unwrap();
        }
        assert_eq!(fenced.root.remove_unfinished("/etc/conf").unwrap(), 2);
        assert_eq!(fenced.root.list("/etc").unwrap(), keep);
        assert_eq!(fenced.root.remove_unfinished("/none/conf").unwrap(), 0);
    });
}

#[test]
fn a_root_is_a_folder_or_a_link_to_one() {
    let fenced = Fenced::new(Resolver::Kernel);
    fenced.link("again", ".");
    fs::write(fenced.tree("file"), "x").unwrap();
    let through = Root::open(fenced.tree("again")).unwrap();
    assert_eq!(through.read("/again/again/file", 1).unwrap(), b"x");
    let messages =
        ["file", "none"].map(|path| fenced.message(&Root::open(fenced.tree(path)).unwrap_err()));
    assert_eq!(
        messages,
        [
            "`BED/tree/file` is not a folder",
            "cannot open `BED/tree/none`: No such file or directory (os error 2)",
        ]
    );
}

#[test]
fn folders_swapped_for_links_under_way_lead_nowhere_else() {
    both(|fenced| {
        fs::create_dir(fenced.tree("real")).unwrap();
        fs::write(fenced.tree("real/secret"), "inside").unwrap();
        let out = fenced.folder.join("outside");
        let (folder, aside) = (fenced.tree("swap"), fenced.tree("aside"));
        let done = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(std::sync::atomic::Ordering::Relaxed) {
                    let _ = symlink(&out, &folder);
                    let _ = fs::remove_file(&folder);
                    let _ = fs::rename(fenced.tree("real"), &folder);
                    let _ = fs::rename(&folder, &aside);
                    let _ = fs::rename(&aside, fenced.tree("real"));
                }
            });
            for _ in 0..3000 {
                if let Ok(bytes) = fenced.root.read("/swap/secret", 100) {
                    assert_eq!(bytes, b"inside");
                }
                let _ = fenced.root.make_folders("/swap/new");
                let _ = fenced.root.write_whole("/swap/new", b"", 0o644);
                let _ = fenced.root.remove("/swap/new");
                let _ = fenced.root.remove_folder("/swap/new");
            }
            done.store(true, std::sync::atomic::Ordering::Relaxed);
        });
    });
}

/// What is below a folder that is missing is not looked for, until somebody looks anew. A link that leads nowhere is
/// there itself.
#[test]
fn below_what_is_missing_nothing_is_looked_for() {
    both(|fenced| {
        fenced.link("etc/nowhere", "usr/local");
        let anew = || {
            let root = Root::open_with(fenced.folder.join("tree"), Some(fenced.root.resolver));
            root.unwrap().remembering()
        };
        let root = anew();
        assert_eq!(root.kind("/usr/local/bin/a").unwrap(), None);
        assert_eq!(root.kind("/etc/nowhere/a").unwrap(), None);
        fs::create_dir_all(fenced.tree("usr/local/bin")).unwrap();
        fs::create_dir_all(fenced.tree("etc/usr/local")).unwrap();
        fs::write(fenced.tree("usr/local/bin/b"), "b").unwrap();
        fs::write(fenced.tree("usr/c"), "c").unwrap();
        for path in [
            "/usr/local/bin/b",
            "/usr/local/bin",
            "usr/local",
            "/usr/c",
            "/etc/nowhere/b",
        ] {
            assert_eq!(root.target(path).unwrap(), None, "{path}");
            assert!(root.read(path, 9).unwrap_err().is_not_found(), "{path}");
        }
        assert_eq!(root.kind("/etc/nowhere").unwrap(), Some(Kind::Link));
        assert_eq!(root.kind("/etc").unwrap(), Some(Kind::Folder));
        assert_eq!(anew().read("/usr/local/bin/b", 9).unwrap(), b"b");
    });
}

/// A name below a file is no name that is missing, however often it is asked for.
#[test]
fn below_a_file_is_said_each_time() {
    both(|fenced| {
        fs::write(fenced.tree("etc/a"), "a").unwrap();
        let root = Root::open_with(fenced.folder.join("tree"), Some(fenced.root.resolver));
        let root = root.unwrap().remembering();
        let first = root.read("/etc/a/b", 9).unwrap_err().to_string();
        assert_eq!(root.target("/etc/a/b").unwrap(), None);
        assert_eq!(root.read("/etc/a/b", 9).unwrap_err().to_string(), first);
        assert!(first.ends_with("etc/a` is not a folder"), "{first}");
    });
}

#[test]
fn what_is_no_link_is_looked_at_once_for_both_questions() {
    both(|fenced| {
        fs::write(fenced.tree("etc/a"), "a").unwrap();
        fenced.link("etc/to-a", "a");
        let root = Root::open_with(fenced.folder.join("tree"), Some(fenced.root.resolver));
        let root = root.unwrap().remembering();
        let looked = |path: &str| root.kind(path).unwrap();
        assert_eq!(looked("/etc/a"), Some(Kind::File));
        assert_eq!(looked("/etc/to-a"), Some(Kind::Link));
        assert_eq!(looked("/etc/none"), None);
        // Who looks again sees what is there now.
        fs::remove_file(fenced.tree("etc/a")).unwrap();
        fs::create_dir(fenced.tree("etc/a")).unwrap();
        fs::write(fenced.tree("etc/none"), "").unwrap();
        let led = |path: &str| root.target(path).unwrap().map(|status| status.kind);
        assert_eq!(led("/etc/a"), Some(Kind::File));
        assert_eq!(led("/etc/none"), None);
        assert_eq!(led("/etc/to-a"), Some(Kind::Folder));
        assert_eq!(root.read_link("/etc/a").unwrap(), None);
        assert_eq!(
            root.read_link("/etc/to-a").unwrap().unwrap(),
            Path::new("a")
        );
    });
}
