//! A line of ours in a file that is others' too, such as an entry of `inittab(5)`.
//!
//! It is known by how it ends, its mark: what stands before may be edited and is ours
//! still. Behind a `#` it stands aside, which is how such files leave a line out. All other
//! lines stay as they are, byte by byte.

/// The line with this mark, with its newline, as it is where it does not stand aside.
pub fn find(content: &[u8], mark: &str) -> Option<Vec<u8>> {
    let line = lines(content).find(|line| is_marked(line, mark))?;
    let mut found = counted(line).to_vec();
    if !found.ends_with(b"\n") {
        found.push(b'\n');
    }
    Some(found)
}

/// Whether the line with this mark stands aside; `None` where there is none.
pub fn is_aside(content: &[u8], mark: &str) -> Option<bool> {
    let line = lines(content).find(|line| is_marked(line, mark))?;
    Some(line.starts_with(b"#"))
}

/// The content with this line in the place of the one with the mark, aside as that was, or at
/// its end.
pub fn put(content: &[u8], mark: &str, line: &[u8]) -> Vec<u8> {
    let mut new = Vec::with_capacity(content.len() + line.len());
    let mut is_there = false;
    for old in lines(content) {
        if !is_marked(old, mark) {
            new.extend_from_slice(old);
            continue;
        }
        // A second one would be a second definition of one service.
        if !is_there {
            new.extend_from_slice(if old.starts_with(b"#") { b"#" } else { b"" });
            new.extend_from_slice(line);
        }
        is_there = true;
    }
    if !is_there {
        if !new.is_empty() && !new.ends_with(b"\n") {
            new.push(b'\n');
        }
        new.extend_from_slice(line);
    }
    new
}

/// The content without the line with this mark.
pub fn take(content: &[u8], mark: &str) -> Vec<u8> {
    let others = lines(content).filter(|line| !is_marked(line, mark));
    others.flatten().copied().collect()
}

/// The content with the line with this mark aside, or in its place again.
pub fn set_aside(content: &[u8], mark: &str, aside: bool) -> Vec<u8> {
    let mut new = Vec::with_capacity(content.len() + 1);
    for line in lines(content) {
        match is_marked(line, mark) {
            true => {
                new.extend_from_slice(if aside { b"#" } else { b"" });
                new.extend_from_slice(counted(line));
            }
            false => new.extend_from_slice(line),
        }
    }
    new
}

fn lines(content: &[u8]) -> impl Iterator<Item = &[u8]> {
    content.split_inclusive(|byte| *byte == b'\n')
}

fn is_marked(line: &[u8], mark: &str) -> bool {
    line.trim_ascii_end().ends_with(mark.as_bytes())
}

/// What counts of a line that may stand aside.
fn counted(line: &[u8]) -> &[u8] {
    let start = line.iter().position(|byte| !b"# \t".contains(byte));
    &line[start.unwrap_or_default()..]
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARK: &str = ":/usr/libexec/x.run";
    const LINE: &[u8] = b"::respawn:/usr/libexec/x.run\n";

    #[test]
    fn the_lines_of_others_stay_as_they_are() {
        let others: &[u8] = b"# see /usr/libexec/x.run of x\n::sysinit:/etc/init.d/rcS\xff\r\n\n";
        let with = put(others, MARK, LINE);
        assert_eq!(with, [others, LINE].concat());
        assert_eq!(find(&with, MARK).as_deref(), Some(LINE));
        assert_eq!(put(&with, MARK, LINE), with);
        assert_eq!(take(&with, MARK), others);
        assert_eq!(find(others, MARK), None);
        assert_eq!(take(others, MARK), others);
    }

    #[test]
    fn a_line_is_replaced_where_it_stands() {
        let old = b"a\ntty1::once:/usr/libexec/x.run\nb\n::once:/usr/libexec/x.run";
        let new = put(old, MARK, LINE);
        assert_eq!(new, b"a\n::respawn:/usr/libexec/x.run\nb\n");
        assert_eq!(put(b"a", MARK, LINE), b"a\n::respawn:/usr/libexec/x.run\n");
        assert_eq!(put(b"", MARK, LINE), LINE);
    }

    #[test]
    fn a_line_stands_aside_behind_a_number_sign() {
        let with = put(b"a\n", MARK, LINE);
        let aside = set_aside(&with, MARK, true);
        assert_eq!(aside, b"a\n#::respawn:/usr/libexec/x.run\n");
        assert_eq!(is_aside(&with, MARK), Some(false));
        assert_eq!(is_aside(&aside, MARK), Some(true));
        assert_eq!(is_aside(b"a\n", MARK), None);
        assert_eq!(find(&aside, MARK).as_deref(), Some(LINE));
        assert_eq!(set_aside(&aside, MARK, true), aside);
        assert_eq!(set_aside(&aside, MARK, false), with);
        // An upgrade does not start what stands aside.
        let newer = put(&aside, MARK, b"::once:/usr/libexec/x.run\n");
        assert_eq!(newer, b"a\n#::once:/usr/libexec/x.run\n");
        let by_hand = b"# ::respawn:/usr/libexec/x.run\n";
        assert_eq!(find(by_hand, MARK).as_deref(), Some(LINE));
    }
}
