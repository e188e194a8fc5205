//! Carrying out what a backend says.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::{ControlError, Query, Question, Step, Target};
use crate::process::{Answer, Command, ProcessError, Refusal, Runner};
use crate::rendering::line;

/// What carries it out: where, with what, and who is told about long waits.
pub struct Performer<'a> {
    /// The service.
    pub target: Target<'a>,
    /// What the init calls itself, for messages.
    pub init: &'static str,
    /// What runs the commands.
    pub runner: &'a dyn Runner,
    /// Is called while something takes a while: what is waited for, the time that
    /// has passed, and the time that it may take.
    pub waiting: &'a dyn Fn(&str, Duration, Duration),
}

/// No file that gets another name is longer: they configure one service.
const LIMIT: usize = 1024 * 1024;

/// How often to look whether something has come.
const LOOK: Duration = Duration::from_millis(50);

impl Performer<'_> {
    /// The answer to a question.
    ///
    /// # Errors
    /// The command fails, or says something that is not an answer.
    pub fn ask<T>(&self, question: Question<T>) -> Result<T, ControlError> {
        Ok(self.hear(question)?.0)
    }

    /// The answer to a question, and what the command said, where one was asked.
    ///
    /// # Errors
    /// As for [`Performer::ask`].
    pub fn hear<T>(&self, question: Question<T>) -> Result<(T, Option<Answer>), ControlError> {
        match question {
            Question::Known(answer) => Ok((answer, None)),
            Question::Among {
                command,
                names,
                yes,
                no,
            } => {
                let answer = self.run(&command)?;
                (command.check)(&answer)
                    .map_err(|refusal| self.unanswered(&command, &answer, refusal))?;
                let mut lines = answer.stdout.lines();
                let listed = lines.any(|line| names.iter().any(|name| name == line.trim()));
                Ok((if listed { yes } else { no }, Some(answer)))
            }
            Question::Ask(Query { command, read }) => {
                let answer = self.run(&command)?;
                let read =
                    read(&answer).map_err(|refusal| self.unanswered(&command, &answer, refusal))?;
                Ok((read, Some(answer)))
            }
        }
    }

    fn unanswered(&self, command: &Command, answer: &Answer, refusal: Refusal) -> ControlError {
        match refusal {
            Refusal::Failed => ControlError::CannotTell {
                argv: command.argv.clone(),
                code: answer.code,
                message: answer.message(),
            },
            refusal => self.refused(command, answer, refusal),
        }
    }

    /// Takes all steps in order, and stops at the first that fails.
    ///
    /// # Errors
    /// That of the step.
    pub fn take(&self, steps: &[Step]) -> Result<(), ControlError> {
        steps.iter().try_for_each(|step| self.step(step))
    }

    fn step(&self, step: &Step) -> Result<(), ControlError> {
        let root = self.target.host.root();
        match step {
            Step::Run(command) => {
                let answer = self.run(command)?;
                (command.check)(&answer).map_err(|refusal| self.refused(command, &answer, refusal))
            }
            Step::Link { path, target } => {
                root.make_folders(path.parent().unwrap_or(Path::new("/")))?;
                root.link(path, target)?;
                Ok(())
            }
            Step::Touch(path) => self.make(path, b""),
            Step::Write { path, content } => self.make(path, content.as_bytes()),
            Step::Remove(path) => {
                root.remove(path)?;
                Ok(())
            }
            Step::Rename { from, to } => self.rename(from, to),
            Step::Line { path, mark, aside } => self.line(path, mark, *aside),
            Step::Until {
                command,
                succeeds,
                within,
                what,
            } => self.until(command, *succeeds, *within, what),
        }
    }

    /// A file where there is none.
    fn make(&self, path: &Path, content: &[u8]) -> Result<(), ControlError> {
        let root = self.target.host.root();
        if root.kind(path)?.is_none() {
            root.make_folders(path.parent().unwrap_or(Path::new("/")))?;
            root.write_whole(path, content, 0o644)?;
        }
        Ok(())
    }

    fn line(&self, path: &Path, mark: &str, aside: bool) -> Result<(), ControlError> {
        let root = self.target.host.root();
        let content = root.read(path, LIMIT)?;
        let new = line::set_aside(&content, mark, aside);
        if new != content {
            root.replace_whole(root.end_of_links(path)?, &new, 0o644)?;
        }
        Ok(())
    }

    /// The new name is there before the old one goes. One that has it already keeps it: steps
    /// may be taken after others that were made at the same time.
    fn rename(&self, from: &Path, to: &Path) -> Result<(), ControlError> {
        let root = self.target.host.root();
        if root.kind(from)?.is_none() && root.kind(to)?.is_some() {
            return Ok(());
        }
        let content = root.read(from, LIMIT)?;
        match root.target(from)? {
            Some(status) => root.write_like(to, &content, &status)?,
            None => root.write_whole(to, &content, 0o644)?,
        }
        root.remove(from)?;
        Ok(())
    }

    fn run(&self, command: &Command) -> Result<Answer, ProcessError> {
        self.runner.run(command, &mut |passed| {
            if let Some(what) = &command.awaits {
                (self.waiting)(what, passed, command.within);
            }
        })
    }

    fn until(
        &self,
        command: &Command,
        succeeds: bool,
        within: Duration,
        what: &str,
    ) -> Result<(), ControlError> {
        let start = Instant::now();
        loop {
            let asked = Instant::now();
            let answer = self.run(command)?;
            let took = asked.elapsed();
            if (command.check)(&answer).is_ok() == succeeds {
                return Ok(());
            }
            let passed = start.elapsed();
            if passed >= within {
                return Err(ControlError::InVain {
                    what: what.into(),
                    after: within,
                    argv: command.argv.clone(),
                    message: answer.message(),
                });
            }
            (self.waiting)(what, passed, within);
            // supervisorctl takes some tenths of a second of a processor that the service needs.
            thread::sleep(LOOK.max(took));
        }
    }

    fn refused(&self, command: &Command, answer: &Answer, refusal: Refusal) -> ControlError {
        let argv = command.argv.clone();
        let message = answer.message();
        match refusal {
            Refusal::Unknown => self.target.unknown(self.init, &[]),
            Refusal::NoPermission => ControlError::NoPermission { argv, message },
            Refusal::NoSupervisor => ControlError::NoSupervisor {
                name: self.target.name.clone(),
                argv,
                message,
            },
            Refusal::Unreachable => ControlError::Unreachable {
                init: self.init,
                argv,
                message,
            },
            Refusal::Timeout => ControlError::Process(ProcessError::Timeout {
                argv,
                after: command.gives_up_after.unwrap_or(command.within),
            }),
            Refusal::Failed => ControlError::Failed {
                argv,
                code: answer.code,
                message,
            },
        }
    }
}
