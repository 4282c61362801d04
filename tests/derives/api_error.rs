use std::fmt;

use actix_charter::{
    __private::write_json,
    ApiError, Replies,
    endpoint::{Output, OutputContent},
    problem::Problem,
    response::{Content, Declared},
};
use actix_web::test::TestRequest;
use serde_json::json;
use thiserror::Error;

#[derive(Debug, Error, ApiError)]
enum CreateError {
    /// Somebody has it already.
    #[error("{0} is taken")]
    #[api(status = 409, code = "email-taken", title = "Taken", type = "https://example.org/taken")]
    EmailTaken(String),
    #[error("the name is taken")]
    #[api(status = 409)]
    NameTaken,
    #[error("only {left} left")]
    #[api(status = 402)]
    OutOfCredit {
        #[api(extension)]
        left: u32,
        #[api(extension = "top-up")]
        link: Option<&'static str>,
    },
    #[error("slow down")]
    #[api(status = 429)]
    SlowDown(#[api(header = "Retry-After")] u64, #[api(header = "X-Hint")] Option<String>),
    #[error("the disk /var/secret is full")]
    #[api(status = 503)]
    Storage(#[source] std::io::Error, #[api(header = "Retry-After")] u32),
    #[error(transparent)]
    #[api(transparent)]
    Other(#[from] Inner),
}

#[derive(Debug, Error, ApiError)]
#[error("there is no {what}")]
#[api(status = 404, code = "missing")]
struct Inner {
    what: &'static str,
}

fn flat(declared: &Declared, all: &mut Vec<(u16, bool)>) {
    match declared {
        Declared::Unknown => panic!("everything is known"),
        Declared::One(status, content) => all.push((*status, matches!(content, Content::Problem))),
        Declared::All(list) => list.iter().for_each(|one| flat(one, all)),
        Declared::Both(one, other) => {
            flat(one, all);
            flat(other, all);
        }
    }
}

fn outputs<R: Replies>() -> Vec<Output> {
    let mut all = Vec::new();
    R::describe(&mut all);
    all
}

#[test]
fn every_status_is_declared_once() {
    let mut all = Vec::new();
    flat(&CreateError::DECLARED, &mut all);
    assert_eq!(all, [(402, true), (409, true), (429, true), (503, true), (404, true)]);
}

#[test]
fn the_document_lists_the_codes() {
    let all = outputs::<CreateError>();
    let told: Vec<_> = all.iter().map(|o| (o.status.unwrap(), o.description.as_deref().unwrap())).collect();
    assert_eq!(
        told,
        [
            (402, "`out-of-credit`"),
            (409, "`email-taken`: Taken; `name-taken`"),
            (429, "`slow-down`"),
            (503, "`storage`"),
            (404, "`missing`"),
        ]
    );
    assert!(all.iter().all(|output| output.content == OutputContent::Problem));
    let headers: Vec<_> = all[2].headers.iter().map(|h| (&*h.name, h.required)).collect();
    assert_eq!(headers, [("retry-after", true), ("x-hint", false)]);
}

#[test]
fn a_clients_error_is_told() {
    let problem = Problem::from(CreateError::EmailTaken("ann@example.org".into()));
    assert_eq!(problem.status().as_u16(), 409);
    assert_eq!(problem.get_code(), Some("email-taken"));
    assert_eq!(problem.title(), "Taken");
    assert_eq!(problem.get_type(), "https://example.org/taken");
    assert_eq!(problem.get_detail(), Some("ann@example.org is taken"));
    assert_eq!(Problem::from(CreateError::NameTaken).get_code(), Some("name-taken"));
}

#[test]
fn extensions_and_headers() {
    let problem = Problem::from(CreateError::OutOfCredit { left: 3, link: Some("/pay") });
    assert_eq!(json!(problem.extensions()), json!({"left": 3, "top-up": "/pay"}));
    let problem = Problem::from(CreateError::OutOfCredit { left: 3, link: None });
    assert_eq!(json!(problem.extensions()), json!({"left": 3}));
    let problem = Problem::from(CreateError::SlowDown(7, None));
    assert_eq!(problem.headers().get("retry-after").unwrap(), "7");
    assert!(!problem.headers().contains_key("x-hint"));
}

#[test]
fn a_header_that_cannot_be_sent_is_left_out() {
    let problem = Problem::from(CreateError::SlowDown(7, Some("a\r\nset-cookie: b".into())));
    assert_eq!(problem.headers().len(), 1);
}

#[test]
fn the_inner_error_answers() {
    let problem = Problem::from(CreateError::Other(Inner { what: "user" }));
    assert_eq!((problem.status().as_u16(), problem.get_code()), (404, Some("missing")));
    let request = TestRequest::default().to_http_request();
    let problem = write_json(CreateError::Other(Inner { what: "user" }), &request).unwrap_err();
    assert_eq!(problem.get_detail(), Some("there is no user"));
    let problem = write_json(CreateError::NameTaken, &request).unwrap_err();
    assert_eq!(problem.status().as_u16(), 409);
}

#[test]
fn a_servers_error_is_not_told() {
    let problem = Problem::from(CreateError::Storage(std::io::Error::other("ENOSPC on sda1"), 30));
    assert_eq!(problem.status().as_u16(), 503);
    assert_eq!(problem.title(), "Service Unavailable");
    assert_eq!(problem.get_code(), Some("storage"));
    assert_eq!(problem.headers().get("retry-after").unwrap(), "30");
    assert_eq!(problem.get_detail(), None);
    let everything = format!("{problem} {problem:?}");
    assert!(!everything.contains("secret") && !everything.contains("ENOSPC"), "{everything}");
}

/// Neither `std::error::Error` nor an enum of thiserror.
#[derive(Debug, ApiError)]
enum ByHand<T: fmt::Debug> {
    #[api(status = 500)]
    Broken(T),
    #[api(status = 410)]
    Gone {},
}

impl<T: fmt::Debug> fmt::Display for ByHand<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("by hand")
    }
}

#[derive(Debug, derive_more::Display, derive_more::Error, ApiError)]
enum OfDeriveMore {
    #[display("no such page")]
    #[api(status = 404)]
    NoSuchPage,
}

#[derive(Debug, Error, ApiError)]
enum Never {}

#[test]
fn any_error_with_display_and_debug_will_do() {
    assert_eq!(Problem::from(ByHand::Broken(1)).get_detail(), None);
    assert_eq!(Problem::from(ByHand::<u8>::Gone {}).get_detail(), Some("by hand"));
    assert_eq!(Problem::from(OfDeriveMore::NoSuchPage).get_detail(), Some("no such page"));
    assert!(outputs::<Never>().is_empty());
}
