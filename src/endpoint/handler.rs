use std::future::Future;

use super::OperationSpec;
use crate::{
    problem::Faults,
    request::{Argument, Call, Refusal},
    response::{Declared, Replies},
};

/// A function that can handle an operation of a controller `C`: it takes `&C` and up to ten arguments, and returns
/// something that [`Replies`].
///
/// Implemented for every async function and closure of that form. `Args`, `Via` and `R` are inferred.
#[diagnostic::on_unimplemented(
    message = "this function cannot handle an operation of `{C}`",
    label = "needs the form `async fn(&{C}, arguments ..) -> reply`",
    note = "each argument must be a component (`Body<T>`, `Path<T>`, ..) or an Actix extractor, at most ten of them",
    note = "the return type must implement `Replies`"
)]
pub trait Handler<C, Args, Via, R>: Send + Sync + 'static {
    /// The answers that it can give.
    const DECLARED: Declared;

    /// Adds what the arguments read and what the return type can answer.
    fn describe(spec: &mut OperationSpec);

    /// Reads the arguments, all of them, and calls the function when nothing is wrong.
    fn handle<'a>(
        &'a self,
        controller: &'a C,
        call: &'a mut Call,
    ) -> impl Future<Output = Result<R, Refusal>> + 'a;
}

macro_rules! handler {
    ($($arg:ident $via:ident $value:ident),*) => {
        impl<C: 'static, F, R, $($arg, $via),*> Handler<C, ($($arg,)*), ($($via,)*), R> for F
        where
            F: AsyncFn(&C $(, $arg)*) -> R + Send + Sync + 'static,
            R: Replies + 'static,
            $($arg: Argument<$via>, $via: 'static,)*
        {
            const DECLARED: Declared = R::DECLARED;

            fn describe(spec: &mut OperationSpec) {
                $($arg::describe(spec);)*
                R::describe(&mut spec.outputs);
            }

            #[allow(unused_variables, unused_mut, reason = "a handler without arguments uses none of them")]
            async fn handle<'a>(&'a self, controller: &'a C, call: &'a mut Call) -> Result<R, Refusal> {
                $(let $value = $arg::extract(call).await;)*
                match ($($value,)*) {
                    ($(Ok($value),)*) => Ok(self(controller $(, $value)*).await),
                    #[allow(unreachable_patterns, reason = "a handler without arguments cannot fail here")]
                    ($($value,)*) => {
                        let mut all = Gathered::default();
                        $(all.add($value);)*
                        Err(all.into_refusal())
                    }
                }
            }
        }
    };
}

handler!();
handler!(A1 V1 a1);
handler!(A1 V1 a1, A2 V2 a2);
handler!(A1 V1 a1, A2 V2 a2, A3 V3 a3);
handler!(A1 V1 a1, A2 V2 a2, A3 V3 a3, A4 V4 a4);
handler!(A1 V1 a1, A2 V2 a2, A3 V3 a3, A4 V4 a4, A5 V5 a5);
handler!(A1 V1 a1, A2 V2 a2, A3 V3 a3, A4 V4 a4, A5 V5 a5, A6 V6 a6);
handler!(A1 V1 a1, A2 V2 a2, A3 V3 a3, A4 V4 a4, A5 V5 a5, A6 V6 a6, A7 V7 a7);
handler!(A1 V1 a1, A2 V2 a2, A3 V3 a3, A4 V4 a4, A5 V5 a5, A6 V6 a6, A7 V7 a7, A8 V8 a8);
handler!(A1 V1 a1, A2 V2 a2, A3 V3 a3, A4 V4 a4, A5 V5 a5, A6 V6 a6, A7 V7 a7, A8 V8 a8, A9 V9 a9);
handler!(A1 V1 a1, A2 V2 a2, A3 V3 a3, A4 V4 a4, A5 V5 a5, A6 V6 a6, A7 V7 a7, A8 V8 a8, A9 V9 a9, A10 V10 a10);

/// What went wrong over all arguments. A problem wins over faults, and the first problem over later ones.
#[derive(Default)]
struct Gathered {
    faults: Faults,
    other: Option<Refusal>,
}

impl Gathered {
    fn add<T>(&mut self, result: Result<T, Refusal>) {
        match result {
            Ok(_) => {}
            Err(Refusal::Faults(faults)) => self.faults.append(faults),
            Err(other) => {
                self.other.get_or_insert(other);
            }
        }
    }

    fn into_refusal(self) -> Refusal {
        match self.other {
            // An Actix extractor often fails for the same reason that a component names better.
            Some(Refusal::Actix(_)) if !self.faults.is_empty() => Refusal::Faults(self.faults),
            Some(other) => other,
            None => Refusal::Faults(self.faults),
        }
    }
}
