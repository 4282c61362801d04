//! What typed replies can still get wrong.

use actix_charter::{
    endpoint::Output,
    prelude::*,
    problem::Problem,
    response::{Content, Declared, ReplyContext},
};
use actix_web::{HttpResponse, http::StatusCode};

use crate::log::Log;

/// Declares 204, and answers what it likes.
struct Whatever(u16);

impl Replies for Whatever {
    const DECLARED: Declared = Declared::One(204, Content::Empty);

    fn describe(outputs: &mut Vec<Output>) {
        NoContent::describe(outputs);
    }

    fn reply(self, context: &ReplyContext<'_>) -> Result<HttpResponse, Problem> {
        match self.0 {
            204 => Ok(context.empty(StatusCode::NO_CONTENT)),
            409 => Err(Problem::new(StatusCode::CONFLICT).detail("SECRET")),
            status => Ok(context.empty(StatusCode::from_u16(status).unwrap())),
        }
    }
}

struct Replying;

#[controller]
impl Replying {
    #[get("/{status}")]
    async fn reply(&self, status: Path<u16>) -> Whatever {
        Whatever(status.0)
    }

    #[get("/allowed/{status}", allow(status))]
    async fn allowed(&self, status: Path<u16>) -> Whatever {
        Whatever(status.0)
    }
}

#[actix_web::test]
async fn a_reply_by_hand_answers_what_it_declares() {
    let client = crate::roas::client(Router::new("").controller(Replying)).await;
    let log = Log::start();
    client.get("/204").send().await.assert_status(204);
    assert_eq!(log.take(), [""; 0]);
    for status in [202, 409] {
        let answer = client.get(&format!("/{status}")).unchecked().send().await;
        answer.assert_status(500);
        assert!(!answer.text().contains("SECRET"));
        let lines = log.take();
        assert!(
            lines.iter().any(|line| line.contains("rule=status") && line.contains("pattern=/{status}")),
            "{lines:#?}"
        );
        client.get(&format!("/allowed/{status}")).unchecked().send().await.assert_status(status);
    }
    // The pattern's own 400 is declared by `Path`.
    client.get("/x").send().await.assert_status(400);
}
