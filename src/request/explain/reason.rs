//! What may be repeated of the errors that serde and its formats write.
//!
//! Such a text mixes what the program wrote (`expected u8`) with what was sent (`string "secret"`). Only the program's part is
//! told, and only when the whole has a form that serde itself writes; anything else is "not valid" and nothing more.

use std::borrow::Cow;

pub(crate) const NOT_VALID: &str = "is not valid";
pub(crate) const REQUIRED: &str = "is required";
pub(crate) const UNKNOWN: &str = "is not known here";
pub(crate) const DUPLICATE: &str = "must not be given twice";

/// How many allowed values a sentence lists.
const MAX_LISTED: usize = 16;

/// How many bytes of them.
const MAX_LIST: usize = 160;

/// The longest text of a type's own that is repeated.
const MAX_WANTED: usize = 80;

/// What an error says, as far as it may be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reason<'m> {
    /// A stable word, the same as schemas and rules use.
    pub(crate) code: &'static str,
    /// One sentence, the name left out.
    pub(crate) detail: Cow<'static, str>,
    /// The field inside the value that is missing, unknown or doubled.
    pub(crate) field: Option<&'m str>,
}

impl<'m> Reason<'m> {
    fn new(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: detail.into(), field: None }
    }

    fn of_field(code: &'static str, detail: &'static str, field: &'m str) -> Self {
        Self { code, detail: Cow::Borrowed(detail), field: Some(field) }
    }
}

/// Reads an error message of serde.
pub(crate) fn safe_reason(message: &str) -> Reason<'_> {
    read(without_place(message)).unwrap_or_else(|| Reason::new("invalid", NOT_VALID))
}

fn read(message: &str) -> Option<Reason<'_>> {
    if let Some(field) = quoted(message, "missing field `", "`") {
        return Some(Reason::of_field("required", REQUIRED, field));
    }
    if let Some(field) = quoted(message, "duplicate field `", "`") {
        return Some(Reason::of_field("duplicate", DUPLICATE, field));
    }
    if let Some(field) = quoted(message, "unknown field `", "`, there are no fields") {
        return Some(Reason::of_field("unknown", UNKNOWN, field));
    }
    if quoted(message, "unknown variant `", "`, there are no variants").is_some() {
        return Some(Reason::new("invalid", NOT_VALID));
    }
    // What was sent stands before what was expected: the last of these words is the program's, whatever was sent.
    let (sent, expected) = message.rsplit_once(", expected ")?;
    if let Some(field) = quoted(sent, "unknown field `", "`") {
        return Some(Reason::of_field("unknown", UNKNOWN, field));
    }
    if quoted(sent, "unknown variant `", "`").is_some() {
        // Odd pieces stand between backticks.
        return Some(Reason::new("enum", one_of(expected.split('`').skip(1).step_by(2))));
    }
    let (code, sent) = if let Some(sent) = sent.strip_prefix("invalid type: ") {
        ("type", sent)
    } else if let Some(sent) = sent.strip_prefix("invalid value: ") {
        ("invalid", sent)
    } else {
        let length = sent.strip_prefix("invalid length ")?;
        length.parse::<u64>().ok()?;
        return Some(Reason::new("length", wanted("length", expected)));
    };
    is_unexpected(sent).then(|| Reason::new(code, wanted(code, expected)))
}

/// What stands between a beginning and an end.
fn quoted<'m>(message: &'m str, start: &str, end: &str) -> Option<&'m str> {
    message.strip_prefix(start)?.strip_suffix(end)
}

