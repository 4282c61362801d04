//! Endpoint, controller, router, application: the first that says something wins.

use std::{borrow::Cow, cell::Cell};

use actix_charter::{
    endpoint::HeaderSpec,
    media::{Parsing, RenderError, Renderer, Rendering},
    prelude::*,
    problem::{CompactDetail, ProblemDetails},
    security::{Scheme, SchemeRef, Verdict},
};
use actix_web::{HttpRequest, HttpResponse};

use crate::{
    answer::{Answer, ask, get, method},
    app,
};

/// An option with two values that can be told apart, `A` and `B`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Renderers,
    Parsers,
    Contract,
    Allow,
    BodyLimit,
    PairsLimit,
    ErrorModel,
    Security,
    Head,
    Verbs,
    Extra,
}

use Kind::*;

const KINDS: [Kind; 11] =
    [Renderers, Parsers, Contract, Allow, BodyLimit, PairsLimit, ErrorModel, Security, Head, Verbs, Extra];

fn say(kind: Kind, value: Option<char>) -> Options {
    let Some(value) = value else { return Options::new() };
    let a = value == 'A';
    match kind {
        Renderers => Options::new().renderers([if a { Rendering::Json } else { Rendering::from(Shout) }]),
        Parsers => Options::new().parsers([if a { Parsing::Json } else { Parsing::Form }]),
        Contract => Options::new().contract(if a { ContractMode::Fail } else { ContractMode::Off }),
        Allow if a => Options::new().allow([]),
        Allow => Options::new().allow([Rule::Status]),
        BodyLimit => Options::new().body_limit(if a { 10 } else { 20 }),
        PairsLimit => Options::new().pairs_limit(if a { 1 } else { 2 }),
        ErrorModel if a => Options::new().error_model(ProblemDetails),
        ErrorModel => Options::new().error_model(CompactDetail),
        Security if a => Options::new().security(Requirement::Public),
        Security => Options::new().security(Requirement::AnyOf(vec![SchemeRef::of::<Nobody>()])),
        Head => Options::new().head(a),
        Verbs => Options::new().options(a),
        Extra if a => Options::new().headers([]),
        Extra => Options::new().headers([HeaderSpec::optional("x-more")]),
    }
}

/// Without a word from anybody.
const fn default(kind: Kind) -> char {
    match kind {
        BodyLimit | PairsLimit => '-',
        _ => 'A',
    }
}

