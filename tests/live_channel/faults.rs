use std::time::Duration;

use actix_charter::{
    endpoint::Output,
    live::{Channel, ChannelCharter, ChannelLayer, LiveOperation, RecoveryMode},
    prelude::*,
};
use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Deserialize, JsonSchema, Model)]
struct Page {
    #[allow(dead_code, reason = "only its schema counts")]
    page: u32,
}

macro_rules! by_hand {
    ($name:ident, $pattern:expr $(, $operation:expr)* $(,)?) => {
        struct $name;
        impl Channel for $name {
            fn charter() -> ChannelCharter<Self> {
                ChannelCharter::new($pattern)$(.operation($operation))*
            }
        }
    };
}

fn faults(live: &Live) -> Vec<String> {
    live.check().unwrap_err().iter().map(str::to_owned).collect()
}

#[test]
fn everything_is_told_at_once() {
    by_hand!(
        Wrong,
        "a:{x}{x}}",
        LiveOperation::subscribe().handle(async |_: &Self, _: Query<Page>| {}),
        LiveOperation::subscribe().handle(async |_: &Self| SeeOther::to("/")),
        LiveOperation::publish().error("x", 7).handle(async |_: &Self| NoContent),
        LiveOperation::rpc("a/b").handle(async |_: &Self| Text("no JSON".to_owned())),
        LiveOperation::rpc("c")
            .declares(Output::problem(404, "No."))
            .handle(async |_: &Self, _: Body<u32>, _: Body<u32>| 1_u32),
        LiveOperation::rpc("d").handle(async |_: &Self| actix_web::HttpResponse::Ok().finish()),
    );
    by_hand!(Silent, "b");
    let live = Live::new()
        .options(ChannelLayer::new().recovery(RecoveryMode::Stream))
        .namespace("c:d", ChannelLayer::new())
        .namespace("e", ChannelLayer::new())
        .namespace("e", ChannelLayer::new())
        .error("y", 400)
        .error("y", 2000)
        .personal("user")
        .channel(Wrong)
        .channel(Silent);
    insta::assert_snapshot!(live.check().unwrap_err());
}

#[test]
fn names_that_cannot_be_told_apart_are_told() {
    by_hand!(A, "a:{x}", LiveOperation::subscribe().handle(async |_: &Self| {}));
    by_hand!(B, "a:{y}", LiveOperation::subscribe().handle(async |_: &Self| {}));
    by_hand!(C, "a:{y:[0-9]+}", LiveOperation::subscribe().handle(async |_: &Self| {}));
    by_hand!(D, "a:b", LiveOperation::subscribe().handle(async |_: &Self| {}));
    assert_eq!(faults(&Live::new().channel(A).channel(A)), ["the channel `a:{x}` is declared twice"]);
    let doubled = "the channels `a:{x}` and `a:{y}` have the same names: a name cannot tell them apart";
    assert_eq!(faults(&Live::new().channel(A).channel(B)), [doubled]);
    assert_eq!(faults(&Live::new().channel(A).personal("a:{y}")), [doubled]);
    // A literal comes first, then what has a regex.
    Live::new().channel(A).channel(C).channel(D).check().unwrap();
}

#[test]
fn options_that_do_not_go_together_are_told() {
    let layer = |layer: ChannelLayer| layer.resolve().unwrap_err();
    let new = ChannelLayer::new;
    assert_eq!(layer(new().history(1, Duration::ZERO)).len(), 1);
    assert_eq!(layer(new().recovery(RecoveryMode::Cache).delta(true)).len(), 2);
    assert_eq!(layer(new().history_for_clients(true).presence_for_clients(true)).len(), 2);
    assert!(new().history_for_clients(false).presence_for_clients(false).resolve().is_ok());
}
