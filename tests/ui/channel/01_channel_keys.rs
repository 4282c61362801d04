use actix_charter::prelude::*;

struct NoName;
#[channel(presence)]
impl NoName {
    #[subscribe]
    async fn enter(&self) {}
}

struct NoArguments;
#[channel]
impl NoArguments {
    #[subscribe]
    async fn enter(&self) {}
}

struct Keys;
#[channel(
    "keys",
    presnce,
    presence,
    presence,
    declares(404),
    summary = "Keys",
    security = Session,
    colour = "red",
    name = 7,
    tag = 7,
    hidden = true
)]
impl Keys {
    #[subscribe]
    async fn enter(&self) {}
}

struct Values;
#[channel(
    "values",
    history,
    recover = sometimes,
    presence(client),
    join_leave = "yes",
    leave_delay = 15,
    meta_ttl = "a while",
    delta(true),
    slow,
    data_limit = "much",
    error("full")
)]
impl Values {
    #[subscribe]
    async fn enter(&self) {}
}

struct More;
#[channel(
    "more",
    history(size = 0, ttl = "1h"),
    recover(cache),
    slow = quickly,
    error("low" = 399),
    error("high" = 2000)
)]
impl More {
    #[subscribe]
    async fn enter(&self) {}
}

struct History;
#[channel("h", history(size = 10))]
impl History {
    #[subscribe]
    async fn enter(&self) {}
}

struct HistoryKeys;
#[channel("hk", history(size = 10, ttl = "1h", age = 7))]
impl HistoryKeys {
    #[subscribe]
    async fn enter(&self) {}
}

struct HistoryOn;
#[channel("ho", history = true)]
impl HistoryOn {
    #[subscribe]
    async fn enter(&self) {}
}

struct HistoryWord;
#[channel("hw", history = 10)]
impl HistoryWord {
    #[subscribe]
    async fn enter(&self) {}
}

fn main() {}
