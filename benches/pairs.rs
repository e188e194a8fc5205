//! Measuring commands in turns.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A command with the name it has in the table.
pub(crate) struct Contender {
    pub(crate) name: String,
    pub(crate) command: Box<dyn Fn() -> Command>,
    /// The greatest exit code that is no failure.
    most: i32,
}

impl Contender {
    pub(crate) fn new(name: &str, command: impl Fn() -> Command + 'static) -> Self {
        Self {
            name: name.into(),
            command: Box::new(command),
            most: 0,
        }
    }

    /// A finding is an answer too: exit code 1 of a command that judges.
    pub(crate) fn that_judges(self) -> Self {
        Self { most: 1, ..self }
    }

    fn once(&self) -> Duration {
        let mut command = (self.command)();
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let start = Instant::now();
        let status = command.status().expect(&self.name);
        let time = start.elapsed();
        let is_answer = status.code().is_some_and(|code| code <= self.most);
        assert!(is_answer, "{}: {status}", self.name);
        time
    }
}

/// Runs all in turns and prints their medians, and their ratios to the first.
pub(crate) fn compare(title: &str, rounds: usize, contenders: &[Contender]) {
    let mut times = vec![Vec::with_capacity(rounds); contenders.len()];
    for round in 0..=rounds + rounds / 10 {
        for (contender, times) in contenders.iter().zip(&mut times) {
            let time = contender.once();
            // The first rounds fill the caches.
            if round > rounds / 10 {
                times.push(time);
            }
        }
    }
    println!("\n{title}");
    let base = median(&mut times[0]);
    for (contender, times) in contenders.iter().zip(&mut times) {
        let time = median(times);
        println!(
            "  {:<56} {:>9.3} ms {:>7.2} x",
            contender.name,
            time.as_secs_f64() * 1e3,
            time.as_secs_f64() / base.as_secs_f64()
        );
    }
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
