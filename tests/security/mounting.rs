//! What only the assembled router can know about security is told when it is mounted, all of it at once.

use actix_charter::{
    prelude::*,
    security::{ApiKey, BearerToken, Secret},
};
use actix_web::HttpRequest;

struct Rooms;

#[controller]
impl Rooms {
    #[get("/unknown", security = BearerToken<u8>)]
    async fn unknown(&self) -> NoContent {
        NoContent
    }

    #[get("/mismatch", security = ApiKey<u64>)]
    async fn mismatch(&self, _who: Identity<String>) -> NoContent {
        NoContent
    }

    #[get("/nobody", security = none)]
    async fn nobody(&self, _who: Identity<u64>) -> NoContent {
        NoContent
    }

    #[get("/scope", security = ApiKey<u64>, scopes("reed"))]
    async fn scope(&self) -> NoContent {
        NoContent
    }

    #[get("/scopes-of-nobody", scopes("read"))]
    async fn scopes_of_nobody(&self) -> NoContent {
        NoContent
    }
}

#[test]
fn everything_is_told_at_once() {
    let keys = ApiKey::new(async |_: &HttpRequest, _: Secret| None::<u64>);
    let keys = keys.grants(|_, scope| scope == "read").known_scopes(["read"]);
    let errors = Router::new("").scheme(keys).controller(Rooms).check().unwrap_err();
    insta::assert_snapshot!(errors.to_string());
}
