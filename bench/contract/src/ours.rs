//! The same work, written with the crate. Only compiled with the feature `ours`.
//!
//! Written against the names of the design before they existed: fit it to the crate once its router and macros are there.
//! The paths, the statuses and the `Location` header are what the driver checks; `case.rs` has them.

use actix_charter::prelude::*;
use actix_web::{
    App, Error,
    body::MessageBody,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
};
use bench_model::{CREATED, NewOrder, Stock, stock};

struct Orders;

#[controller]
impl Orders {
    #[post("/orders")]
    async fn create(&self, order: Body<NewOrder>) -> Created<NewOrder> {
        Created::new(order.into_inner()).location(format!("/orders/{CREATED}"))
    }

    #[get("/stock/{id}")]
    async fn show(&self, id: Path<u32>) -> Stock {
        stock(id.into_inner())
    }
}

struct Row;

#[controller]
impl Row {
    #[get("/{id}", operation_id = none)]
    async fn show(&self, id: Path<u32>) -> Stock {
        stock(id.into_inner())
    }
}

/// Orders and stock, with the response contract checked as it is by default.
pub fn endpoints() -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    App::new().service(Router::new("").controller(Orders))
}

/// A table of `size` routes in one router.
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
    let router = (0..size)
        .fold(Router::new(""), |router, i| router.nest(Router::new(format!("/r{i}")).controller(Row)));
    App::new().service(router)
}
