use std::time::{Duration, SystemTime};

use actix_web::{
    dev::RequestHead,
    http::{
        Method,
        header::{
            HeaderMap, HeaderName, HeaderValue, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE,
            IF_UNMODIFIED_SINCE, RANGE,
        },
    },
};

use super::entity_tag::{EntityTag, SentTag, any_tag};

/// The conditions of a request, and its `Range`.
///
/// Which of them there are is told by one walk over the headers. Nearly all requests have none, and to look for each costs more.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Conditions<'h> {
    headers: &'h HeaderMap,
    /// Whether there is any, `If-Range` among them.
    any: bool,
    ranged: bool,
}

impl<'h> Conditions<'h> {
    pub(crate) fn of(request: &'h RequestHead) -> Self {
        Self::read(&request.method, request.headers())
    }

    /// Conditions are for GET and HEAD only: what another method answers is not the representation that they speak of. Ranges
    /// are for GET only.
    fn read(method: &Method, headers: &'h HeaderMap) -> Self {
        let (mut any, mut ranged) = (false, false);
        for name in headers.keys() {
            any |= *name == IF_MATCH
                || *name == IF_NONE_MATCH
                || *name == IF_MODIFIED_SINCE
                || *name == IF_UNMODIFIED_SINCE
                || *name == IF_RANGE;
            ranged |= *name == RANGE;
        }
        let is_get = *method == Method::GET;
        Self { headers, any: any && (is_get || *method == Method::HEAD), ranged: ranged && is_get }
    }

    /// The headers of the request, if they hold any condition.
    pub(crate) fn headers(&self) -> Option<&'h HeaderMap> {
        self.any.then_some(self.headers)
    }
}

/// What tells one state of a representation from another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Validators {
    pub(crate) etag: Option<EntityTag>,
    /// In whole seconds, as HTTP has it.
    pub(crate) last_modified: Option<SystemTime>,
}

/// What the preconditions of a request come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Answer as if there were none.
    Proceed,
    /// 304.
    NotModified,
    /// 412.
    Failed,
}

impl Validators {
    /// Evaluates the preconditions in the order of RFC 9110 §13.2.2.
    pub(crate) fn judge(&self, conditions: &Conditions<'_>) -> Verdict {
        let Some(headers) = conditions.headers() else { return Verdict::Proceed };
        if headers.contains_key(IF_MATCH) {
            if !self.listed(headers, IF_MATCH, |sent, tag| sent.is_strongly(tag)) {
                return Verdict::Failed;
            }
        } else if let (Some(since), Some(modified)) = (date(headers, IF_UNMODIFIED_SINCE), self.last_modified)
            && modified > since
        {
            return Verdict::Failed;
        }
        if headers.contains_key(IF_NONE_MATCH) {
            if self.listed(headers, IF_NONE_MATCH, |sent, tag| sent.is_weakly(tag)) {
                return Verdict::NotModified;
            }
        } else if let (Some(since), Some(modified)) = (date(headers, IF_MODIFIED_SINCE), self.last_modified)
            && modified <= since
        {
            return Verdict::NotModified;
        }
        Verdict::Proceed
    }

    fn listed(
        &self,
        headers: &HeaderMap,
        name: HeaderName,
        fits: fn(&SentTag<'_>, &EntityTag) -> bool,
    ) -> bool {
        headers.get_all(name).map(HeaderValue::as_bytes).any(|value| {
            value.trim_ascii() == b"*"
                || self.etag.as_ref().is_some_and(|tag| any_tag(value, |sent| fits(&sent, tag)))
        })
    }

    /// The `Range` that is to be followed: there is one, for GET, and `If-Range` does not say that the client holds
    /// part of something else (RFC 9110 §13.1.5).
    pub(crate) fn range<'h>(
        &self,
        conditions: &Conditions<'h>,
        now: impl FnOnce() -> SystemTime,
    ) -> Option<&'h HeaderValue> {
        if !conditions.ranged {
            return None;
        }
        let headers = conditions.headers;
        let range = only(headers, RANGE)?;
        if !headers.contains_key(IF_RANGE) {
            return Some(range);
        }
        let condition = only(headers, IF_RANGE)?;
        let holds = match SentTag::single(condition.as_bytes()) {
            Some(sent) => self.etag.as_ref().is_some_and(|tag| sent.is_strongly(tag)),
            None => self.last_modified.is_some_and(|modified| {
                // Strong only when a second change within the same second is ruled out (RFC 9110 §8.8.2.2).
                parse_date(condition) == Some(modified)
                    && now().duration_since(modified).is_ok_and(|age| age >= Duration::from_secs(1))
            }),
        };
        holds.then_some(range)
    }
}

/// The header's value, when it was sent exactly once.
pub(crate) fn only(headers: &HeaderMap, name: HeaderName) -> Option<&HeaderValue> {
    let mut values = headers.get_all(name);
    let value = values.next()?;
    values.next().is_none().then_some(value)
}