/// Takes off the `at line 1 column 2` that serde_json puts at the end.
fn without_place(message: &str) -> &str {
    let Some((text, place)) = message.rsplit_once(" at line ") else { return message };
    let Some((line, column)) = place.split_once(" column ") else { return message };
    if is_number(line) && is_number(column) { text } else { message }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether this is how serde describes a value that it did not expect.
fn is_unexpected(sent: &str) -> bool {
    const BARE: &[&str] = &[
        "null",
        "byte array",
        "unit value",
        "Option value",
        "newtype struct",
        "sequence",
        "map",
        "enum",
        "unit variant",
        "newtype variant",
        "tuple variant",
        "struct variant",
        "number",
    ];
    const QUOTED: &[&str] = &["boolean `", "integer `", "floating point `", "character `"];
    BARE.contains(&sent)
        || QUOTED.iter().any(|start| quoted(sent, start, "`").is_some())
        || quoted(sent, "string \"", "\"").is_some()
}

/// The sentence for what a type expects, as its `Visitor` puts it. Names of Rust types are left out.
pub(crate) fn wanted(code: &str, expected: &str) -> Cow<'static, str> {
    let words = match expected {
        "u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "i8" | "i16" | "i32" | "i64" | "i128" | "isize" => {
            "must be an integer"
        }
        "f32" | "f64" => "must be a number",
        "a boolean" | "bool" => "must be true or false",
        "a string" | "str" | "string" | "a borrowed string" | "path string" => "must be a string",
        "a character" => "must be a single character",
        "unit" | "null" => "must be null",
        "a sequence" | "a set" => "must be an array",
        "a map" => "must be an object",
        "string or map" => "must be a string or an object",
        _ => "",
    };
    if !words.is_empty() {
        return Cow::Borrowed(words);
    }
    if let Some(count) = count_of(expected) {
        return Cow::Owned(format!("must be an array of {count} items"));
    }
    let starts = |words: &[&str]| words.iter().any(|word| expected.starts_with(word));
    if starts(&["struct ", "struct variant ", "internally tagged enum ", "adjacently tagged enum "]) {
        return Cow::Borrowed("must be an object");
    }
    if starts(&["tuple ", "an array", "a tuple"]) {
        return Cow::Borrowed("must be an array");
    }
    // `a UUID string`, `an RFC 3339 formatted date and time string`: said by a type, in words.
    let plain = expected.len() <= MAX_WANTED
        && starts(&["a ", "an "])
        && expected.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" -.()".contains(&byte));
    if plain {
        return Cow::Owned(format!("must be {expected}"));
    }
    Cow::Borrowed(match code {
        "type" => "has the wrong type",
        "length" => "has the wrong length",
        _ => NOT_VALID,
    })
}

/// `a tuple of size 3`, `an array of length 3`, `tuple struct X with 3 elements`.
fn count_of(expected: &str) -> Option<&str> {
    let count = expected
        .strip_prefix("a tuple of size ")
        .or_else(|| expected.strip_prefix("an array of length "))
        .or_else(|| {
            let tuple = expected.starts_with("tuple struct ") || expected.starts_with("tuple variant ");
            let rest = expected.strip_suffix(" elements").or_else(|| expected.strip_suffix(" element"))?;
            tuple.then(|| rest.rsplit_once(" with ").map(|(_, count)| count)).flatten()
        })?;
    is_number(count).then_some(count)
}

/// `must be one of: a, b, c`, with a bound.
pub(crate) fn one_of<'n>(names: impl Iterator<Item = &'n str>) -> Cow<'static, str> {
    let mut names = names.peekable();
    let Some(first) = names.next() else { return Cow::Borrowed(NOT_VALID) };
    if first.len() > MAX_LIST {
        return Cow::Borrowed("must be one of the allowed values");
    }
    if names.peek().is_none() {
        return Cow::Owned(format!("must be {first}"));
    }
    let mut sentence = format!("must be one of: {first}");
    for (index, name) in names.enumerate() {
        if index + 1 >= MAX_LISTED || sentence.len() + name.len() > MAX_LIST {
            sentence.push_str(", ..");
            break;
        }
        sentence.push_str(", ");
        sentence.push_str(name);
    }
    Cow::Owned(sentence)
}
