use std::{error::Error, time::Duration};

use reqwest::{
    Client, Method,
    header::{ACCEPT_ENCODING, HOST},
    redirect::Policy,
};

use super::probe;

/// Longer than any answer to a file of a few bytes takes. One that waits for a body that never comes takes longer.
const PATIENCE: Duration = Duration::from_secs(10);
/// What is asked for is small; what comes instead need not be.
const MOST_BYTES: usize = 1 << 20;

/// Asks, and follows nothing.
pub(super) struct Asking {
    client: Client,
    token: String,
    host: Option<String>,
}

/// An answer.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) status: u16,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Reply {
    /// All values of a header, for it should have one.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        let values: Vec<_> =
            self.headers.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect();
        (!values.is_empty()).then(|| values.join(" | "))
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.headers.iter().map(|(name, _)| name.as_str())
    }

    /// What the application's probe says of itself.
    pub(super) fn told(&self) -> Option<String> {
        self.header(probe::HEADER.as_str())
    }
}

impl Asking {
    /// # Errors
    /// Why there is no client.
    pub(super) fn new(token: &str, host: Option<&str>) -> Result<Self, String> {
        let client = Client::builder().redirect(Policy::none()).no_proxy().timeout(PATIENCE).build();
        let client = client.map_err(|error| causes(&error))?;
        Ok(Self { client, token: token.to_owned(), host: host.map(str::to_owned) })
    }

    /// # Errors
    /// Why there is no answer.
    pub(super) async fn ask(
        &self,
        method: Method,
        url: &str,
        headers: &[(&str, String)],
    ) -> Result<Reply, String> {
        let mut request = self.client.request(method, url).header(ACCEPT_ENCODING, "identity");
        request = request.header(probe::HEADER.as_str(), &self.token);
        if let Some(host) = &self.host {
            request = request.header(HOST, host);
        }
        for (name, value) in headers {
            request = request.header(*name, value.as_bytes());
        }
        let mut response = request.send().await.map_err(|error| causes(&error))?;
        let headers = response.headers().iter();
        let headers = headers
            .map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| causes(&error))? {
            body.extend_from_slice(&chunk);
            if body.len() > MOST_BYTES {
                break;
            }
        }
        Ok(Reply { status: response.status().as_u16(), headers, body })
    }
}

/// What reqwest says alone is that something went wrong.
fn causes(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
