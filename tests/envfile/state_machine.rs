//! systemd's parser as it is built there, one state and one byte at a time:
//! slow, simple, and written apart from ours, so that the two can be compared
//! on any bytes.

/// The names of systemd's states, without those of 252's comments.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    PreKey,
    Key,
    PreValue,
    Value,
    ValueEscape,
    SingleQuote,
    DoubleQuote,
    DoubleQuoteEscape,
    Comment,
}

/// Every assignment of the file, valid or not, in its order.
pub(super) fn assignments(content: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut all = Vec::new();
    let mut state = State::PreKey;
    let (mut key, mut value) = (Vec::new(), Vec::new());
    // How much of the value stays when what follows is whitespace only.
    let mut keep = 0;
    for &byte in content {
        let newline = byte == b'\n' || byte == b'\r';
        let white = newline || byte == b' ' || byte == b'\t';
        state = match state {
            State::PreKey if byte == b'#' || byte == b';' => State::Comment,
            State::PreKey if white => State::PreKey,
            State::PreKey => {
                key = vec![byte];
                State::Key
            }
            State::Key | State::Comment if newline => State::PreKey,
            State::Key if byte == b'=' => {
                value.clear();
                keep = 0;
                State::PreValue
            }
            State::Key => {
                key.push(byte);
                State::Key
            }
            State::PreValue | State::Value if newline => {
                if state == State::Value {
                    value.truncate(keep);
                }
                all.push((trim(&key), std::mem::take(&mut value)));
                State::PreKey
            }
            State::PreValue if byte == b'\'' => State::SingleQuote,
            State::PreValue if byte == b'"' => State::DoubleQuote,
            State::PreValue | State::Value if byte == b'\\' => {
                keep = value.len();
                State::ValueEscape
            }
            State::PreValue if white => State::PreValue,
            State::PreValue | State::Value => {
                value.push(byte);
                if !white {
                    keep = value.len();
                }
                State::Value
            }
            State::ValueEscape => {
                if !newline {
                    value.push(byte);
                }
                keep = value.len();
                State::Value
            }
            State::SingleQuote if byte == b'\'' => State::PreValue,
            State::DoubleQuote if byte == b'"' => State::PreValue,
            State::DoubleQuote if byte == b'\\' => State::DoubleQuoteEscape,
            State::SingleQuote | State::DoubleQuote => {
                value.push(byte);
                state
            }
            State::DoubleQuoteEscape => {
                if !b"\"\\`$\n".contains(&byte) {
                    value.push(b'\\');
                }
                if byte != b'\n' {
                    value.push(byte);
                }
                State::DoubleQuote
            }
            State::Comment => State::Comment,
        };
    }
    if !matches!(state, State::PreKey | State::Key | State::Comment) {
        if state == State::Value {
            value.truncate(keep);
        }
        all.push((trim(&key), value));
    }
    all
}

fn trim(key: &[u8]) -> Vec<u8> {
    let end = key
        .iter()
        .rposition(|byte| !b" \t\r\n".contains(byte))
        .map_or(0, |last| last + 1);
    key[..end].to_vec()
}

/// The words of a value: one byte, one decision.
pub(super) fn words(value: &[u8]) -> Vec<Vec<u8>> {
    let mut words = Vec::new();
    let mut word: Option<Vec<u8>> = None;
    let mut quote = None;
    let mut escaped = false;
    for &byte in value {
        let white = b" \t\r\n".contains(&byte);
        if escaped {
            word.get_or_insert_default().push(byte);
            escaped = false;
        } else if byte == b'\\' {
            word.get_or_insert_default();
            escaped = true;
        } else if quote == Some(byte) {
            quote = None;
        } else if quote.is_none() && (byte == b'"' || byte == b'\'') {
            word.get_or_insert_default();
            quote = Some(byte);
        } else if quote.is_none() && white {
            words.extend(word.take());
        } else {
            word.get_or_insert_default().push(byte);
        }
    }
    words.extend(word);
    words
}
