//! The arguments: where each comes from, what it is to the kubelet, and which
//! one wins.

use super::input::Input;
use super::model::{Argument, Role, Word};
use super::sources::Sources;
use crate::effective::Place;
use crate::envfile::{self, ArgumentSource, Environment, ExecWord};
use crate::kubelet::flags::{ACCUMULATING, Flag};
use std::collections::HashMap;

pub(super) fn words(input: &Input<'_>, environment: &Environment<'_>) -> Vec<Word> {
    let word = |word: &ExecWord<'_>| Word {
        text: word.to_string(),
        variables: word.names().map(str::to_owned).collect(),
        split: matches!(word, ExecWord::Split(_)),
        set: word.names().all(|name| environment.get(name).is_some()),
    };
    input.words.iter().map(word).collect()
}

pub(super) fn explain(
    input: &Input<'_>,
    environment: &Environment<'_>,
    sources: &Sources<'_, '_>,
    expanded: &[envfile::Argument<'_>],
) -> Vec<Argument> {
    let texts: Vec<&str> = expanded
        .iter()
        .map(|argument| argument.text.as_ref())
        .collect();
    let roles = if input.is_kubelet() {
        roles(&texts)
    } else {
        strange_roles(&texts)
    };
    let mut arguments: Vec<Argument> = expanded
        .iter()
        .zip(places(environment, sources, expanded))
        .zip(roles)
        .map(|((argument, place), role)| Argument {
            text: argument.text.clone().into_owned(),
            word: argument.word,
            variable: match argument.source {
                ArgumentSource::Split { variable, .. } => {
                    Some(environment.variables()[variable].name.to_owned())
                }
                ArgumentSource::Literal | ArgumentSource::Joined => sources.variable(argument.word),
            },
            place,
            role,
            overridden_by: None,
        })
        .collect();
    override_flags(&mut arguments);
    arguments
}

/// The place of every argument. The arguments of one word are asked for
/// together, so that its variable is read once.
fn places(
    environment: &Environment<'_>,
    sources: &Sources<'_, '_>,
    expanded: &[envfile::Argument<'_>],
) -> Vec<Place> {
    let places = expanded
        .chunk_by(|a, b| a.word == b.word)
        .flat_map(|chunk| {
            let offset = |argument: &envfile::Argument<'_>| match &argument.source {
                ArgumentSource::Split { variable, span } => Some((*variable, span.start)),
                ArgumentSource::Literal | ArgumentSource::Joined => None,
            };
            let (variables, offsets): (Vec<_>, Vec<_>) = chunk.iter().filter_map(offset).unzip();
            match variables.first() {
                Some(&variable) => {
                    sources.of_bytes(environment.variables()[variable].origin, &offsets)
                }
                None => vec![sources.word(chunk[0].word); chunk.len()],
            }
        });
    places.collect()
}

/// What pflag makes of a kubelet's command line. An argument `--` ends the
/// flags.
fn roles(texts: &[&str]) -> Vec<Role> {
    let mut roles = Vec::with_capacity(texts.len());
    let mut at = 0;
    let mut flags_end = false;
    while let Some(&text) = texts.get(at) {
        at += 1;
        if roles.is_empty() {
            roles.push(Role::Program);
            continue;
        }
        flags_end |= text == "--";
        let Some(flag) = Flag::parse(text).filter(|_| !flags_end) else {
            roles.push(Role::Operand);
            continue;
        };
        let next = texts.get(at).filter(|_| flag.takes_next());
        let value = next.or(flag.value.as_ref()).map(|&value| value.to_owned());
        roles.push(Role::Flag {
            flag: flag.name.into_owned(),
            value,
        });
        if next.is_some() {
            roles.push(Role::Value);
            at += 1;
        }
    }
    roles
}

/// What is known of another program's command line: nothing.
fn strange_roles(texts: &[&str]) -> Vec<Role> {
    let role = |number| {
        if number == 0 {
            Role::Program
        } else {
            Role::Operand
        }
    };
    (0..texts.len()).map(role).collect()
}

/// Of equal flags the last wins, except where they add up.
fn override_flags(arguments: &mut [Argument]) {
    let mut winners: HashMap<String, usize> = HashMap::new();
    let mut winner_of_value = None;
    for number in (0..arguments.len()).rev() {
        let argument = &mut arguments[number];
        match &argument.role {
            Role::Flag { flag, .. } if !ACCUMULATING.contains(&flag.as_str()) => {
                let winner = *winners.entry(flag.clone()).or_insert(number);
                argument.overridden_by = (winner != number).then_some(winner);
            }
            Role::Flag { .. } | Role::Program | Role::Operand => {}
            Role::Value => {
                winner_of_value = Some(number);
                continue;
            }
        }
        let winner = argument.overridden_by;
        if let Some(value) = winner_of_value.take() {
            arguments[value].overridden_by = winner;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flag(name: &str, value: Option<&str>) -> Role {
        Role::Flag {
            flag: name.into(),
            value: value.map(Into::into),
        }
    }

    #[test]
    fn the_command_line_is_read_as_the_kubelet_reads_it() {
        let texts = [
            "/usr/bin/kubelet",
            "--v=2",
            "-v",
            "4",
            "--fail-swap-on",
            "false",
            "--node-ip",
            "--v=9",
            "",
            "--",
            "--v=1",
        ];
        assert_eq!(
            roles(&texts),
            [
                Role::Program,
                flag("v", Some("2")),
                flag("v", Some("4")),
                Role::Value,
                flag("fail-swap-on", None),
                Role::Operand,
                flag("node-ip", Some("--v=9")),
                Role::Value,
                Role::Operand,
                Role::Operand,
                Role::Operand,
            ]
        );
    }
}
