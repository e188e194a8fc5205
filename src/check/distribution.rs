//! A distribution's own kubelet service in the place of ours: what it does
//! differently from systemd with kubeadm's drop-in, point by point.
//!
//! Its files are read as text and never run. Each point was measured on the
//! services that Alpine, Gentoo and Void ship: what it says is what that kind of
//! file does under its init, and how it is recognised.

use serde::Serialize;

use crate::root::RootError;

use super::Subject;

/// The most that is read of such a file.
const LIMIT: usize = 256 * 1024;

/// A service that is not ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServiceReport {
    /// Its files, as the user knows them.
    pub files: Vec<String>,
    /// What was looked at.
    pub points: Vec<Point>,
}

/// One point on which a service can differ from systemd's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Point {
    /// What it is about.
    pub about: &'static str,
    /// Whether the service does as systemd does.
    pub same: bool,
    /// What systemd does.
    pub systemd: &'static str,
    /// What this service does.
    pub here: &'static str,
    /// Where that is to be seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The line there, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
}

/// Looks for a service of that name that is not ours.
pub(super) fn report(subject: &Subject<'_>) -> Result<Option<ServiceReport>, RootError> {
    let name = subject.service.name.as_str();
    let (script, others, init): (_, Vec<String>, _) = match subject.rendering.backend.name() {
        "openrc" => {
            let conf = vec![format!("/etc/conf.d/{name}")];
            (format!("/etc/init.d/{name}"), conf, Init::OpenRc)
        }
        "runit" => {
            let folder = format!("{}/{name}", subject.rendering.distro.runit_folder);
            let conf = vec![format!("{folder}/conf")];
            (format!("{folder}/run"), conf, Init::Runit { folder })
        }
        _ => return Ok(None),
    };
    let recorded = subject.record.is_some_and(|record| {
        let mut files = record.files.iter();
        files.any(|file| file.path.as_str() == script && !file.found)
    });
    let Some(content) = subject.root.read_if_there(&script, LIMIT)? else {
        return Ok(None);
    };
    let rendered = subject.rendering.rendered.file(&script);
    if recorded || rendered.is_some_and(|file| file.content == content) {
        return Ok(None);
    }
    let mut texts = vec![Text::new(subject, &script, &content)];
    for path in others {
        if let Some(content) = subject.root.read_if_there(&path, LIMIT)? {
            texts.push(Text::new(subject, &path, &content));
        }
    }
    let has_log = match &init {
        Init::OpenRc => false,
        Init::Runit { folder } => subject.root.target(format!("{folder}/log/run"))?.is_some(),
    };
    let texts = Texts(texts);
    Ok(Some(ServiceReport {
        points: points(&texts, &init, has_log),
        files: texts.0.into_iter().map(|text| text.path).collect(),
    }))
}

enum Init {
    OpenRc,
    Runit { folder: String },
}

/// A file's lines without comments.
struct Text {
    path: String,
    lines: Vec<(usize, String)>,
}

impl Text {
    fn new(subject: &Subject<'_>, path: &str, content: &[u8]) -> Self {
        let text = String::from_utf8_lossy(content);
        let lines = text.lines().enumerate();
        Self {
            path: subject.root.shown(path).display().to_string(),
            lines: lines
                .map(|(at, line)| (at + 1, line.trim().to_owned()))
                .filter(|(_, line)| !line.starts_with('#'))
                .collect(),
        }
    }
}

struct Texts(Vec<Text>);

/// A place in one of the files.
type Seen<'a> = (&'a str, usize);

impl Texts {
    fn find(&self, holds: impl Fn(&str) -> bool) -> Option<Seen<'_>> {
        self.0.iter().find_map(|text| {
            let (line, _) = text.lines.iter().find(|(_, line)| holds(line))?;
            Some((text.path.as_str(), *line))
        })
    }

    /// Whether a shell variable is set, as `name=` or `: ${name:=`.
    fn sets(&self, name: &str) -> Option<Seen<'_>> {
        let plain = format!("{name}=");
        let default = format!("{{{name}:=");
        self.find(|line| line.starts_with(&plain) || line.contains(&default))
    }
}

/// Where an env file, or another of the init's, is sourced.
fn sources(line: &str) -> bool {
    let words: Vec<_> = line.split_whitespace().collect();
    words.iter().enumerate().any(|(at, word)| {
        let begins = at == 0 || matches!(words[at - 1], "&&" | "||" | "then" | "{" | ";");
        begins && matches!(*word, "." | "source") && words.len() > at + 1
    })
}

fn point(
    about: &'static str,
    same: bool,
    systemd: &'static str,
    here: &'static str,
    seen: Option<Seen<'_>>,
) -> Point {
    Point {
        about,
        same,
        systemd,
        here,
        path: seen.map(|(path, _)| path.to_owned()),
        line: seen.map(|(_, line)| line),
    }
}

