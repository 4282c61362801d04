use actix_charter::{
    prelude::*,
    security::{ApiKey, BearerToken, Secret},
};
use actix_web::HttpRequest;

use crate::fixture::{Member, News, Rooms, members, user};

fn report(router: &Router) -> String {
    router.check().unwrap_err().to_string()
}

#[actix_web::test]
async fn a_scheme_whose_identity_is_no_user_is_a_fault() {
    let live = Live::new().channel(News).start().unwrap();
    let router = Router::new("/api").scheme(members()).security(Requirement::of::<BearerToken<Member>>());
    let report = report(&router.live("/live", live.endpoints()));
    assert_eq!(
        report,
        "the router cannot be mounted, 1 fault:\n  - the live channels at /api/live: the scheme `BearerToken` finds \
         `Member`, but nothing says which user that is: add `.user(|who: &Member| ..)` to the endpoints"
    );
}

#[actix_web::test]
async fn another_identity_than_the_channels_take_is_a_fault() {
    let live = Live::new().channel(Rooms).start().unwrap();
    let keys = ApiKey::new(async |_: &HttpRequest, key: Secret| key.expose().parse::<u64>().ok());
    let router = Router::new("/api").scheme(keys).security(Requirement::of::<ApiKey<u64>>());
    let report = report(&router.live("/live", live.endpoints().user(|id: &u64| id.to_string())));
    assert!(report.contains("takes `Identity<Member>`, but the scheme `ApiKey` finds `u64`"), "{report}");
}

#[actix_web::test]
async fn a_user_of_nobody_is_a_fault() {
    let live = Live::new().channel(News).start().unwrap();
    let report = report(&Router::new("/api").live("/live", live.endpoints().user(user)));
    assert!(report.contains("no scheme is asked: add `.security(..)` to the router"), "{report}");
}

#[actix_web::test]
async fn another_type_than_the_user_is_read_from_is_a_fault() {
    let live = Live::new().channel(News).start().unwrap();
    let router = Router::new("/api").scheme(members()).security(Requirement::of::<BearerToken<Member>>());
    let report = report(&router.live("/live", live.endpoints().user(|id: &u64| id.to_string())));
    assert!(
        report.contains("read the user from `u64`, but the scheme `BearerToken` finds `Member`"),
        "{report}"
    );
}

#[actix_web::test]
async fn a_document_of_nothing_is_a_fault() {
    let report = report(&Router::new("/api").asyncapi(Info::new("Board", "1.0")));
    assert!(report.contains("the document at /asyncapi: tells of no live channels"), "{report}");
}

#[actix_web::test]
async fn channels_that_do_not_fit_together_do_not_start() {
    let error = Live::new().channel(News).channel(News).start().unwrap_err();
    assert!(error.to_string().contains("`news:{topic}` is declared twice"), "{error}");
}
