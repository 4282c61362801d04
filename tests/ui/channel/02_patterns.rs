use actix_charter::prelude::*;

macro_rules! channels {
    ($($name:ident)+) => {$( struct $name; )+};
}
channels!(Empty Open Close Adjacent Doubled Named Blank Tail TailRegex);

#[channel("")]
impl Empty {
    #[subscribe]
    async fn enter(&self) {}
}

#[channel("room:{id")]
impl Open {
    #[subscribe]
    async fn enter(&self) {}
}

#[channel("room:id}")]
impl Close {
    #[subscribe]
    async fn enter(&self) {}
}

#[channel("room:{a}{b}")]
impl Adjacent {
    #[subscribe]
    async fn enter(&self) {}
}

#[channel("room:{a}:{a}")]
impl Doubled {
    #[subscribe]
    async fn enter(&self) {}
}

#[channel("room:{a-b}")]
impl Named {
    #[subscribe]
    async fn enter(&self) {}
}

#[channel("röom 7")]
impl Blank {
    #[subscribe]
    async fn enter(&self) {}
}

#[channel("room:{all}*:x")]
impl Tail {
    #[subscribe]
    async fn enter(&self) {}
}

#[channel("room:{all:[0-9]+}*")]
impl TailRegex {
    #[subscribe]
    async fn enter(&self) {}
}

fn main() {}
