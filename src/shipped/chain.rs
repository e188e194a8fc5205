//! Programs that become another one, whose name and arguments follow theirs: those of
//! execline, s6, runit and daemontools, and those that people put before a program.

/// How the words of such a program go on to those of the next one.
struct Chain {
    name: &'static str,
    /// Its options that have a value, which may be a word of its own.
    valued: &'static str,
    /// How many words it takes besides.
    words: usize,
    /// Whether a `{` block of execline comes next.
    block: bool,
}

const fn chain(name: &'static str, valued: &'static str, words: usize) -> Chain {
    Chain {
        name,
        valued,
        words,
        block: false,
    }
}

const fn block(name: &'static str, valued: &'static str) -> Chain {
    Chain {
        name,
        valued,
        words: 0,
        block: true,
    }
}

/// Each by its manual page: execline 2.9, s6 2.13, chpst(8), daemontools, util-linux and
/// coreutils, s6-overlay 3.
const CHAINS: &[Chain] = &[
    block("background", ""),
    Chain {
        words: 1,
        ..block("backtick", "dD")
    },
    chain("cd", "", 1),
    chain("chpst", "uUbeC/nlLmdopfcrt", 0),
    chain("define", "d", 2),
    chain("doas", "uC", 0),
    chain("emptyenv", "", 0),
    chain("env", "uCS", 0),
    chain("envdir", "", 1),
    chain("envfile", "", 1),
    chain("envuidgid", "", 1),
    chain("exec", "a", 0),
    chain("execline-cd", "", 1),
    chain("execline-umask", "", 1),
    chain("export", "", 2),
    chain("fdblock", "", 1),
    chain("fdclose", "", 1),
    chain("fdmove", "", 2),
    block("foreground", ""),
    block("if", "x"),
    chain("importas", "dD", 2),
    chain("ionice", "cnpPu", 0),
    block("multisubstitute", ""),
    chain("nice", "n", 0),
    chain("nohup", "", 0),
    chain("pgrphack", "", 0),
    chain("redirfd", "", 2),
    chain("s6-applyuidgid", "ugG", 0),
    chain("s6-cd", "", 1),
    chain("s6-env", "", 0),
    chain("s6-envdir", "Lc", 1),
    chain("s6-envuidgid", "", 1),
    chain("s6-fghack", "", 0),
    chain("s6-notifyoncheck", "3sTtwnc", 0),
    chain("s6-setlock", "t", 1),
    chain("s6-setsid", "", 0),
    chain("s6-setuidgid", "", 1),
    chain("s6-softlimit", "acdflmoprst", 0),
    chain("s6-umask", "", 1),
    chain("setlock", "", 1),
    chain("setsid", "", 0),
    chain("setuidgid", "", 1),
    chain("softlimit", "acdfmoprstl", 0),
    chain("su-exec", "", 1),
    chain("taskset", "", 1),
    chain("umask", "", 1),
    chain("unexport", "", 1),
    chain("with-contenv", "", 0),
];

/// Where the program stands that comes last in a command line, of which not every word need be
/// known. Behind the end where there is none.
pub fn program(words: &[Option<String>]) -> usize {
    let mut at = 0;
    while let Some(length) = link(words.get(at..).unwrap_or_default()) {
        at += length;
    }
    at
}

/// How many words the first program takes with its own, where it becomes another one, which
/// follows. They may be more than are there.
pub fn link(words: &[Option<String>]) -> Option<usize> {
    let word = |at: usize| words.get(at).and_then(Option::as_deref);
    let name = word(0)?;
    let name = name.rsplit('/').next().unwrap_or(name);
    let chain = CHAINS.iter().find(|it| it.name == name)?;
    let mut at = 1;
    let mut same = false;
    while let Some(option) = word(at).filter(|it| it.len() > 1 && it.starts_with('-')) {
        at += 1;
        if option == "--" {
            break;
        }
        let value = option[1..].find(|c| chain.valued.contains(c));
        let alone = value.is_some_and(|value| value + 2 == option.len());
        at += usize::from(!option.starts_with("--") && alone);
        // One name for both, then.
        same |= name == "importas" && option[1..].contains('S');
    }
    if matches!(name, "env" | "s6-env") {
        while word(at).is_some_and(|it| it.contains('=')) {
            at += 1;
        }
    }
    at += chain.words - usize::from(same);
    if chain.block {
        at += length_of_block(words.get(at..).unwrap_or_default());
    }
    Some(at)
}

