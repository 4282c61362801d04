//! How the proxy sends a file.

use reqwest::Method;

use super::{
    advice,
    client::Reply,
    examination::{Examination, sentence},
    files::ProbeFiles,
    probe::{FRESHNESS, MEDIA_TYPE, MISSING, NAME, VARIES, hex},
    spot::Spot,
};
use crate::download::offload::{rule::Rule, server::Language};

impl Examination<'_> {
    /// Gives whether files are sent at all.
    pub(super) async fn served(&mut self, spot: &Spot, files: &ProbeFiles) -> bool {
        let Spot { rule, number, .. } = spot;
        let (name, content) = &files.plain;
        let (etag, modified) = spot.validators(name);
        let url = format!("{}/file/{number}/{}", self.check.url, hex(name));
        let whole = match self.ask(Method::GET, &url, &[]).await {
            Ok(reply) => reply,
            Err(error) => {
                self.unanswered("a file", &error);
                return false;
            }
        };
        if !self.is_sent(rule, &whole, content) {
            return false;
        }
        let root = rule.root.display();
        self.report.sound(format!("{} sends files of {root}, byte by byte.", sentence(self.name)));
        self.headers(spot, &whole, &etag, &modified);
        self.head(&url, content).await;
        self.range(&url, &etag, content).await;
        self.unchanged(&url, etag).await;
        self.hard_name(number, files).await;
        self.gone(spot).await;
        true
    }

    /// Whether it is the file; says what happened instead.
    fn is_sent(&mut self, rule: &Rule, whole: &Reply, content: &[u8]) -> bool {
        let root = rule.root.display();
        let header = self.server.header.as_str();
        if whole.status == 200 && whole.body == content {
            return true;
        }
        let name = sentence(self.name);
        if Self::came_back(whole) {
            self.report.problem(
                format!("{name} asks the application for the file that it was to send: it has no location for {root}."),
                advice::unmapped(self.server, rule),
            );
        } else if whole.told().as_deref() == Some(MISSING) {
            self.missing(rule);
        } else if whole.header(header).is_some() {
            self.report.problem(
                format!("{name} does not act on `{header}`: clients get an empty file."),
                advice::enable(self.server),
            );
        } else if whole.status == 200 && whole.body.is_empty() {
            self.report.problem(
                format!("{name} sends empty files: it takes `{header}` out and does not act on it."),
                advice::enable(self.server),
            );
        } else if whole.status == 200 {
            self.report.problem(
                format!(
                    "{name} sends something else than the file in {root}, {} bytes instead of {}.",
                    whole.body.len(),
                    content.len()
                ),
                advice::not_served(self.server, rule, whole.status),
            );
        } else {
            self.report.problem(
                format!("{name} does not send files of {root}: status {}.", whole.status),
                advice::not_served(self.server, rule, whole.status),
            );
        }
        false
    }

    /// What the application says about the file arrives.
    fn headers(&mut self, spot: &Spot, whole: &Reply, etag: &str, modified: &str) {
        let altered = altered(whole, etag, modified);
        if altered.is_empty() && spot.own {
            self.report.sound("Type, name, validators and security headers are the application's.");
        } else if altered.is_empty() {
            self.report
                .sound("Type, name and security headers are the application's, validators the file's.");
        }
        for (header, found) in altered {
            let seen = match found {
                found if !spot.own && matches!(header, "etag" | "last-modified") => format!(
                    "The `{header}` of the file does not arrive{}.",
                    found.map(|found| format!(", but `{found}`")).unwrap_or_default()
                ),
                None => format!("The application's `{header}` does not arrive."),
                Some(_) if header == "etag" => {
                    "The `etag` is not the application's: a client that holds another file may be told that it has not changed.".to_owned()
                }
                Some(found) => format!("The application's `{header}` arrives as `{found}`."),
            };
            self.report.problem(seen, advice::header(self.server, spot, header));
        }
    }

    async fn head(&mut self, url: &str, content: &[u8]) {
        match self.ask(Method::HEAD, url, &[]).await {
            Ok(reply) => {
                let length = reply.header("content-length");
                if reply.status == 200 && reply.body.is_empty() && length == Some(content.len().to_string()) {
                    self.report.sound("HEAD is answered with the length of the file.");
                } else {
                    let seen = format!(
                        "HEAD is answered with status {} and the length {}.",
                        reply.status,
                        length.as_deref().unwrap_or("none")
                    );
                    self.report.problem(seen, "Let the proxy treat HEAD as GET.");
                }
            }
            Err(error) => self.unanswered("HEAD", &error),
        }
    }

    async fn range(&mut self, url: &str, etag: &str, content: &[u8]) {
        let size = content.len();
        let Some(wanted) = content.get(5..=8) else {
            return self.report.note("Ranges were not looked at: the file is too short.");
        };
        match self.ask(Method::GET, url, &[("range", "bytes=5-8".to_owned())]).await {
            Ok(reply) => {
                let stated = reply.header("content-range");
                let right = reply.status == 206
                    && reply.body == wanted
                    && stated == Some(format!("bytes 5-8/{size}"));
                if right && reply.header("etag").as_deref() == Some(etag) {
                    self.report.sound("Ranges are served, so that downloads can be resumed.");
                } else if right {
                    // The whole file's `etag` was told of already.
                    self.report.note("Ranges are served, but not under the `etag` of the whole.");
                } else {
                    self.report.problem(
                        format!("A range is answered with status {}, not 206: downloads cannot be resumed.", reply.status),
                        "Take out what compresses or rewrites the answers, such as `gzip` for this type, or `max_ranges 0`.",
                    );
                }
            }
            Err(error) => self.unanswered("a range", &error),
        }
    }

    async fn unchanged(&mut self, url: &str, etag: String) {
        match self.ask(Method::GET, url, &[("if-none-match", etag)]).await {
            Ok(reply) if reply.status == 304 => self.report.sound("What has not changed is not sent again."),
            Ok(reply) => self.report.problem(
                format!(
                    "A client that has the file already is answered with status {}, not 304.",
                    reply.status
                ),
                "Let the proxy pass on `If-None-Match` to the application.",
            ),
            Err(error) => self.unanswered("If-None-Match", &error),
        }
    }

    async fn hard_name(&mut self, number: &str, files: &ProbeFiles) {
        let Some((name, content)) = &files.hard else {
            return self
                .report
                .note("Names that are hard to encode were not looked at: no such file can be written.");
        };
        let url = format!("{}/file/{number}/{}", self.check.url, hex(name));
        match self.ask(Method::GET, &url, &[]).await {
            Ok(reply) if reply.status == 200 && reply.body == *content => {
                self.report.sound("Files whose names have spaces, `%`, `?` or letters like é are sent.");
            }
            Ok(reply) => {
                let advice = match self.server.language {
                    Language::Apache => {
                        "mod_xsendfile 1.0 decodes names: use `Offload::apache_decoding()`, or add `XSendFileUnescape off`."
                    }
                    _ => {
                        "Let the proxy take the name as the application encodes it, with nothing that rewrites it in between."
                    }
                };
                let seen = format!(
                    "A file whose name has spaces, `%`, `?` and é is not sent: status {}.",
                    reply.status
                );
                self.report.problem(seen, advice);
            }
            Err(error) => self.unanswered("a file with a name that is hard to encode", &error),
        }
    }

    /// A file that went away in between.
    async fn gone(&mut self, spot: &Spot) {
        let Spot { rule, number, .. } = spot;
        let url =
            format!("{}/named/{number}/{}", self.check.url, hex(&format!("{NAME}-that-is-not-there.txt")));
        match self.ask(Method::GET, &url, &[]).await {
            Ok(reply) => {
                // Where it stands twice, the stricter one counts.
                let kept = reply
                    .header("cache-control")
                    .is_some_and(|value| value.contains(FRESHNESS) && !value.contains("no-store"));
                if (400..500).contains(&reply.status) && !kept {
                    self.report.sound("A file that is gone is a 404 that no cache keeps.");
                } else if kept {
                    self.report.problem(
                        "A file that is gone is answered with the file's `cache-control`: caches keep the error.",
                        advice::gone(self.server, rule),
                    );
                } else {
                    self.report.problem(
                        format!("A file that is gone is answered with status {}.", reply.status),
                        advice::gone(self.server, rule),
                    );
                }
            }
            Err(error) => self.unanswered("a file that is gone", &error),
        }
    }
}

/// The headers that are not as the application's probe says them, and what came in their place.
pub(super) fn altered(whole: &Reply, etag: &str, modified: &str) -> Vec<(&'static str, Option<String>)> {
    let expected = [
        ("content-type", Some(MEDIA_TYPE)),
        ("cache-control", Some(FRESHNESS)),
        ("etag", Some(etag)),
        ("last-modified", Some(modified)),
        ("vary", Some(VARIES)),
        ("x-content-type-options", Some("nosniff")),
        ("content-disposition", None),
        ("content-security-policy", None),
    ];
    let is_right = |header: &str, value: Option<&str>, found: Option<&str>| match (value, found) {
        (Some(value), found) => found == Some(value),
        (None, Some(found)) if header == "content-disposition" => {
            found.starts_with("inline; filename=\"") && found.contains("%C3%A9") && !found.contains(" | ")
        }
        (None, found) => found.is_some_and(|found| found.starts_with("sandbox") && !found.contains(" | ")),
    };
    expected
        .into_iter()
        .map(|(header, value)| (header, value, whole.header(header)))
        .filter(|(header, value, found)| !is_right(header, *value, found.as_deref()))
        .map(|(header, _, found)| (header, found))
        .collect()
}
