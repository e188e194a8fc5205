//! The env-file cases of `fixtures/envfile/`, as every test reads them.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::support::repository;

/// Two env files, and what live systemd made of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Its name.
    pub id: String,
    /// Its category.
    pub cat: String,
    /// `kubeadm-flags.env`; `None` where there is no such file.
    #[serde(rename = "flags_env_b64", deserialize_with = "base64")]
    pub flags_env: Option<Vec<u8>>,
    /// The administrator's file.
    #[serde(rename = "default_b64", deserialize_with = "base64")]
    pub default: Option<Vec<u8>>,
    /// The kubelet's arguments, its own name first.
    pub argv: Vec<String>,
    /// The variables that differ from those without any env file.
    pub env: BTreeMap<String, String>,
    /// What systemd 252 gave where that differs. We follow 254, but such a case
    /// says which rule it is about.
    pub v252: Option<Older>,
}

/// The answer of an older systemd.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Older {
    pub argv: Vec<String>,
    pub env: BTreeMap<String, String>,
}

/// All of them.
pub fn cases() -> Vec<Case> {
    let text = std::fs::read_to_string(repository().join("fixtures/envfile/cases.jsonl")).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

impl Case {
    /// The files that are there, in the order of the drop-in.
    pub fn contents(&self) -> Vec<Vec<u8>> {
        [&self.flags_env, &self.default]
            .into_iter()
            .flatten()
            .cloned()
            .collect()
    }
}

fn base64<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u8>>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.as_deref().map(decode))
}

/// Standard base64 with padding.
fn decode(text: &str) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0, 0_u32);
    for digit in text.trim_end_matches('=').bytes() {
        let value = DIGITS.iter().position(|&known| known == digit).unwrap();
        held = held << 6 | u32::try_from(value).unwrap();
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).unwrap());
        }
    }
    bytes
}
