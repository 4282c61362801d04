use actix_charter::prelude::*;
use actix_web::{HttpRequest, http::Method, web::Data};
use serde::{Deserialize, Serialize};

use super::{ask, get};

struct Signatures;

#[derive(Serialize, Deserialize, schemars::JsonSchema, Model)]
struct Pair {
    a: u32,
    b: u32,
}

#[derive(Deserialize, schemars::JsonSchema, Model)]
struct Page {
    page: Option<u32>,
}

#[controller(path = "/{a}")]
impl Signatures {
    #[get("/sum/{b}")]
    async fn sum(&self, Path((a, b)): Path<(u32, u32)>) -> u32 {
        a + b
    }

    #[get("/named/{b}")]
    fn named(&self, Path(Pair { a, b }): Path<Pair>) -> u32 {
        a * b
    }

    #[post("/ten")]
    #[allow(clippy::too_many_arguments)]
    async fn ten(
        &self,
        a: Path<u32>,
        query: Query<Page>,
        headers: Option<Headers<Pair>>,
        cookies: Option<Cookies<Pair>>,
        request: HttpRequest,
        data: Option<Data<u32>>,
        method: Method,
        uri: actix_web::http::Uri,
        peer: actix_web::dev::ConnectionInfo,
        Body(mut body): Body<Pair>,
    ) -> Pair {
        assert!(query.page.is_none() && headers.is_none() && cookies.is_none() && data.is_none());
        assert_eq!(request.method(), method);
        assert_eq!(uri.path(), request.path());
        assert_eq!(peer.scheme(), "http");
        body.a += a.0;
        body
    }

    #[delete]
    fn nothing(&self, _: Path<u32>) {}

    #[method("PURGE")]
    async fn purge(&self) -> NoContent {
        NoContent
    }
}

#[actix_web::test]
async fn patterns_and_ten_arguments() {
    let api = || Router::new("").controller(Signatures);
    assert_eq!(get(api(), "/3/sum/4").await, (200, "7".to_owned()));
    assert_eq!(get(api(), "/3/named/4").await, (200, "12".to_owned()));
    let (status, body) = ask(api(), Method::POST, "/3/ten", r#"{"a":1,"b":2}"#).await;
    assert_eq!((status, body.as_str()), (201, r#"{"a":4,"b":2}"#));
    assert_eq!(ask(api(), Method::DELETE, "/3", "").await.0, 200);
    assert_eq!(ask(api(), Method::from_bytes(b"PURGE").unwrap(), "/3", "").await.0, 204);
}

mod inner {
    pub mod deeper {
        use actix_charter::prelude::*;

        #[allow(non_camel_case_types)]
        pub struct r#type;

        #[controller(path = "/raw")]
        impl r#type {
            #[get]
            pub(in crate::signatures) async fn r#match(&self, r#in: Query<super::super::Page>) -> bool {
                r#in.page.is_none()
            }
        }
    }

    pub struct Elsewhere;
}

#[controller]
impl inner::Elsewhere {
    #[get("/elsewhere")]
    fn r#where(&self) -> NoContent {
        NoContent
    }
}

#[actix_web::test]
async fn modules_and_raw_names() {
    let api = || Router::new("").controller(inner::deeper::r#type).controller(inner::Elsewhere);
    assert_eq!(get(api(), "/raw").await, (200, "true".to_owned()));
    assert_eq!(get(api(), "/elsewhere").await.0, 204);
    let ids: Vec<String> =
        api().operations().unwrap().into_iter().map(|operation| operation.operation_id).collect();
    assert_eq!(ids, ["type_match", "elsewhere_where"]);
}
