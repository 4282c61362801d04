use std::{fmt, time::Duration};

use actix_web::http::{
    Uri,
    header::{CACHE_CONTROL, LOCATION},
};
use percent_encoding::percent_decode_str;

use super::{TestResponse, download::WithHeaders, offloaded::only};

/// In how many seconds, or when, a signed link is over: AWS and its like, Google, Azure, and our own.
const EXPIRIES: [&str; 5] = ["x-amz-expires", "x-goog-expires", "se", "expires", "x-expires"];
/// Of these, the ones that are a number of seconds from the moment of signing.
const LIFETIMES: [&str; 2] = ["x-amz-expires", "x-goog-expires"];

/// A client that was sent on to a signed link, from [`TestResponse::assert_sent_on`].
///
/// ```
/// use std::time::Duration;
/// use actix_charter::testing::TestClient;
/// use actix_web::{HttpResponse, web};
///
/// # #[actix_web::main] async fn main() {
/// # let client = TestClient::configured(|config| {
/// #     config.route("/report", web::get().to(|| async {
/// #         HttpResponse::TemporaryRedirect()
/// #             .insert_header(("location", "https://media.s3.example.org/a%20b.txt?X-Amz-Expires=60&X-Amz-Signature=00"))
/// #             .insert_header(("cache-control", "no-store"))
/// #             .finish()
/// #     }));
/// # }).await;
/// let answer = client.get("/report").send().await;
/// answer
///     .assert_sent_on()
///     .host("media.s3.example.org")
///     .path("/a b.txt")
///     .parameter("X-Amz-Signature", "00")
///     .holds_at_most(Duration::from_secs(60));
/// # }
/// ```
///
/// # Panics
/// All methods, at the line of the test, when the link is another one than they say. The message shows the request line, the
/// status and all headers.
pub struct SentOnView<'a> {
    response: &'a TestResponse,
    link: Uri,
}

impl TestResponse {
    /// Asserts that the client is sent on to a signed link: 307, one `Location` whose query says when the link is over, and
    /// `Cache-Control: no-store`, for a cache would keep it for longer.
    ///
    /// # Panics
    /// When it is not.
    #[must_use = "say where to: `.host(..)`, `.path(..)`"]
    #[track_caller]
    pub fn assert_sent_on(&self) -> SentOnView<'_> {
        if self.status().as_u16() != 307 {
            panic!("expected status 307\n{}", WithHeaders(self));
        }
        let Some(location) = only(self, LOCATION.as_str()) else {
            panic!("expected a `location`\n{}", WithHeaders(self));
        };
        let Ok(link) = Uri::try_from(location) else {
            panic!("the `location` is no URL\n{}", WithHeaders(self));
        };
        let directives = self.headers().get_all(CACHE_CONTROL).filter_map(|value| value.to_str().ok());
        let mut directives = directives.flat_map(|value| value.split(','));
        if !directives.any(|directive| directive.trim().eq_ignore_ascii_case("no-store")) {
            panic!("expected `cache-control: no-store`: a cache would keep the link\n{}", WithHeaders(self));
        }
        let view = SentOnView { response: self, link };
        if view.expiry().is_none() {
            panic!("expected a link that ends, but its query has none of {}\n{view}", EXPIRIES.join(", "));
        }
        view
    }
}

impl SentOnView<'_> {
    /// Asserts the host, without its port.
    #[track_caller]
    pub fn host(&self, host: &str) -> &Self {
        let found = self.link.host();
        if !found.is_some_and(|found| found.eq_ignore_ascii_case(host)) {
            panic!("expected the host `{host}`, found `{}`\n{self}", found.unwrap_or("none"));
        }
        self
    }

    /// Asserts the path, decoded.
    #[track_caller]
    pub fn path(&self, path: &str) -> &Self {
        let found = percent_decode_str(self.link.path()).decode_utf8_lossy();
        if found != path {
            panic!("expected the path `{path}`, found `{found}`\n{self}");
        }
        self
    }

    /// Asserts a parameter of the query, decoded. Names are compared as they are.
    #[track_caller]
    pub fn parameter(&self, name: &str, value: &str) -> &Self {
        let found: Vec<_> =
            self.query().into_iter().filter(|(found, _)| found == name).map(|(_, value)| value).collect();
        if found != [value] {
            panic!("expected the parameter `{name}={value}`, found {found:?}\n{self}");
        }
        self
    }

    /// Asserts that the link is over after so long at the latest. For links that say their lifetime (AWS, Google).
    #[track_caller]
    pub fn holds_at_most(&self, lifetime: Duration) -> &Self {
        let said = self.expiry().filter(|(name, _)| LIFETIMES.contains(&name.as_str()));
        match said.as_ref().and_then(|(_, seconds)| seconds.parse::<u64>().ok()) {
            Some(seconds) if seconds <= lifetime.as_secs() => self,
            Some(seconds) => {
                panic!("expected a link for at most {lifetime:?}, found {seconds} seconds\n{self}")
            }
            None => panic!("expected a link that says its lifetime: {}\n{self}", LIFETIMES.join(", ")),
        }
    }

    /// The parameter that says when the link is over, its name in lower case.
    fn expiry(&self) -> Option<(String, String)> {
        let query = self.query().into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value));
        query.filter(|(_, value)| !value.is_empty()).find(|(name, _)| EXPIRIES.contains(&name.as_str()))
    }

    fn query(&self) -> Vec<(String, String)> {
        let decoded =
            |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
        let pieces = self.link.query().unwrap_or_default().split('&');
        let pairs = pieces.map(|piece| piece.split_once('=').unwrap_or((piece, "")));
        pairs.map(|(name, value)| (decoded(name), decoded(value))).collect()
    }
}

impl fmt::Display for SentOnView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        WithHeaders(self.response).fmt(f)
    }
}

impl fmt::Debug for SentOnView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SentOnView").field("host", &self.link.host()).finish_non_exhaustive()
    }
}
