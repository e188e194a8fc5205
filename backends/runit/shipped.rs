//! What the service directories of Void do.

use crate::service::{AbsPath, Name, ValueError};
use crate::shipped::{
    CommandLine, Instead, Point, Reading, Script, Setting, Shipped, ShippedFiles, Texts,
};

pub(super) struct Known;

impl Shipped for Known {
    fn files(&self, service: &AbsPath, _name: &Name) -> Result<ShippedFiles, ValueError> {
        Ok(ShippedFiles {
            script: service.join("run")?,
            others: vec![service.join("conf")?],
            beside: vec![service.join(LOG)?, service.join(FINISH)?],
        })
    }

    fn points(&self, texts: &Texts) -> Vec<Point> {
        let has_log = texts.is_there("run");
        let delay = texts.find(|line| line.split_whitespace().next() == Some("sleep"));
        let is_long = texts.lines().any(|line| {
            let seconds = line
                .strip_prefix("sleep ")
                .and_then(|it| it.trim().parse().ok());
            seconds.is_some_and(|it: u32| it >= 10)
        });
        let log = texts.find(|line| line.contains("logger") || line.contains("svlogd"));
        // Other commands may be silent.
        let null = texts.find(|line| {
            let is_it = line.contains(">/dev/null") || line.contains("> /dev/null");
            is_it && line.starts_with("exec ")
        });
        let restart = Point::new(
            "restart",
            is_long,
            "after every end, 10 seconds later, for ever",
            match delay {
                Some(_) => "after a pause of its own, for ever",
                None => "every second, for ever",
            },
            delay,
        );
        vec![
            match (delay, texts.is_there(FINISH)) {
                (None, true) => Point {
                    same: None,
                    here: "as soon as its `finish` is over, a second later at least, for ever"
                        .into(),
                    ..restart
                },
                _ => restart,
            },
            Point::new(
                "stop",
                false,
                "KILL after 90 seconds to what ignores TERM",
                "`sv stop` gives up after 7 seconds, the kubelet may live on",
                None,
            ),
            Point::new(
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

    /// runsv(8) executes `run` in the service's folder.
    fn command_line(&self, reading: &Reading<'_>) -> Option<CommandLine> {
        let script = reading.service.join("run").ok()?;
        Some(reading.run_script(script.as_str()))
    }

    /// Void's scripts source `./conf`, and those of its Kubernetes a file of the service's
    /// name in a folder of Kubernetes' own.
    fn settings(&self, reading: &Reading<'_>) -> Vec<String> {
        vec![
            format!("{}/conf", reading.service),
            format!("/etc/kubernetes/{}", reading.name),
        ]
    }

    fn settings_line(&self, reading: &Reading<'_>) -> Option<CommandLine> {
        let mut script = self.followed(reading);
        script.given(PROGRAM, reading.name.as_str());
        Some(script.of_variables(&[PROGRAM, OPTIONS]))
    }

    fn set(&self, reading: &Reading<'_>) -> Vec<Setting> {
        let script = self.followed(reading);
        let settings = self.settings(reading).into_iter();
        let set = settings.flat_map(|path| script.assigned_in(&path));
        set.filter(|it| it.name == OPTIONS)
            .map(|it| Setting {
                name: it.name,
                value: it.value,
                path: it.path,
                line: it.line,
                instead: Instead::Arguments,
            })
            .collect()
    }
}

impl Known {
    /// The files of settings, as a script sources them.
    fn followed<'r>(&self, reading: &'r Reading<'_>) -> Script<'r> {
        let mut script = reading.sh();
        // What all of Kubernetes shares there.
        script.follow("/etc/kubernetes/config");
        for path in self.settings(reading) {
            script.follow(&path);
        }
        script
    }
}

/// What Void's scripts call the arguments of a program.
const OPTIONS: &str = "OPTS";

/// Stands for the program, which settings do not name.
const PROGRAM: &str = "program";

/// The script of a service's logger.
const LOG: &str = "log/run";

/// What runsv(8) runs after each end.
const FINISH: &str = "finish";