fn points(texts: &Texts, init: &Init, has_log: bool) -> Vec<Point> {
    let mut points = arguments(texts);
    match init {
        Init::OpenRc => points.extend(openrc(texts)),
        Init::Runit { .. } => points.extend(runit(texts, has_log)),
    }
    points
}

fn arguments(texts: &Texts) -> Vec<Point> {
    let variable = |about, name: &str, systemd, missing| {
        let seen = texts.find(|line| line.contains(name));
        let here = match seen {
            Some(_) => "it is named",
            None => missing,
        };
        point(about, seen.is_some(), systemd, here, seen)
    };
    let mut points = vec![
        variable(
            "KUBELET_KUBEADM_ARGS",
            "KUBELET_KUBEADM_ARGS",
            "what kubeadm writes to kubeadm-flags.env is passed on",
            "kubeadm's flags never reach the kubelet",
        ),
        variable(
            "KUBELET_EXTRA_ARGS",
            "KUBELET_EXTRA_ARGS",
            "the administrator's arguments come last and win",
            "the administrator's arguments are ignored",
        ),
    ];
    let seen = texts.find(sources);
    points.push(point(
        "env files",
        seen.is_none(),
        "they are data: quotes and blanks as systemd reads them, nothing is run",
        match seen {
            Some(_) => "a shell sources them: other arguments, and commands in them are run",
            None => "none is sourced",
        },
        seen,
    ));
    let seen = texts.find(|line| line.contains("--cgroup-driver"));
    points.push(point(
        "cgroup driver",
        seen.is_none(),
        "the kubelet's config.yaml says it",
        match seen {
            Some(_) => "a flag says it, which beats config.yaml",
            None => "config.yaml says it",
        },
        seen,
    ));
    points
}

fn openrc(texts: &Texts) -> Vec<Point> {
    let supervised =
        texts.find(|line| line.starts_with("supervisor=") && line.contains("supervise-daemon"));
    let delay = texts.sets("respawn_delay");
    let unlimited = texts.find(|line| {
        line.contains("respawn_max")
            && line
                .trim_end_matches(['"', '}', '\''])
                .ends_with(['=', '0'])
    });
    let restart = match (supervised, delay, unlimited) {
        (None, ..) => "it is not started again",
        (_, None, None) => "it is started again at once, 10 times, and then never",
        (_, Some(_), None) => "it is started again 10 times, and then never",
        (_, None, Some(_)) => "it is started again at once, for ever",
        _ => "it is started again after a delay, for ever",
    };
    let again = supervised.is_some() && delay.is_some() && unlimited.is_some();
    let log = texts.find(|line| {
        ["output_log", "error_log", "output_logger", "error_logger"]
            .iter()
            .any(|name| line.contains(&format!("{name}=")) || line.contains(&format!("{name}:=")))
            || line.contains("--stdout")
    });
    let network = texts.find(|line| {
        let mut words = line.split_whitespace();
        matches!(words.next(), Some("need" | "use" | "want" | "after"))
            && words.any(|word| matches!(word, "net" | "net-online" | "network"))
    });
    let retry = texts.sets("retry");
    vec![
        point(
            "restart",
            again,
            "after every end, 10 seconds later, for ever",
            restart,
            supervised.or(delay),
        ),
        point(
            "env files at a restart",
            false,
            "they are read again",
            "they are read when the init script runs, not when it restarts the kubelet",
            None,
        ),
        point(
            "stop",
            retry.is_some(),
            "KILL after 90 seconds to what ignores TERM",
            match retry {
                Some(_) => "with a schedule of its own",
                None => "gives up after 5 seconds, the kubelet may live on",
            },
            retry,
        ),
        point(
            "log",
            log.is_some(),
            "the journal keeps all output",
            match log {
                Some(_) => "a file keeps it",
                None => "the output is lost",
            },
            log,
        ),
        point(
            "network",
            network.is_some(),
            "comes after network-online.target",
            match network {
                Some(_) => "comes after the network",
                None => "does not wait for the network",
            },
            network,
        ),
    ]
}

fn runit(texts: &Texts, has_log: bool) -> Vec<Point> {
    let delay = texts.find(|line| line.split_whitespace().next() == Some("sleep"));
    let log = texts.find(|line| line.contains("logger") || line.contains("svlogd"));
    let null = texts.find(|line| line.contains(">/dev/null") || line.contains("> /dev/null"));
    vec![
        point(
            "restart",
            delay.is_some(),
            "after every end, 10 seconds later, for ever",
            match delay {
                Some(_) => "after a pause of its own, for ever",
                None => "every second, for ever",
            },
            delay,
        ),
        point(
            "stop",
            false,
            "KILL after 90 seconds to what ignores TERM",
            "`sv stop` gives up after 7 seconds, the kubelet may live on",
            None,
        ),
        point(
            "log",
            (has_log || log.is_some()) && null.is_none(),
            "the journal keeps all output",
            match (has_log || log.is_some(), null) {
                (true, None) => "a log service keeps it",
                _ => "the output goes to runsvdir's own, which is often /dev/null",
            },
            null.or(log),
        ),
    ]
}
