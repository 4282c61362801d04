//! What is different for a page, which gets HTML.

use std::{cell::RefCell, rc::Rc};

use bytes::Bytes;
use rand::RngExt as _;

use super::{Core, Refusal, Subscription, Wire};
use crate::live::{Position, html, protocol::SubscribeResult};

/// A browser comes back after one to five seconds, so that not all of them come at once.
const RETRY: std::ops::Range<u32> = 1000..5000;

/// What the address of a page's connection said, and what became of it.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// The channels it named.
    pub(crate) channels: Vec<String>,
    /// Where it was, in whichever channels.
    pub(crate) since: Vec<Position>,
    /// Why it was not let in.
    pub(crate) refusal: RefCell<Option<Refusal>>,
}

impl Core {
    /// The first that a page gets: what it missed, and where it is then.
    pub(super) fn welcome_page(&self, begun: &[(Rc<Subscription>, SubscribeResult)]) {
        let is_stream = self.wire == Wire::HtmlEvents;
        let asked = self.page.get().is_some_and(|page| !page.since.is_empty());
        if is_stream {
            self.send(html::retry(rand::rng().random_range(RETRY)).into());
        }
        for (subscription, result) in begun {
            if is_stream && asked && result.recoverable && !result.recovered {
                self.send(html::event("stale", &subscription.channel).into());
            }
            for entry in &result.publications {
                // Their ids would tell that nothing is missing in other channels.
                self.send(self.wire.page(&entry.publication, None));
            }
        }
    }

    /// Tells the page where it is, once all it missed is queued.
    pub(super) fn tell_position(&self) {
        if self.wire == Wire::HtmlEvents {
            self.send(html::with_id(&self.positions(None)).into());
        }
    }

    /// Where it is in its channels, but for one.
    fn positions(&self, but: Option<&Subscription>) -> Vec<Position> {
        let subscriptions = self.subscriptions.borrow();
        let is_other = |one: &&Rc<Subscription>| but.is_none_or(|but| !std::ptr::eq(but, Rc::as_ptr(one)));
        let known = subscriptions.iter().filter(is_other).filter_map(|one| one.position());
        known.filter(|position| !position.epoch.is_empty()).collect()
    }

    /// An event of this subscription's with all positions in its id.
    pub(super) fn with_positions(&self, subscription: &Subscription, event: &Bytes) -> Bytes {
        html::and_others(event, &self.positions(Some(subscription)))
    }
}
