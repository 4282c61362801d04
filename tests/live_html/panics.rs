use std::sync::atomic::{AtomicUsize, Ordering};

use crate::fixture::{Events, serve};

/// On workers' threads, which belong to this test only when it runs in a process of its own: none may panic here anyway.
static PANICS: AtomicUsize = AtomicUsize::new(0);

#[actix_web::test]
async fn a_page_of_events_panics_nowhere() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        // Actix's, when a request has other handles than the one whose headers are taken.
        if info.location().is_some_and(|at| at.file().contains("actix-web")) {
            PANICS.fetch_add(1, Ordering::SeqCst);
        }
        before(info);
    }));
    let server = serve();
    let mut events = Events::open(&server, "channel=board:1", "").await;
    server.live.broadcaster().publish("board:1", &"<li>a</li>").await.unwrap();
    assert!(!events.next().await.data.is_empty());
    assert_eq!(PANICS.load(Ordering::SeqCst), 0);
}
