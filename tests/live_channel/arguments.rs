use actix_charter::{
    live::{Broadcast, Connection},
    prelude::*,
};
use actix_web::web;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fixture::{Caller, Motto, nobody, probe, told, user};

#[derive(Debug, Serialize, Deserialize, JsonSchema, Model)]
struct Message {
    by: String,
    text: String,
}

#[derive(Debug, Deserialize, JsonSchema, Model)]
struct Place {
    house: String,
    floor: u8,
}

struct House {
    name: &'static str,
}

#[channel("house:{house}:floor-{floor}")]
impl House {
    #[subscribe]
    async fn enter(
        &self,
        Path(place): Path<Place>,
        data: Option<Body<Message>>,
        motto: web::Data<Motto>,
        who: Option<Identity<Caller>>,
    ) -> Vec<String> {
        let said = data.map_or("nothing".to_owned(), |data| data.0.text);
        let who = who.map_or("nobody".to_owned(), |who| who.0.name);
        vec![self.name.to_owned(), place.house, place.floor.to_string(), said, motto.0.to_owned(), who]
    }

    #[publish]
    async fn say(
        &self,
        Path((house, floor)): Path<(String, u8)>,
        Body(text): Body<String>,
        from: Connection,
        who: Identity<Caller>,
    ) -> Broadcast<Message> {
        let text = format!("{house}/{floor}: {text}");
        Broadcast::new(Message { by: who.0.name, text }).tag("b", "2").tag("a", "1").key(from.client)
    }

    #[rpc]
    fn twice(&self, Body(numbers): Body<Vec<u32>>) -> Vec<u32> {
        numbers.iter().map(|number| number * 2).collect()
    }

    #[rpc("echo")]
    async fn json(&self, Path((_, floor)): Path<(String, u8)>, data: web::Bytes) -> (String, u8) {
        (String::from_utf8_lossy(&data).into_owned(), floor)
    }
}

#[actix_web::test]
async fn a_command_is_read_as_a_request_is() {
    let probe = probe(Live::new().channel(House { name: "A" }));
    let grant = probe.subscribe("house:north:floor-3", "", &nobody()).await.unwrap().unwrap();
    assert_eq!(grant.data.as_deref(), Some(r#"["A","north","3","nothing","be kind","nobody"]"#));
    let data = r#"{"by":"x","text":"hi"}"#;
    let grant = probe.subscribe("house:n%20:floor-0", data, &user("ann")).await.unwrap().unwrap();
    assert_eq!(grant.data.as_deref(), Some(r#"["A","n%20","0","hi","be kind","ann"]"#));
    assert!(grant.info.is_none() && grant.expires.is_none() && grant.options.is_none());
}

#[actix_web::test]
async fn what_is_returned_is_broadcast_with_its_words() {
    let probe = probe(Live::new().channel(House { name: "A" }));
    let ann = user("ann");
    // The identity is handed out again and again.
    for _ in 0..2 {
        let draft = probe.publish("house:north:floor-3", r#""hi""#, &ann).await.unwrap().unwrap();
        assert_eq!(draft.data, r#"{"by":"ann","text":"north/3: hi"}"#);
        assert_eq!(draft.tags, [("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())]);
        assert_eq!(draft.key.as_deref(), Some("client-of-ann"));
    }
}

#[actix_web::test]
async fn calls_are_named_by_channel_and_method() {
    let probe = probe(Live::new().channel(House { name: "A" }));
    let ann = user("ann");
    assert_eq!(probe.rpc("house:north:floor-3/twice", "[1,2]", &ann).await.unwrap(), "[2,4]");
    let raw = r#"{"any": 1}"#;
    assert_eq!(probe.rpc("house:n:floor-3/echo", raw, &ann).await.unwrap(), r#"["{\"any\": 1}",3]"#);
    assert_eq!(told(probe.rpc("house:n:floor-3/json", raw, &ann).await).0, 104);
    assert_eq!(told(probe.rpc("echo", raw, &ann).await).0, 104);
    assert_eq!(told(probe.rpc("flat:n/echo", raw, &ann).await).0, 102);
}

struct Own<T>(T);

#[channel("own")]
impl<T: Serialize + Model + Clone + Send + Sync + 'static> Own<T> {
    #[subscribe]
    async fn enter(&self) -> T {
        self.0.clone()
    }
}

#[actix_web::test]
async fn a_channel_may_be_generic() {
    let probe = probe(Live::new().channel(Own(7_u32)));
    assert_eq!(probe.subscribe("own", "", &nobody()).await.unwrap().unwrap().data.as_deref(), Some("7"));
    assert!(probe.subscribe("owner", "", &nobody()).await.is_none());
}

#[actix_web::test]
async fn a_personal_channel_is_its_user_s_alone() {
    let live = Live::new().personal("user:{user}");
    let probe = probe(live);
    assert_eq!(probe.of_peer(&user("ann@example.org")), ["user:ann@example.org"]);
    // Nobody, and names that would be another's channel or none at all.
    for name in ["", "a:b", "a/b", "ä", "a b"] {
        assert!(probe.of_peer(&user(name)).is_empty(), "{name}");
    }
    assert!(probe.subscribe("user:ann", "", &user("ann")).await.unwrap().is_ok());
    assert_eq!(told(probe.subscribe("user:ann", "", &user("bob")).await.unwrap()).0, 103);
    assert_eq!(told(probe.publish("user:ann", "1", &user("ann")).await.unwrap()).0, 103);
    assert_eq!(told(probe.rpc("user:ann/any", "1", &user("ann")).await).0, 104);
}

#[actix_web::test]
async fn what_the_scheme_must_find_is_told() {
    let wanted = probe(Live::new().channel(House { name: "A" })).identities();
    assert_eq!(wanted.len(), 2);
    assert_eq!(wanted[0].0, "subscribe to `house:{house}:floor-{floor}`");
    assert!(wanted[0].2 && !wanted[1].2);
    assert!(wanted[0].1.ends_with("Caller"));
}
