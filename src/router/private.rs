//! What `#[controller]` generates calls of.
//!
//! The bounds of an endpoint stand on one function, one bound an argument, so that a wrong type is one error on that
//! type and not a second one on the whole method.
#![allow(missing_docs, reason = "generated code calls it, nobody else")]
#![doc(hidden)]

use std::marker::PhantomData;

use actix_web::http::Method;

use super::Controller;
use crate::{
    endpoint::{Draft, Operation},
    request::{Argument, ArgumentKind, Body, Component, Cookies, Headers, Path, Query, ViaComponent},
    response::{Declared, Replies},
    security::Identity,
};

/// The macro has made sure that the name is a token.
#[must_use]
pub fn method(name: &str) -> Method {
    Method::from_bytes(name.as_bytes()).unwrap_or_default()
}

/// A return type, as a value.
#[derive(Debug)]
pub struct Reply<R>(PhantomData<fn() -> R>);

#[must_use]
pub const fn reply<R>() -> Reply<R> {
    Reply(PhantomData)
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

macro_rules! handle {
    ($name:ident $($arg:ident $via:ident)*) => {
        pub fn $name<C, F, R $(, $arg, $via)*>(draft: Draft, handler: F, _: Reply<R> $(, _: Taken<$arg, $via>)*) -> Operation<C>
        where
            C: Controller,
            F: AsyncFn(&C $(, $arg)*) -> R + Send + Sync + 'static,
            R: Replies + 'static,
            $($arg: Argument<$via>, $via: 'static,)*
        {
            draft.handle(handler)
        }
    };
}

handle!(handle0);
handle!(handle1 A1 V1);
handle!(handle2 A1 V1 A2 V2);
handle!(handle3 A1 V1 A2 V2 A3 V3);
handle!(handle4 A1 V1 A2 V2 A3 V3 A4 V4);
handle!(handle5 A1 V1 A2 V2 A3 V3 A4 V4 A5 V5);
handle!(handle6 A1 V1 A2 V2 A3 V3 A4 V4 A5 V5 A6 V6);
handle!(handle7 A1 V1 A2 V2 A3 V3 A4 V4 A5 V5 A6 V6 A7 V7);
handle!(handle8 A1 V1 A2 V2 A3 V3 A4 V4 A5 V5 A6 V6 A7 V7 A8 V8);
handle!(handle9 A1 V1 A2 V2 A3 V3 A4 V4 A5 V5 A6 V6 A7 V7 A8 V8 A9 V9);
handle!(handle10 A1 V1 A2 V2 A3 V3 A4 V4 A5 V5 A6 V6 A7 V7 A8 V8 A9 V9 A10 V10);
