//! `--set restart.delay=5s`: one value of a spec, said on the command line.

use serde_json::Value;

use super::layer::Over;
use super::{BOUNDS, Spec};
use crate::erased;
use crate::yaml::{self, YamlError};

impl Spec {
    /// The same with single values in the place of its own, each as `KEY=VALUE`; the key of
    /// what is inside of a mapping has the mapping's before it and a dot.
    ///
    /// # Errors
    /// There is no such key, or it does not take that value; or the whole is not a spec
    /// any more.
    pub fn with(self, settings: &[impl AsRef<str>]) -> Result<Self, YamlError> {
        settings
            .iter()
            .try_fold(self, |spec, setting| spec.set(setting.as_ref()))
    }

    fn set(self, setting: &str) -> Result<Self, YamlError> {
        let Some((key, text)) = setting.split_once('=') else {
            let message = "this is not a key, `=` and a value, such as `restart.delay=5s`";
            return Err(YamlError::without_place("--set", message));
        };
        let source_name = format!("--set {key}");
        let refuse = |message: &str| YamlError::without_place(&source_name, message);
        let path: Vec<&str> = key.split('.').collect();
        if path.iter().any(|part| part.is_empty()) {
            return Err(refuse("a part of the key is empty"));
        }
        // As JSON, which is read by the same code as a whole spec.
        let read = |value: &Value| {
            let parts = path.iter().rev();
            let whole = parts.fold(value.to_string(), |inner, part| {
                format!("{{{}:{inner}}}", Value::from(*part))
            });
            let mut json = serde_json::Deserializer::from_slice(whole.as_bytes());
            erased::seeded(Over(self.clone()), &mut json)
        };
        // What looks like a number may have to be text, as a mode has to.
        let text_itself = Value::String(text.into());
        let spec = match other_than_text(text) {
            None => read(&text_itself),
            Some(value) => read(&value).or_else(|error| read(&text_itself).map_err(|_| error)),
        };
        let spec = spec.map_err(|error| refuse(&yaml::message_of_json(&error)))?;
        match spec.fault() {
            Some(fault) => Err(fault.without_place(&source_name)),
            None => Ok(spec),
        }
    }
}

/// The value in YAML, unless that is a text.
fn other_than_text(text: &str) -> Option<Value> {
    let value = yaml::read("", text.as_bytes(), BOUNDS).ok()?;
    match value {
        Value::String(_) | Value::Null => None,
        value => Some(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(settings: &[&str]) -> Result<Spec, String> {
        let told = |error: YamlError| match &error.hint {
            Some(hint) => format!("{error}\n  hint: {hint}"),
            None => error.to_string(),
        };
        Spec::kubelet().with(settings).map_err(told)
    }

    #[test]
    fn single_values_are_replaced() {
        let settings = [
            "restart.delay=5s",
            "restart.limit={starts: 3, within: 1min}",
            "limits.nofile=infinity",
            "limits.memlock=64M",
            "umask=0027",
            "delegate=true",
            "description=Node: agent",
            "arguments=[--a, --b=1]",
            "environment.A=1",
            "environment.KUBELET_CONFIG_ARGS=--config=/etc/k.yaml",
        ];
        let with_a_part = [&settings[..], &["restart.limit.starts=4"]].concat();
        assert!(with(&with_a_part).is_err(), "a limit has to be whole");
        let spec = with(&settings).unwrap();
        let yaml = "extends: kubelet\nrestart: {delay: 5s, limit: {starts: 3, within: 60s}}\n\
            limits: {nofile: infinity, memlock: 67108864}\numask: \"0027\"\ndelegate: true\n\
            description: 'Node: agent'\narguments: [--a, --b=1]\n\
            environment: {KUBELET_CONFIG_ARGS: --config=/etc/k.yaml, A: '1'}\n";
        assert_eq!(Spec::read("s", yaml.as_bytes()), Ok(spec.clone()));
        assert_eq!(spec.restart.policy, Spec::kubelet().restart.policy);
        assert_eq!(spec.environment.len(), 3);
    }

    #[test]
    fn what_is_no_setting_is_told() {
        let refused = [
            "restart.delay",
            "restart.=5s",
            "=5s",
            "restart.delay=soon",
            "restart.dealy=5s",
            "delay=5s",
            "User=etcd",
            "umask=0999",
            "arguments=--a",
            "delegate=perhaps",
            "nice=99",
            "extends=kubelet",
            "needs=[kubelet]",
            "description=",
        ]
        .map(|setting| with(&[setting]).unwrap_err());
        insta::assert_snapshot!(refused.join("\n"));
    }
}
