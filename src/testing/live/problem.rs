use std::fmt;

use serde_json::Value;

use super::LiveClosed;

/// Why a command was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveProblem {
    code: u32,
    message: String,
    is_temporary: bool,
}

/// One thing that is wrong with what a client sent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LiveFault {
    /// `data`, or `channel` for a value of its name.
    pub place: String,
    /// A JSON Pointer; empty for the whole.
    pub pointer: String,
    /// The sentence.
    pub detail: String,
}

impl LiveProblem {
    pub(super) fn of(error: &Value) -> Self {
        Self {
            code: error["code"].as_u64().and_then(|code| u32::try_from(code).ok()).unwrap_or_default(),
            message: error["message"].as_str().unwrap_or_default().to_owned(),
            is_temporary: error["temporary"].as_bool().unwrap_or_default(),
        }
    }

    /// Somebody is not let in.
    pub(super) fn closed(closed: &LiveClosed) -> Self {
        Self { code: closed.code.into(), message: closed.reason.clone(), is_temporary: false }
    }

    /// The number: one of the protocol's, see [`ErrorCode`](crate::live::protocol::ErrorCode), or of the application's.
    #[must_use]
    pub fn code(&self) -> u32 {
        self.code
    }

    /// The words.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Whether clients try again by themselves.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        self.is_temporary
    }

    /// Everything that was found wrong with what was sent, as far as there was room for it in the words.
    #[must_use]
    pub fn faults(&self) -> Vec<LiveFault> {
        let mut faults: Vec<LiveFault> = Vec::new();
        for part in self.message.split("; ") {
            match LiveFault::read(part) {
                Some(fault) => faults.push(fault),
                None if part == "and more" => {}
                // A sentence with a semicolon of its own.
                None => {
                    if let Some(fault) = faults.last_mut() {
                        fault.detail.push_str("; ");
                        fault.detail.push_str(part);
                    }
                }
            }
        }
        faults
    }

    /// Whether something is wrong at this place, `/text` or, for a value of the channel's name, `/id`, and the sentence about it has
    /// these words in it.
    #[must_use]
    pub fn has_fault(&self, pointer: &str, words: &str) -> bool {
        self.faults().iter().any(|fault| fault.pointer == pointer && fault.detail.contains(words))
    }
}

impl LiveFault {
    fn read(part: &str) -> Option<Self> {
        let (at, detail) = part.split_once(": ")?;
        let (place, pointer) = at.split_once(' ').unwrap_or((at, ""));
        let is_place = matches!(place, "data" | "channel");
        (is_place && (pointer.is_empty() || pointer.starts_with('/'))).then(|| Self {
            place: place.to_owned(),
            pointer: pointer.to_owned(),
            detail: detail.to_owned(),
        })
    }
}

/// `error 103, permission denied`.
impl fmt::Display for LiveProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error {}, {}", self.code, self.message)
    }
}

impl std::error::Error for LiveProblem {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_read_from_the_words() {
        let problem =
            |message: &str| LiveProblem { code: 107, message: message.to_owned(), is_temporary: false };
        let many = problem("data /text: too short; or too long; channel /id: must be a number; and more");
        let all: Vec<_> = many.faults().into_iter().map(|f| (f.place, f.pointer, f.detail)).collect();
        let fault = |place: &str, pointer: &str, detail: &str| (place.into(), pointer.into(), detail.into());
        assert_eq!(
            all,
            [fault("data", "/text", "too short; or too long"), fault("channel", "/id", "must be a number")]
        );
        assert!(many.has_fault("/text", "short") && !many.has_fault("/text", "number"));
        assert_eq!(problem("data: is missing").faults()[0].pointer, "");
        assert!(problem("permission denied").faults().is_empty());
    }
}
