use std::sync::Arc;

use actix_charter::live::broker::{
    Broker, Control, ControlMessage, Engine, MemoryBroker, NodeId, Target, Whom,
};

use crate::fixture::{Ears, Event, draft, info, paused, ten_for_a_minute};

#[test]
fn orders_come_to_the_node_that_is_meant() {
    paused(async {
        let broker = MemoryBroker::default();
        let ears = Arc::new(Ears::default());
        let own = NodeId::random();
        let order = ControlMessage::Disconnect {
            whom: Whom::user("ada"),
            except: vec!["c1".to_owned()],
            code: 3503,
            reason: "out".to_owned(),
        };
        broker.send(Target::All, order.clone()).await.unwrap();
        broker.listen(own.clone(), Arc::clone(&ears) as _).await.unwrap();
        assert!(broker.listen(NodeId::random(), Arc::clone(&ears) as _).await.is_err());
        broker.send(Target::All, order.clone()).await.unwrap();
        broker.send(Target::Node(own), order.clone()).await.unwrap();
        let unknown = broker.send(Target::Node(NodeId::random()), order.clone()).await.unwrap_err();
        assert!(unknown.is_unknown_node() && !unknown.temporary());
        assert_eq!(ears.take(), [Event::Control(order.clone()), Event::Control(order)]);
    });
}

#[test]
fn an_engine_is_used_through_its_traits() {
    paused(async {
        let engine = Engine::default();
        let ears = Arc::new(Ears::default());
        engine.broker.start(Arc::clone(&ears) as _).await.unwrap();
        engine.control.listen(NodeId::random(), Arc::clone(&ears) as _).await.unwrap();
        engine.broker.subscribe("a").await.unwrap();
        engine.broker.publish("a", draft("1"), &ten_for_a_minute()).await.unwrap();
        engine.presence.add("a", info("ada", "c1")).await.unwrap();
        assert_eq!(engine.presence.stats("a").await.unwrap().clients, 1);
        assert_eq!(ears.texts(), ["1"]);
        fn shared<T: Clone + Send + Sync + 'static>(_: &T) {}
        shared(&engine);
        let _: Arc<dyn Broker> = engine.clone().broker;
    });
}
