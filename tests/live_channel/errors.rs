use actix_charter::{live::Connection, prelude::*};
use actix_web::{HttpResponse, error::ErrorImATeapot};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use validator::Validate;

use crate::fixture::{nobody, probe, told, user};

#[derive(Debug, thiserror::Error, ApiError)]
enum Refused {
    #[error("only members listen")]
    #[api(status = 403, code = "not-a-member")]
    NotAMember,
    #[error("log in first")]
    #[api(status = 401, code = "log-in")]
    LogIn,
    #[error("slowly")]
    #[api(status = 429, code = "slowly")]
    Slowly,
    #[error("the room is full")]
    #[api(status = 409, code = "full")]
    Full,
    #[error("the room is closed")]
    #[api(status = 410, code = "closed")]
    Closed,
    #[error("the database at {0} is down")]
    #[api(status = 503, code = "down")]
    Down(&'static str),
    #[error("no such room")]
    #[api(status = 404, code = "no-room")]
    NoRoom,
    #[error("too much")]
    #[api(status = 413, code = "too-much")]
    TooMuch,
}

fn refused(why: &str) -> Refused {
    match why {
        "member" => Refused::NotAMember,
        "login" => Refused::LogIn,
        "slowly" => Refused::Slowly,
        "full" => Refused::Full,
        "closed" => Refused::Closed,
        "down" => Refused::Down("db-secret"),
        "large" => Refused::TooMuch,
        _ => Refused::NoRoom,
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema, Model, Validate)]
#[serde(rename_all = "camelCase")]
struct NewMessage {
    #[validate(length(min = 1, max = 5))]
    full_text: String,
    #[serde(default)]
    #[validate(range(max = 10))]
    stars: u32,
}

struct Doors;

#[channel("door:{why}", error("full" = 1001))]
impl Doors {
    #[subscribe]
    async fn enter(&self, Path(why): Path<String>) -> Result<(), Refused> {
        if why == "open" { Ok(()) } else { Err(refused(&why)) }
    }

    #[publish(error("full" = 1002))]
    async fn say(&self, Path(why): Path<String>, Body(new): Body<NewMessage>) -> Result<NewMessage, Refused> {
        if why == "open" { Ok(new) } else { Err(refused(&why)) }
    }

    #[rpc]
    async fn knock(&self, Path(why): Path<String>) -> Result<NoContent, Refused> {
        Err(refused(&why))
    }

    #[rpc]
    async fn slam(&self) {
        panic!("the door is broken");
    }

    #[rpc(declares(200, 418))]
    async fn tea(&self) -> HttpResponse {
        HttpResponse::ImATeapot().body("secret")
    }

    #[rpc(declares(418))]
    async fn coffee(&self) -> Result<String, actix_web::Error> {
        Err(ErrorImATeapot("no coffee here"))
    }

