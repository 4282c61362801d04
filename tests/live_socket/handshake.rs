//! RFC 6455 §4.2: who is let in, and what the others are told.

use std::sync::Arc;

use actix_charter::live::socket::{Handshake, HandshakeError, OriginPolicy, SocketHandler, SocketSettings};
use actix_web::{App, HttpRequest, HttpResponse, http::header, test, web};

use super::fixture::{KEY, Wire, request};

struct Nothing;

impl SocketHandler for Nothing {
    fn on_message(
        &mut self,
        _: actix_charter::live::socket::Message,
        _: &actix_charter::live::socket::Outbox,
    ) {
    }
}

async fn socket(request: HttpRequest, payload: web::Payload) -> Result<HttpResponse, HandshakeError> {
    let settings = Arc::new(SocketSettings::new());
    Ok(Handshake::check(&request, &settings)?.open(payload.into_inner(), |_| Nothing))
}

#[actix_web::test]
async fn what_is_no_handshake_is_refused() {
    let app = test::init_service(App::new().route("/", web::to(socket))).await;
    for (what, request, status) in [
        ("as it should be", request(), 101),
        ("POST", request().method(actix_web::http::Method::POST), 405),
        ("a plain GET", test::TestRequest::get(), 426),
        ("version 8", request().insert_header(("sec-websocket-version", "8")), 426),
        ("key of 15 bytes", request().insert_header(("sec-websocket-key", "AAAAAAAAAAAAAAAAAAAA")), 400),
        (
            "key that is not Base64",
            request().insert_header(("sec-websocket-key", &KEY.replace('d', "!")[..])),
            400,
        ),
        ("another site", request().insert_header(("origin", "https://evil.net")), 403),
        ("a page of nowhere", request().insert_header(("origin", "null")), 403),
        ("the same site", request().insert_header(("origin", "https://example.com")), 101),
    ] {
        let response = test::call_service(&app, request.to_request()).await;
        assert_eq!(response.status(), status, "{what}");
        let headers = response.headers();
        match status {
            405 => assert_eq!(headers.get(header::ALLOW).unwrap(), "GET"),
            426 => assert_eq!(headers.get(header::SEC_WEBSOCKET_VERSION).unwrap(), "13"),
            101 => assert_eq!(
                headers.get(header::SEC_WEBSOCKET_ACCEPT).unwrap(),
                "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                "RFC 6455 §1.3"
            ),
            _ => assert!(headers.get(header::UPGRADE).is_none()),
        }
    }
}

#[actix_web::test]
async fn the_first_known_protocol_is_chosen() {
    for (asked, chosen) in [
        (None, None),
        (Some("centrifuge-protobuf"), Some("centrifuge-protobuf")),
        (Some("other, centrifuge-protobuf,centrifuge-json"), Some("centrifuge-protobuf")),
        (Some("Centrifuge-JSON"), None),
    ] {
        let settings = SocketSettings::new().protocol("centrifuge-json").protocol("centrifuge-protobuf");
        let request = match asked {
            Some(asked) => request().insert_header((header::SEC_WEBSOCKET_PROTOCOL, asked)),
            None => request(),
        };
        let (head, _) = Wire::open_for(request, settings);
        let named = head.headers().get(header::SEC_WEBSOCKET_PROTOCOL);
        assert_eq!(named.map(|value| value.to_str().unwrap()), chosen, "{asked:?}");
    }
}

#[actix_web::test]
async fn refusals_are_problems_too() {
    let settings = Arc::new(SocketSettings::new().origins(OriginPolicy::only().refuse_absent()));
    let error = Handshake::check(&request().to_http_request(), &settings).unwrap_err();
    let problem = actix_charter::problem::Problem::from(error);
    assert_eq!((problem.status().as_u16(), problem.get_code()), (403, Some("origin_forbidden")));
}
