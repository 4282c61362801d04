//! What `#[controller]` generates calls of.
//!
//! The bounds of an endpoint stand on one function, one bound an argument, so that a wrong type is one error on that
//! type and not a second one on the whole method.
#![allow(missing_docs, reason = "generated code calls it, nobody else")]
#![doc(hidden)]

use std::marker::PhantomData;

use actix_web::http::Method;
use serde::Serialize;

use super::Controller;
use crate::{
    endpoint::{Draft, Operation},
    model::Model,
    request::{Argument, ArgumentKind, Body, Component, Cookies, Headers, Path, Query, ViaComponent},
    response::{Accepted, Created, Declared, Replies, Status},
    security::Identity,
};

/// The macro has made sure that the name is a token.
#[must_use]
pub fn method(name: &str) -> Method {
    Method::from_bytes(name.as_bytes()).unwrap_or_default()
}

/// A return type and the way it is looked at, as a value.
#[derive(Debug)]
pub struct Given<R, Via>(PhantomData<fn() -> (R, Via)>);

/// Asks for the way that a return type is looked at: `Answer::<R>::new().reply()`.
#[derive(Debug)]
pub struct Answer<R>(PhantomData<fn() -> R>);

impl<R> Answer<R> {
    #[must_use]
    #[allow(clippy::new_without_default, reason = "nobody else calls it")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

/// A reply. `Via` leads the compiler inside of it, so that it says which part is wrong.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say which answers it can be",
    label = "not a declared answer",
    note = "return a model (`#[derive(Serialize, JsonSchema, Model)]`), `Created<T>`, `NoContent`, `Option<T>`, `Result<T, E>`, \
            or an enum with `#[derive(Replies)]`; for `HttpResponse`, add `declares(200: User, 404)` to the endpoint's attribute"
)]
pub trait Gives<Via>: Replies {}

#[derive(Debug)]
pub struct Whole(());
#[diagnostic::do_not_recommend]
impl<T: Replies> Gives<Whole> for T {}

pub trait Otherwise<R>: Sized {
    #[must_use]
    fn reply(self) -> Given<R, Whole> {
        Given(PhantomData)
    }
}
impl<R> Otherwise<R> for Answer<R> {}

/// What the body of an answer needs, as one thing.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the body of an answer",
    label = "needs `#[derive(Serialize, JsonSchema, Model)]`"
)]
pub trait Sent: Model + Serialize {}
#[diagnostic::do_not_recommend]
impl<T: Model + Serialize> Sent for T {}

#[derive(Debug)]
pub struct Inside(());

macro_rules! inside {
    ($($ty:ty, [$($generics:tt)*], [$($needs:tt)*];)+) => {$(
        impl<$($generics)*> Gives<Inside> for $ty where $($needs)* {}

        impl<$($generics)*> Answer<$ty> {
            #[must_use]
            pub const fn reply(self) -> Given<$ty, Inside> {
                Given(PhantomData)
            }
        }
    )+};
}

inside! {
    Result<A, E>, [A, E], [A: Replies, E: Replies];
    Option<T>, [T], [T: Replies];
    Vec<T>, [T], [T: Sent];
    Created<T>, [T], [T: Sent];
    Accepted<T>, [T], [T: Sent];
    Status<CODE, T>, [const CODE: u16, T], [T: Sent];
}

/// An argument's type and the way it is read, as a value.
#[derive(Debug)]
pub struct Taken<A, Via>(PhantomData<fn() -> (A, Via)>);

/// Asks for the way that an argument is read: `Ask::<A>::new().argument()`.
#[derive(Debug)]
pub struct Ask<A>(PhantomData<fn() -> A>);

