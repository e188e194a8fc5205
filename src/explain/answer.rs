//! The answer about one flag for people: what is in effect and where it is
//! written, then everything that might be expected to be in effect instead.

use super::lost::{Lost, LostBecause};
use super::model::Argument;
use super::question::Answer;
use super::shown::shown;
use super::style::{Ink, Style, write_problem, write_unknown};
use super::text::with_value;
use crate::kubelet::flags::removed_from;
use std::fmt::{self, Display, Formatter};

impl Answer<'_> {
    /// The answer as text.
    pub fn text(&self, style: Style) -> impl Display {
        Text {
            answer: self,
            style,
        }
    }
}

struct Text<'e> {
    answer: &'e Answer<'e>,
    style: Style,
}

impl Display for Text<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Answer {
            uses,
            lost,
            problems,
            ..
        } = self.answer;
        if let Some(origin) = self.answer.origin {
            writeln!(f, "{}", self.style.paint(Ink::Faint, origin))?;
        }
        let (overridden, effective): (Vec<_>, Vec<_>) = uses
            .iter()
            .partition(|argument| argument.overridden_by.is_some());
        if effective.is_empty() {
            self.absent(f)?;
        }
        for argument in effective {
            let words = format!("{} is in effect", with_value(argument));
            let words = match self.answer.is_complete() {
                true => words,
                false => format!("{words}, as far as can be told"),
            };
            writeln!(f, "{}", self.style.paint(Ink::Good, words))?;
            self.origin(f, argument)?;
        }
        for argument in overridden {
            writeln!(
                f,
                "\n{} is overridden: the last one wins",
                with_value(argument)
            )?;
            self.origin(f, argument)?;
        }
        for lost in lost {
            self.lost(f, lost)?;
        }
        self.unknown(f)?;
        if !problems.is_empty() {
            writeln!(f)?;
        }
        for problem in problems {
            write_problem(f, problem, self.style)?;
        }
        Ok(())
    }
}

impl Text<'_> {
    fn absent(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Answer { flag, config, .. } = self.answer;
        let dashes = if flag.chars().count() == 1 { "-" } else { "--" };
        let flag_shown = format!("{dashes}{}", shown(flag));
        if !self.answer.is_complete() {
            let words = format!("whether {flag_shown} is on the command line cannot be told");
            return writeln!(f, "{}", self.style.paint(Ink::Heading, words));
        }
        let words = format!("{flag_shown} is not on the command line");
        writeln!(f, "{}", self.style.paint(Ink::Heading, words))?;
        if let Some(refusal) = &self.answer.refusal {
            return writeln!(f, "  {}", refusal.message);
        }
        if let Some(removed) = self.answer.version.and_then(|it| removed_from(flag, it)) {
            let since = removed.since;
            return writeln!(
                f,
                "  the kubelet has no such flag from {since} on: {}",
                removed.instead
            );
        }
        if let Some(setting) = &self.answer.setting {
            return writeln!(f, "  {setting}");
        }
        match config {
            Some(config) => writeln!(f, "  {} or the kubelet's default decides", shown(config)),
            None => writeln!(f, "  the default decides"),
        }
    }

    /// What there may be besides.
    fn unknown(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for unknown in &self.answer.unknown {
            write_unknown(f, unknown, self.style)?;
        }
        Ok(())
    }

    fn origin(&self, f: &mut Formatter<'_>, argument: &Argument) -> fmt::Result {
        let place = self.style.paint(Ink::Faint, &argument.place);
        match &argument.variable {
            Some(variable) => writeln!(f, "  {place}, in {variable}"),
            None => writeln!(f, "  {place}, on the command line itself"),
        }
    }

    fn lost(&self, f: &mut Formatter<'_>, lost: &Lost) -> fmt::Result {
        let because = match &lost.because {
            LostBecause::Replaced { by } => format!("{by} sets its variable again"),
            LostBecause::Superseded { by } => format!("{by} replaces the line"),
            LostBecause::Unused => "the command line does not name its variable".to_owned(),
            LostBecause::Untold => "that cannot be told".to_owned(),
            LostBecause::Ignored => "systemd ignores the line".to_owned(),
        };
        let effect = match &lost.because {
            LostBecause::Untold => "may have an effect",
            _ => "has no effect",
        };
        writeln!(f, "\n{} {effect}: {because}", shown(&lost.text))?;
        let place = self.style.paint(Ink::Faint, &lost.place);
        match lost.variable.as_deref() {
            Some(name) => writeln!(f, "  {place}, in {}", shown(name)),
            None => writeln!(f, "  {place}"),
        }
    }
}
