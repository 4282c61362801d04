use std::time::{Duration, SystemTime};

use actix_charter::{
    live::{Broadcast, ChannelLayer, RecoveryMode, Subscription},
    prelude::*,
};

use crate::fixture::{nobody, probe, told, user};

const END: SystemTime = SystemTime::UNIX_EPOCH;

struct Trials;

#[channel("trial:{kind}", history(size = 5, ttl = "1m"), recover)]
impl Trials {
    #[subscribe(declares(403))]
    async fn enter(&self, Path(kind): Path<String>) -> Result<Subscription<Option<Vec<u8>>>, Problem> {
        let granted = Subscription::new(Some(vec![1]));
        Ok(match kind.as_str() {
            "all" => granted
                .info(&("ann", 7))
                .expires_at(END + Duration::from_secs(9))
                .options(ChannelLayer::new().presence(true)),
            "broken" => granted.options(ChannelLayer::new().no_history()),
            "none" => Subscription::new(None),
            "unwritable" => granted.info(&std::collections::HashMap::from([((1, 2), 3)])),
            _ => return Err(Problem::new(actix_web::http::StatusCode::FORBIDDEN)),
        })
    }

    #[publish]
    async fn say(&self, Body(data): Body<Vec<u8>>) -> Option<Broadcast<Vec<u8>>> {
        (!data.is_empty()).then(|| Broadcast::new(data))
    }
}

#[actix_web::test]
async fn a_subscription_has_an_end_words_and_options() {
    let probe = probe(Live::new().channel(Trials));
    let grant = probe.subscribe("trial:all", "", &nobody()).await.unwrap().unwrap();
    assert_eq!(grant.data.as_deref(), Some("[1]"));
    assert_eq!(grant.info.as_deref(), Some(r#"["ann",7]"#));
    assert_eq!(grant.expires, Some(END + Duration::from_secs(9)));
    let options = grant.options.unwrap();
    // What it does not say is the channel's.
    assert!(options.presence && options.history_size == 5 && options.recovery == RecoveryMode::Stream);
    let plain = probe.options("trial:all").unwrap();
    assert!(!plain.presence && plain.history_ttl == Duration::from_secs(60));
}

#[actix_web::test]
async fn what_cannot_be_granted_is_an_error() {
    let probe = probe(Live::new().channel(Trials));
    for (kind, code) in [("broken", 100), ("unwritable", 100), ("none", 102), ("x", 103)] {
        let name = format!("trial:{kind}");
        assert_eq!(told(probe.subscribe(&name, "", &user("ann")).await.unwrap()).0, code, "{kind}");
    }
    assert!(probe.publish("trial:x", "[1]", &nobody()).await.unwrap().is_ok());
    assert_eq!(told(probe.publish("trial:x", "[]", &nobody()).await.unwrap()).0, 102);
}
