//! Sends requests to a service in this process.

use actix_http::Request;
use actix_rt::SystemRunner;
use actix_web::{
    Error,
    body::{MessageBody, to_bytes},
    dev::{Service, ServiceResponse},
    web::Bytes,
};

use crate::case::Case;

/// Requests of each case before anything counts: pools are filled, lazy things made.
const WARM_UP: u32 = 64;

/// Warms `service` up with each case, then hands `counted` the case and a closure that sends `requests` of it.
///
/// # Panics
/// When an answer is not the one that the case is about.
pub fn drive<S, B>(
    system: &SystemRunner,
    service: &S,
    cases: &[Case],
    requests: u32,
    mut counted: impl FnMut(&Case, &mut dyn FnMut()),
) where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    for case in cases {
        system.block_on(async {
            for _ in 0..WARM_UP {
                let answer = service.call(case.request()).await.expect("an answer");
                assert_eq!(answer.status(), case.status, "{}", case.name);
                let has_location = answer.headers().contains_key("location");
                assert_eq!(has_location, case.status == 201, "{}: the Location header", case.name);
                let bytes = to_bytes(answer.into_body()).await.ok().expect("a body");
                assert!(!bytes.is_empty(), "{}: an empty body", case.name);
            }
        });
        counted(case, &mut || {
            system.block_on(async {
                for _ in 0..requests {
                    std::hint::black_box(exchange(service, case).await);
                }
            });
        });
    }
}

async fn exchange<S, B>(service: &S, case: &Case) -> Option<Bytes>
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let answer = service.call(case.request()).await.ok()?;
    to_bytes(answer.into_body()).await.ok()
}
