//! Which layer's error model counts, and in which order hooks see a problem.

use actix_charter::{
    prelude::*,
    problem::{CompactDetail, Problem, ProblemDetails},
    testing::TestClient,
};
use actix_web::{HttpRequest, http::StatusCode};
use serde_json::{Value, json};

fn endpoint(problem: Problem, _: &HttpRequest) -> Problem {
    let code = format!("{} endpoint", problem.get_code().unwrap_or("none"));
    problem.code(code)
}

fn controller(problem: Problem, _: &HttpRequest) -> Problem {
    let code = format!("{} controller", problem.get_code().unwrap_or("none"));
    problem.code(code)
}

fn router(problem: Problem, _: &HttpRequest) -> Problem {
    let code = format!("{} router", problem.get_code().unwrap_or("none"));
    problem.code(code)
}

fn application(problem: Problem, request: &HttpRequest) -> Problem {
    let code = format!("{} application", problem.get_code().unwrap_or("none"));
    problem.code(code).extension("path", request.path())
}

struct Layered;

#[controller(path = "/in", on_error = controller)]
impl Layered {
    #[get("/endpoint", on_error = endpoint, error_model = ProblemDetails)]
    async fn endpoint(&self) -> Option<u8> {
        None
    }

    #[get("/controller")]
    async fn controller(&self) -> Option<u8> {
        None
    }
}

struct Bare;

#[controller(path = "/bare", error_model = CompactDetail)]
impl Bare {
    #[get]
    async fn bare(&self) -> Option<u8> {
        None
    }
}

async fn client() -> TestClient {
    let outer = Options::new().on_error(application).error_model(CompactDetail);
    let api = Router::new("/api")
        .application(&outer)
        .options(Options::new().on_error(router))
        .controller(Layered)
        .nest(Router::new("/v2").options(Options::new().error_model(ProblemDetails)).controller(Bare));
    crate::roas::client(api).await
}

#[actix_web::test]
async fn hooks_see_it_from_the_inside_out_and_models_do_not_add_up() {
    let client = client().await;
    let answer = client.get("/api/in/endpoint").send().await;
    answer.assert_status(404).assert_content_type("application/problem+json").assert_json(&json!({
        "title": "Not Found", "status": 404, "code": "not-found endpoint controller router application",
        "path": "/api/in/endpoint",
    }));
    let answer = client.get("/api/in/controller").send().await;
    answer.assert_content_type("application/json").assert_json(
        &json!({"detail": [{"msg": "Not Found", "type": "not-found controller router application"}]}),
    );
}

#[actix_web::test]
async fn a_nested_router_speaks_for_itself() {
    let client = client().await;
    // The controller's own model, below a router with another, below an application with a third.
    let answer = client.get("/api/v2/bare").send().await;
    answer.assert_content_type("application/json");
    assert_eq!(answer.json::<Value>()["detail"][0]["type"], "not-found router application");
    // What no controller answers: the router whose path it lies below.
    client
        .get("/api/v2/nowhere")
        .send()
        .await
        .assert_status(404)
        .assert_content_type("application/problem+json");
    client.get("/api/nowhere").send().await.assert_status(404).assert_content_type("application/json");
    client
        .delete("/api/v2/bare")
        .send()
        .await
        .assert_status(405)
        .assert_content_type("application/problem+json");
    client.delete("/api/in/endpoint").send().await.assert_status(405).assert_content_type("application/json");
}

#[actix_web::test]
async fn a_hook_may_replace_the_whole_problem() {
    fn hide(problem: Problem, _: &HttpRequest) -> Problem {
        match problem.status() {
            StatusCode::FORBIDDEN => Problem::new(StatusCode::NOT_FOUND).code("not-found"),
            _ => problem,
        }
    }

    struct Secrets;

    #[controller(on_error = hide)]
    impl Secrets {
        #[get("/secret", declares(404))]
        async fn secret(&self) -> Result<u8, Forbidden> {
            Err(Forbidden::because("it is there"))
        }
    }

    let client = crate::roas::client(Router::new("").controller(Secrets)).await;
    let answer = client.get("/secret").send().await;
    answer.assert_status(404).assert_json(&json!({"title": "Not Found", "status": 404, "code": "not-found"}));
}
