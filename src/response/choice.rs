use actix_web::{HttpResponse, http::StatusCode};

use super::{Content, Declared, Replies, ReplyContext};
use crate::{endpoint::Output, problem::Problem};

impl<A: Replies, E: Replies> Replies for Result<A, E> {
    const DECLARED: Declared = Declared::Both(&A::DECLARED, &E::DECLARED);

    fn describe(outputs: &mut Vec<Output>) {
        A::describe(outputs);
        E::describe(outputs);
    }

    fn reply(self, context: &ReplyContext<'_>) -> Result<HttpResponse, Problem> {
        match self {
            Ok(reply) => reply.reply(context),
            Err(error) => error.reply(context),
        }
    }
}

/// `None` is 404.
impl<T: Replies> Replies for Option<T> {
    const DECLARED: Declared = Declared::Both(&T::DECLARED, &Declared::One(404, Content::Problem));

    fn describe(outputs: &mut Vec<Output>) {
        T::describe(outputs);
        outputs.push(Output::problem(404, "There is no such thing."));
    }

    fn reply(self, context: &ReplyContext<'_>) -> Result<HttpResponse, Problem> {
        match self {
            Some(reply) => reply.reply(context),
            None => Err(Problem::new(StatusCode::NOT_FOUND).code("not-found")),
        }
    }
}

/// One of several replies: `OneOf<(User, Accepted<Job>)>`.
///
/// ```
/// use actix_charter::response::{NoContent, NotModified, OneOf};
/// fn reply(changed: bool) -> OneOf<(NoContent, NotModified)> {
///     if changed { OneOf::first(NoContent) } else { OneOf::second(NotModified) }
/// }
/// ```
#[derive(Debug)]
pub struct OneOf<T: Union>(T::Value);

/// Tuples of replies that [`OneOf`] takes: two to five.
pub trait Union {
    /// One of them.
    type Value: Replies;
}

/// The reply at one place of a [`Union`].
pub trait Member<const AT: usize>: Union {
    /// The reply.
    type Reply: Replies;

    /// The reply as one of them.
    fn member(reply: Self::Reply) -> Self::Value;
}

macro_rules! members {
    ($($at:literal $method:ident),+) => {
        impl<T: Union> OneOf<T> {
            $(
                #[doc = concat!("The ", stringify!($method), " of them.")]
                pub fn $method(reply: <T as Member<$at>>::Reply) -> Self
                where
                    T: Member<$at>,
                {
                    Self(<T as Member<$at>>::member(reply))
                }
            )+
        }
    };
}

members!(0 first, 1 second, 2 third, 3 fourth, 4 fifth);

macro_rules! union {
    ($value:ident $all:tt: $($name:ident $at:literal),+; $declared:expr) => {
        #[doc(hidden)]
        #[derive(Debug)]
        pub enum $value<$($name),+> { $($name($name)),+ }

        impl<$($name: Replies),+> Union for ($($name,)+) {
            type Value = $value<$($name),+>;
        }

        impl<$($name: Replies),+> Replies for $value<$($name),+> {
            const DECLARED: Declared = $declared;

            fn describe(outputs: &mut Vec<Output>) {
                $($name::describe(outputs);)+
            }

            fn reply(self, context: &ReplyContext<'_>) -> Result<HttpResponse, Problem> {
                match self { $(Self::$name(reply) => reply.reply(context)),+ }
            }
        }

        $(union!(@member $value $all $name $at);)+
    };
    (@member $value:ident ($($all:ident)+) $name:ident $at:literal) => {
        impl<$($all: Replies),+> Member<$at> for ($($all,)+) {
            type Reply = $name;

            fn member(reply: $name) -> Self::Value {
                $value::$name(reply)
            }
        }
    };
}

union!(OneOf2 (A B): A 0, B 1; Declared::Both(&A::DECLARED, &B::DECLARED));
union!(OneOf3 (A B C): A 0, B 1, C 2;
    Declared::Both(&A::DECLARED, &Declared::Both(&B::DECLARED, &C::DECLARED)));
union!(OneOf4 (A B C D): A 0, B 1, C 2, D 3;
    Declared::Both(&Declared::Both(&A::DECLARED, &B::DECLARED), &Declared::Both(&C::DECLARED, &D::DECLARED)));
union!(OneOf5 (A B C D E): A 0, B 1, C 2, D 3, E 4;
    Declared::Both(&Declared::Both(&A::DECLARED, &B::DECLARED),
        &Declared::Both(&C::DECLARED, &Declared::Both(&D::DECLARED, &E::DECLARED))));

impl<T: Union> Replies for OneOf<T> {
    const DECLARED: Declared = T::Value::DECLARED;

    fn describe(outputs: &mut Vec<Output>) {
        T::Value::describe(outputs);
    }

    fn reply(self, context: &ReplyContext<'_>) -> Result<HttpResponse, Problem> {
        self.0.reply(context)
    }
}
