use std::fmt;

use serde_json::Value;

use super::TestResponse;
use crate::problem::push_pointer;

/// A problem that was answered.
///
/// ```
/// use actix_charter::testing::TestClient;
/// use actix_web::{HttpResponse, web};
/// use serde_json::json;
///
/// # #[actix_web::main] async fn main() {
/// # let client = TestClient::configured(|config| {
/// #     config.route("/users", web::post().to(|| async {
/// #         HttpResponse::BadRequest().json(json!({
/// #             "title": "Bad Request", "status": 400, "code": "invalid-request",
/// #             "errors": [{"in": "body", "pointer": "/email", "code": "email", "detail": "must be an address"}],
/// #         }))
/// #     }));
/// # }).await;
/// let answer = client.post("/users").json(&json!({"email": "x", "age": 20})).send().await;
/// answer
///     .assert_status(400)
///     .problem()
///     .assert_code("invalid-request")
///     .assert_fault("body", "/email", "email")
///     .assert_no_fault("body", "/age");
/// # }
/// ```
pub struct ProblemView<'a> {
    response: &'a TestResponse,
    code: Option<String>,
    detail: Option<String>,
    faults: Vec<FaultView>,
}

/// One fault of a problem that was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FaultView {
    /// `body`, `query`, `path`, `header` or `cookie`.
    pub location: String,
    /// A JSON Pointer.
    pub pointer: String,
    /// The stable word.
    pub code: String,
    /// The sentence.
    pub detail: String,
}

impl<'a> ProblemView<'a> {
    pub(super) fn read(response: &'a TestResponse, body: &Value) -> Option<Self> {
        let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        if let Some(list) = body.get("detail").and_then(Value::as_array) {
            // The compact shape: an entry without `loc` is about the request as a whole.
            let whole = list.iter().find(|entry| entry.get("loc").is_none());
            return Some(Self {
                response,
                code: whole.and_then(|entry| text(entry, "type")),
                detail: whole.and_then(|entry| text(entry, "msg")),
                faults: list.iter().filter_map(FaultView::compact).collect(),
            });
        }
        body.get("title")?;
        let errors = body.get("errors").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let fault = |entry: &Value| {
            Some(FaultView {
                location: text(entry, "in")?,
                pointer: text(entry, "pointer")?,
                code: text(entry, "code")?,
                detail: text(entry, "detail").unwrap_or_default(),
            })
        };
        Some(Self {
            response,
            code: text(body, "code"),
            detail: text(body, "detail"),
            faults: errors.iter().filter_map(fault).collect(),
        })
    }

    /// The stable word.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// The sentence.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// Everything that was found wrong with the request.
    #[must_use]
    pub fn faults(&self) -> &[FaultView] {
        &self.faults
    }

    /// Asserts the stable word.
    ///
    /// # Panics
    /// When it is another one.
    #[track_caller]
    pub fn assert_code(&self, code: &str) -> &Self {
        if self.code() != Some(code) {
            panic!("expected a problem with the code `{code}`\n{}", self.response);
        }
        self
    }

    /// Asserts that there is this fault: `assert_fault("body", "/email", "email")`.
    ///
    /// # Panics
    /// When there is not.
    #[track_caller]
    pub fn assert_fault(&self, location: &str, pointer: &str, code: &str) -> &Self {
        let found =
            |fault: &FaultView| fault.location == location && fault.pointer == pointer && fault.code == code;
        if !self.faults.iter().any(found) {
            panic!("expected the fault {location} {pointer} ({code}), found {self}\n{}", self.response);
        }
        self
    }

    /// Asserts that nothing is wrong at this place.
    ///
    /// # Panics
    /// When there is.
    #[track_caller]
    pub fn assert_no_fault(&self, location: &str, pointer: &str) -> &Self {
        if self.faults.iter().any(|fault| fault.location == location && fault.pointer == pointer) {
            panic!("expected no fault at {location} {pointer}, found {self}\n{}", self.response);
        }
        self
    }

    /// Asserts how many faults there are.
    ///
    /// # Panics
    /// When there are more or fewer.
    #[track_caller]
    pub fn assert_fault_count(&self, count: usize) -> &Self {
        if self.faults.len() != count {
            panic!("expected {count} faults, found {self}\n{}", self.response);
        }
        self
    }
}

impl FaultView {
    fn compact(entry: &Value) -> Option<Self> {
        let mut location = entry.get("loc")?.as_array()?.iter();
        let mut pointer = String::new();
        let first = location.next()?.as_str()?.to_owned();
        for token in location {
            match token.as_str() {
                Some(token) => push_pointer(&mut pointer, token),
                None => push_pointer(&mut pointer, &token.to_string()),
            }
        }
        let text = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        Some(Self { location: first, pointer, code: text("type"), detail: text("msg") })
    }
}

/// The faults, in short.
impl fmt::Display for ProblemView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.faults.is_empty() {
            return f.write_str("none");
        }
        for (index, fault) in self.faults.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{} {} ({})", fault.location, fault.pointer, fault.code)?;
        }
        Ok(())
    }
}

impl fmt::Debug for ProblemView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProblemView")
            .field("code", &self.code)
            .field("detail", &self.detail)
            .field("faults", &self.faults)
            .finish_non_exhaustive()
    }
}
