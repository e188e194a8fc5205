//! What only the host knows of what a service says: systemd's specifiers (`systemd.unit(5)`,
//! "Specifiers") in its arguments, variables and commands, filled in at every start.

use super::{Argument, CommandLine, Life, Piece, Reload, Stop, Variable};

/// The specifiers that a spec can have. What others stand for is known when it is written, or
/// is no affair of the host's.
pub(crate) const SPECIFIERS: [char; 5] = ['H', 'l', 'm', 'b', 'v'];

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HostPart<'t> {
    /// What stands for itself.
    Text(&'t str),
    /// A specifier.
    Host(char),
}

/// The parts of a text. `%%` is a percent sign, and so is one before what is neither a letter
/// nor a digit.
///
/// # Errors
/// What is not a specifier of the host.
pub(crate) fn host_parts(text: &str) -> Result<Vec<HostPart<'_>>, char> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        let next = rest[at + 1..].chars().next();
        let (text, skipped) = match next {
            Some('%') => (&rest[..=at], 1),
            Some(c) if SPECIFIERS.contains(&c) => (&rest[..at], 1),
            Some(c) if c.is_ascii_alphanumeric() => return Err(c),
            _ => (&rest[..=at], 0),
        };
        if !text.is_empty() {
            parts.push(HostPart::Text(text));
        }
        parts.extend(next.filter(|c| SPECIFIERS.contains(c)).map(HostPart::Host));
        rest = &rest[at + 1 + skipped..];
    }
    if !rest.is_empty() || parts.is_empty() {
        parts.push(HostPart::Text(rest));
    }
    Ok(parts)
}

/// The texts of a service in which there may be specifiers, each with the key of a spec that it
/// is below.
pub(crate) fn texts<'s>(
    arguments: &'s [Argument],
    environment: &'s [Variable],
    life: &'s Life,
    stop: &'s Stop,
) -> impl Iterator<Item = (&'static str, &'s str)> {
    let of = |key, arguments: &'s [Argument]| {
        let words = arguments.iter().filter_map(|argument| match argument {
            Argument::Word(pieces) => Some(pieces),
            Argument::Split(_) => None,
        });
        words.flatten().filter_map(move |piece| match piece {
            Piece::Text(text) => Some((key, text.as_str())),
            Piece::Variable(_) => None,
        })
    };
    let values = environment.iter();
    let values = values.map(|variable| ("environment", variable.value.as_str()));
    let commands = commands(life, stop).into_iter();
    let of_commands = commands.flat_map(move |(key, commands)| {
        commands.iter().flat_map(move |command| {
            let name = command.name.as_ref().map(std::slice::from_ref);
            let name = of(key, name.unwrap_or_default());
            name.chain(of(key, &command.arguments))
        })
    });
    of("arguments", arguments).chain(values).chain(of_commands)
}

fn commands<'s>(life: &'s Life, stop: &'s Stop) -> [(&'static str, &'s [CommandLine]); 5] {
    [
        ("preStart", &life.pre_start),
        ("postStart", &life.post_start),
        ("stop", &stop.commands),
        ("postStop", &life.post_stop),
        (
            "reload",
            match &life.reload {
                Some(Reload::Commands(commands)) => commands,
                _ => &[],
            },
        ),
    ]
}

/// Replaces those texts.
pub(crate) fn replace(
    arguments: &mut [Argument],
    environment: &mut [Variable],
    life: &mut Life,
    stop: &mut Stop,
    with: &dyn Fn(&str) -> String,
) {
    let in_words = |words: &mut [Argument]| {
        for word in words {
            let Argument::Word(pieces) = word else {
                continue;
            };
            for piece in pieces {
                if let Piece::Text(text) = piece {
                    *text = with(text);
                }
            }
        }
    };
    in_words(arguments);
    for variable in environment {
        // What no variable can hold stays as it is.
        if let Ok(value) = with(variable.value.as_str()).parse() {
            variable.value = value;
        }
    }
    let reload = match &mut life.reload {
        Some(Reload::Commands(commands)) => commands.as_mut_slice(),
        _ => &mut [],
    };
    let lists = [
        life.pre_start.as_mut_slice(),
        &mut life.post_start,
        &mut stop.commands,
        &mut life.post_stop,
        reload,
    ];
    for command in lists.into_iter().flatten() {
        in_words(command.name.as_mut_slice());
        in_words(&mut command.arguments);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_parted_as_systemd_does() {
        use HostPart::{Host, Text};
        for (text, parts) in [
            ("", &[Text("")][..]),
            ("a", &[Text("a")]),
            ("%H", &[Host('H')]),
            (
                "--name=%l-%m",
                &[Text("--name="), Host('l'), Text("-"), Host('m')],
            ),
            ("100%%", &[Text("100%")]),
            ("%%H", &[Text("%"), Text("H")]),
            ("5% of %", &[Text("5%"), Text(" of %")]),
        ] {
            assert_eq!(host_parts(text).as_deref(), Ok(parts), "{text}");
        }
        assert_eq!(host_parts("a %i"), Err('i'));
        assert_eq!(host_parts("%5"), Err('5'));
    }
}
