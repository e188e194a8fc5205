//! Strict templates: a value that no quoting filter has passed cannot reach a file.
//!
//! [`Templates`] is tera with three doors shut. Text in `{{ }}` goes through an
//! escape function that refuses every byte with a meaning to any of the formats
//! we write, so a forgotten filter is an error and not an injection. The quoting
//! filters return safe text. tera's own `safe`, which declares any text safe, is
//! taken out.

use std::io::{self, Write};
use std::sync::LazyLock;

use serde::Serialize;
use tera::{Context, Kwargs, State, Tera, TeraResult, Value};
use thiserror::Error;

use crate::rendering::quote;

/// A template that cannot be read or rendered. It is ours, so this is our bug.
#[derive(Debug, Error)]
#[error("template `{template}`: {}", Chain(.source))]
pub struct TemplateError {
    /// The template's name.
    pub template: &'static str,
    /// What tera says of it.
    #[source]
    pub source: tera::Error,
}

/// An error with all that caused it, on one line each.
struct Chain<'a>(&'a tera::Error);

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut next = std::error::Error::source(self.0);
        while let Some(error) = next {
            write!(f, "\n  {error}")?;
            next = error.source();
        }
        Ok(())
    }
}

/// A set of templates that can include one another.
pub struct Templates(Tera);

/// A name with a text, as `include_str!` gives it.
pub type Source = (&'static str, &'static str);

impl Templates {
    /// Reads the templates. They have the filters `sh`, `logrotate` and `comment`.
    ///
    /// # Errors
    /// One of them is not a template.
    pub fn new(sources: &[Source]) -> Result<Self, TemplateError> {
        Self::with(sources, &[])
    }

    /// Reads the templates, which have filters of their own besides: the quoting of the
    /// formats that only one init has.
    ///
    /// # Errors
    /// One of them is not a template, or uses a filter that is in neither list.
    pub fn with(sources: &[Source], filters: &[Quoting]) -> Result<Self, TemplateError> {
        let mut tera = STRICT.clone();
        register(&mut tera, filters);
        match tera.add_raw_templates(sources.iter().copied()) {
            Ok(()) => Ok(Self(tera)),
            Err(source) => Err(TemplateError {
                template: sources.first().map_or("", |(name, _)| name),
                source,
            }),
        }
    }

    /// Renders one of the templates with the fields of `data`.
    ///
    /// # Errors
    /// It uses what `data` does not have, or lets text through that no filter
    /// has quoted.
    pub fn render(
        &self,
        template: &'static str,
        data: &impl Serialize,
    ) -> Result<String, TemplateError> {
        self.rendered(template, Context::from_serialize(data))
    }

    /// What is not made anew for each type of data.
    fn rendered(
        &self,
        template: &'static str,
        context: TeraResult<Context>,
    ) -> Result<String, TemplateError> {
        context
            .and_then(|context| self.0.render(template, &context))
            .map_err(|source| TemplateError { template, source })
    }
}

/// Text that means itself in every format we write.
fn plain_only(text: &str, out: &mut dyn Write) -> io::Result<()> {
    match text.bytes().find(|byte| !is_plain(*byte)) {
        None => out.write_all(text.as_bytes()),
        Some(byte) => Err(io::Error::other(format!(
            "`{}` came to a template without a quoting filter (byte 0x{byte:02x})",
            text.escape_debug()
        ))),
    }
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_./:=@+,-".contains(&byte)
}

/// A filter's name in a template, and what it does with text: a function that takes any
/// text that a service can hold, and gives text that means exactly that in its format.
pub type Quoting = (&'static str, fn(&str) -> String);

/// The filters that every template has.
const COMMON: &[Quoting] = &[
    ("sh", quote::sh),
    ("logrotate", quote::logrotate),
    ("comment", quote::comment),
];

fn register(tera: &mut Tera, filters: &[Quoting]) {
    for &(name, quote) in filters {
        tera.register_filter(name, move |text: &str, _: Kwargs, _: &State| {
            Value::safe_string(&quote(text))
        });
    }
}

/// tera with its doors shut and without a template, made once.
static STRICT: LazyLock<Tera> = LazyLock::new(|| {
    let mut tera = Tera::new();
    tera.autoescape_on(vec![""]);
    tera.set_escape_fn(plain_only);
    register(&mut tera, COMMON);
    tera.register_filter(
        "safe",
        |_: Value, _: Kwargs, _: &State| -> TeraResult<Value> {
            Err(tera::Error::message(
                "`safe` quotes nothing; use the filter of the format",
            ))
        },
    );
    tera
});

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Data {
        text: &'static str,
    }

    fn render(source: &'static str, text: &'static str) -> Result<String, String> {
        Templates::new(&[("t", source)])
            .and_then(|templates| templates.render("t", &Data { text }))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn plain_text_passes() {
        assert_eq!(
            render("a {{ text }}", "/usr/bin/x-1.0"),
            Ok("a /usr/bin/x-1.0".into())
        );
    }

    #[test]
    fn every_byte_with_a_meaning_is_refused_without_a_filter() {
        for byte in (0..=127u8).filter(|byte| !is_plain(*byte)) {
            let text = Box::leak(format!("a{}b", char::from(byte)).into_boxed_str());
            let refusal = render("{{ text }}", text).unwrap_err();
            assert!(
                refusal.contains("without a quoting filter"),
                "{byte}: {refusal}"
            );
        }
        assert!(render("{{ text }}", "ä").is_err());
    }

    #[test]
    fn a_filter_lets_it_pass_quoted() {
        assert_eq!(render("{{ text | sh }}", "a'b c"), Ok(r"'a'\''b c'".into()));
    }

    #[test]
    fn a_filter_of_ones_own_is_known_to_these_templates_alone() {
        let source = [("t", "{{ text | upper_case }}")];
        let filters: &[Quoting] = &[("upper_case", |text| text.to_uppercase())];
        let own = Templates::with(&source, filters).unwrap();
        assert_eq!(own.render("t", &Data { text: "a b" }).unwrap(), "A B");
        assert!(Templates::new(&source).is_err());
    }

    #[test]
    fn the_filter_that_only_claims_safety_is_gone() {
        assert!(render("{{ text | safe }}", "a b").is_err());
    }

    #[test]
    fn what_is_not_there_is_an_error() {
        assert!(render("{{ other }}", "").is_err());
    }
}
