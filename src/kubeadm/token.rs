//! Bootstrap tokens: an id that may be told, and a secret that is not.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac_sha256::HMAC;

/// How many characters the id has, and how many the secret.
const LENGTHS: (usize, usize) = (6, 16);

/// A bootstrap token, like `abcdef.0123456789abcdef`. What shows it shows its id alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    id: String,
    secret: String,
}

impl Token {
    /// Reads a token; `None` for what is not one (`BootstrapTokenRegexpString` in
    /// `k8s.io/cluster-bootstrap/token/api`).
    pub fn parse(text: &str) -> Option<Token> {
        let (id, secret) = text.split_once('.')?;
        let part = |text: &str, length: usize| {
            let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
            text.len() == length && text.bytes().all(plain)
        };
        (part(id, LENGTHS.0) && part(secret, LENGTHS.1)).then(|| Token {
            id: id.to_owned(),
            secret: secret.to_owned(),
        })
    }

    /// The id, which is not secret.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The whole token, for the cluster and for files that root alone reads.
    pub fn expose(&self) -> String {
        format!("{}.{}", self.id, self.secret)
    }

    /// Whether a detached signature (RFC 7515, appendix F) over a text was made with this token:
    /// HS256 under the header that the cluster's signer writes (`DetachedTokenIsValid` in
    /// `k8s.io/cluster-bootstrap/token/jws`).
    pub fn signed(&self, text: &[u8], signature: &str) -> bool {
        let header = format!(r#"{{"alg":"HS256","kid":"{}"}}"#, self.id);
        let header = URL_SAFE_NO_PAD.encode(header);
        let Some(mac) = signature
            .strip_prefix(header.as_str())
            .and_then(|rest| rest.strip_prefix(".."))
        else {
            return false;
        };
        let Ok(mac) = URL_SAFE_NO_PAD.decode(mac) else {
            return false;
        };
        let input = format!("{header}.{}", URL_SAFE_NO_PAD.encode(text));
        let mut hmac = HMAC::new(self.secret.as_bytes());
        hmac.update(input.as_bytes());
        // Compared in constant time.
        <[u8; 32]>::try_from(mac).is_ok_and(|mac| hmac.finalize_verify(&mac))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({}.…)", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_and_never_shown_whole() {
        let token = Token::parse("abcdef.0123456789abcdef").unwrap();
        assert_eq!(token.id(), "abcdef");
        assert_eq!(format!("{token:?}"), "Token(abcdef.…)");
        for text in [
            "",
            "abcdef",
            "abcdef.0123456789abcde",
            "abcdef.0123456789abcdefa",
            "Abcdef.0123456789abcdef",
            "abcdef.0123456789abcdef\n",
            "abcde.f0123456789abcdef",
        ] {
            assert_eq!(Token::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_signatures_of_a_real_cluster_hold_for_their_tokens_alone() {
        let text = include_str!("../../fixtures/discovery/cluster-info.raw.json");
        let object: serde_json::Value = serde_json::from_str(text).unwrap();
        let data = |key: &str| object["data"][key].as_str().unwrap().to_owned();
        let kubeconfig = data("kubeconfig");
        let tokens = [
            "abcdef.0123456789abcdef",
            "b2b2b2.fedcba9876543210",
            "c3c3c3.0011223344556677",
        ];
        for token in tokens {
            let token = Token::parse(token).unwrap();
            for id in ["abcdef", "b2b2b2", "c3c3c3"] {
                let signature = data(&format!("jws-kubeconfig-{id}"));
                let holds = token.signed(kubeconfig.as_bytes(), &signature);
                assert_eq!(holds, id == token.id(), "{id}");
                assert!(!token.signed(b"another text", &signature));
                assert!(!token.signed(kubeconfig.as_bytes(), &signature[..80]));
            }
        }
        let wrong = Token::parse("abcdef.ffffffffffffffff").unwrap();
        assert!(!wrong.signed(kubeconfig.as_bytes(), &data("jws-kubeconfig-abcdef")));
    }
}
