//! Does the proxy in front send the files that it should, and no others?
//!
//! ```sh
//! export OFFLOAD_CHECK_TOKEN=..   # what the application gave to `offload.probe(path, token)`
//! cargo run --example check_offload --features http-source -- \
//!     nginx https://media.example.org/.offload-check --application http://127.0.0.1:8080/.offload-check \
//!     /srv/media=/protected/
//! ```
//!
//! Roots are `FOLDER=/location/` for nginx and Caddy, `FOLDER` for Apache and lighttpd. With `--serve 127.0.0.1:8080` it is the application,
//! too: to try a configuration before there is one. With `--fragment 127.0.0.1:8080` it writes that configuration instead. Ends with
//! 1 where there are problems, with 2 where it was asked in a way that it does not understand.

use std::{env, process::ExitCode};

use actix_charter::download::offload::{CheckReport, Offload};
use actix_web::{App, HttpServer};

const USAGE: &str = "check_offload nginx|apache|lighttpd|caddy URL [--application URL] [--host NAME] \
                     [--serve ADDRESS] [--fragment ADDRESS] FOLDER[=TARGET]..";

#[derive(Debug)]
struct Task {
    offload: Offload,
    url: String,
    token: String,
    application: Option<String>,
    host: Option<String>,
    serve: Option<String>,
    fragment: Option<String>,
}

impl Task {
    fn read(arguments: impl IntoIterator<Item = String>, token: Option<String>) -> Result<Self, String> {
        let mut arguments = arguments.into_iter();
        let server = arguments.next().ok_or(USAGE)?;
        let mut offload = match server.as_str() {
            "nginx" => Offload::nginx(),
            "apache" => Offload::apache(),
            "lighttpd" => Offload::lighttpd(),
            "caddy" => Offload::caddy(),
            _ => return Err(USAGE.to_owned()),
        };
        let url = arguments.next().ok_or(USAGE)?;
        let [mut application, mut host, mut serve, mut fragment] = [const { None }; 4];
        while let Some(argument) = arguments.next() {
            let option = match argument.as_str() {
                "--application" => &mut application,
                "--host" => &mut host,
                "--serve" => &mut serve,
                "--fragment" => &mut fragment,
                root => {
                    let mapped = match root.rsplit_once('=') {
                        Some((folder, target)) => offload.map(folder, target),
                        None => offload.root(root),
                    };
                    offload = mapped.map_err(|error| format!("{root}: {error}"))?;
                    continue;
                }
            };
            *option = Some(arguments.next().ok_or(USAGE)?);
        }
        let token = token.ok_or("set OFFLOAD_CHECK_TOKEN to the token of the probe")?;
        Ok(Self { offload, url, token, application, host, serve, fragment })
    }

    async fn run(self) -> Result<CheckReport, Box<dyn std::error::Error>> {
        let mut application = self.application;
        let mut server = None;
        if let Some(address) = &self.serve {
            let path = self.url.splitn(4, '/').nth(3).unwrap_or_default();
            let probe = self.offload.probe(&format!("/{path}"), &self.token)?;
            let serving = HttpServer::new(move || App::new().service(probe.clone()))
                .workers(1)
                .disable_signals()
                .bind(address)?;
            let address = serving.addrs().first().copied();
            application = application.or_else(|| address.map(|address| format!("http://{address}/{path}")));
            let serving = serving.run();
            server = Some(serving.handle());
            actix_web::rt::spawn(serving);
        }
        let mut check = self.offload.check(&self.url, &self.token);
        if let Some(application) = &application {
            check = check.application(application);
        }
        if let Some(host) = &self.host {
            check = check.host(host);
        }
        let report = check.run().await;
        if let Some(server) = server {
            server.stop(false).await;
        }
        Ok(report)
    }
}

#[actix_web::main]
async fn main() -> ExitCode {
    let task = match Task::read(env::args().skip(1), env::var("OFFLOAD_CHECK_TOKEN").ok()) {
        Ok(task) => task,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    if let Some(upstream) = &task.fragment {
        return match task.offload.config_fragment(upstream) {
            Ok(fragment) => {
                println!("{fragment}");
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("{error}");
                ExitCode::from(2)
            }
        };
    }
    match task.run().await {
        Ok(report) => {
            println!("{report}");
            if report.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0123456789abcdef";

    fn task(arguments: &[&str]) -> Result<Task, String> {
        Task::read(arguments.iter().map(|&argument| argument.to_owned()), Some(TOKEN.to_owned()))
    }

    #[test]
    fn what_is_not_understood_is_told() {
        for wrong in [&[][..], &["iis", "http://a/"], &["nginx"], &["nginx", "http://a/", "--host"]] {
            assert_eq!(task(wrong).unwrap_err(), USAGE, "{wrong:?}");
        }
        let error = task(&["nginx", "http://a/", "/does-not-exist=/p/"]).unwrap_err();
        assert!(error.contains("is not a directory"), "{error}");
        let error = Task::read(["nginx", "http://a/"].map(str::to_owned), None).unwrap_err();
        assert!(error.contains("OFFLOAD_CHECK_TOKEN"), "{error}");
    }

    /// An application that clients reach without a proxy: the first thing to be told.
    #[actix_web::test]
    async fn an_application_without_a_proxy_is_found_out() {
        let media = tempfile::tempdir().unwrap();
        let root = format!("{}=/protected/", media.path().display());
        // Two names of one server: it listens where the system let it, and is asked there.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let url = format!("http://{address}/.offload-check");
        let task = task(&["nginx", &url, "--serve", &address.to_string(), &root]).unwrap();
        let report = task.run().await.unwrap();
        assert!(!report.is_sound());
        let text = report.to_string();
        assert!(text.contains("ok       The application hands over files of"), "{text}");
        assert!(text.contains("PROBLEM  nginx does not act on `x-accel-redirect`"), "{text}");
        assert_eq!(std::fs::read_dir(media.path()).unwrap().count(), 0);
    }
}
