use actix_charter::{
    __private::write_json,
    Model, Replies,
    endpoint::{Output, OutputContent},
    model::SchemaOf,
    response::{Content, Declared},
};
use actix_web::{HttpResponse, body::MessageBody, cookie::SameSite, test::TestRequest};
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Serialize, JsonSchema, Model)]
struct User {
    id: u32,
}

/// What a login answers.
#[derive(Replies)]
enum Login {
    /// Logged in.
    ///
    /// The session lasts an hour.
    #[reply(status = 200, header("Cache-Control" = "no-store", "Vary" = "Cookie"))]
    In {
        body: User,
        /// The version.
        #[reply(header = "ETag")]
        version: String,
        #[reply(header = "X-Left")]
        left: Option<u8>,
        /// The session.
        #[reply(cookie = "__Host-sid", http_only, secure, same_site = "Strict", path = "/", max_age = 3600)]
        sid: String,
        #[reply(cookie = "theme")]
        theme: Option<&'static str>,
    },
    #[reply(status = 202, description = "A second factor is needed.")]
    Second(User, #[reply(header = "X-Factor")] &'static str),
    #[reply(status = 204)]
    Already,
    #[reply(transparent)]
    Else(Moved),
}

#[derive(Replies)]
#[reply(status = 303)]
struct Moved {
    #[reply(header = "Location")]
    to: String,
}

fn log_in(sid: &str, left: Option<u8>, theme: Option<&'static str>) -> Login {
    Login::In { body: User { id: 7 }, version: "\"v1\"".into(), left, sid: sid.into(), theme }
}

fn write<R: Replies>(reply: R) -> HttpResponse {
    write_json(reply, &TestRequest::default().to_http_request()).unwrap()
}

fn header<'a>(response: &'a HttpResponse, name: &str) -> Option<&'a str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}

fn body(response: HttpResponse) -> String {
    String::from_utf8(response.into_body().try_into_bytes().unwrap().to_vec()).unwrap()
}

fn outputs<R: Replies>() -> Vec<Output> {
    let mut all = Vec::new();
    R::describe(&mut all);
    all
}

