//! Tags and marks of router, nested router, controller and endpoint.

use actix_charter::prelude::*;

struct Inner;

#[controller(path = "/c", tag = "controller", tag = "shared")]
impl Inner {
    #[get(tag = "endpoint", tag = "outer")]
    fn tagged(&self) -> NoContent {
        NoContent
    }

    #[get("/old", deprecated)]
    fn old(&self) -> NoContent {
        NoContent
    }

    #[get("/secret", hidden)]
    fn secret(&self) -> NoContent {
        NoContent
    }
}

struct Old;

#[controller(path = "/old", deprecated, hidden)]
impl Old {
    #[get]
    fn all(&self) -> NoContent {
        NoContent
    }
}

fn api() -> Router {
    Router::new("/api")
        .tag("outer")
        .nest(Router::new("/n").tag("nested").controller(Inner))
        .nest(Router::new("/gone").deprecated().hidden().controller(Inner))
        .controller(Old)
}

#[test]
fn tags_add_up_from_outside_in_each_once() {
    let operations = api().operations().unwrap();
    let find = |path: &str| operations.iter().find(|operation| operation.path == path).unwrap();
    assert_eq!(find("/api/n/c").tags, ["outer", "nested", "controller", "shared", "endpoint"]);
    assert_eq!(find("/api/n/c/old").tags, ["outer", "nested", "controller", "shared"]);
    assert_eq!(find("/api/old").tags, ["outer"]);
}

#[test]
fn deprecated_and_hidden_go_down() {
    let operations = api().operations().unwrap();
    let marks = |path: &str| {
        let operation = operations.iter().find(|operation| operation.path == path).unwrap();
        (operation.spec.deprecated, operation.spec.hidden)
    };
    assert_eq!(marks("/api/n/c"), (false, false));
    assert_eq!(marks("/api/n/c/old"), (true, false));
    assert_eq!(marks("/api/n/c/secret"), (false, true));
    assert_eq!(marks("/api/gone/c"), (true, true));
    assert_eq!(marks("/api/old"), (true, true));
}

#[test]
fn the_document_says_the_same() {
    let document = api().document(&Info::new("t", "1")).unwrap();
    let document = document.to_value();
    let paths: Vec<_> = document["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths, ["/api/n/c", "/api/n/c/old"]);
    assert_eq!(document["paths"]["/api/n/c/old"]["get"]["deprecated"], true);
    assert_eq!(document["paths"]["/api/n/c"]["get"]["tags"][1], "nested");
}
