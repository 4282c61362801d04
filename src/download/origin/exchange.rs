use actix_web::rt::time::timeout;
use reqwest::{
    Client, Method, Response, StatusCode,
    header::{ACCEPT_ENCODING, HeaderMap, HeaderValue, LOCATION},
};
use url::Url;

use super::Origin;
use crate::download::Unavailable;

impl Origin {
    /// Asks for a URL until something else than a redirect comes. `headers` go to every server on the way.
    ///
    /// # Errors
    /// `Upstream` and `Timeout`. The log tells the host, never the URL, which may be a credential.
    pub(super) async fn ask(
        &self,
        method: Method,
        url: &Url,
        headers: &HeaderMap,
    ) -> Result<Response, Unavailable> {
        let asked = timeout(self.inner.first_byte_timeout, self.follow(method, url.clone(), headers)).await;
        asked.unwrap_or_else(|_| {
            warn(url, "no answer began in time");
            Err(Unavailable::Timeout)
        })
    }

    async fn follow(
        &self,
        method: Method,
        mut url: Url,
        headers: &HeaderMap,
    ) -> Result<Response, Unavailable> {
        let client = self.client()?;
        let first = self.checked(&url)?;
        let mut at_home = true;
        for left in (0..=self.inner.max_redirects).rev() {
            let remote = self.checked(&url)?;
            // Who sends us elsewhere must not lend the credentials that are for there, and whoever we come back from neither.
            at_home &= remote.is_same(first);
            let mut sent = headers.clone();
            sent.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
            if at_home {
                sent.extend(remote.headers().clone());
            }
            let response = exchange(client, &method, &url, sent).await?;
            if !is_redirect(response.status()) {
                return Ok(response);
            }
            if left == 0 {
                break;
            }
            url = target(&url, &response).ok_or_else(|| {
                warn(&url, "a redirect leads to no URL, or to one without encryption");
                Unavailable::Upstream
            })?;
        }
        warn(&url, "too many redirects");
        Err(Unavailable::Upstream)
    }

    fn checked(&self, url: &Url) -> Result<&super::Remote, Unavailable> {
        self.remote(url).map_err(|reason| {
            warn(url, reason);
            Unavailable::Upstream
        })
    }
}

const fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

fn target(url: &Url, response: &Response) -> Option<Url> {
    let location = response.headers().get(LOCATION)?.to_str().ok()?;
    let mut target = url.join(location).ok()?;
    target.set_fragment(None);
    (url.scheme() != "https" || target.scheme() == "https").then_some(target)
}

async fn exchange(
    client: &Client,
    method: &Method,
    url: &Url,
    headers: HeaderMap,
) -> Result<Response, Unavailable> {
    let send = || client.request(method.clone(), url.clone()).headers(headers.clone()).send();
    let mut answer = send().await;
    // The server may have closed an idle connection just when we took it; GET and HEAD can be asked again (RFC 9110 §9.2.2).
    if answer.as_ref().is_err_and(|error| error.is_request() && !error.is_connect() && !error.is_timeout()) {
        answer = send().await;
    }
    answer.map_err(|error| {
        let unavailable =
            if error.is_timeout() { Unavailable::Timeout } else { Unavailable::Upstream };
        let error = error.without_url();
        let reason = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        tracing::warn!(
            target: "actix_charter::download", host = url.host_str(), %error, reason, "a remote server gives no answer"
        );
        unavailable
    })
}

pub(super) fn warn(url: &Url, reason: &str) {
    tracing::warn!(target: "actix_charter::download", host = url.host_str(), reason, "a remote file is not passed on");
}
