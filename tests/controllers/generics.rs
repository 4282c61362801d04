use std::sync::Mutex;

use actix_charter::prelude::*;
use actix_web::http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{ask, get};

/// Where things are kept.
pub trait Store: Send + Sync + 'static {
    type Item: Clone + Send + Serialize + DeserializeOwned + Model;

    fn all(&self) -> Vec<Self::Item>;
    fn add(&self, item: Self::Item);
}

struct Memory<T>(Mutex<Vec<T>>);

impl<T: Clone + Send + Serialize + DeserializeOwned + Model> Store for Memory<T> {
    type Item = T;

    fn all(&self) -> Vec<T> {
        self.0.lock().unwrap().clone()
    }

    fn add(&self, item: T) {
        self.0.lock().unwrap().push(item);
    }
}

struct Items<S, const PAGE: usize> {
    store: S,
}

#[controller(path = "/items")]
impl<S, const PAGE: usize> Items<S, PAGE>
where
    S: Store,
{
    const FIRST: usize = 0;

    #[get]
    async fn list(&self) -> Vec<S::Item> {
        self.store.all().into_iter().skip(Self::FIRST).take(PAGE).collect()
    }

    #[post]
    fn create(&self, Body(item): Body<S::Item>) -> Created<S::Item> {
        self.store.add(item.clone());
        Created::at(Self::place(), item)
    }

    #[get("/{at}")]
    async fn show(&self, at: Path<usize>) -> Result<S::Item, NotFound> {
        self.store.all().get(at.0).cloned().ok_or_else(NotFound::new)
    }

    /// Not an endpoint.
    fn place() -> String {
        "/items/0".to_owned()
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Note {
    text: String,
}

fn notes<const PAGE: usize>(texts: &[&str]) -> Items<Memory<Note>, PAGE> {
    Items { store: Memory(Mutex::new(texts.iter().map(|text| Note { text: (*text).to_owned() }).collect())) }
}

#[actix_web::test]
async fn over_a_store_and_a_number() {
    let api = Router::new("").controller(notes::<1>(&["one", "two"]));
    assert_eq!(get(api, "/items").await, (200, r#"[{"text":"one"}]"#.to_owned()));
    let api = Router::new("").controller(notes::<5>(&["one", "two"]));
    assert_eq!(get(api, "/items").await, (200, r#"[{"text":"one"},{"text":"two"}]"#.to_owned()));
    let api = Router::new("").controller(notes::<1>(&[]));
    assert_eq!(ask(api, Method::POST, "/items", r#"{"text":"three"}"#).await.0, 201);
    let api = Router::new("").controller(notes::<1>(&["one"]));
    assert_eq!(get(api, "/items/7").await.0, 404);
}

#[test]
fn one_block_over_two_models_has_two_schemas() {
    #[derive(Clone, Serialize, Deserialize, JsonSchema, Model)]
    struct Other {
        number: u8,
    }
    let others: Items<Memory<Other>, 1> = Items { store: Memory(Mutex::new(Vec::new())) };
    let api = Router::new("")
        .nest(Router::new("/a").controller(notes::<1>(&[])).hidden())
        .nest(Router::new("/b").controller(others));
    let document = api.document(&Info::new("Two", "1")).unwrap();
    let document = document.to_value();
    assert!(document["components"]["schemas"]["Other"].is_object(), "{document}");
    assert!(document["components"]["schemas"]["Note"].is_null());
}

/// Fixed type arguments in the block's type.
struct Fixed<T>(T);

#[controller(path = "/fixed")]
impl Fixed<u32> {
    #[get]
    fn number(&self) -> u32 {
        self.0
    }
}

/// The controller itself as a model, by `Self`.
#[derive(Clone, Serialize, Deserialize, JsonSchema, Model)]
struct Me {
    name: String,
}

#[controller(path = "/me")]
impl Me {
    #[get]
    async fn me(&self) -> Self {
        self.clone()
    }

    #[put]
    fn change(&self, Body(me): Body<Self>) -> Option<Self> {
        (me.name != self.name).then_some(me)
    }
}

#[actix_web::test]
async fn self_and_fixed_arguments() {
    let api = || Router::new("").controller(Fixed(7)).controller(Me { name: "ann".into() });
    assert_eq!(get(api(), "/fixed").await, (200, "7".to_owned()));
    assert_eq!(get(api(), "/me").await, (200, r#"{"name":"ann"}"#.to_owned()));
    assert_eq!(ask(api(), Method::PUT, "/me", r#"{"name":"bob"}"#).await.0, 200);
    assert_eq!(ask(api(), Method::PUT, "/me", r#"{"name":"ann"}"#).await.0, 404);
}