fn date(headers: &HeaderMap, name: HeaderName) -> Option<SystemTime> {
    only(headers, name).and_then(parse_date)
}

fn parse_date(value: &HeaderValue) -> Option<SystemTime> {
    httpdate::parse_http_date(value.to_str().ok()?.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODIFIED: &str = "Tue, 02 Jan 2024 03:04:05 GMT";
    const EARLIER: &str = "Tue, 02 Jan 2024 03:04:04 GMT";
    const LATER: &str = "Tue, 02 Jan 2024 03:04:06 GMT";

    fn validators() -> Validators {
        Validators { etag: EntityTag::strong("e"), last_modified: httpdate::parse_http_date(MODIFIED).ok() }
    }

    fn headers(lines: &[(&str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name.parse().unwrap(), value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn the_order_is_that_of_the_rfc() {
        use Verdict::{Failed, NotModified, Proceed};
        for (lines, verdict) in [
            (&[][..], Proceed),
            (&[("if-match", "\"e\"")], Proceed),
            (&[("if-match", "*")], Proceed),
            (&[("if-match", "\"x\"")], Failed),
            (&[("if-match", "W/\"e\"")], Failed),
            (&[("if-match", "\"x\""), ("if-match", "\"e\"")], Proceed),
            (&[("if-match", "\"x\""), ("if-none-match", "\"e\"")], Failed),
            (&[("if-unmodified-since", EARLIER)], Failed),
            (&[("if-unmodified-since", MODIFIED)], Proceed),
            (&[("if-unmodified-since", "yesterday")], Proceed),
            (&[("if-match", "\"e\""), ("if-unmodified-since", EARLIER)], Proceed),
            (&[("if-none-match", "\"e\"")], NotModified),
            (&[("if-none-match", "W/\"e\"")], NotModified),
            (&[("if-none-match", "*")], NotModified),
            (&[("if-none-match", "\"x\"")], Proceed),
            (&[("if-none-match", "\"x\""), ("if-modified-since", LATER)], Proceed),
            (&[("if-modified-since", MODIFIED)], NotModified),
            (&[("if-modified-since", LATER)], NotModified),
            (&[("if-modified-since", EARLIER)], Proceed),
            (&[("if-modified-since", "garbage")], Proceed),
            (&[("if-modified-since", "Tuesday, 02-Jan-24 03:04:05 GMT")], NotModified),
            (&[("if-modified-since", "Tue Jan  2 03:04:05 2024")], NotModified),
        ] {
            let headers = headers(lines);
            let judge = |method| validators().judge(&Conditions::read(&method, &headers));
            assert_eq!(judge(Method::GET), verdict, "{lines:?}");
            assert_eq!(judge(Method::HEAD), verdict, "{lines:?}");
            assert_eq!(judge(Method::POST), Proceed, "{lines:?}");
        }
    }

    #[test]
    fn without_validators_only_a_star_matches() {
        let none = Validators::default();
        let judge = |lines: &[_]| none.judge(&Conditions::read(&Method::GET, &headers(lines)));
        assert_eq!(judge(&[("if-match", "\"e\"")]), Verdict::Failed);
        assert_eq!(judge(&[("if-match", "*")]), Verdict::Proceed);
        assert_eq!(judge(&[("if-none-match", "\"e\"")]), Verdict::Proceed);
        assert_eq!(
            judge(&[("if-unmodified-since", EARLIER), ("if-modified-since", LATER)]),
            Verdict::Proceed
        );
    }

    #[test]
    fn if_range_wants_a_strong_validator() {
        let modified = validators().last_modified.unwrap();
        let asked = |lines: &[_], age: u64| {
            let now = || modified + Duration::from_secs(age);
            validators().range(&Conditions::read(&Method::GET, &headers(lines)), now).is_some()
        };
        let range = ("range", "bytes=0-1");
        assert!(asked(&[range], 0));
        assert!(asked(&[range, ("if-range", "\"e\"")], 0));
        assert!(!asked(&[range, ("if-range", "W/\"e\"")], 9));
        assert!(!asked(&[range, ("if-range", "\"x\"")], 9));
        assert!(!asked(&[range, ("if-range", "\"e\", \"x\"")], 9));
        assert!(asked(&[range, ("if-range", MODIFIED)], 1));
        assert!(!asked(&[range, ("if-range", MODIFIED)], 0));
        assert!(!asked(&[range, ("if-range", LATER)], 9));
        assert!(!asked(&[range, ("if-range", "soon")], 9));
        assert!(!asked(&[("if-range", "\"e\"")], 9));
        assert!(!asked(&[range, ("range", "bytes=2-3")], 9));
        let headers = headers(&[range]);
        assert!(validators().range(&Conditions::read(&Method::HEAD, &headers), || modified).is_none());
    }
}
