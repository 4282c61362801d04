//! What `#[channel]` generates calls of, beside [what `#[controller]` does](crate::router::private).
#![allow(missing_docs, reason = "generated code calls it, nobody else")]
#![doc(hidden)]

use super::{Channel, LiveDraft, LiveOperation};
use crate::{
    request::Argument,
    router::private::{Given, Gives, Taken},
};

macro_rules! live {
    ($name:ident($reply:ident $given:ident: $($gives:tt)+) $(($arg:ident $via:ident: $($argument:tt)+))*) => {
        #[allow(clippy::too_many_arguments, reason = "one a bound")]
        pub fn $name<C, F, $reply, $given $(, $arg, $via)*>(
            draft: LiveDraft,
            _: Given<$reply, $given>,
            $(_: Taken<$arg, $via>,)*
            handler: F,
        ) -> LiveOperation<C>
        where
            C: Channel,
            $reply: $($gives)+ + 'static,
            $($arg: $($argument)+, $via: 'static,)*
            F: AsyncFn(&C $(, $arg)*) -> $reply + Send + Sync + 'static,
        {
            draft.handle(handler)
        }
    };
}

live!(live0(R G: Gives<G>));
live!(live1(R G: Gives<G>) (A1 V1: Argument<V1>));
live!(live2(R G: Gives<G>) (A1 V1: Argument<V1>) (A2 V2: Argument<V2>));
live!(live3(R G: Gives<G>) (A1 V1: Argument<V1>) (A2 V2: Argument<V2>) (A3 V3: Argument<V3>));
live!(live4(R G: Gives<G>) (A1 V1: Argument<V1>) (A2 V2: Argument<V2>) (A3 V3: Argument<V3>) (A4 V4: Argument<V4>));
live!(live5(R G: Gives<G>) (A1 V1: Argument<V1>) (A2 V2: Argument<V2>) (A3 V3: Argument<V3>) (A4 V4: Argument<V4>) (A5 V5: Argument<V5>));
live!(live6(R G: Gives<G>) (A1 V1: Argument<V1>) (A2 V2: Argument<V2>) (A3 V3: Argument<V3>) (A4 V4: Argument<V4>) (A5 V5: Argument<V5>) (A6 V6: Argument<V6>));
live!(live7(R G: Gives<G>) (A1 V1: Argument<V1>) (A2 V2: Argument<V2>) (A3 V3: Argument<V3>) (A4 V4: Argument<V4>) (A5 V5: Argument<V5>) (A6 V6: Argument<V6>) (A7 V7: Argument<V7>));
live!(live8(R G: Gives<G>) (A1 V1: Argument<V1>) (A2 V2: Argument<V2>) (A3 V3: Argument<V3>) (A4 V4: Argument<V4>) (A5 V5: Argument<V5>) (A6 V6: Argument<V6>) (A7 V7: Argument<V7>) (A8 V8: Argument<V8>));
live!(live9(R G: Gives<G>) (A1 V1: Argument<V1>) (A2 V2: Argument<V2>) (A3 V3: Argument<V3>) (A4 V4: Argument<V4>) (A5 V5: Argument<V5>) (A6 V6: Argument<V6>) (A7 V7: Argument<V7>) (A8 V8: Argument<V8>) (A9 V9: Argument<V9>));
live!(live10(R G: Gives<G>) (A1 V1: Argument<V1>) (A2 V2: Argument<V2>) (A3 V3: Argument<V3>) (A4 V4: Argument<V4>) (A5 V5: Argument<V5>) (A6 V6: Argument<V6>) (A7 V7: Argument<V7>) (A8 V8: Argument<V8>) (A9 V9: Argument<V9>) (A10 V10: Argument<V10>));
