use std::collections::BTreeSet;

use reqwest::{Method, Url};

use super::{
    CheckReport, OffloadCheck, advice,
    client::{Asking, Reply},
    files::{NoFile, ProbeFiles},
    probe::{CAME_BACK, HEADER, MISSING, NAME, PLAIN, hex},
    spot::Spot,
};
use crate::download::offload::{
    rule::{Rule, Target},
    server::{Language, Server, is_order},
};

/// One run of a check.
pub(super) struct Examination<'a> {
    pub(super) check: &'a OffloadCheck,
    pub(super) server: &'a Server,
    /// What the server is called.
    pub(super) name: &'static str,
    asking: Asking,
    pub(super) report: &'a mut CheckReport,
    /// The orders to proxies that were seen by a client.
    leaked: BTreeSet<String>,
}

impl<'a> Examination<'a> {
    /// `None` when nothing can be asked; the report says why.
    pub(super) fn new(check: &'a OffloadCheck, report: &'a mut CheckReport) -> Option<Self> {
        let server = check.offload.server();
        for url in std::iter::once(&check.url).chain(&check.application) {
            if !Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https")) {
                report.problem(
                    format!("`{url}` is no URL of a web server."),
                    "Give one such as `https://host/.offload-check`.",
                );
                return None;
            }
        }
        match Asking::new(check.token.expose(), check.host.as_deref()) {
            Ok(asking) => {
                let name = advice::name(server);
                Some(Self { check, server, name, asking, report, leaked: BTreeSet::new() })
            }
            Err(error) => {
                report.problem(
                    format!("No request can be made: {error}."),
                    "See to the system's certificates.",
                );
                None
            }
        }
    }

    pub(super) async fn run(mut self) {
        if !self.is_reached().await {
            return;
        }
        self.clients_orders().await;
        let rules = self.check.offload.rules();
        let location = self.check.offload.remote_location();
        if rules.is_empty() && location.is_none() {
            self.report.problem(
                "There are no roots, so nothing is ever handed over.",
                "Add them, with `map` or `root`.",
            );
        }
        for (number, rule) in rules.iter().enumerate() {
            match ProbeFiles::new(&rule.root) {
                Ok(files) => {
                    let root = rule.root.display();
                    self.report.sound(format!("{root} can be read."));
                    for spot in Spot::all(&self.check.offload, number, rule) {
                        self.root(&spot, &files).await;
                    }
                }
                Err(NoFile::ReadOnly(error)) => self.report.problem(
                    format!("No file can be written into {} ({error}).", rule.root.display()),
                    format!("Run the check as a user who may, or put a readable file `{NAME}.txt` there."),
                ),
                Err(NoFile::Unreadable(error)) => self.report.problem(
                    format!("`{NAME}.txt` in {} cannot be read ({error}).", rule.root.display()),
                    "Let the user that the application runs as read it.",
                ),
            }
        }
        if let Some(location) = location {
            self.fetched(location).await;
        }
        self.leaks();
    }

    async fn root(&mut self, spot: &Spot, files: &ProbeFiles) {
        let mut sends = true;
        if spot.used {
            self.application(spot, files).await;
            sends = self.served(spot, files).await;
        }
        self.within(spot, files, sends).await;
        if self.server.target == Target::Location {
            self.internal(&spot.rule, files).await;
        }
    }

    /// Whether the application is there, behind the proxy.
    async fn is_reached(&mut self) -> bool {
        let url = format!("{}/{PLAIN}", self.check.url);
        match self.ask(Method::GET, &url, &[]).await {
            Err(error) => {
                let seen = format!("There is no answer at {url}: {error}.");
                self.report.problem(seen, format!("Start {}, and see where it listens.", self.name));
                false
            }
            Ok(reply) if reply.status == 200 && reply.told().as_deref() == Some(PLAIN) => {
                self.report.sound(format!("{} reaches the application.", sentence(self.name)));
                true
            }
            Ok(reply) if (300..400).contains(&reply.status) => {
                let seen =
                    format!("{url} is redirected to {}.", reply.header("location").unwrap_or_default());
                self.report.problem(seen, "Check that address instead.");
                false
            }
            Ok(reply) if reply.status == 502 || reply.status == 503 || reply.status == 504 => {
                let seen = format!(
                    "{} answers {}: it does not reach the application.",
                    sentence(self.name),
                    reply.status
                );
                self.report.problem(seen, advice::host(self.server));
                false
            }
            Ok(reply) => {
                let seen = format!(
                    "The probe of the application does not answer at {url}: status {}.",
                    reply.status
                );
                let advice = "Mount it: `App::new().service(offload.probe(path, token)?)`; and see that path and token are the same here and there.";
                self.report.problem(seen, advice);
                false
            }
        }
    }

    /// What a client says to proxies has no effect.
    async fn clients_orders(&mut self) {
        let Some(rule) = self.check.offload.rules().first() else { return };
        let Ok(files) = ProbeFiles::new(&rule.root) else { return };
        let told = String::from_utf8_lossy(&rule.target).into_owned() + &files.plain.0;
        let path = rule.root.join(&files.plain.0).display().to_string();
        let headers = [
            ("x-accel-redirect", told.clone()),
            ("x-sendfile", path),
            ("x-litespeed-location", told.clone()),
            (self.server.header.as_str(), told),
            ("x-accel-mapping", format!("{}=/", rule.root.display())),
            ("x-sendfile-type", self.server.header.as_str().to_owned()),
        ];
        let url = format!("{}/{PLAIN}", self.check.url);
        match self.ask(Method::GET, &url, &headers).await {
            Ok(reply) if reply.body == PLAIN.as_bytes() => {
                self.report.sound("What a client says to proxies (X-Accel-Redirect, X-Sendfile) has no effect.");
            }
            Ok(reply) if reply.body == files.plain.1 => self.report.problem(
                "A client can ask for any file, by a header of the request.",
                "Find what copies the headers of requests into answers, and take it out.",
            ),
            Ok(reply) => self.report.problem(
                format!("A request with X-Accel-Redirect and X-Sendfile is answered differently than one without: status {}.", reply.status),
                "Find what reads these headers of a request, and take it out.",
            ),
            Err(error) => self.unanswered("a request with X-Accel-Redirect and X-Sendfile", &error),
        }
    }

    /// What the application says, asked past the proxy.
    async fn application(&mut self, spot: &Spot, files: &ProbeFiles) {
        let Spot { rule, number, .. } = spot;
        let Some(application) = &self.check.application else {
            self.report
                .note("The application was not asked directly; give its own address, with `application`.");
            return;
        };
        let url = format!("{application}/file/{number}/{}", hex(&files.plain.0));
        let path = rule.root.join(&files.plain.0);
        let expected = rule.apply(&path).and_then(|told| self.server.encoding.encode(&told));
        let expected = expected.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let header = self.server.header.as_str();
        // Past the proxy an order is no leak.
        match self.asking.ask(Method::GET, &url, &[]).await {
            Ok(reply) if reply.told().as_deref() == Some(MISSING) => self.missing(rule),
            Ok(reply)
                if reply.status == 200
                    && reply.header(header).is_some()
                    && reply.header(header) == expected
                    && reply.body.is_empty() =>
            {
                self.report.sound(format!("The application hands over files of {}.", rule.root.display()));
            }
            Ok(reply) => {
                let found = match reply.header(header) {
                    Some(found) => format!("it says `{header}: {found}`"),
                    None => format!("it does not say `{header}` (status {})", reply.status),
                };
                self.report.problem(
                    format!(
                        "The application does not hand over files of {} as expected: {found}.",
                        rule.root.display()
                    ),
                    advice::told(&self.check.offload, &expected.unwrap_or_default()),
                );
            }
            Err(error) => self.report.problem(
                format!("The application does not answer at {url}: {error}."),
                "Start it, and see where it listens.",
            ),
        }
    }

    /// Nothing beside the root is served, even on the application's word.
    async fn within(&mut self, spot: &Spot, files: &ProbeFiles, sends: bool) {
        let Spot { rule, number, .. } = spot;
        let root = rule.root.display();
        let mut kept = true;
        let outside = &files.outside_content;
        let Some(beside) = &files.outside else {
            self.report.note(format!(
                "Whether {root} can be left was not looked at: no file can be written beside it."
            ));
            return;
        };
        let mut tried = vec![("named", beside), ("outside", beside)];
        if self.server.target == Target::Location {
            tried.push(("escape", &files.plain.0));
        }
        for (what, name) in tried {
            let url = format!("{}/{what}/{number}/{}", self.check.url, hex(name));
            match self.ask(Method::GET, &url, &[]).await {
                Ok(reply) if reply.body == *outside || (what == "escape" && reply.body == files.plain.1) => {
                    kept = false;
                    let seen = match (what, self.server.language) {
                        ("named", Language::Nginx) => format!(
                            "The `alias` for {root} lacks its slash at the end: files beside the folder are sent."
                        ),
                        ("escape" | "outside", Language::Nginx) => {
                            format!(
                                "The location for {root} lacks its slash at the end: files outside of the folder can be reached."
                            )
                        }
                        _ => format!("{} sends files outside of {root}.", sentence(self.name)),
                    };
                    self.report.problem(seen, advice::escapes(self.server, rule));
                }
                Ok(_) => {}
                Err(error) => self.unanswered("a file outside of the root", &error),
            }
        }
        if let Some(link) = &files.link {
            let url = format!("{}/named/{number}/{}", self.check.url, hex(link));
            match self.ask(Method::GET, &url, &[]).await {
                Ok(reply) if reply.body == *outside && self.server.language == Language::Nginx => {
                    kept = false;
                    self.report.problem(
                        format!("A symbolic link that leads out of {root} is followed."),
                        advice::link(rule),
                    );
                }
                Ok(reply) if reply.body == *outside => self.report.note(format!(
                    "{} follows symbolic links out of {root}. The application does not hand them over; let nobody else write there.",
                    sentence(self.name)
                )),
                Ok(_) => {}
                Err(error) => self.unanswered("a symbolic link out of the root", &error),
            }
        }
        if kept && !sends {
            self.report.note(format!("Whether files outside of {root} are sent shows once any are."));
        } else if kept {
            self.report.sound(format!("Nothing outside of {root} is sent."));
        }
    }

    /// The internal location cannot be reached from outside.
    async fn internal(&mut self, rule: &Rule, files: &ProbeFiles) {
        let Ok(mut url) = Url::parse(&self.check.url) else { return };
        let target = String::from_utf8_lossy(&rule.target).into_owned();
        let folder = rule.root.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let short = target.trim_end_matches('/');
        let mut paths = vec![
            (format!("{target}{}", files.plain.0), false),
            (format!("{short}../{folder}/{}", files.plain.0), true),
        ];
        if let Some(outside) = &files.outside {
            paths.push((format!("{target}{outside}"), true));
            paths.push((format!("{short}{outside}"), true));
        }
        let mut reached = false;
        for (path, escapes) in paths {
            url.set_path(&path);
            url.set_query(None);
            match self.ask(Method::GET, url.as_str(), &[]).await {
                Ok(reply) if reply.body == files.plain.1 || reply.body == files.outside_content => {
                    reached = true;
                    let internal = format!(
                        "The internal location `{target}` can be reached from outside: anyone gets any file."
                    );
                    self.report.problem(internal, advice::internal(self.server, rule));
                    if escapes {
                        let seen =
                            format!("Files outside of {} can be reached from outside.", rule.root.display());
                        self.report.problem(seen, advice::escapes(self.server, rule));
                    }
                }
                Ok(_) => {}
                Err(error) => self.unanswered("the internal location", &error),
            }
        }
        if !reached {
            self.report.sound(format!("The internal location `{target}` cannot be reached from outside."));
        }
    }

    /// What was seen by clients that is for proxies only.
    fn leaks(&mut self) {
        let leaked = std::mem::take(&mut self.leaked);
        if leaked.is_empty() {
            self.report.sound("No order to a proxy reaches the client.");
        }
        for name in leaked {
            let seen = format!("The header `{name}` reaches the client: it tells where files lie.");
            let advice = if name == self.server.header.as_str() {
                advice::enable(self.server)
            } else {
                advice::hidden(self.server, &name)
            };
            self.report.problem(seen, advice);
        }
    }

    /// # Errors
    /// Why there is no answer.
    pub(super) async fn ask(
        &mut self,
        method: Method,
        url: &str,
        headers: &[(&str, String)],
    ) -> Result<Reply, String> {
        let reply = self.asking.ask(method, url, headers).await?;
        let orders = reply.names().filter(|name| is_order(name) || *name == self.server.header.as_str());
        self.leaked.extend(orders.map(str::to_owned));
        Ok(reply)
    }

    pub(super) fn unanswered(&mut self, what: &str, error: &str) {
        let seen = format!("There is no whole answer to {what}: {error}.");
        self.report.problem(seen, format!("{} log says more.", possessive(self.name)));
    }

    /// The application has no such file.
    pub(super) fn missing(&mut self, rule: &Rule) {
        self.report.problem(
            format!("The application does not find the check's file in {}.", rule.root.display()),
            "Run the check where the application runs, with the same rules in the same order, and let the application's user read the folder.",
        );
    }

    /// Whether the proxy asked the application for the file that it was to send.
    pub(super) fn came_back(reply: &Reply) -> bool {
        reply.header(HEADER.as_str()).as_deref() == Some(CAME_BACK)
    }
}

/// At the beginning of a sentence.
pub(super) fn sentence(name: &str) -> &str {
    if name == "the proxy" { "The proxy" } else { name }
}

fn possessive(name: &str) -> String {
    format!("{}'s", sentence(name))
}
