//! One line of a file that is others' too.

use super::*;

const TAB: &str = "/etc/inittab";
const OTHERS: &str = "::sysinit:/etc/init.d/rcS\n# of theirs\n";

/// A version of a service that is one line.
fn line(action: &str, name: &str) -> Rendered {
    let mut rendered = Rendered::default();
    let mark = format!(":/x/{name}.run");
    let file = File::line(format!("::{action}{mark}\n"), mark);
    rendered.add(TAB.parse().unwrap(), file).unwrap();
    rendered
}

impl Target {
    fn lines(&self, rendered: &Rendered) -> Result<String, String> {
        self.try_install(rendered, false)
    }
}

#[test]
fn a_line_comes_and_goes_and_what_others_wrote_stays() {
    let target = Target::new();
    target.write(TAB, OTHERS);
    fs::set_permissions(target.at(TAB), fs::Permissions::from_mode(0o600)).unwrap();
    let created = target.lines(&line("respawn", "a")).unwrap();
    assert_eq!(created, format!("Create {TAB}"));
    let with = format!("{OTHERS}::respawn:/x/a.run\n");
    assert_eq!(target.read(TAB), with);
    assert_eq!(target.lines(&line("respawn", "a")).unwrap(), "nothing");
    // What others write afterwards stays, too.
    target.write(TAB, &format!("{with}::wait:/later\n"));
    let replaced = target.lines(&line("once", "a")).unwrap();
    assert_eq!(replaced, format!("Replace {TAB}"));
    let expected = format!("{OTHERS}::once:/x/a.run\n::wait:/later\n");
    assert_eq!(target.read(TAB), expected);
    let removals = target.uninstall(false);
    assert_eq!(removals, [Removal::RemoveLine(TAB.parse().unwrap())]);
    assert_eq!(target.read(TAB), format!("{OTHERS}::wait:/later\n"));
    assert_eq!(fs::metadata(target.at(TAB)).unwrap().mode() & 0o777, 0o600);
}

#[test]
fn a_file_that_was_made_for_a_line_goes_with_the_last() {
    let target = Target::new();
    target.lines(&line("respawn", "a")).unwrap();
    let second = line("respawn", "b");
    target
        .install_with(&second, false, Vec::new(), "s6")
        .unwrap();
    assert_eq!(target.read(TAB), "::respawn:/x/a.run\n::respawn:/x/b.run\n");
    target.uninstall(false);
    assert_eq!(target.read(TAB), "::respawn:/x/b.run\n");
    target.uninstall_s6(false);
    assert_eq!(target.files(), [""; 0]);
}

#[test]
fn an_edited_line_is_not_overwritten_and_one_of_a_layer_is_taken_over() {
    let target = Target::new();
    target.write(TAB, "::once:/x/a.run\n");
    let taken = target.lines(&line("respawn", "a")).unwrap();
    assert_eq!(taken, format!("Replace {TAB}"));
    target.write(TAB, "tty1::respawn:/x/a.run\n");
    let error = target.lines(&line("once", "a")).unwrap_err();
    assert_eq!(
        error,
        format!("`BED{TAB}` was changed since it was installed")
    );
    target.try_install(&line("once", "a"), true).unwrap();
    assert_eq!(target.read(TAB), "::once:/x/a.run\n");
}

#[test]
fn a_line_that_is_aside_stays_aside() {
    let target = Target::new();
    target.lines(&line("respawn", "a")).unwrap();
    target.write(TAB, "#::respawn:/x/a.run\n");
    assert_eq!(target.lines(&line("respawn", "a")).unwrap(), "nothing");
    target.lines(&line("once", "a")).unwrap();
    assert_eq!(target.read(TAB), "#::once:/x/a.run\n");
    target.uninstall(false);
    assert_eq!(target.files(), [""; 0]);
}

#[test]
fn a_line_goes_through_a_link_and_not_in_its_place() {
    let target = Target::new();
    target.write("/etc/real", OTHERS);
    symlink("real", target.at(TAB)).unwrap();
    target.lines(&line("respawn", "a")).unwrap();
    assert_eq!(
        target.read("/etc/real"),
        format!("{OTHERS}::respawn:/x/a.run\n")
    );
    target.uninstall(false);
    assert_eq!(target.read("/etc/real"), OTHERS);
    assert!(target.at(TAB).is_symlink());
}

#[test]
fn a_folder_in_its_place_is_refused() {
    let target = Target::new();
    target.write(&format!("{TAB}/x"), "");
    let error = target.lines(&line("respawn", "a")).unwrap_err();
    assert_eq!(error, format!("`BED{TAB}` is a folder and not a file"));
}
