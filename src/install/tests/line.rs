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

impl Bed {
    fn lines(&self, rendered: &Rendered) -> Result<String, String> {
        self.try_install(rendered, false)
    }
}

#[test]
fn a_line_comes_and_goes_and_what_others_wrote_stays() {
    let bed = Bed::new();
    bed.write(TAB, OTHERS);
    fs::set_permissions(bed.at(TAB), fs::Permissions::from_mode(0o600)).unwrap();
    let created = bed.lines(&line("respawn", "a")).unwrap();
    assert_eq!(created, format!("Create {TAB}"));
    let with = format!("{OTHERS}::respawn:/x/a.run\n");
    assert_eq!(bed.read(TAB), with);
    assert_eq!(bed.lines(&line("respawn", "a")).unwrap(), "nothing");
    // What others write afterwards stays, too.
    bed.write(TAB, &format!("{with}::wait:/later\n"));
    let replaced = bed.lines(&line("once", "a")).unwrap();
    assert_eq!(replaced, format!("Replace {TAB}"));
    let expected = format!("{OTHERS}::once:/x/a.run\n::wait:/later\n");
    assert_eq!(bed.read(TAB), expected);
    let removals = bed.uninstall(false);
    assert_eq!(removals, [Removal::RemoveLine(TAB.parse().unwrap())]);
    assert_eq!(bed.read(TAB), format!("{OTHERS}::wait:/later\n"));
    assert_eq!(fs::metadata(bed.at(TAB)).unwrap().mode() & 0o777, 0o600);
}

#[test]
fn a_file_that_was_made_for_a_line_goes_with_the_last() {
    let bed = Bed::new();
    bed.lines(&line("respawn", "a")).unwrap();
    let second = line("respawn", "b");
    bed.install_with(&second, false, Vec::new(), "s6").unwrap();
    assert_eq!(bed.read(TAB), "::respawn:/x/a.run\n::respawn:/x/b.run\n");
    bed.uninstall(false);
    assert_eq!(bed.read(TAB), "::respawn:/x/b.run\n");
    uninstall(&bed.root, &"kubelet".parse().unwrap(), "s6", false, false).unwrap();
    assert_eq!(bed.files(), [""; 0]);
}

#[test]
fn an_edited_line_is_not_overwritten_and_one_of_a_layer_is_taken_over() {
    let bed = Bed::new();
    bed.write(TAB, "::once:/x/a.run\n");
    let taken = bed.lines(&line("respawn", "a")).unwrap();
    assert_eq!(taken, format!("Replace {TAB}"));
    bed.write(TAB, "tty1::respawn:/x/a.run\n");
    let error = bed.lines(&line("once", "a")).unwrap_err();
    assert_eq!(
        error,
        format!("`BED{TAB}` was changed since it was installed")
    );
    bed.try_install(&line("once", "a"), true).unwrap();
    assert_eq!(bed.read(TAB), "::once:/x/a.run\n");
}

#[test]
fn a_line_that_is_aside_stays_aside() {
    let bed = Bed::new();
    bed.lines(&line("respawn", "a")).unwrap();
    bed.write(TAB, "#::respawn:/x/a.run\n");
    assert_eq!(bed.lines(&line("respawn", "a")).unwrap(), "nothing");
    bed.lines(&line("once", "a")).unwrap();
    assert_eq!(bed.read(TAB), "#::once:/x/a.run\n");
    bed.uninstall(false);
    assert_eq!(bed.files(), [""; 0]);
}

#[test]
fn a_line_goes_through_a_link_and_not_in_its_place() {
    let bed = Bed::new();
    bed.write("/etc/real", OTHERS);
    symlink("real", bed.at(TAB)).unwrap();
    bed.lines(&line("respawn", "a")).unwrap();
    assert_eq!(
        bed.read("/etc/real"),
        format!("{OTHERS}::respawn:/x/a.run\n")
    );
    bed.uninstall(false);
    assert_eq!(bed.read("/etc/real"), OTHERS);
    assert!(bed.at(TAB).is_symlink());
}

#[test]
fn a_folder_in_its_place_is_refused() {
    let bed = Bed::new();
    bed.write(&format!("{TAB}/x"), "");
    let error = bed.lines(&line("respawn", "a")).unwrap_err();
    assert_eq!(error, format!("`BED{TAB}` is a folder and not a file"));
}