impl<A> Ask<A> {
    #[must_use]
    #[allow(clippy::new_without_default, reason = "nobody else calls it")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

/// Our own components, whatever is inside: so that the compiler says what is wrong with that.
pub trait Ours {}

macro_rules! ours {
    ($($name:ident)+) => {$( impl<T> Ours for $name<T> {} )+};
}
ours!(Body Query Path Headers Cookies Identity);
#[cfg(feature = "multipart")]
impl<T> Ours for crate::request::Multipart<T> {}
impl<T: Ours> Ours for Option<T> {}

impl<A: Ours> Ask<A> {
    #[must_use]
    pub const fn argument(self) -> Taken<A, ViaComponent> {
        Taken(PhantomData)
    }
}

/// What is not ours: a component of the user's own, or an Actix extractor. The compiler finds out which.
pub trait Theirs<A>: Sized {
    #[must_use]
    fn argument<Via>(self) -> Taken<A, Via> {
        Taken(PhantomData)
    }
}

impl<A> Theirs<A> for Ask<A> {}

/// What the checks look at. Neither a component nor a reply gets the trait's constants, and its error elsewhere.
#[derive(Debug)]
pub struct Look<T>(PhantomData<T>);

impl<T: Component> Look<T> {
    pub const KIND: ArgumentKind = T::KIND;
}

impl<T: Replies> Look<T> {
    pub const DECLARED: Declared = T::DECLARED;
}

pub trait Unseen {
    const KIND: ArgumentKind = ArgumentKind::Other;
    const DECLARED: Declared = Declared::All(&[]);
}

impl<T> Unseen for Look<T> {}

// The bounds come from where the macro is called: the compiler shows them when one does not hold. The handler comes last,
// so that the way of each argument is known before the handler asks for it.
macro_rules! handle {
    ($name:ident($reply:ident $given:ident: $($gives:tt)+) $(($arg:ident $via:ident: $($argument:tt)+))*) => {
        #[allow(clippy::too_many_arguments, reason = "one a bound")]
        pub fn $name<C, F, $reply, $given $(, $arg, $via)*>(
            draft: Draft,
            _: Given<$reply, $given>,
            $(_: Taken<$arg, $via>,)*
            handler: F,
        ) -> Operation<C>
        where
            C: Controller,
            $reply: $($gives)+ + 'static,
            $($arg: $($argument)+, $via: 'static,)*
            F: AsyncFn(&C $(, $arg)*) -> $reply + Send + Sync + 'static,
        {
            draft.handle(handler)
        }
    };
}

handle!(handle0(R G: Gives<G>));
handle!(handle1(R G: Gives<G>) (A1 V1: Argument<V1>));
handle!(handle2(R G: Gives<G>) (A1 V1: Argument<V1>) (A2 V2: Argument<V2>));
handle!(handle3(R G: Gives<G>) (A1 V1: Argument<V1>) (A2 V2: Argument<V2>) (A3 V3: Argument<V3>));
handle!(handle4(R G: Gives<G>) (A1 V1: Argument<V1>) (A2 V2: Argument<V2>) (A3 V3: Argument<V3>) (A4 V4: Argument<V4>));
handle!(handle5(R G: Gives<G>) (A1 V1: Argument<V1>) (A2 V2: Argument<V2>) (A3 V3: Argument<V3>) (A4 V4: Argument<V4>) (A5 V5: Argument<V5>));
handle!(handle6(R G: Gives<G>) (A1 V1: Argument<V1>) (A2 V2: Argument<V2>) (A3 V3: Argument<V3>) (A4 V4: Argument<V4>) (A5 V5: Argument<V5>) (A6 V6: Argument<V6>));
handle!(handle7(R G: Gives<G>) (A1 V1: Argument<V1>) (A2 V2: Argument<V2>) (A3 V3: Argument<V3>) (A4 V4: Argument<V4>) (A5 V5: Argument<V5>) (A6 V6: Argument<V6>) (A7 V7: Argument<V7>));
handle!(handle8(R G: Gives<G>) (A1 V1: Argument<V1>) (A2 V2: Argument<V2>) (A3 V3: Argument<V3>) (A4 V4: Argument<V4>) (A5 V5: Argument<V5>) (A6 V6: Argument<V6>) (A7 V7: Argument<V7>) (A8 V8: Argument<V8>));
handle!(handle9(R G: Gives<G>) (A1 V1: Argument<V1>) (A2 V2: Argument<V2>) (A3 V3: Argument<V3>) (A4 V4: Argument<V4>) (A5 V5: Argument<V5>) (A6 V6: Argument<V6>) (A7 V7: Argument<V7>) (A8 V8: Argument<V8>) (A9 V9: Argument<V9>));
handle!(handle10(R G: Gives<G>) (A1 V1: Argument<V1>) (A2 V2: Argument<V2>) (A3 V3: Argument<V3>) (A4 V4: Argument<V4>) (A5 V5: Argument<V5>) (A6 V6: Argument<V6>) (A7 V7: Argument<V7>) (A8 V8: Argument<V8>) (A9 V9: Argument<V9>) (A10 V10: Argument<V10>));
