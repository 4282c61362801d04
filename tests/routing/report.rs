//! What is told when a router cannot be mounted: everything, at once.

use std::{borrow::Cow, panic::catch_unwind};

use actix_charter::{
    prelude::*,
    security::{ApiKey, Scheme, SchemeRef, Verdict},
};
use actix_web::{HttpRequest, HttpResponse, guard};

struct Sound;

#[controller(path = "/sound")]
impl Sound {
    #[get]
    fn list(&self) -> NoContent {
        NoContent
    }
}

/// A scheme that knows two scopes.
#[derive(Debug)]
struct Known;

impl Scheme for Known {
    type Identity = ();

    fn name(&self) -> Cow<'static, str> {
        "Known".into()
    }

    fn document(&self) -> serde_json::Value {
        serde_json::json!({"type": "http", "scheme": "basic"})
    }

    async fn identify(&self, _: &HttpRequest, _: &[Cow<'static, str>]) -> Verdict<()> {
        Verdict::Next
    }

    fn known_scopes(&self) -> Option<Vec<Cow<'static, str>>> {
        Some(vec!["read".into(), "write".into()])
    }
}

mod one {
    #[derive(serde::Serialize, schemars::JsonSchema, actix_charter::Model)]
    pub struct Thing {
        pub a: u32,
    }
}

mod other {
    #[derive(serde::Serialize, schemars::JsonSchema, actix_charter::Model)]
    pub struct Thing {
        pub b: String,
    }
}

struct Faulty;

#[controller(path = "/faulty")]
impl Faulty {
    #[get("/a/{id}", operation_id = "twice")]
    fn one(&self, _id: Path<u32>) -> one::Thing {
        one::Thing { a: 1 }
    }

    #[get("/b", operation_id = "twice")]
    fn two(&self) -> other::Thing {
        other::Thing { b: String::new() }
    }

    #[get("/guarded")]
    fn open(&self) -> NoContent {
        NoContent
    }

    #[get("/guarded", guard = || guard::Header("x", "y"))]
    fn shadowed(&self) -> NoContent {
        NoContent
    }

    #[get("/c", security = ApiKey<u64>)]
    fn unknown_scheme(&self) -> NoContent {
        NoContent
    }

    #[get("/d", security = Known, scopes("raed"))]
    fn unknown_scope(&self) -> NoContent {
        NoContent
    }

    #[get("/e", renderers())]
    fn mute(&self) -> NoContent {
        NoContent
    }
}

struct More;

#[controller(path = "/faulty")]
impl More {
    #[get("/a/{name}")]
    fn names(&self, _name: Path<String>) -> NoContent {
        NoContent
    }

    #[get("/b")]
    fn doubled(&self) -> NoContent {
        NoContent
    }

    #[post("/f", parsers())]
    fn deaf(&self, _body: Body<u32>) -> NoContent {
        NoContent
    }
}

/// What only hand-written declarations can get wrong.
struct ByHand;

impl Controller for ByHand {
    fn charter() -> Charter<Self> {
        Charter::new("ByHand")
            .operation(Operation::get("no-slash").handle(async |_: &Self| NoContent))
            .operation(Operation::get("/{open").handle(async |_: &Self| NoContent))
            .operation(Operation::get("/{a:[}").handle(async |_: &Self| NoContent))
            .operation(Operation::get("/silent").handle(async |_: &Self| HttpResponse::Ok().finish()))
            .operation(Operation::get("/body").handle(async |_: &Self, _: Body<u32>| NoContent))
            .operation(
                Operation::post("/bodies").handle(async |_: &Self, _: Body<u32>, _: Body<u32>| NoContent),
            )
    }
}

fn faulty() -> Router {
    Router::new("/api")
        .scheme(Known)
        .openapi(Info::new("t", "1"))
        .controller(Sound)
        .controller(Faulty)
        .nest(Router::new("").controller(More))
        .controller(ByHand)
}

#[test]
fn everything_at_once() {
    let report = faulty().check().unwrap_err();
    let all: Vec<_> = report.iter().collect();
    for part in [
        "operationId `twice`",
        "GET /api/faulty/guarded has a guard, but an earlier one without a guard takes every request",
        "ApiKey<u64>",
        "`raed`",
        "GET /api/faulty/e: has an empty list of renderers",
        "GET /api/faulty/a/{name}: the path is the same as `/faulty/a/{id}` with other parameter names",
        "GET /api/faulty/b is declared twice",
        "POST /api/faulty/f: has a body and an empty list of parsers",
        "GET /apino-slash: the path `no-slash` must start with `/`",
        "the schema name `Thing`",
        "a `{` without its `}`",
        "does not compile: `[`",
        "GET /api/silent: its return type does not say what it answers",
        "GET /api/body: GET requests have no body",
        "POST /api/bodies: two arguments read the request body",
    ] {
        assert_eq!(all.iter().filter(|fault| fault.contains(part)).count(), 1, "{part}\n{report}");
    }
    assert!(!report.to_string().contains("sound"), "{report}");
    assert_eq!(report.to_string().lines().count(), all.len() + 1);
}