fn length_of_block(words: &[Option<String>]) -> usize {
    let mut depth = 0;
    for (at, word) in words.iter().enumerate() {
        match word.as_deref() {
            Some("{") => depth += 1,
            Some("}") => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    words.len()
}

/// What start-stop-daemon(8) starts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Daemon {
    /// The word that names the program.
    pub(super) program: usize,
    /// Where the program's own words begin.
    pub(super) words: usize,
}

/// Whether a call of start-stop-daemon only asks whether it would start something.
pub(super) fn is_test(words: &[Option<String>]) -> bool {
    let words = words.iter().map(|it| it.as_deref());
    let own = words.take_while(|it| *it != Some("--")).flatten();
    let (mut starts, mut asks) = (false, false);
    for option in own {
        starts |= matches!(option, "--start" | "-S");
        asks |= matches!(option, "--test" | "-t");
    }
    starts && asks
}

/// What a call of start-stop-daemon starts, if it does.
pub(super) fn daemon(words: &[Option<String>]) -> Option<Daemon> {
    let end = words.iter().position(|it| it.as_deref() == Some("--"));
    let own = &words[..end.unwrap_or(words.len())];
    let at = |names: [&str; 2]| {
        let is_it = |it: &Option<String>| it.as_deref().is_some_and(|it| names.contains(&it));
        own.iter().position(is_it)
    };
    at(["--start", "-S"])?;
    if is_test(words) {
        return None;
    }
    let program = at(["--startas", "-a"]).or_else(|| at(["--exec", "-x"]))? + 1;
    Some(Daemon {
        program,
        words: end.map_or(words.len(), |end| end + 1),
    })
    .filter(|_| program < own.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<Option<String>> {
        let known = |word: &str| (word != "…").then(|| word.to_owned());
        line.split(' ').map(known).collect()
    }

    fn reached(line: &str) -> String {
        let words = words(line);
        let rest = words.iter().skip(program(&words));
        let rest: Vec<_> = rest.map(|it| it.as_deref().unwrap_or("…")).collect();
        rest.join(" ")
    }

    #[test]
    fn each_program_takes_its_own_words() {
        for (line, expected) in [
            ("kubelet --v=2", "kubelet --v=2"),
            ("chpst -u kubelet -P kubelet --v=2", "kubelet --v=2"),
            ("/usr/bin/env -i A=1 B=… kubelet a=b", "kubelet a=b"),
            (
                "s6-setuidgid kubelet cd /var/lib/kubelet kubelet",
                "kubelet",
            ),
            ("fdmove -c 2 1 foreground { if { a } b } kubelet", "kubelet"),
            ("taskset -c 0 nice -n 5 nice -n5 kubelet", "kubelet"),
            ("s6-softlimit -o1024 exec -c -a x kubelet", "kubelet"),
            ("if -t { a --v=3 } if -Xn -x 3 { b } kubelet", "kubelet"),
            ("redirfd -w 1 … kubelet", "kubelet"),
            ("importas -uD … ARGS ARGS importas -iS A kubelet", "kubelet"),
            (
                "backtick -D x A { date } multisubstitute { define a b } kubelet",
                "kubelet",
            ),
            ("wrapper kubelet", "wrapper kubelet"),
            ("nice", ""),
            ("foreground { a", ""),
        ] {
            assert_eq!(reached(line), expected, "{line}");
        }
    }

    #[test]
    fn a_daemon_is_what_is_executed() {
        let of = |line: &str| daemon(&words(line)).map(|it| (it.program, it.words));
        let line = "start-stop-daemon --start --exec /usr/bin/kubelet -b -- --v=2";
        assert_eq!(of(line), Some((3, 6)));
        assert_eq!(of("start-stop-daemon -S -x a -a b"), Some((5, 6)));
        assert_eq!(of("start-stop-daemon --stop --exec a"), None);
        assert_eq!(of("start-stop-daemon --start --exec a --test"), None);
        assert_eq!(
            of("start-stop-daemon --start --exec a -- --test"),
            Some((3, 5))
        );
        assert_eq!(of("start-stop-daemon --start --exec"), None);
    }
}
