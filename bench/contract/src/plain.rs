//! The same work by hand: plain Actix, serde_json and validator, as a careful person would write it.

use actix_web::{
    App, Error, HttpResponse,
    body::MessageBody,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        Method,
        header::{ALLOW, LOCATION},
    },
    web,
};
use bench_model::{CREATED, NewOrder, stock};
use serde::Serialize;
use validator::Validate;

/// Errors are JSON on every side; by hand that is a struct and a line per place.
#[derive(Serialize)]
struct Refusal<'a> {
    title: &'a str,
    status: u16,
}

async fn create(order: web::Json<NewOrder>) -> HttpResponse {
    let order = order.into_inner();
    if let Err(faults) = order.validate() {
        return HttpResponse::BadRequest().json(faults);
    }
    HttpResponse::Created().insert_header((LOCATION, format!("/api/orders/{CREATED}"))).json(order)
}

async fn show(id: web::Path<u32>) -> HttpResponse {
    HttpResponse::Ok().json(stock(id.into_inner()))
}

async fn not_found() -> HttpResponse {
    HttpResponse::NotFound().json(Refusal { title: "Not Found", status: 404 })
}

async fn method_not_allowed() -> HttpResponse {
    HttpResponse::MethodNotAllowed()
        .insert_header((ALLOW, Method::GET.as_str()))
        .json(Refusal { title: "Method Not Allowed", status: 405 })
}

/// Orders and stock.
pub fn endpoints() -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    let json = web::JsonConfig::default().error_handler(|error, _| {
        let refusal = HttpResponse::BadRequest().json(Refusal { title: "Bad Request", status: 400 });
        InternalError::from_response(error, refusal).into()
    });
    App::new()
        .app_data(json)
        .service(web::resource("/api/orders").route(web::post().to(create)))
        .service(web::resource("/api/stock/{id}").route(web::get().to(show)))
        .default_service(web::to(not_found))
}

/// A table of `size` routes.
pub fn table(
    size: usize,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    let mut app = App::new();
    for i in 0..size {
        app = app.service(
            web::resource(format!("/api/r{i}/{{id}}"))
                .route(web::get().to(show))
                .default_service(web::to(method_not_allowed)),
        );
    }
    app.default_service(web::to(not_found))
}