#[test]
fn two_types_under_one_schema_name() {
    struct Two;
    #[controller]
    impl Two {
        #[get("/a")]
        fn a(&self) -> one::Thing {
            one::Thing { a: 1 }
        }

        #[get("/b")]
        fn b(&self) -> other::Thing {
            other::Thing { b: String::new() }
        }
    }
    let router = Router::new("/api").openapi(Info::new("t", "1")).controller(Two);
    let report = router.check().unwrap_err().to_string();
    assert!(report.contains("Thing"), "{report}");
    assert!(report.contains("one::Thing") && report.contains("other::Thing"), "{report}");
}

#[test]
fn every_way_of_mounting_says_the_same() {
    let report = faulty().check().unwrap_err().to_string();
    assert_eq!(faulty().try_mount().unwrap_err().to_string(), report);
    assert_eq!(faulty().operations().unwrap_err().to_string(), report);
    for way in [(|| faulty().assert_sound()) as fn(), || {
        let system = actix_web::rt::System::new();
        system.block_on(async {
            actix_web::test::init_service(actix_web::App::new().service(faulty())).await;
        });
    }] {
        let panic = catch_unwind(way).unwrap_err();
        assert_eq!(panic.downcast_ref::<String>(), Some(&report));
    }
}

#[test]
fn a_sound_router_says_nothing() {
    let router = Router::new("/api").controller(Sound);
    assert_eq!(router.check(), Ok(()));
    router.assert_sound();
    assert_eq!(router.operations().unwrap().len(), 1);
    assert!(router.try_mount().is_ok());
}

#[test]
fn what_is_added_later_is_checked_too() {
    let router = Router::new("/api").controller(Sound);
    router.assert_sound();
    assert!(router.clone().controller(Sound).check().is_err());
    router.assert_sound();
}

#[test]
fn prefixes_are_looked_at() {
    for (prefix, part) in [
        ("api", "the prefix `api` must start with `/`"),
        ("/{a", "the prefix `/{a` has a `{` without its `}`"),
        ("/{rest}*", "takes the rest"),
        ("/a{b}*", "takes the rest"),
        ("/{1}", "names are"),
    ] {
        let report = Router::new(prefix).controller(Sound).check().unwrap_err().to_string();
        assert!(report.contains(part), "{prefix}: {report}");
    }
    struct Id;
    #[controller]
    impl Id {
        #[get("/{id}")]
        fn show(&self, _id: Path<u32>) -> NoContent {
            NoContent
        }
    }
    for router in
        [Router::new("/{id}").controller(Id), Router::new("").nest(Router::new("/{id}").controller(Id))]
    {
        let report = router.check().unwrap_err().to_string();
        assert!(report.contains("two parameters called `id`"), "{report}");
    }
}

#[test]
fn every_part_of_a_path_starts_with_a_slash() {
    struct Loose;
    impl Controller for Loose {
        fn charter() -> Charter<Self> {
            Charter::new("Loose")
                .path("things")
                .operation(Operation::get("all").handle(async |_: &Self| NoContent))
        }
    }
    let report = Router::new("/api").nest(Router::new("v1").controller(Loose)).check().unwrap_err();
    let all: Vec<_> = report.iter().collect();
    assert_eq!(
        all,
        [
            "the prefix `v1` must start with `/`, or be empty",
            "the path `things` of the controller Loose must start with `/`, or be empty",
            "GET /apiv1thingsall: the path `all` must start with `/`, or be empty",
        ]
    );
}

#[test]
fn other_names_in_a_part_of_a_segment_are_told_too() {
    struct Parts;
    #[controller]
    impl Parts {
        #[get("/{a}.json")]
        fn a(&self, _a: Path<u32>) -> NoContent {
            NoContent
        }

        #[put("/{b}.json")]
        fn b(&self, _b: Path<u32>) -> NoContent {
            NoContent
        }
    }
    let report = Router::new("").controller(Parts).check().unwrap_err().to_string();
    assert!(report.contains("is the same as `/{a}.json` with other parameter names"), "{report}");
}

#[test]
fn a_shadowed_route_may_be_allowed() {
    struct Allowed;
    #[controller]
    impl Allowed {
        #[get("/a")]
        fn open(&self) -> NoContent {
            NoContent
        }

        #[get("/a", guard = || guard::Header("x", "y"), allow(shadowed_route))]
        fn shadowed(&self) -> NoContent {
            NoContent
        }
    }
    Router::new("").controller(Allowed).assert_sound();
}

#[test]
fn scopes_need_a_scheme_that_grants_them() {
    struct Scoped;
    #[controller]
    impl Scoped {
        #[get("/a", scopes("read"))]
        fn a(&self) -> NoContent {
            NoContent
        }
    }
    let report = Router::new("").controller(Scoped).check().unwrap_err().to_string();
    assert!(report.contains("asks for scopes"), "{report}");
    let known = Requirement::AnyOf(vec![SchemeRef::of::<Known>()]);
    Router::new("").scheme(Known).security(known).controller(Scoped).assert_sound();
}

struct Guests;

#[controller]
impl Guests {
    #[get("/guests", security(optional, ApiKey<u32>))]
    fn list(&self, _who: Identity<u32>) -> NoContent {
        NoContent
    }
}

#[test]
fn an_optional_scheme_may_find_nobody() {
    let key = ApiKey::fixed([("0123456789abcdef0123456789abcdef", 1_u32)]);
    let report = Router::new("/api").scheme(key).controller(Guests).check().unwrap_err().to_string();
    assert!(report.contains("take `Option<Identity<..>>`"), "{report}");
}
