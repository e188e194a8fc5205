//! Random units: put together from what the reader looks at.

use std::fmt::Write;

use crate::bed::File;

/// So many units in one boot.
pub(super) const COUNT: u64 = 400;

/// A generator that gives the same numbers everywhere (xorshift64*).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(number).unwrap_or(0) % bound
    }

    fn of<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.below(of.len())]
    }
}

const TOKENS: &[&str] = &[
    "a",
    "--b=c",
    " ",
    " ",
    " ",
    "\"",
    "\"",
    "'",
    "'",
    "\\\\",
    "\\x41",
    "\\t",
    "\\s",
    "\\q",
    "\\\"",
    ";",
    "\\;",
    "$A",
    "${B}",
    "$$",
    "%%",
    "%i",
    "%n",
    "%p",
    "%N",
    "%j",
    "%H",
    "%z",
    "%t",
    "%S",
    "é",
    "\\u00e9",
    "\\101",
    "=",
    "A=1",
    "B=",
    "#",
    "-",
    ",",
    "\t",
    "\\\n",
    "\\\n# comment\n",
    " \\\n  ; comment\n",
];

const KEYS: &[&str] = &[
    "Environment",
    "Environment",
    "ExecStartPre",
    "ExecStop",
    "EnvironmentFile",
    "RestartSec",
    "TimeoutSec",
    "TimeoutStopSec",
    "TimeoutStartSec",
    "RuntimeMaxSec",
    "Restart",
    "KillMode",
    "KillSignal",
    "SendSIGKILL",
    "LimitNOFILE",
    "LimitNPROC",
    "LimitCORE",
    "LimitCPU",
    "LimitRTTIME",
    "LimitNICE",
    "LimitMEMLOCK",
    "OOMScoreAdjust",
    "StartLimitBurst",
    "StartLimitInterval",
    "User",
    "Group",
    "Unknown",
    "X-Unknown",
    "FinalKillSignal",
    "ExitType",
];

const VALUES: &[&str] = &[
    "",
    "0",
    "1",
    "5",
    "15",
    "100",
    "1.5",
    "1min",
    "1h 2 min",
    "500ms",
    "infinity",
    "10 s",
    "1.2.3",
    "2M",
    "3us",
    "-1",
    "+5",
    "-5",
    "on-failure",
    "always",
    "no",
    "mixed",
    "process",
    "none",
    "yes",
    "off",
    "maybe",
    "TERM",
    "SIGINT",
    "RTMIN+3",
    "99",
    "1K",
    "1M",
    "1.5G",
    "10:20",
    "20:10",
    "5:infinity",
    "0x10",
    "010",
    "1024:4k",
    "root",
    "nobody",
    "a:b",
    "%p",
    "-999",
    "1001",
    "main",
    "cgroup",
    "/etc/a",
    "-/etc//b/./c*",
    "relative",
    "- /x",
    "7 days",
    " 3 ",
    "1y",
    "1month",
];

const UNITS: &[&str] = &[
    "After=",
    "Wants=",
    "Requires=",
    "Before=",
    "Conflicts=",
    "PartOf=",
    "OnFailure=",
    "BindsTo=",
];

const NAMES: &[&str] = &[
    "x.service",
    "y.service y.service",
    "\"z.service\"",
    "t@.service",
    "%p.service",
    "t@i.service",
    "no-suffix",
    "a b.service",
    "network.target",
    "",
    "q.socket",
    "bad?.service",
];

fn text(random: &mut Random, most: usize) -> String {
    let count = random.below(most);
    (0..count).map(|_| random.of(TOKENS)).collect()
}

fn lines(random: &mut Random, into: &mut String) {
    for _ in 0..random.below(9) {
        let key = random.of(KEYS);
        let value = match key {
            "Environment" => text(random, 9),
            "ExecStartPre" | "ExecStop" => format!(
                "{}/bin/x {}",
                random.of(&["", "-", "@", "+", ":-", "!!"]),
                text(random, 12)
            ),
            _ => random.of(VALUES).to_owned(),
        };
        let blank = random.of(&["", "", " ", "\t"]);
        let _ = writeln!(into, "{key}{blank}={blank}{value}");
        if random.below(12) == 0 {
            let _ = writeln!(
                into,
                "{}",
                random.of(&[
                    "# a comment",
                    "",
                    "nonsense",
                    "=x",
                    "[Other]\nA=1\n[Service]",
                    "[X-Y]\n[Service]"
                ])
            );
        }
    }
}

/// A unit with up to two drop-ins.
pub(super) fn unit(seed: u64, name: &str) -> Vec<File> {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut main = String::from("[Unit]\n");
    for _ in 0..random.below(4) {
        let _ = writeln!(main, "{}{}", random.of(UNITS), random.of(NAMES));
    }
    let _ = writeln!(
        main,
        "Description={}",
        text(&mut random, 6).replace('"', "")
    );
    main.push_str("[Service]\n");
    lines(&mut random, &mut main);
    let _ = writeln!(main, "\nExecStart=/bin/main {}", text(&mut random, 14));
    lines(&mut random, &mut main);
    let folders = [
        "/usr/lib/systemd/system",
        "/etc/systemd/system",
        "/run/systemd/system",
    ];
    let mut files = vec![File::new(
        format!("{}/{name}", folders[random.below(2)]),
        0o644,
        main,
    )];
    for _ in 0..random.below(3) {
        let mut drop_in = String::from("[Service]\n");
        lines(&mut random, &mut drop_in);
        if random.below(3) == 0 {
            let _ = writeln!(
                drop_in,
                "ExecStart=\nExecStart=/bin/other {}",
                text(&mut random, 8)
            );
        }
        let folder = folders[random.below(3)];
        let file = random.of(&["10-a.conf", "20-b.conf", "30-c.conf", ".d.conf", "e.txt"]);
        files.push(File::new(
            format!("{folder}/{name}.d/{file}"),
            0o644,
            drop_in,
        ));
    }
    files
}

/// Drop-ins for all of them.
pub(super) fn shared() -> Vec<File> {
    let of = |path: &str, variable: &str| {
        let text = format!("[Service]\nEnvironment={variable}=%n\n");
        File::new(path, 0o644, text)
    };
    vec![
        of(
            "/etc/systemd/system/some-.service.d/15-prefix.conf",
            "PREFIX",
        ),
        of(
            "/etc/systemd/system/some-random-.service.d/10-a.conf",
            "LONGER",
        ),
        of("/usr/lib/systemd/system/service.d/20-b.conf", "ALL"),
    ]
}
