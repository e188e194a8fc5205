//! What is wrong with a spec as a whole, though each of its values is right.

use crate::service::process::Capabilities;
use crate::service::specifiers;
use crate::service::{Argument, Capability, Dependency, Piece, Type, is_kubelet, is_wrong};
use crate::yaml::{Step, YamlError};

use super::Spec;

/// Something wrong, and the value that it is about.
pub(super) struct Fault {
    steps: Vec<Step>,
    message: String,
}

impl Fault {
    fn new(steps: impl Into<Vec<Step>>, message: impl Into<String>, hint: &str) -> Self {
        Self {
            steps: steps.into(),
            message: format!("{}\n{hint}", message.into()),
        }
    }

    /// Without a place, for what was not read from a text.
    pub(super) fn without_place(&self, source_name: &str) -> YamlError {
        YamlError::without_place(source_name, &self.message)
    }

    /// With its place in the text that the spec was read from.
    pub(super) fn located(&self, source_name: &str, text: &str) -> YamlError {
        YamlError::at(source_name, text, &self.steps, &self.message)
    }
}

impl Spec {
    /// What makes it no valid spec.
    pub(super) fn fault(&self) -> Option<Fault> {
        let mut before: Vec<(&'static str, &Dependency)> = Vec::new();
        let later = self.before.iter().cloned().map(Dependency::Service);
        let later: Vec<_> = later.collect();
        let lists = [
            ("needs", &self.needs),
            ("wants", &self.wants),
            ("after", &self.after),
            ("before", &later),
        ];
        for (key, list) in lists {
            for (index, dependency) in list.iter().enumerate() {
                let steps = [Step::Key(key), Step::Item(index)];
                if matches!(dependency, Dependency::Service(name) if *name == self.name) {
                    let message = format!("`{dependency}` is this service itself");
                    return Some(Fault::new(steps, message, "leave it out"));
                }
                if let Some((first, _)) = before.iter().find(|(_, it)| *it == dependency) {
                    let message = format!("`{dependency}` is in `{first}` already");
                    let hint = match key {
                        _ if *first == key => "write it once",
                        "wants" => "`needs` is the stronger of the two: leave it out of `wants`",
                        "after" => "that is after it as well: leave it out of `after`",
                        _ => "it cannot come before and after: leave it out of one of the two",
                    };
                    return Some(Fault::new(steps, message, hint));
                }
                before.push((key, dependency));
            }
        }
        self.fault_of_process()
            .or_else(|| self.fault_of_life())
            .or_else(|| self.fault_of_specifiers())
    }

    /// What cannot be of what it says of its process.
    fn fault_of_process(&self) -> Option<Fault> {
        let process = &self.process;
        let directory = process.working_directory.as_ref();
        if directory.is_some_and(|it| it.path.is_none()) && process.user.is_none() {
            let message = "`~` is the home of the `user`, and there is none";
            let hint = "write `user`, or the path of a folder such as `/root`";
            return Some(Fault::new([Step::Key("workingDirectory")], message, hint));
        }
        let Capabilities { bounding, ambient } = &process.capabilities;
        let is_outside =
            |it: &&Capability| bounding.as_ref().is_some_and(|list| !list.contains(it));
        if let Some(outside) = ambient.iter().find(is_outside) {
            let message = format!("`{outside}` is in `ambient` and not in `bounding`");
            let steps = [Step::Key("capabilities"), Step::Key("ambient")];
            let hint = "write it in `bounding` as well, which is all that it can ever have";
            return Some(Fault::new(steps, message, hint));
        }
        for (kind, directory) in process.directories.said() {
            let steps = [Step::Key(kind.key())];
            if directory.names.is_empty() {
                return Some(Fault::new(
                    steps,
                    "there are no `names`",
                    "write one, or leave it out",
                ));
            }
        }
        None
    }

    /// What is not a specifier of the host.
    fn fault_of_specifiers(&self) -> Option<Fault> {
        let mut texts =
            specifiers::texts(&self.arguments, &self.environment, &self.life, &self.stop);
        let unknown = texts.find_map(|(key, text)| {
            let unknown = specifiers::host_parts(text).err()?;
            Some((key, unknown))
        });
        let (key, unknown) = unknown.filter(|_| self.specifiers)?;
        let message = format!("`%{unknown}` is not a specifier of the host");
        let hint = "there are `%H`, `%l`, `%m`, `%b` and `%v`; a percent sign is `%%`";
        Some(Fault::new([Step::Key(key)], message, hint))
    }

    /// What cannot be together (`service_verify`, `service.c` of systemd 257).
    fn fault_of_life(&self) -> Option<Fault> {
        let steps = |key| [Step::Key(key)];
        if is_wrong(self.service_type, self.restart.policy) {
            return Some(Fault::new(
                steps("type"),
                "a `oneshot` that has ended well is not started again",
                "write `restart: {policy: never}`, or `on-failure`",
            ));
        }
        match (self.service_type, &self.life.pid_file) {
            (Type::Forking, None) => {
                return Some(Fault::new(
                    steps("type"),
                    "a `forking` service says in a file which process it is, and there is no `pidFile`",
                    "write `pidFile`, or run it in the foreground, which most daemons have a flag for",
                ));
            }
            (Type::Forking, Some(_)) | (_, None) => {}
            (_, Some(_)) => {
                return Some(Fault::new(
                    steps("pidFile"),
                    "the process that is started is the service itself",
                    "leave it out, or write `type: forking`",
                ));
            }
        }
        let own = self
            .life
            .conflicts
            .iter()
            .position(|name| *name == self.name);
        own.map(|index| {
            let steps = [Step::Key("conflicts"), Step::Item(index)];
            let message = format!("`{}` is this service itself", self.name);
            Fault::new(steps, message, "leave it out")
        })
    }

    /// What is probably not meant so.
    pub(super) fn doubts(&self) -> Vec<Fault> {
        let mut doubts = Vec::new();
        if let Some((program, rest)) = self.program.as_str().split_once(" -") {
            let first = rest.split([' ', '=']).next().unwrap_or_default();
            let hint = format!(
                "write `program: {program}`, and what follows, `-{first}` first, as `arguments`"
            );
            let message = "the whole of it is the path of a program, its blanks too";
            doubts.push(Fault::new([Step::Key("program")], message, &hint));
        }
        if self.arguments.is_empty() && is_kubelet(self.program.as_str()) {
            let hint = "`kubelet-unit spec` prints one that has them, under `arguments`";
            let message = "there are no `arguments`, and a kubelet without any joins no cluster";
            doubts.push(Fault::new([Step::Key("program")], message, hint));
        }
        for (index, argument) in self.arguments.iter().enumerate() {
            if let Some(meant) = meant(argument) {
                let hint = format!("write {meant}; each item is one argument, its blanks too");
                let message = "this is one argument, with a blank in it";
                let steps = [Step::Key("arguments"), Step::Item(index)];
                doubts.push(Fault::new(steps, message, &hint));
            }
        }
        doubts
    }
}

/// No env file of the spec is left to the distribution, so that none can be put elsewhere.
pub(super) fn no_extra_args_file(spec: &Spec) -> Fault {
    let steps = match spec.env_files.is_empty() {
        true => Vec::new(),
        false => vec![Step::Key("envFiles")],
    };
    Fault::new(
        steps,
        "no file of `envFiles` is `{extra-args-file}`, which is what `--extra-args-file` gives a place",
        "add `- path: \"{extra-args-file}\"` to `envFiles`, or leave the option out",
    )
}

/// What was meant by an argument that is probably two. Of what follows a flag's name
/// nothing is shown, which may be a secret.
fn meant(argument: &Argument) -> Option<String> {
    let Argument::Word(pieces) = argument else {
        return None;
    };
    let text: String = pieces.iter().map(shown).collect();
    let first = flag(&text)?;
    let mut words = text.split_whitespace().skip(1);
    if let Some(second) = words.find_map(flag) {
        return Some(format!("`- {first}` and `- {second}`"));
    }
    // `--node-ip 1.2.3.4`: no flag has a blank in its name.
    let name = text.split(['=', ' ', '\t']).next().unwrap_or_default();
    let rest = &text[name.len()..];
    let is_one = rest.starts_with([' ', '\t']) && !rest.trim().is_empty();
    is_one.then(|| format!("`- {name}=…`, or `- {name}` and the value as the next item"))
}

/// A flag with its name, if a text begins with one.
fn flag(text: &str) -> Option<String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let bare = text.trim_start_matches('-');
    let is_flag = bare.len() < text.len() && bare.starts_with(|c: char| c.is_ascii_alphabetic());
    let end = text.find(|c| !is_name(c)).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    match rest.chars().next() {
        _ if !is_flag => None,
        Some('=') => Some(format!("{name}=…")),
        None | Some(' ' | '\t' | '\n') => Some(name.into()),
        Some(_) => None,
    }
}

fn shown(piece: &Piece) -> String {
    match piece {
        Piece::Text(text) => text.clone(),
        Piece::Variable(name) => format!("${{{name}}}"),
    }
}
