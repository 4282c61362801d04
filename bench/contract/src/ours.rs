//! The same work, written with the crate.

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
        Created::at(format!("/api/orders/{CREATED}"), order.into_inner())
    }

    #[get("/stock/{id}")]
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
    App::new().service(Router::new("/api").controller(Orders))
}

/// As many operations as there is to be routes; declared by hand, since they are counted at run time.
struct Rows<const SIZE: usize>;

impl<const SIZE: usize> Rows<SIZE> {
    async fn show(&self, id: Path<u32>) -> Stock {
        stock(id.into_inner())
    }
}

impl<const SIZE: usize> Controller for Rows<SIZE> {
    fn charter() -> Charter<Self> {
        (0..SIZE).fold(Charter::new("Rows"), |charter, i| {
            charter
                .operation(Operation::get(format!("/r{i}/{{id}}")).name(format!("row{i}")).handle(Self::show))
        })
    }
}

/// A table of `size` routes in one router.
///
/// # Panics
/// For a size that is not measured.
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
    let router = Router::new("/api");
    App::new().service(match size {
        5 => router.controller(Rows::<5>),
        100 => router.controller(Rows::<100>),
        1000 => router.controller(Rows::<1000>),
        _ => panic!("5, 100 or 1000 routes"),
    })
}