#[test]
fn an_answer_carries_its_headers_and_cookies() {
    let response = write(log_in("abc", Some(2), Some("dark")));
    assert_eq!(response.status().as_u16(), 200);
    assert_eq!(header(&response, "etag"), Some("\"v1\""));
    assert_eq!(header(&response, "x-left"), Some("2"));
    assert_eq!(header(&response, "cache-control"), Some("no-store"));
    assert_eq!(header(&response, "vary"), Some("Cookie"));
    assert_eq!(header(&response, "content-type"), Some("application/json"));
    let mut cookies: Vec<_> = response.headers().get_all("set-cookie").map(|v| v.to_str().unwrap()).collect();
    cookies.sort_unstable();
    assert_eq!(
        cookies,
        [
            "__Host-sid=abc; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=3600",
            "theme=dark; SameSite=Lax; Path=/",
        ]
    );
    assert_eq!(body(response), r#"{"id":7}"#);
}

#[test]
fn what_is_none_is_not_sent() {
    let response = write(log_in("abc", None, None));
    assert_eq!(header(&response, "x-left"), None);
    assert_eq!(response.headers().get_all("set-cookie").count(), 1);
}

#[test]
fn other_variants() {
    let response = write(Login::Second(User { id: 1 }, "totp"));
    assert_eq!((response.status().as_u16(), header(&response, "x-factor")), (202, Some("totp")));
    let response = write(Login::Already);
    assert_eq!((response.status().as_u16(), header(&response, "content-type")), (204, None));
    assert_eq!(body(response), "");
    let response = write(Login::Else(Moved { to: "/home".into() }));
    assert_eq!((response.status().as_u16(), header(&response, "location")), (303, Some("/home")));
}

#[test]
fn values_that_cannot_be_sent_are_our_own_fault() {
    let request = TestRequest::default().to_http_request();
    for to in ["/a\r\nset-cookie: b=c", "/a\nb", "/\0"] {
        let problem = write_json(Moved { to: to.into() }, &request).unwrap_err();
        assert_eq!(problem.status().as_u16(), 500, "{to:?}");
        assert_eq!(problem.get_detail(), None);
    }
    // A cookie's value must not smuggle attributes in.
    for sid in ["a; Domain=evil.example", "a,b", "a b", "a\r\nb", "é", "\"a\""] {
        let problem = write_json(log_in(sid, None, None), &request).unwrap_err();
        assert_eq!(problem.status().as_u16(), 500, "{sid:?}");
    }
}

#[test]
fn the_contract() {
    let [logged_in, second, already, moved] = &outputs::<Login>()[..] else { panic!("four answers") };
    assert_eq!(logged_in.status, Some(200));
    assert_eq!(logged_in.description.as_deref(), Some("Logged in\n\nThe session lasts an hour."));
    assert_eq!(logged_in.content, OutputContent::Model(SchemaOf::of::<User>()));
    let headers: Vec<_> = logged_in
        .headers
        .iter()
        .map(|h| (&*h.name, h.required, h.value.as_deref(), h.description.as_deref()))
        .collect();
    assert_eq!(
        headers,
        [
            ("cache-control", true, Some("no-store"), None),
            ("vary", true, Some("Cookie"), None),
            ("etag", true, None, Some("The version")),
            ("x-left", false, None, None),
        ]
    );
    let [sid, theme] = &logged_in.cookies[..] else { panic!("two cookies") };
    assert!(sid.required && sid.http_only && sid.secure);
    assert_eq!((sid.same_site, sid.max_age.unwrap().as_secs()), (Some(SameSite::Strict), 3600));
    assert_eq!(sid.description.as_deref(), Some("The session"));
    assert!(!theme.required && !theme.secure && theme.same_site == Some(SameSite::Lax));
    assert_eq!(second.description.as_deref(), Some("A second factor is needed."));
    assert_eq!((already.status, &already.content), (Some(204), &OutputContent::Empty));
    assert_eq!(moved.status, Some(303));
}

#[test]
fn what_the_compiler_sees() {
    let Declared::All([Declared::One(200, Content::Model(name)), Declared::One(202, _), empty, inner]) =
        Login::DECLARED
    else {
        panic!("{:?}", Login::DECLARED)
    };
    assert!(name.same(&actix_charter::model::TypeName::of::<User>()));
    assert!(matches!(empty, Declared::One(204, Content::Empty)));
    assert!(matches!(inner, Declared::All([Declared::One(303, Content::Empty)])));
}

/// Twice 200: one answer in the contract.
#[derive(Replies)]
enum Cached {
    #[reply(status = 200, description = "Fresh", header("X-Cache" = "miss", "X-Both" = "1"))]
    Fresh(User),
    #[reply(status = 200, description = "Old", header("X-Cache" = "hit"))]
    Old {
        body: User,
        #[reply(header = "Age")]
        age: u32,
    },
}

#[test]
fn one_status_is_one_answer() {
    let [output] = &outputs::<Cached>()[..] else { panic!("one answer") };
    assert_eq!(output.description.as_deref(), Some("Fresh; Old"));
    let headers: Vec<_> = output.headers.iter().map(|h| (&*h.name, h.required, h.value.as_deref())).collect();
    assert_eq!(headers, [("x-cache", true, None), ("x-both", false, None), ("age", false, None)]);
    assert_eq!(header(&write(Cached::Old { body: User { id: 1 }, age: 9 }), "age"), Some("9"));
    assert_eq!(header(&write(Cached::Fresh(User { id: 1 })), "x-cache"), Some("miss"));
}

#[derive(Replies)]
#[reply(status = 201)]
struct Made<T> {
    #[reply(body)]
    made: T,
}

#[test]
fn generic_bodies() {
    assert_eq!(body(write(Made { made: User { id: 3 } })), r#"{"id":3}"#);
}
