//! How nginx fetches a file: one that the application's probe gives to who shows its token.

use reqwest::{Method, Url};

use super::{
    advice,
    examination::Examination,
    probe::{BARE, BESIDE, GIVEN, GIVEN_ETAG, HIDDEN, MISSING, OWN, THEIRS, etag},
    served::altered,
    spot::MODIFIED,
};

impl Examination<'_> {
    pub(super) async fn fetched(&mut self, location: &str) {
        let bare = self.fetch(location, BARE, GIVEN_ETAG).await;
        // With validators that the application says itself, there is another location.
        let own = self.fetch(&format!("{location}own"), OWN, &etag(OWN)).await;
        if bare && own {
            self.report.sound("nginx fetches files for the application, and shows its credentials.");
            self.report.sound(
                "Of a fetched file, type, name, validators and security headers are the application's.",
            );
        }
        // Orders that nginx does not act on: they must not reach the client. `leaks` tells.
        let url = format!("{}/{HIDDEN}", self.check.url);
        if let Err(error) = self.ask(Method::GET, &url, &[]).await {
            self.unanswered("an answer with `X-Download-Url`", &error);
        }
        self.not_from_outside(location).await;
    }

    /// Whether the file comes, and all about it is right.
    async fn fetch(&mut self, location: &str, what: &str, etag: &str) -> bool {
        let url = format!("{}/{what}", self.check.url);
        let reply = match self.ask(Method::GET, &url, &[]).await {
            Ok(reply) => reply,
            Err(error) => {
                self.unanswered("a file that nginx fetches", &error);
                return false;
            }
        };
        if Self::came_back(&reply) {
            self.report.problem(
                format!(
                    "nginx asks the application for the file that it was to fetch: it has no location `{location}`."
                ),
                advice::fetching(location),
            );
            return false;
        }
        if reply.told().as_deref() == Some(MISSING) {
            self.report.problem(
                "The application does not let nginx fetch a file.",
                "Give it the same rules as the check; and if nginx is on another machine, name its address with `trusted_peers`.",
            );
            return false;
        }
        if matches!(reply.status, 502 | 504) {
            // Not every application listens where nginx can ask it so: on a Unix socket, with TLS.
            self.report.note(format!(
                "Whether nginx fetches files was not seen: asked by `{location}` for one of the application's own, it answers {}. Its error log says more.",
                reply.status
            ));
            return false;
        }
        if reply.status != 200 || reply.body != GIVEN.as_bytes() {
            let seen = format!("nginx does not fetch the file by `{location}`: status {}.", reply.status);
            self.report.problem(seen, advice::fetching(location));
            return false;
        }
        let altered = altered(&reply, etag, MODIFIED);
        for (header, _) in &altered {
            let seen = format!("The application's `{header}` does not arrive with a fetched file.");
            self.report.problem(seen, advice::fetching(location));
        }
        let theirs = reply.header(BESIDE).is_some_and(|value| value.contains(THEIRS));
        if theirs {
            self.report.problem(
                format!("`{BESIDE}` of the other server reaches the client."),
                advice::fetching(location),
            );
        }
        altered.is_empty() && !theirs
    }

    async fn not_from_outside(&mut self, location: &str) {
        let Ok(mut url) = Url::parse(&self.check.url) else { return };
        let mut reached = false;
        for path in [location.to_owned(), format!("{location}own")] {
            url.set_path(&path);
            url.set_query(None);
            match self.ask(Method::GET, url.as_str(), &[]).await {
                // As if it were not there.
                Ok(reply) if reply.status == 404 => {}
                Ok(reply) => {
                    reached = true;
                    self.report.problem(
                        format!(
                            "The internal location `{path}` can be reached from outside: status {}.",
                            reply.status
                        ),
                        format!("Add `internal;` to `location = {path}`."),
                    );
                }
                Err(error) => self.unanswered("the internal location", &error),
            }
        }
        if !reached {
            self.report.sound(format!("The internal location `{location}` cannot be reached from outside."));
        }
    }
}
