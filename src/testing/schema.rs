//! JSON Schema, as far as our schemas go.

use serde_json::{Value, json};

/// Whether a value is valid, as far as our schemas go; else where it is not.
pub(crate) fn valid(schema: &Value, value: &Value) -> Result<(), String> {
    within(schema, schema, value)
}

/// The same for a part of a schema.
fn within(whole: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    let refuse = |why: &str| Err(format!("{value}: {why}"));
    for (keyword, operand) in schema.as_object().unwrap() {
        let holds = match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" | "examples" => true,
            "$ref" => {
                let pointer = operand
                    .as_str()
                    .and_then(|it| it.strip_prefix('#'))
                    .unwrap();
                within(whole, whole.pointer(pointer).unwrap(), value).is_ok()
            }
            "type" => match operand.as_str().unwrap() {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "boolean" => value.is_boolean(),
                "number" => value.is_number(),
                "integer" => value.is_i64() || value.is_u64(),
                other => panic!("{other}"),
            },
            "minimum" => value.as_i64() >= operand.as_i64(),
            "maximum" => value.as_i64() <= operand.as_i64(),
            "enum" => operand.as_array().unwrap().contains(value),
            "pattern" => {
                pattern::matches(operand.as_str().unwrap(), value.as_str().unwrap_or("\n"))
            }
            "required" => operand
                .as_array()
                .unwrap()
                .iter()
                .all(|key| value.get(key.as_str().unwrap()).is_some()),
            "anyOf" => operand
                .as_array()
                .unwrap()
                .iter()
                .any(|it| within(whole, it, value).is_ok()),
            "items" => {
                for item in value.as_array().into_iter().flatten() {
                    within(whole, operand, item)?;
                }
                true
            }
            "propertyNames" => {
                for name in value
                    .as_object()
                    .into_iter()
                    .flatten()
                    .map(|(name, _)| name)
                {
                    within(whole, operand, &json!(name))?;
                }
                true
            }
            "properties" => {
                for (name, inner) in value.as_object().into_iter().flatten() {
                    if let Some(schema) = operand.get(name) {
                        within(whole, schema, inner)?;
                    }
                }
                true
            }
            "additionalProperties" => {
                let known = schema.get("properties");
                let mut others = value.as_object().into_iter().flatten();
                others.all(|(name, inner)| {
                    known.is_some_and(|known| known.get(name).is_some())
                        || operand.is_object() && within(whole, operand, inner).is_ok()
                })
            }
            other => panic!("{other}"),
        };
        if !holds {
            return refuse(keyword);
        }
    }
    Ok(())
}

/// Regular expressions, as far as our patterns go.
mod pattern {
    /// Whether the whole text matches.
    pub(super) fn matches(pattern: &str, text: &str) -> bool {
        let bare = pattern
            .strip_prefix('^')
            .and_then(|it| it.strip_suffix('$'));
        let pattern: Vec<char> = bare.expect(pattern).chars().collect();
        let text: Vec<char> = text.chars().collect();
        ends(&pattern, &text).contains(&text.len())
    }

    /// Where in a text a pattern that begins with it can end.
    fn ends(pattern: &[char], text: &[char]) -> Vec<usize> {
        let mut found: Vec<usize> = branches(pattern)
            .into_iter()
            .flat_map(|branch| sequence(branch, text))
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    fn branches(pattern: &[char]) -> Vec<&[char]> {
        let (mut depth, mut from, mut all) = (0, 0, Vec::new());
        let mut at = 0;
        while at < pattern.len() {
            match pattern[at] {
                '\\' => at += 1,
                '(' | '[' => depth += 1,
                ')' | ']' => depth -= 1,
                '|' if depth == 0 => {
                    all.push(&pattern[from..at]);
                    from = at + 1;
                }
                _ => {}
            }
            at += 1;
        }
        all.push(&pattern[from..]);
        all
    }

    fn sequence(pattern: &[char], text: &[char]) -> Vec<usize> {
        if pattern.is_empty() {
            return vec![0];
        }
        let length = atom(pattern);
        let (first, rest) = pattern.split_at(length);
        let (least, most, rest) = match rest.first() {
            Some('*') => (0, usize::MAX, &rest[1..]),
            Some('+') => (1, usize::MAX, &rest[1..]),
            Some('?') => (0, 1, &rest[1..]),
            _ => (1, 1, rest),
        };
        let (mut reached, mut all, mut count) = (vec![0], Vec::new(), 0);
        if least == 0 {
            all.push(0);
        }
        while count < most && !reached.is_empty() {
            count += 1;
            let step = reached.iter().flat_map(|&at| {
                let ends = one(first, &text[at..]).into_iter();
                ends.filter(|end| *end > 0).map(move |end| at + end)
            });
            reached = step.collect();
            reached.sort_unstable();
            reached.dedup();
            if count >= least {
                all.extend(&reached);
            }
        }
        let ends = all.into_iter().flat_map(|at| {
            let rest = sequence(rest, &text[at..]);
            rest.into_iter().map(move |end| at + end)
        });
        ends.collect()
    }

    /// How long the first part of a pattern is.
    fn atom(pattern: &[char]) -> usize {
        match pattern[0] {
            '\\' => 2,
            '[' => 1 + pattern.iter().position(|&c| c == ']').unwrap(),
            '(' => {
                let mut depth = 0;
                let close = pattern.iter().position(|c| {
                    depth += i32::from(*c == '(') - i32::from(*c == ')');
                    depth == 0
                });
                1 + close.unwrap()
            }
            _ => 1,
        }
    }

    fn one(atom: &[char], text: &[char]) -> Vec<usize> {
        match atom {
            ['(', '?', ':', inner @ .., ')'] => ends(inner, text),
            ['[', class @ .., ']'] => single(text, |c| is_in(class, c)),
            ['\\', escaped] => single(text, |c| is_in(&['\\', *escaped], c)),
            [literal] => single(text, |c| c == *literal),
            _ => panic!("{atom:?}"),
        }
    }

    fn single(text: &[char], is_it: impl Fn(char) -> bool) -> Vec<usize> {
        let is_first = text.first().is_some_and(|&c| is_it(c));
        Vec::from_iter(is_first.then_some(1))
    }

    fn is_in(class: &[char], c: char) -> bool {
        match class {
            [] => false,
            ['^', rest @ ..] if !rest.is_empty() => !is_in(rest, c),
            ['\\', 's', rest @ ..] => c.is_whitespace() || is_in(rest, c),
            ['\\', 'n', rest @ ..] => c == '\n' || is_in(rest, c),
            ['\\', escaped, rest @ ..] => c == *escaped || is_in(rest, c),
            [from, '-', to, rest @ ..] => (*from..=*to).contains(&c) || is_in(rest, c),
            [one, rest @ ..] => c == *one || is_in(rest, c),
        }
    }
}