    #[rpc(data_limit = "8 B")]
    async fn little(&self, Body(text): Body<String>, _from: Connection) -> String {
        text
    }
}

fn live() -> Live {
    Live::new().channel(Doors).error("closed", 1999).error("full", 1003)
}

#[actix_web::test]
async fn the_status_says_which_error_it_is() {
    let probe = probe(live());
    let cases = [
        ("member", 103, "only members listen", false),
        ("login", 101, "log in first", false),
        ("slowly", 111, "slowly", true),
        ("full", 1001, "the room is full", false),
        ("closed", 1999, "the room is closed", false),
        ("down", 100, "internal server error", true),
        ("missing", 102, "no such room", false),
        ("large", 106, "too much", false),
    ];
    for (why, code, words, temporary) in cases {
        let error = told(probe.subscribe(&format!("door:{why}"), "", &nobody()).await.unwrap());
        assert_eq!(error, (code, words.to_owned(), temporary), "{why}");
    }
    assert!(probe.subscribe("door:open", "", &nobody()).await.unwrap().unwrap().data.is_none());
    let new = r#"{"fullText":"hi"}"#;
    assert_eq!(told(probe.publish("door:full", new, &nobody()).await.unwrap()).0, 1002);
    // Nothing says that the channel is what is missing.
    assert_eq!(told(probe.rpc("door:x/knock", "", &nobody()).await), (404, "no such room".to_owned(), false));
}

#[actix_web::test]
async fn faults_are_told_by_their_names_on_the_wire_and_never_by_the_value() {
    let probe = probe(live());
    let say = async |data: &str| told(probe.publish("door:open", data, &nobody()).await.unwrap());
    let (code, words, temporary) = say(r#"{"fullText":"secret","stars":99}"#).await;
    assert_eq!((code, temporary), (107, false));
    assert_eq!(
        words,
        "data /fullText: must have between 1 and 5 characters; data /stars: must be at most 10"
    );
    let (code, words, _) = say(r#"{"fullText":7,"stars":"secret"}"#).await;
    assert_eq!(code, 107);
    assert!(words.contains("data /fullText") && words.contains("data /stars"), "{words}");
    assert!(!words.contains("secret"), "{words}");
    let (code, words, _) = say("").await;
    assert_eq!((code, words.as_str()), (107, "data: a body is required"));
    let (code, words, _) = say("{").await;
    assert_eq!(code, 107, "{words}");
}

#[actix_web::test]
async fn words_have_a_bound() {
    struct Many;
    #[channel("many:{id}")]
    impl Many {
        #[subscribe]
        async fn enter(&self, _id: Path<u32>, Body(_all): Body<Vec<u32>>) {}
    }
    let probe = probe(Live::new().channel(Many));
    let data = format!("[{}]", vec!["\"secret\""; 200].join(","));
    let (code, words, _) = told(probe.subscribe("many:x", &data, &nobody()).await.unwrap());
    assert_eq!(code, 107);
    assert!(words.starts_with("channel"), "{words}");
    assert!(words.len() <= 512 && words.ends_with("; and more"), "{} {words}", words.len());
    assert!(!words.contains("secret"));
}

#[actix_web::test]
async fn a_panic_fails_one_command() {
    let probe = probe(live());
    let slam = told(probe.rpc("door:open/slam", "", &user("ann")).await);
    assert_eq!(slam, (100, "internal server error".to_owned(), true));
    assert!(probe.subscribe("door:open", "", &user("ann")).await.unwrap().is_ok());
}

#[actix_web::test]
async fn answers_made_by_hand_are_errors_too() {
    let probe = probe(live());
    let (code, words, _) = told(probe.rpc("door:open/tea", "", &nobody()).await);
    assert_eq!((code, words.as_str()), (418, "i'm a teapot"));
    let (code, words, _) = told(probe.rpc("door:open/coffee", "", &nobody()).await);
    assert_eq!((code, words.as_str()), (418, "no coffee here"));
}

#[actix_web::test]
async fn data_has_a_limit() {
    let probe = probe(live());
    assert_eq!(probe.rpc("door:open/little", r#""123456""#, &nobody()).await.unwrap(), r#""123456""#);
    let (code, words, _) = told(probe.rpc("door:open/little", r#""1234567""#, &nobody()).await);
    assert_eq!((code, words.as_str()), (106, "the body may have 8 bytes"));
}

#[actix_web::test]
async fn who_is_asked_for_must_be_there() {
    struct Known;
    #[channel("known")]
    impl Known {
        #[subscribe]
        async fn enter(&self, _who: Identity<crate::fixture::Caller>) {}
    }
    let probe = probe(Live::new().channel(Known));
    assert!(probe.subscribe("known", "", &user("ann")).await.unwrap().is_ok());
    assert_eq!(told(probe.subscribe("known", "", &nobody()).await.unwrap()).0, 101);
    // Another scheme than was meant is our own mistake.
    let wrong = nobody().identity(7_u32);
    assert_eq!(told(probe.subscribe("known", "", &wrong).await.unwrap()).0, 100);
    // Without `#[publish]`, nobody may.
    assert_eq!(told(probe.publish("known", "1", &user("ann")).await.unwrap()).0, 103);
}
