use actix_web::{HttpResponse, http::StatusCode};
use serde::Serialize;

use super::{Content, Declared, Replies, ReplyContext};
use crate::{
    endpoint::{Output, OutputContent},
    model::{Model, SchemaOf, TypeName},
    problem::Problem,
};

/// A bare model: 201 for POST, 200 for all others.
#[diagnostic::do_not_recommend]
impl<T: Model + Serialize> Replies for T {
    const DECLARED: Declared = Declared::One(0, Content::Model(TypeName::of::<T>()));

    fn describe(outputs: &mut Vec<Output>) {
        outputs.push(Output::new(None, OutputContent::Model(SchemaOf::of::<T>())));
    }

    fn reply(self, context: &ReplyContext<'_>) -> Result<HttpResponse, Problem> {
        context.model(context.default_status(), &self)
    }
}

/// A model with a status of your own: `Status<206, Part>`.
///
/// ```
/// use actix_charter::{prelude::*, response::Status};
/// # #[derive(serde::Serialize, schemars::JsonSchema, Model)]
/// # struct Part;
/// async fn part() -> Status<206, Part> {
///     Status(Part)
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status<const CODE: u16, T>(pub T);

impl<const CODE: u16, T: Model + Serialize> Replies for Status<CODE, T> {
    const DECLARED: Declared = Declared::One(CODE, Content::Model(TypeName::of::<T>()));

    fn describe(outputs: &mut Vec<Output>) {
        outputs.push(Output::new(Some(CODE), OutputContent::Model(SchemaOf::of::<T>())));
    }

    fn reply(self, context: &ReplyContext<'_>) -> Result<HttpResponse, Problem> {
        context.model(StatusCode::from_u16(CODE).unwrap_or(StatusCode::OK), &self.0)
    }
}

/// 202: taken, not done yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted<T>(pub T);

impl<T: Model + Serialize> Replies for Accepted<T> {
    const DECLARED: Declared = Declared::One(202, Content::Model(TypeName::of::<T>()));

    fn describe(outputs: &mut Vec<Output>) {
        outputs.push(Output::new(Some(202), OutputContent::Model(SchemaOf::of::<T>())));
    }

    fn reply(self, context: &ReplyContext<'_>) -> Result<HttpResponse, Problem> {
        context.model(StatusCode::ACCEPTED, &self.0)
    }
}
