//! Every run-time rule of the contract can be turned off, at every level.

use std::borrow::Cow;

use actix_charter::{
    endpoint::{HeaderSpec, Output, OutputContent},
    model::SchemaOf,
    prelude::*,
};
use actix_web::{HttpResponse, cookie::Cookie};

use crate::{
    answer::{ask, get},
    app,
};

const RULES: [Rule; 7] = [
    Rule::Status,
    Rule::ContentType,
    Rule::RequiredHeader,
    Rule::UndeclaredHeader,
    Rule::Cookies,
    Rule::EmptyBody,
    Rule::BodyModel,
];

/// What is declared, and an answer that breaks this rule and no other.
fn broken(rule: Rule) -> (Output, fn() -> HttpResponse) {
    let text = || Output::new(Some(200), OutputContent::Media("text/plain".into(), None));
    match rule {
        Rule::Status => (text(), || HttpResponse::Accepted().content_type("text/plain").body("x")),
        Rule::ContentType => (text(), || HttpResponse::Ok().content_type("text/html").body("x")),
        Rule::RequiredHeader => {
            let mut output = text();
            output.headers.push(HeaderSpec::required("x-must"));
            (output, || HttpResponse::Ok().content_type("text/plain").body("x"))
        }
        Rule::UndeclaredHeader => (text(), || {
            HttpResponse::Ok().content_type("text/plain").insert_header(("x-more", "1")).body("x")
        }),
        Rule::Cookies => {
            (text(), || HttpResponse::Ok().content_type("text/plain").cookie(Cookie::new("c", "1")).body("x"))
        }
        Rule::EmptyBody => (Output::new(Some(200), OutputContent::Empty), || HttpResponse::Ok().body("x")),
        Rule::BodyModel => (Output::new(Some(200), OutputContent::Model(SchemaOf::of::<u32>())), || {
            HttpResponse::Ok().content_type("application/json").body(r#""x""#)
        }),
        other => panic!("{other} is not checked at run time"),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Endpoint,
    Controller,
    Inner,
    Outer,
    Application,
    Nowhere,
}

const LEVELS: [Level; 6] =
    [Level::Endpoint, Level::Controller, Level::Inner, Level::Outer, Level::Application, Level::Nowhere];

thread_local! {
    /// What `Breaking` declares next.
    static NEXT: std::cell::Cell<(usize, Level)> = const { std::cell::Cell::new((0, Level::Nowhere)) };
}

struct Breaking;

impl Controller for Breaking {
    fn charter() -> Charter<Self> {
        let (rule, level) = NEXT.get();
        let (output, answer) = broken(RULES[rule]);
        Charter::new("Breaking").options(options(rule, level, Level::Controller)).operation(
            Operation::get("/x")
                .declares(output)
                .options(options(rule, level, Level::Endpoint))
                .handle(async move |_: &Self| answer()),
        )
    }
}

/// The rule is off at `level` only.
fn options(rule: usize, level: Level, here: Level) -> Options {
    if level == here { Options::new().allow([RULES[rule]]) } else { Options::new() }
}

#[actix_web::test]
async fn by_its_name_and_at_each_level() {
    for (rule, name) in RULES.iter().enumerate() {
        for level in LEVELS {
            NEXT.set((rule, level));
            let here = |here| options(rule, level, here);
            let inner = Router::new("").options(here(Level::Inner)).controller(Breaking);
            let api = Router::new("")
                .options(here(Level::Outer))
                .nest(inner)
                .application(&here(Level::Application));
            let answer = ask(&app!(api), get("/x")).await;
            if level == Level::Nowhere {
                answer.problem(500, "internal");
            } else {
                assert!(answer.status < 300, "{name} off at {level:?}: {}", answer.body);
            }
        }
    }
}

#[actix_web::test]
async fn turning_off_one_leaves_the_others_on() {
    for (rule, name) in RULES.iter().enumerate() {
        NEXT.set((rule, Level::Nowhere));
        let others = RULES.into_iter().filter(|other| other != name);
        let api = Router::new("").options(Options::new().allow(others)).controller(Breaking);
        ask(&app!(api), get("/x")).await.problem(500, "internal");
    }
}

#[test]
fn names_are_those_of_the_attributes() {
    let names: Vec<Cow<'_, str>> = RULES.iter().map(|rule| rule.to_string().into()).collect();
    assert_eq!(
        names,
        [
            "status",
            "content_type",
            "required_header",
            "undeclared_header",
            "cookies",
            "empty_body",
            "body_model"
        ]
    );
}

struct Named;

#[controller]
impl Named {
    #[get("/status", declares(200), allow(status))]
    fn status(&self) -> HttpResponse {
        HttpResponse::Accepted().finish()
    }

    #[get("/header", declares(200), allow(undeclared_header, content_type))]
    fn header(&self) -> HttpResponse {
        HttpResponse::Ok().insert_header(("x-more", "1")).finish()
    }

    #[get("/none", declares(200), allow())]
    fn none(&self) -> HttpResponse {
        HttpResponse::Ok().insert_header(("x-more", "1")).finish()
    }
}

#[actix_web::test]
async fn in_attributes() {
    let api = Router::new("").options(Options::new().allow([Rule::UndeclaredHeader])).controller(Named);
    let app = app!(api);
    assert_eq!(ask(&app, get("/status")).await.status, 202);
    assert_eq!(ask(&app, get("/header")).await.status, 200);
    // Explicitly none is not nothing said.
    ask(&app, get("/none")).await.problem(500, "internal");
}
