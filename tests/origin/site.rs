//! The application that passes the files on.

use actix_charter::download::{Away, Delivery, Download, origin::Origin};
use actix_test::{TestServer, TestServerConfig};
use actix_web::{App, HttpRequest, middleware::Compress, web};

use crate::{
    remote::Remote,
    wire::{self, Answer},
};

pub(crate) const LOOPBACK: &str = "127.0.0.0/8";

/// An origin that allows these, which all live on this machine.
pub(crate) fn origin(remotes: &[&Remote]) -> Origin {
    remotes
        .iter()
        .try_fold(Origin::new(), |origin, remote| origin.allow(remote.url("").as_str()))
        .unwrap()
        .allow_private(LOOPBACK)
        .unwrap()
}

/// A server of one worker that answers everything with the file behind the URL.
pub(crate) fn site(origin: &Origin, url: impl Into<String>) -> TestServer {
    site_as(origin, url, Delivery::new(), |download| download)
}

pub(crate) fn site_as(
    origin: &Origin,
    url: impl Into<String>,
    delivery: Delivery,
    with: impl Fn(Download<Away>) -> Download<Away> + Clone + Send + 'static,
) -> TestServer {
    let (origin, url) = (origin.clone(), url.into());
    actix_test::start_with(TestServerConfig::default().workers(1), move || {
        let (origin, url, with) = (origin.clone(), url.clone(), with.clone());
        App::new().wrap(Compress::default()).app_data(delivery.clone()).default_service(web::to(
            move |request: HttpRequest| {
                let download = with(Download::http(&origin, &url));
                async move { download.fetched(&request).await }
            },
        ))
    })
}

/// What a client gets for a file of this server.
pub(crate) fn get(remote: &Remote, path: &str, headers: &[(&str, &str)]) -> Answer {
    send(remote, "GET", path, headers)
}

pub(crate) fn send(remote: &Remote, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let site = site(&origin(&[remote]), remote.url(path));
    wire::send(site.addr(), method, "/", headers)
}

/// An answer that says what is wrong, and nothing of the file.
#[track_caller]
pub(crate) fn is_error(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    for of_the_file in ["content-disposition", "etag", "last-modified", "accept-ranges", "set-cookie"] {
        assert_eq!(answer.header(of_the_file), None);
    }
    assert!(answer.whole);
}
