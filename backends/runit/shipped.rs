//! What the service directories of Void do.

use crate::service::{AbsPath, Name, ValueError};
use crate::shipped::{CommandLine, Point, Reading, Shipped, ShippedFiles, Texts};

pub(super) struct Known;

impl Shipped for Known {
    fn files(&self, service: &AbsPath, _name: &Name) -> Result<ShippedFiles, ValueError> {
        Ok(ShippedFiles {
            script: service.join("run")?,
            others: vec![service.join("conf")?],
            beside: vec![service.join(LOG)?],
        })
    }

    fn points(&self, texts: &Texts) -> Vec<Point> {
        let has_log = texts.is_there("run");
        let delay = texts.find(|line| line.split_whitespace().next() == Some("sleep"));
        let log = texts.find(|line| line.contains("logger") || line.contains("svlogd"));
        let null = texts.find(|line| line.contains(">/dev/null") || line.contains("> /dev/null"));
        vec![
            Point::new(
                "restart",
                delay.is_some(),
                "after every end, 10 seconds later, for ever",
                match delay {
                    Some(_) => "after a pause of its own, for ever",
                    None => "every second, for ever",
                },
                delay,
            ),
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
}

/// The script of a service's logger.
const LOG: &str = "log/run";