/// Which value is in force, as seen from outside.
async fn in_force(kind: Kind, api: Router) -> char {
    let app = app!(api);
    let pick = |answer: &Answer, a: bool, b: bool| match (a, b) {
        (true, false) => 'A',
        (false, true) => 'B',
        _ => panic!("{kind:?}: {answer:?}"),
    };
    let status = async |request, a: u16, b: u16| {
        let answer = ask(&app, request).await;
        pick(&answer, answer.status == a, answer.status == b)
    };
    let post = |media_type, body: &'static str| {
        method("POST", "/body").insert_header(("content-type", media_type)).set_payload(body)
    };
    let says = |answer: Answer, a: &str, b: &str| match (answer.body.contains(a), answer.body.contains(b)) {
        (false, false) => '-',
        (a, b) => pick(&answer, a, b),
    };
    match kind {
        Renderers => {
            let answer = ask(&app, get("/list")).await;
            pick(&answer, answer.body == "[1]", answer.body == "[1]!")
        }
        Parsers => status(post("application/json", "{}"), 201, 415).await,
        Contract | Allow => status(get("/undeclared"), 500, 202).await,
        BodyLimit => {
            says(ask(&app, post("application/json", r#"{"text": "123456789012345"}"#)).await, " 10 ", " 20 ")
        }
        PairsLimit => says(ask(&app, get("/query?a=1&a=2&a=3")).await, "than 1 ", "than 2 "),
        ErrorModel => {
            let answer = ask(&app, get("/query?number=x")).await;
            let problem = answer.header("content-type") == Some("application/problem+json");
            pick(&answer, problem, !problem && answer.body.contains("\"loc\""))
        }
        Security => status(get("/list"), 200, 401).await,
        Head => status(method("HEAD", "/list"), 200, 405).await,
        Verbs => status(method("OPTIONS", "/list"), 204, 405).await,
        Extra => status(get("/more"), 500, 200).await,
    }
}

/// Writes JSON, louder.
#[derive(Debug)]
struct Shout;

impl Renderer for Shout {
    fn media_type(&self) -> &str {
        "application/json"
    }

    fn render(&self, value: &dyn erased_serde::Serialize, out: &mut Vec<u8>) -> Result<(), RenderError> {
        serde_json::to_writer(&mut *out, value).unwrap();
        out.push(b'!');
        Ok(())
    }
}

#[derive(Debug)]
struct Nobody;

impl Scheme for Nobody {
    type Identity = ();

    fn name(&self) -> Cow<'static, str> {
        "Nobody".into()
    }

    fn document(&self) -> serde_json::Value {
        serde_json::json!({"type": "http", "scheme": "basic"})
    }

    async fn identify(&self, _: &HttpRequest, _: &[Cow<'static, str>]) -> Verdict<()> {
        Verdict::Next
    }
}

#[derive(Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema, Model)]
struct Note {
    #[serde(default)]
    text: String,
}

#[derive(Debug, serde::Deserialize, schemars::JsonSchema, Model)]
#[allow(dead_code, reason = "only reading it matters")]
struct Search {
    #[serde(default)]
    number: u32,
}

thread_local! {
    /// What controller and endpoint of `Everything` say.
    static SAID: Cell<(Kind, Option<char>, Option<char>)> = const { Cell::new((BodyLimit, None, None)) };
}

struct Everything;

impl Controller for Everything {
    fn charter() -> Charter<Self> {
        let (kind, controller, endpoint) = SAID.get();
        let said = || say(kind, endpoint);
        Charter::new("Everything")
            .options(say(kind, controller))
            .operation(Operation::get("/list").options(said()).handle(async |_: &Self| vec![1]))
            .operation(
                Operation::post("/body").options(said()).handle(async |_: &Self, body: Body<Note>| body.0),
            )
            .operation(
                Operation::get("/query").options(said()).handle(async |_: &Self, _: Query<Search>| NoContent),
            )
            .operation(
                Operation::get("/undeclared")
                    .options(said())
                    .declares(declared())
                    .handle(async |_: &Self| HttpResponse::Accepted().finish()),
            )
            .operation(
                Operation::get("/more")
                    .options(said())
                    .declares(declared())
                    .handle(async |_: &Self| HttpResponse::Ok().insert_header(("x-more", "1")).finish()),
            )
    }
}

fn declared() -> actix_charter::endpoint::Output {
    actix_charter::endpoint::Output::new(Some(200), actix_charter::endpoint::OutputContent::Empty)
}

fn api(kind: Kind, [application, outer, inner, controller, endpoint]: [Option<char>; 5]) -> Router {
    SAID.set((kind, controller, endpoint));
    let inner = Router::new("").options(say(kind, inner)).controller(Everything);
    Router::new("").scheme(Nobody).options(say(kind, outer)).application(&say(kind, application)).nest(inner)
}

#[actix_web::test]
async fn the_innermost_word_wins_for_every_option() {
    for kind in KINDS {
        for layer in 0..5 {
            for value in ['A', 'B'] {
                let other = if value == 'A' { 'B' } else { 'A' };
                // Only this layer speaks; then all outer ones contradict it; then the next outer one does.
                let alone: [Option<char>; 5] = std::array::from_fn(|at| (at == layer).then_some(value));
                let against = std::array::from_fn(|at| {
                    (at <= layer).then_some(if at == layer { value } else { other })
                });
                for said in [alone, against] {
                    assert_eq!(in_force(kind, api(kind, said)).await, value, "{kind:?} {said:?}");
                }
            }
        }
        assert_eq!(in_force(kind, api(kind, [None; 5])).await, default(kind), "{kind:?}");
    }
}

#[actix_web::test]
async fn hooks_of_all_layers_see_an_error_the_innermost_first() {
    struct Hooked;
    #[controller(on_error = |problem, _| append(problem, "controller"))]
    impl Hooked {
        #[get("/x", on_error = |problem, _| append(problem, "endpoint"))]
        fn none(&self) -> Option<NoContent> {
            None
        }
    }
    fn append(problem: Problem, name: &str) -> Problem {
        let before = problem.get_detail().map_or(String::new(), |detail| format!("{detail} "));
        problem.detail(format!("{before}{name}"))
    }
    fn hook(name: &'static str) -> Options {
        Options::new().on_error(move |problem, _| append(problem, name))
    }
    let inner = Router::new("/in").options(hook("inner")).controller(Hooked);
    let api = Router::new("/api").options(hook("outer")).application(&hook("application")).nest(inner);
    let app = app!(api);
    let detail = async |path: &str| ask(&app, get(path)).await.problem(404, "not-found")["detail"].clone();
    assert_eq!(detail("/api/in/x").await, "endpoint controller inner outer application");
    // What goes nowhere belongs to the router that it is below.
    assert_eq!(detail("/api/in/y").await, "there is nothing at this path inner outer application");
    assert_eq!(detail("/api/y").await, "there is nothing at this path outer application");
}

struct Guarded;

#[controller(path = "/g", security = Nobody)]
impl Guarded {
    #[get]
    fn closed(&self) -> NoContent {
        NoContent
    }

    #[get("/open", security = none)]
    fn open(&self) -> NoContent {
        NoContent
    }

    #[get("/maybe", security(optional, Nobody))]
    fn maybe(&self) -> NoContent {
        NoContent
    }
}

struct Unsaid;

#[controller(path = "/u")]
impl Unsaid {
    #[get]
    fn unsaid(&self) -> NoContent {
        NoContent
    }
}

#[actix_web::test]
async fn explicitly_nobody_is_not_nothing_said() {
    let api = Router::new("")
        .scheme(Nobody)
        .security(Requirement::AnyOf(vec![SchemeRef::of::<Nobody>()]))
        .controller(Guarded)
        .controller(Unsaid)
        .nest(
            Router::new("/p").security(Requirement::Public).hidden().controller(Unsaid).controller(Guarded),
        );
    let app = app!(api);
    for (path, status) in [
        ("/g", 401),
        ("/g/open", 204),
        ("/g/maybe", 204),
        ("/u", 401),
        ("/p/u", 204),
        // The controller says what the router below does not.
        ("/p/g", 401),
    ] {
        assert_eq!(ask(&app, get(path)).await.status, status, "{path}");
    }
}

#[actix_web::test]
async fn the_error_model_of_a_router_is_that_of_its_404_and_405() {
    struct Leaf;
    #[controller(path = "/leaf")]
    impl Leaf {
        #[get]
        fn leaf(&self) -> NoContent {
            NoContent
        }
    }
    let compact = Router::new("/compact").options(Options::new().error_model(CompactDetail)).controller(Leaf);
    let app = app!(Router::new("/api").nest(compact));
    ask(&app, get("/api/none")).await.problem(404, "not-found");
    for request in [get("/api/compact/none"), method("PUT", "/api/compact/leaf")] {
        let answer = ask(&app, request).await;
        assert_eq!(answer.header("content-type"), Some("application/json"), "{answer:?}");
    }
}
