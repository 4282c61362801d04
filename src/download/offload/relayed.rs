use std::{
    num::NonZeroU64,
    time::{Duration, UNIX_EPOCH},
};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, header::RANGE},
};

use super::{
    Offer, Offload,
    rewrite::{Orders, Survey, rewrite, without_body},
    server::told_tag,
};
use crate::download::{
    Link, LocalFile, Relay,
    condition::{Conditions, Validators, only},
    delivery::FileAsked,
    entity_tag::EntityTag,
    range::is_single,
    seconds,
    sheet::Sheet,
};

impl Offload {
    /// Looks where the file lies only when the request and the size allow for it.
    fn offer_file(
        &self,
        request: &HttpRequest,
        conditions: &Conditions<'_>,
        file: &LocalFile,
        rate_limit: Option<NonZeroU64>,
    ) -> Option<Offer<'_>> {
        if self.leaves(conditions) { None } else { self.offer_always(request, file, rate_limit) }
    }

    /// As the server would take the file if the request had no conditions.
    fn offer_always(
        &self,
        request: &HttpRequest,
        file: &LocalFile,
        rate_limit: Option<NonZeroU64>,
    ) -> Option<Offer<'_>> {
        let tell = || self.tell(&file.found_at()?);
        self.offer_of(request.head(), file.size(), rate_limit, || match file.kept() {
            Some(kept) => kept.handed(self, tell),
            None => tell(),
        })
    }

    /// Of a file whose validators the server is to tell: those that it will tell, and the offer, unless the application is to
    /// answer such a request. They hold whoever sends the file.
    pub(crate) fn offer_told(
        &self,
        request: &HttpRequest,
        conditions: &Conditions<'_>,
        file: &LocalFile,
        rate_limit: Option<NonZeroU64>,
    ) -> Option<(Validators, Option<Offer<'_>>)> {
        let offer = self.offer_untold(request, file, rate_limit)?;
        let modified = file.modified().and_then(seconds::whole)?;
        let seconds = modified.duration_since(UNIX_EPOCH).ok()?.as_secs();
        let etag = EntityTag::strong(told_tag(seconds, file.size()));
        let validators = Validators { etag, last_modified: Some(modified) };
        Some((validators, (!self.leaves(conditions)).then_some(offer)))
    }

    /// As the server would take a file if the request had no conditions, and tell its validators, which are not known yet.
    ///
    /// The server tells whole seconds, so that another change may still come that they would not show (RFC 9110 §8.8.2.2); what
    /// is younger, or from a time yet to come, is told by us.
    pub(crate) fn offer_untold(
        &self,
        request: &HttpRequest,
        file: &LocalFile,
        rate_limit: Option<NonZeroU64>,
    ) -> Option<Offer<'_>> {
        const SETTLED: Duration = Duration::from_secs(2);
        let settled = file.modified().and_then(seconds::whole)?.checked_add(SETTLED)?;
        if !seconds::has_come(settled) {
            return None;
        }
        self.offer_always(request, file, rate_limit)
    }

    /// As [`relay`](Relay::relay), for an answer that holds what we wrote and nothing else. Whether the server sends the file.
    pub(crate) fn relay_sheet(&self, asked: &FileAsked<'_>, sheet: &mut Sheet) -> bool {
        self.offer_file(asked.request, &asked.conditions, asked.file, asked.rate_limit)
            .is_some_and(|offer| offer.rewrite(&sheet.survey, &mut sheet.response))
    }
}

impl Relay for Offload {
    fn takes(&self, request: &HttpRequest, file: &LocalFile, rate_limit: Option<NonZeroU64>) -> bool {
        self.offer_file(request, &Conditions::of(request.head()), file, rate_limit).is_some()
    }

    fn relay(
        &self,
        request: &HttpRequest,
        file: &LocalFile,
        rate_limit: Option<NonZeroU64>,
        mut whole: HttpResponse,
    ) -> Result<HttpResponse, HttpResponse> {
        match self.offer_file(request, &Conditions::of(request.head()), file, rate_limit) {
            Some(offer) => offer.answer(whole),
            None => {
                self.strip(&mut whole);
                Err(whole)
            }
        }
    }

    fn gathers(&self, request: &HttpRequest) -> usize {
        if self.inner.peers.admit(request.peer_addr()) { self.inner.gather } else { 0 }
    }

    /// GET only: a link that is signed is signed for that, and an answer to HEAD has nothing that would be worth it. At most
    /// one range: the parts of several come under a type of their own, and ours is told in its place.
    fn takes_links(&self, request: &HttpRequest) -> bool {
        let is_whole = !request.headers().contains_key(RANGE);
        self.inner.remotes.location.is_some()
            && self.inner.peers.admit(request.peer_addr())
            && request.method() == Method::GET
            && (is_whole || only(request.headers(), RANGE).is_some_and(|range| is_single(range.as_bytes())))
    }

    fn relay_link(
        &self,
        request: &HttpRequest,
        link: &Link,
        rate_limit: Option<NonZeroU64>,
        mut whole: HttpResponse,
    ) -> Result<HttpResponse, HttpResponse> {
        let inner = &*self.inner;
        self.strip(&mut whole);
        if !self.takes_links(request) {
            return Err(whole);
        }
        if !inner.peers.admit_to(link, request.peer_addr()) {
            tracing::debug!(target: "actix_charter::download", "a link with credentials is not handed over: the peer is none that is trusted");
            return Err(whole);
        }
        let before = whole.headers().clone();
        if let Some(told) = inner.remotes.tell(link, &mut whole) {
            let limit_rate = rate_limit.map(NonZeroU64::get).or(inner.orders.limit_rate);
            let orders = Orders { limit_rate, ..inner.orders.clone() };
            let survey = Survey::of(whole.headers(), &inner.server);
            if rewrite(&survey, &inner.server, inner.max_header_size, &orders, &mut whole, told) {
                return Ok(without_body(whole));
            }
        }
        *whole.headers_mut() = before;
        Err(whole)
    }
}
