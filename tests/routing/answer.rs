use actix_http::Request;
use actix_web::{
    body::{MessageBody, to_bytes},
    dev::{Service, ServiceResponse},
    http::header::HeaderMap,
    test::TestRequest,
};
use serde_json::Value;

/// What an application answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    #[track_caller]
    pub fn is(&self, status: u16, body: &str) {
        assert_eq!((self.status, self.body.as_str()), (status, body));
    }

    /// That it is a problem of RFC 9457 with this code; the problem.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{}", self.body);
        let problem: Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!((&problem["status"], &problem["code"]), (&Value::from(status), &Value::from(code)));
        problem
    }
}

/// Sends a request. An error of the service becomes an answer, as in the server.
pub async fn ask<S, B>(app: &S, request: TestRequest) -> Answer
where
    S: Service<Request, Response = ServiceResponse<B>, Error = actix_web::Error>,
    B: MessageBody + 'static,
{
    let response = match app.call(request.to_request()).await {
        Ok(response) => response.into_parts().1.map_into_boxed_body(),
        Err(error) => error.error_response(),
    };
    let (head, body) = response.into_parts();
    let body = to_bytes(body).await.unwrap_or_default();
    Answer {
        status: head.status().as_u16(),
        headers: head.headers().clone(),
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

pub fn get(uri: &str) -> TestRequest {
    TestRequest::get().uri(uri)
}

pub fn method(name: &str, uri: &str) -> TestRequest {
    TestRequest::default().method(name.parse().unwrap()).uri(uri)
}

/// The application, ready to be asked, around these services.
#[macro_export]
macro_rules! app {
    ($($service:expr),+ $(,)?) => {
        actix_web::test::init_service(actix_web::App::new()$(.service($service))+).await
    };
}
